package pii_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
)

func TestHousesAndCarsAreNobody(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"estuvimos en el Hotel María Cristina de San Sebastián", "all'Hotel Regina Margherita di Cagliari", "we stayed at The George Inn",
		"w hotelu Jan III Sobieski w Warszawie", "una Fiat Panda e una Alfa Romeo Giulietta", "Parkplatz für einen Mercedes Sprinter",
		"the booking's under review i think", "pokój na świąteczną promocję", "de kamer staat op rekening denk ik",
		"la réservation est à confirmer je crois", "name would be on the voucher", "the second guest would be vegetarian",
	} {
		require.Empty(t, found(t, pii.Person, pii.Request{Text: text}), text)
	}
}

func TestNamesThatCallersLeadToOtherwise(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"the second guest would be tamsin hargreaves she is vegetarian":      "tamsin hargreaves",
		"ja guten tag thorsten ehrlicher mein name ich wollte ein zimmer":    "thorsten ehrlicher",
		"oui bonjour c'est mathurin leclerc je vous appelle pour demain":     "mathurin leclerc",
		"my name would be aoife brannigan":                                   "aoife brannigan",
		"the booking's under o'halloran i think":                             "o'halloran",
		"la réservation est à marchetti je crois":                            "marchetti",
		"to ja kasia od wczorajszej rezerwacji":                              "kasia",
		"pokój na dąbrowską proszę":                                          "dąbrowską",
		"c/o Whitcombe, 31 Mill Lane, Stroud":                                "Whitcombe",
		"der Brief geht an c/o Lindner, Rosenweg 4, 83022 Rosenheim am Inn.": "Lindner",
	} {
		require.Equal(t, []string{want}, found(t, pii.Person, pii.Request{Text: text}), text)
	}
}

func TestSpokenContactsOfStrangers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind           pii.Type
		language, text string
		want           []string
	}{
		{pii.Email, "en", "mary jane watson at outlook", []string{"mary jane watson at outlook"}},
		{pii.Email, "en", "tom underscore riley at gmail", []string{"tom underscore riley at gmail"}},
		{pii.Email, "en", "it is gwen dot parry at bluefin dash marine dot wales", []string{"gwen dot parry at bluefin dash marine dot wales"}},
		{pii.Email, "en", "we met at gmail", nil},
		{pii.Phone, "de", "das ist die null eins fünf eins sechs mal die sieben drei", []string{"null eins fünf eins sechs mal die sieben drei"}},
		{pii.Address, "de", "hauptstraße dreiundzwanzig in bad homburg vor der höhe", []string{"hauptstraße dreiundzwanzig in bad homburg vor der höhe"}},
		{pii.Address, "nl", "stuur maar naar kerkstraat achttien in zwolle", []string{"kerkstraat achttien in zwolle"}},
		{pii.Address, "es", "mándelo a avenida de la constitución cuarenta y dos en sevilla", []string{"avenida de la constitución cuarenta y dos en sevilla"}},
		{pii.Address, "pl", "proszę wysłać na ulicę długą osiem", []string{"ulicę długą osiem"}},
		{pii.Address, "de", "in der hauptstraße drei restaurants", nil},
	} {
		require.Equal(t, test.want, found(t, test.kind, pii.Request{Text: test.text, Language: test.language}), test.text)
	}
}
