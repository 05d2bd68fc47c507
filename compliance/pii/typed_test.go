package pii_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
)

// Who asks for one type gets nothing of what is plainly another.
func TestATypedScanReportsNoPartOfSomethingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind           pii.Type
		language, text string
	}{
		{pii.Phone, "de", "visa 4012 8888 8888 1881, gültig bis 07/29, Prüfziffer 212"},
		{pii.CVV, "en", "card number 5555 5555 5555 4444, 11/28, cvc on the back"},
		{pii.Phone, "es", "IBAN ES91 2100 0418 4502 0005 1332"},
		{pii.Phone, "en", "my NHS number is 943 476 5919"},
		{pii.Phone, "pl", "PESEL 02070803628"},
		{pii.Phone, "it", "tessera fedeltà nove nove zero uno quattro cinque due"},
		{pii.BookingRef, "de", "wir wohnen in der Lindenallee 27b, 50968 Köln"},
		{"ES_NIF", "es", "el NIE es X-2482300-W"},
		{"DE_PASSPORT", "de", "Ausweisnummer t zwo zwo null null null eins zwo neun"},
		{"UK_NHS", "it", "chiami lo 051 234 5678"},
		{pii.Person, "en", "reservation a as in apple nine nine t for tommy four"},
	} {
		require.Empty(t, found(t, c.kind, pii.Request{Text: c.text, Language: c.language, Entities: []pii.Type{c.kind}}), "%s in %q", c.kind, c.text)
	}
}

// What a typed scan asks for and the words name stays, though another type has
// its form too.
func TestATypedScanReportsWhatItAsksFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind       pii.Type
		text, want string
	}{
		{pii.Phone, "call 020 7946 0123 or pay by 4012 8888 8888 1881", "020 7946 0123"},
		{"ES_NIE", "el NIE es X-2482300-W", "X-2482300-W"},
		{"UK_NHS", "943 476 5919", "943 476 5919"},
		{"NL_BSN", "111222333", "111222333"},
		{pii.CVV, "5555 5555 5555 4444, 11/28, cvc 904", "904"},
	} {
		require.Equal(t, []string{c.want}, found(t, c.kind, pii.Request{Text: c.text, Entities: []pii.Type{c.kind}}), "%s in %q", c.kind, c.text)
	}
}
