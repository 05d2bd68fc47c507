package pii_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
)

func TestCodesBehindTheirWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"my swift code is deutdeff": "deutdeff", "swift barcgb22xxx and the iban later": "barcgb22xxx", "die bic ist cobadeffxxx": "cobadeffxxx",
		"le code swift est bnpafrpp": "bnpafrpp", "kod swift bpkoplpw": "bpkoplpw",
	} {
		require.Equal(t, []string{want}, found(t, pii.BIC, pii.Request{Text: text}), text)
	}
	for text, want := range map[string]string{
		"car registration ab 12 cde, it's a blue golf": "ab 12 cde", "la matrícula es 4821 kjm": "4821 kjm",
	} {
		require.Equal(t, []string{want}, found(t, pii.LicensePlate, pii.Request{Text: text}), text)
	}
	for _, text := range []string{"a swift reply, a swift response", "la plaque le 12 mai", "the registration desk is on floor 2", "bic kugelschreiber"} {
		require.Empty(t, found(t, pii.BIC, pii.Request{Text: text}), text)
		require.Empty(t, found(t, pii.LicensePlate, pii.Request{Text: text}), text)
	}
}

// A nation is personal only to who asks for it; the physician's number has a
// check digit.
func TestTypesOfPresidioThatAreSeldomMeant(t *testing.T) {
	t.Parallel()
	text := "she is Catholic, votes Labour, and her licence is BB1388568"
	require.Equal(t, []string{"Catholic", "Labour"}, found(t, pii.NRP, pii.Request{Text: text, Entities: []pii.Type{pii.NRP}}))
	require.Empty(t, found(t, pii.NRP, pii.Request{Text: text}))
	licence := []pii.Type{"MEDICAL_LICENSE"}
	require.Equal(t, []string{"BB1388568"}, found(t, "MEDICAL_LICENSE", pii.Request{Text: text, Entities: licence}))
	require.Empty(t, found(t, "MEDICAL_LICENSE", pii.Request{Text: "BB1388569", Entities: licence}))
}

func TestTheEndOfAKnownPhone(t *testing.T) {
	t.Parallel()
	known := pii.Known{Phones: []string{"+44 7700 903456"}}
	for text, want := range map[string]string{
		"the one ending 3456": "3456", "it ends in three four five six": "three four five six", "last four digits 3 4 5 6": "3 4 5 6",
		"the old one, no sorry, the new one ending 456": "456",
	} {
		require.Equal(t, []string{want}, found(t, pii.Phone, pii.Request{Text: text, Language: "en", Known: known}), text)
	}
	for _, text := range []string{"room 3456", "the one ending 3457", "3456 at the end of the street"} {
		require.Empty(t, found(t, pii.Phone, pii.Request{Text: text, Language: "en", Known: known}), text)
	}
}

func TestAMonthOfBirth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"je suis né en mai 1971": "mai 1971", "born in may nineteen seventy one": "may nineteen seventy one", "nací en mayo del setenta y uno": "mayo del setenta y uno",
		"geboren im Mai 1971": "Mai 1971", "urodzona w maju 1971": "maju 1971",
	} {
		require.Equal(t, []string{want}, found(t, pii.DateOfBirth, pii.Request{Text: text}), text)
	}
	require.Empty(t, found(t, pii.DateOfBirth, pii.Request{Text: "we were here in may 1971"}))
}

func TestSpokenMailsOfUnusualForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"my email is john smith one at gmail":                                         "john smith one at gmail",
		"c'est marc point l'huillier arobase orange point fr":                         "marc point l'huillier arobase orange point fr",
		"la mail è dall'oglio chiocciola gmail punto com":                             "dall'oglio chiocciola gmail punto com",
		"b comme bernard, tiret, marchand soixante-quinze, arobase laposte point net": "b comme bernard, tiret, marchand soixante-quinze, arobase laposte point net",
	} {
		require.Equal(t, []string{want}, found(t, pii.Email, pii.Request{Text: text}), text)
	}
	for _, text := range []string{"we looked at yahoo for reviews", "I was at outlook point", "we booked 2 at Yahoo House"} {
		require.Empty(t, found(t, pii.Email, pii.Request{Text: text, Language: "en"}), text)
	}
}
