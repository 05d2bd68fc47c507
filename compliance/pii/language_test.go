package pii_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/evaluation"
)

// A call's language may be named wrongly, or change: what is said in another is
// found all the same.
func TestTheWrongLanguage(t *testing.T) {
	t.Parallel()
	set, err := evaluation.Load(evaluation.First)
	require.NoError(t, err)
	regions := map[string]string{"en": "GB", "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "nl": "NL", "pl": "PL"}
	detector := pii.New(pii.Options{})
	for _, wrong := range []string{"", "xx", "en", "de", "fr", "es", "it", "nl", "pl"} {
		result, err := evaluation.Score(set, func(q evaluation.Request) ([]evaluation.Span, error) {
			r := asked(q)
			if r.Region == "" {
				r.Region = regions[q.Language]
			}
			r.Language = wrong
			spans, err := detector.Scan(nil, r)
			return places(spans), err
		})
		require.NoError(t, err)
		bounds := evaluation.Numbers
		bounds.Masked, bounds.Identifier, bounds.EmailSpoken = 0.98, 0.97, 0.93 // codes of few words need their language
		require.Empty(t, evaluation.Check(result, bounds), "the language was said to be %q", wrong)
	}
}

// A short answer in another language than the one that was named is one all the
// same, and so is the form of a name.
func TestAShortAnswerInAnotherLanguage(t *testing.T) {
	t.Parallel()
	r := pii.Request{Text: "due sei zero", Language: "en", Expect: []pii.Type{pii.CVV}}
	require.Equal(t, []string{r.Text}, found(t, pii.CVV, r))
	r = pii.Request{Text: "to jest bagaż Marka, dzwoniłam wczoraj", Language: "en", Known: pii.Known{Names: []string{"Marek Banaszak"}}}
	require.Equal(t, []string{"Marka"}, found(t, pii.Person, r))
}

// A language that nobody speaks is as none.
func TestAnUnknownLanguageIsNone(t *testing.T) {
	t.Parallel()
	detector := pii.New(pii.Options{})
	for _, text := range []string{
		"my number is oh seven nine one one one two three four five six", "mówiłam z Markiem Nowakiem", "nazywam się Marek Nowak, Markowi Nowakowi", "Hauptstraße 5, 10115 Berlin",
	} {
		none, err := detector.Scan(nil, pii.Request{Text: text})
		require.NoError(t, err)
		unknown, err := detector.Scan(nil, pii.Request{Text: text, Language: "xx"})
		require.NoError(t, err)
		require.Equal(t, none, unknown)
	}
	for _, code := range []string{"e", "1x", "english", "en-", "de-ß"} {
		_, err := detector.Scan(nil, pii.Request{Text: "hello", Language: code})
		require.ErrorIs(t, err, pii.ErrUnknownLanguage, code)
	}
}
