package pii

import (
	"strings"
	"testing"
)

// scanned gives the spans of a text, as "TYPE text".
func spokenSpans(t *testing.T, r Request) string {
	t.Helper()
	spans, err := New(Options{}).Scan(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range spans {
		all = append(all, string(s.Type)+" "+r.Text[s.Start:s.End])
	}
	return strings.Join(all, "|")
}

func TestSpokenStage(t *testing.T) {
	for _, row := range []struct{ language, text, want string }{
		{"en", "my number is oh seven nine double one two three four five six thanks", "PHONE_NUMBER oh seven nine double one two three four five six"},
		{"", "my number is oh seven nine double one two three four five six thanks", "PHONE_NUMBER oh seven nine double one two three four five six"},
		{"en", "plus 49 one five one two three four five six seven eight", "PHONE_NUMBER plus 49 one five one two three four five six seven eight"},
		{"en", "call me on oh seven nine one, no wait, seven not one, double two three four five six", "PHONE_NUMBER oh seven nine one, no wait, seven not one, double two three four five six"},
		{"de", "meine Nummer ist null eins fünf eins dreiundzwanzig fünfundvierzig siebenundsechzig", "PHONE_NUMBER null eins fünf eins dreiundzwanzig fünfundvierzig siebenundsechzig"},
		{"", "meine Nummer ist null eins fünf eins dreiundzwanzig fünfundvierzig siebenundsechzig", "PHONE_NUMBER null eins fünf eins dreiundzwanzig fünfundvierzig siebenundsechzig"},
		{"fr", "c'est le zéro six douze trente-quatre cinquante-six soixante-dix-huit", "PHONE_NUMBER zéro six douze trente-quatre cinquante-six soixante-dix-huit"},
		{"", "c'est le zéro six douze trente-quatre cinquante-six soixante-dix-huit", "PHONE_NUMBER zéro six douze trente-quatre cinquante-six soixante-dix-huit"},
		{"es", "apunte seis uno dos tres cuatro cinco seis siete ocho", "PHONE_NUMBER seis uno dos tres cuatro cinco seis siete ocho"},
		{"it", "il mio numero è tre quattro sette uno due tre quattro cinque sei sette", "PHONE_NUMBER tre quattro sette uno due tre quattro cinque sei sette"},
		{"nl", "nul zes twaalf vierendertig zesenvijftig achtenzeventig", "PHONE_NUMBER nul zes twaalf vierendertig zesenvijftig achtenzeventig"},
		{"pl", "sześćset dwanaście trzysta czterdzieści pięć sześćset siedemdziesiąt osiem", "PHONE_NUMBER sześćset dwanaście trzysta czterdzieści pięć sześćset siedemdziesiąt osiem"},
		{"en", "write to anna dot berg at gmail dot com please", "EMAIL_ADDRESS anna dot berg at gmail dot com"},
		{"", "écrivez à anne point dupont arobase orange point fr", "EMAIL_ADDRESS anne point dupont arobase orange point fr"},
		{"en", "my surname is b e r g", "PERSON b e r g"},
		{"de", "ich buchstabiere Schmidt, S C H M I D T", "PERSON Schmidt|PERSON S C H M I D T"},
		{"en", "the card is four one one one one one one one one one one one one one one one", "CREDIT_CARD four one one one one one one one one one one one one one one one"},
		{"en", "booking reference is alpha bravo seven nine two kilo", "BOOKING_REFERENCE alpha bravo seven nine two kilo"},
		{"en", "email is s for sugar m for mother i t h at gmail dot com", "EMAIL_ADDRESS s for sugar m for mother i t h at gmail dot com"},
		{"en", "we are two adults and two children for three nights", ""},
		{"en", "room four twelve at nineteen thirty for one hundred and fifty euros", ""},
		{"en", "it costs one hundred twenty three thousand four hundred fifty six euros", ""},
		{"en", "from the twelfth of May two thousand twenty six until the fifteenth", ""},
		{"de", "zwei Erwachsene, drei Nächte, Zimmer vierhundertzwölf um neunzehn Uhr dreißig", ""},
		{"fr", "deux adultes pour trois nuits à cent vingt euros, chambre deux cent douze", ""},
		{"es", "dos adultos tres noches ciento veinte euros habitación doscientos doce", ""},
		{"it", "due adulti tre notti centoventi euro camera duecentododici", ""},
		{"nl", "twee volwassenen drie nachten honderdtwintig euro kamer tweehonderdtwaalf", ""},
		{"en", "between ten fifteen and eleven forty five if you can", ""},
		{"en", "rooms one hundred twelve, one hundred fourteen and one hundred sixteen", ""},
		{"en", "the fifteenth, or twelve thirteen fourteen of May", ""},
		{"it", "Roma Napoli Milano Torino Venezia Bologna", ""},
		{"", "siamo sei, due adulti e quattro bambini, tre camere", ""},
		{"", "sono le otto e trenta, no, le nove", ""},
		{"pl", "dwie osoby trzy noce sto dwadzieścia złotych pokój dwieście dwanaście", ""},
	} {
		if got := spokenSpans(t, Request{Text: row.text, Language: row.language}); got != row.want {
			t.Errorf("%s: %q\n got %q\nwant %q", row.language, row.text, got, row.want)
		}
	}
}

func TestSpokenExpected(t *testing.T) {
	for _, row := range []struct {
		expect     Type
		text, want string
	}{
		{Phone, "sure, four five two three eight eight one", "PHONE_NUMBER four five two three eight eight one"},
		{CVV, "it's one two three", "CVV one two three"},
		{CardExpiry, "oh four twenty seven", "CARD_EXPIRY oh four twenty seven"},
		{Person, "that is k o w a l", "PERSON k o w a l"},
		{BookingRef, "x k seven nine two q", "BOOKING_REFERENCE x k seven nine two q"},
	} {
		if got := spokenSpans(t, Request{Text: row.text, Expect: []Type{row.expect}, Language: "en"}); got != row.want {
			t.Errorf("%s: %q\n got %q\nwant %q", row.expect, row.text, got, row.want)
		}
	}
}

const cleanTalk = "Good evening and welcome, how may I help you with your stay? We would like a quiet room with a view of the lake and a late breakfast, please. "

func TestSpokenCleanAllocatesNothing(t *testing.T) {
	d, s := New(Options{}), new(scan)
	request := Request{Text: cleanTalk}
	look := func() {
		if err := s.begin(d, &request); err != nil {
			t.Error(err)
		}
		spokenStage(s)
		if len(s.found) > 0 {
			t.Errorf("found %v in clean talk", s.found)
		}
		s.end()
	}
	look()
	if n := testing.AllocsPerRun(50, look); n != 0 {
		t.Errorf("%v allocations on a clean segment, want none", n)
	}
}

func BenchmarkSpokenStage(b *testing.B) {
	for name, text := range map[string]string{
		"clean":  strings.Repeat(cleanTalk, 20),
		"spoken": strings.Repeat(cleanTalk+"My number is oh seven nine double one two three four five six and my mail is anna dot berg at gmail dot com. ", 20),
	} {
		b.Run(name, func(b *testing.B) {
			d := New(Options{})
			s := d.scans.Get().(*scan)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r := Request{Text: text}
				_ = s.begin(d, &r)
				spokenStage(s)
				s.end()
			}
		})
	}
}

func BenchmarkSpokenNew(b *testing.B) {
	for b.Loop() {
		newSpokenParts()
	}
}
