package pii

import "testing"

// TestKnownValuesSpoken says in words what the call knows: it is found with
// certainty, also with a slip of the ear.
func TestKnownValuesSpoken(t *testing.T) {
	for _, row := range []struct {
		language, text, want string
		known                Known
	}{
		{"nl", "op kerkstraat honderdtwintig graag", "ADDRESS kerkstraat honderdtwintig", Known{Addresses: []string{"Kerkstraat 120, 1017 GP Amsterdam"}}},
		{"pl", "na kwiatowej sto dwadzieścia", "ADDRESS kwiatowej sto dwadzieścia", Known{Addresses: []string{"ulica Kwiatowa 120, 31-001 Kraków"}}},
		{"en", "still eighteen saltmarsh road", "ADDRESS eighteen saltmarsh road", Known{Addresses: []string{"18 Saltmarsh Road, Whitby"}}},
		{"de", "k wie kaufmann o w a l s k a", "PERSON k wie kaufmann o w a l s k a", Known{Names: []string{"Anna Kowalska"}}},
		{"it", "torino roma venticinque venezia", "BOOKING_REFERENCE torino roma venticinque venezia", Known{Bookings: []string{"TR25V"}}},
		{"en", "oh seven nine double one one two three four five seven", "PHONE_NUMBER oh seven nine double one one two three four five seven", Known{Phones: []string{"+447911123456"}}},
		{"en", "jenny dot cart at outlook dot com", "EMAIL_ADDRESS jenny dot cart at outlook dot com", Known{Emails: []string{"jenny.carr@outlook.com"}}},
	} {
		spans, err := New(Options{}).Scan(nil, Request{Text: row.text, Language: row.language, Known: row.known})
		if err != nil {
			t.Fatal(err)
		}
		if len(spans) != 1 || spans[0].Source != FromKnown || spans[0].Score != 1 || string(spans[0].Type)+" "+row.text[spans[0].Start:spans[0].End] != row.want {
			t.Errorf("%q: got %+v, want %q", row.text, spans, row.want)
		}
	}
}
