package redaction_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/redaction"
)

// play gives what a stream makes of pieces of one speaker's text.
func play(t require.TestingT, pieces []string) (text string, count int) {
	ctx := context.Background()
	s := redaction.NewStream(redactor(t, redaction.Pseudonym), pii.Request{Language: "en"})
	var all []redaction.Segment
	for i, p := range pieces {
		out, err := s.Push(ctx, redaction.Segment{ID: strconv.Itoa(i), Speaker: "caller", Text: p})
		require.NoError(t, err)
		all = append(all, out...)
	}
	rest, _, err := s.Finish(ctx)
	require.NoError(t, err)
	all = append(all, rest...)
	var texts []string
	for i, segment := range all {
		require.Equal(t, strconv.Itoa(i), segment.ID, "each once, in order")
		texts = append(texts, segment.Text)
	}
	// Where a value was taken away the space stays, or not: it tells nothing.
	return strings.Join(strings.Fields(strings.Join(texts, " ")), ""), len(all)
}

func TestEveryCutGivesTheSame(t *testing.T) {
	parts := []string{
		"my name is Margaret Oduya.", "Well then I would like a room.", "you can write to margaret at example dot com please",
		"Oduya said so yesterday.", "the number is plus four four", "seven nine one one", "one two three four five six.",
		"my card is 4539 1827", "3645 0188 thank you.", "Nothing more here today.", "this is Callum Birchwood", "+44 7911 123456",
	}
	rapid.Check(t, func(t *rapid.T) {
		words := strings.Fields(strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 14).Draw(t, "text"), " "))
		whole, _ := play(t, []string{strings.Join(words, " ")})
		var pieces []string
		for len(words) > 0 {
			n := rapid.IntRange(1, len(words)).Draw(t, "cut")
			pieces = append(pieces, strings.Join(words[:n], " "))
			words = words[n:]
		}
		cut, count := play(t, pieces)
		require.Equal(t, whole, cut)
		require.Equal(t, len(pieces), count)
	})
}

func TestANumberOverTwoSegmentsIsHeldBack(t *testing.T) {
	ctx := context.Background()
	s := redaction.NewStream(redactor(t, redaction.Replace), pii.Request{Language: "en"})
	out, err := s.Push(ctx, redaction.Segment{ID: "1", Speaker: "caller", Text: "my number is +44 7911"})
	require.NoError(t, err)
	require.Empty(t, out)
	out, err = s.Push(ctx, redaction.Segment{ID: "2", Speaker: "agent", Text: "Mm-hm."})
	require.NoError(t, err)
	require.Empty(t, out, "a word between does not close it")
	_, err = s.Push(ctx, redaction.Segment{ID: "3", Speaker: "caller", Text: "123456 thanks"})
	require.NoError(t, err)
	out, err = s.EndTurn(ctx, "caller")
	require.NoError(t, err)
	require.Len(t, out, 2)
	require.Equal(t, "my number is <PHONE_NUMBER>", out[0].Text)
	require.Equal(t, "thanks", out[1].Text)
}

func TestWordsAreMaskedWithTheText(t *testing.T) {
	ctx := context.Background()
	s := redaction.NewStream(redactor(t, redaction.Replace), pii.Request{Language: "en"})
	var words []redaction.Word
	for i, w := range strings.Fields("my name is Margaret Oduya thanks") {
		words = append(words, redaction.Word{Text: w, From: time.Duration(i) * time.Second})
	}
	_, err := s.Push(ctx, redaction.Segment{Speaker: "caller", Text: "my name is Margaret Oduya, thanks", Words: words})
	require.NoError(t, err)
	out, _, err := s.Finish(ctx)
	require.NoError(t, err)
	var masked []bool
	for _, w := range out[0].Words {
		masked = append(masked, w.Masked)
		require.NotContains(t, w.Text, "Oduya")
	}
	require.Equal(t, []bool{false, false, false, true, true, false}, masked)
	require.Equal(t, "Oduya", words[4].Text, "the caller's own words stay as they are")
}

