package redaction_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/redaction"
)

// talk is what fuzzing begins with: values of all kinds, marks of ours, and
// signs that texts are cut at.
var talk = []string{
	"my name is Margaret Oduya, mail margaret dot oduya at gmail dot com", "call me on oh seven nine double one two three four five six",
	"<PERSON_1> said <PERSON:t:AAAA> and <LITERAL_1>", "ich heiße Jürgen Müller, geboren am dritten Mai neunzehnhundertsiebzig",
	"+44 7911 123456. room 204 at 18:30, 3 nights", "e\u0301 \u200b 07911\u200b123456 ４１１１", "<<<PERSON_1>>_2> <A_1><B_2>",
	"my card is 4539 1827 3645 0188 and then 09/27", "mi chiamo Anna Rossi. abito in via Garibaldi centoventi. grazie mille",
	"zero zero cuarenta y nueve. no perdón. cincuenta", "j'ai dit le 06 12 34 56 78, non pardon, le 07",
}

// FuzzRestore hides a text and restores it: what can be restored comes back to
// the letter, and nothing of a span is left in the hidden text.
func FuzzRestore(f *testing.F) {
	for i, text := range talk {
		f.Add(text, byte(i))
	}
	f.Fuzz(func(t *testing.T, text string, kind byte) {
		if len(text) > 1<<11 {
			return
		}
		action := [...]redaction.Action{redaction.Pseudonym, redaction.Encrypt, redaction.Tokenise}[kind%3]
		ctx, r := context.Background(), redactor(t, action)
		hidden, err := r.Redact(ctx, pii.Request{Text: text})
		if !utf8.ValidString(text) {
			require.Error(t, err)
			require.Equal(t, redaction.Suppressed, hidden)
			return
		}
		require.NoError(t, err)
		if strings.Contains(hidden, "<CREDIT_CARD>") || strings.Contains(hidden, "<CVV>") || strings.Contains(hidden, "<CARD_EXPIRY>") || strings.Contains(hidden, "<NUMBER_SEQUENCE>") {
			return // card data, or what may be, never comes back
		}
		for _, plain := range [...]string{"<PHONE_NUMBER>", "<BOOKING_REFERENCE>", "<LOYALTY_NUMBER>", "<IDENTITY_CARD>", "<PASSPORT>", "<DRIVING_LICENCE>"} {
			if strings.Contains(hidden, plain) && !strings.Contains(text, plain) {
				return // as long as a card's number
			}
		}
		back, err := r.Restore(ctx, hidden, new(audit), "officer", "a guest asked")
		require.NoError(t, err)
		require.Equal(t, text, back)
	})
}

// FuzzStream cuts a text between its words in any way: what comes out is the
// same as for the whole, each segment once and in order, and words are masked
// where the text is.
func FuzzStream(f *testing.F) {
	for i, text := range talk {
		f.Add(text, uint64(i)*0x9e3779b97f4a7c15)
	}
	f.Add(strings.Join(talk, " "), uint64(0x5555555555555555))
	f.Fuzz(func(t *testing.T, text string, cuts uint64) {
		words := strings.Fields(text)
		if len(text) > 1<<11 || len(words) == 0 || !utf8.ValidString(text) {
			return
		}
		whole, _ := play(t, []string{strings.Join(words, " ")})
		var pieces []string
		for i, w := range words {
			if i == 0 || cuts>>(i%64)&1 == 1 {
				pieces = append(pieces, w)
				continue
			}
			pieces[len(pieces)-1] += " " + w
		}
		cut, count := play(t, pieces)
		require.Equal(t, whole, cut)
		require.Equal(t, len(pieces), count)
	})
}

// FuzzWords gives a segment's words with it: a word that is left stands in the
// masked text too, in its order.
func FuzzWords(f *testing.F) {
	for _, text := range talk {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<11 || !utf8.ValidString(text) {
			return
		}
		ctx := context.Background()
		s := redaction.NewStream(redactor(t, redaction.Replace), pii.Request{})
		var words []redaction.Word
		for _, w := range strings.Fields(text) {
			words = append(words, redaction.Word{Text: w})
		}
		out, err := s.Push(ctx, redaction.Segment{ID: strconv.Itoa(1), Speaker: "caller", Text: text, Words: words})
		require.NoError(t, err)
		rest, _, err := s.Finish(ctx)
		require.NoError(t, err)
		out = append(out, rest...)
		require.Len(t, out, 1)
		require.Len(t, out[0].Words, len(words))
		at := 0
		for i, w := range out[0].Words {
			if w.Masked {
				require.NotEqual(t, words[i].Text, w.Text)
				continue
			}
			found := strings.Index(out[0].Text[at:], w.Text)
			require.GreaterOrEqual(t, found, 0, "%q is shown, and masked in %q", w.Text, out[0].Text)
			at += found + len(w.Text)
		}
	})
}