func TestANameToldLaterIsFoundEarlier(t *testing.T) {
	ctx := context.Background()
	s := redaction.NewStream(redactor(t, redaction.Pseudonym), pii.Request{Language: "en"})
	_, err := s.Push(ctx, redaction.Segment{ID: "1", Speaker: "agent", Text: "we keep the luggage of oduya then"})
	require.NoError(t, err)
	first, err := s.EndTurn(ctx, "agent")
	require.NoError(t, err)
	require.Contains(t, first[0].Text, "oduya")
	_, err = s.Push(ctx, redaction.Segment{ID: "2", Speaker: "caller", Text: "my name is Margaret Oduya"})
	require.NoError(t, err)
	_, revised, err := s.Finish(ctx)
	require.NoError(t, err)
	require.Len(t, revised, 1)
	require.Equal(t, "1", revised[0].ID)
	require.NotContains(t, revised[0].Text, "oduya")
}

type broken struct{}

func (broken) Scan([]pii.Span, pii.Request) ([]pii.Span, error) { panic("my name is Margaret Oduya") }

func TestABrokenDetectorSuppresses(t *testing.T) {
	ctx := context.Background()
	p, err := redaction.PolicyOf("logs")
	require.NoError(t, err)
	r, err := redaction.New(broken{}, p, nil)
	require.NoError(t, err)
	before := redaction.Failures.Load()
	s := redaction.NewStream(r, pii.Request{})
	_, _ = s.Push(ctx, redaction.Segment{Speaker: "caller", Text: "my name is Margaret Oduya", Words: []redaction.Word{{Text: "Oduya"}}})
	out, _, err := s.Finish(ctx)
	require.Error(t, err)
	require.NotContains(t, errors.Join(err).Error(), "Oduya")
	require.Equal(t, redaction.Suppressed, out[0].Text)
	require.Equal(t, redaction.Suppressed, out[0].Words[0].Text)
	require.Equal(t, before+1, redaction.Failures.Load())
}

func TestACardOverSegmentsIsNeverReversible(t *testing.T) {
	ctx := context.Background()
	words := strings.Fields("the card is four five three nine, one eight two seven, three six four five, zero one eight eight okay")
	for cut := 4; cut < len(words); cut++ {
		r := redactor(t, redaction.Tokenise)
		s := redaction.NewStream(r, pii.Request{Language: "en"})
		out, err := s.Push(ctx, redaction.Segment{ID: "1", Speaker: "caller", Text: strings.Join(words[:cut], " ")})
		require.NoError(t, err)
		require.Empty(t, out)
		_, err = s.Push(ctx, redaction.Segment{ID: "2", Speaker: "agent", Text: "Yes, go on."})
		require.NoError(t, err)
		more, err := s.Push(ctx, redaction.Segment{ID: "3", Speaker: "caller", Text: strings.Join(words[cut:], " ")})
		require.NoError(t, err)
		rest, _, err := s.Finish(ctx)
		require.NoError(t, err)
		text := ""
		for _, segment := range append(more, rest...) {
			text += segment.Text + " "
		}
		require.Contains(t, text, "<CREDIT_CARD>")
		back, err := r.Restore(ctx, text, new(audit), "officer", "why")
		require.NoError(t, err)
		require.Equal(t, text, back)
	}
}

func TestWordsAreFoundAsWords(t *testing.T) {
	ctx := context.Background()
	s := redaction.NewStream(redactor(t, redaction.Replace), pii.Request{Language: "en", Known: pii.Known{Names: []string{"Anna"}}})
	_, err := s.Push(ctx, redaction.Segment{Speaker: "caller", Text: "Marianna for anna and more", Words: []redaction.Word{{Text: "anna"}}})
	require.NoError(t, err)
	out, _, err := s.Finish(ctx)
	require.NoError(t, err)
	require.True(t, out[0].Words[0].Masked, "the word is not the end of another")
}
