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
		{"en", "my number is oh two oh seven nine four six oh nine five eight extension two one four", "PHONE_NUMBER oh two oh seven nine four six oh nine five eight extension two one four"},
		{"de", "null acht neun drei vier fünf null nein nicht null sondern neun acht zwei", "PHONE_NUMBER null acht neun drei vier fünf null nein nicht null sondern neun acht zwei"},
		{"pl", "602 dwieście 34 pięćset 67 zapisała pani", "PHONE_NUMBER 602 dwieście 34 pięćset 67"},
		{"en", "j for juliet, b for bravo, dash, carter, at outlook dot com", "EMAIL_ADDRESS j for juliet, b for bravo, dash, carter, at outlook dot com"},
		{"es", "los quintana dos mil diez arroba outlook punto es", "EMAIL_ADDRESS los quintana dos mil diez arroba outlook punto es"},
		{"fr", "jean tiret du bas philippe arobase laposte point net", "EMAIL_ADDRESS jean tiret du bas philippe arobase laposte point net"},
		{"nl", "mail is het kleine cafe apenstaartje gmail punt com", "EMAIL_ADDRESS het kleine cafe apenstaartje gmail punt com"},
		{"en", "I was born on the fourth of july nineteen seventy one", "DATE_OF_BIRTH the fourth of july nineteen seventy one"},
		{"de", "geboren am dritten Mai neunzehnhundertsiebenundsiebzig", "DATE_OF_BIRTH dritten Mai neunzehnhundertsiebenundsiebzig"},
		{"pl", "urodzona dwudziestego dziewiątego lutego dziewięćdziesiątego drugiego", "DATE_OF_BIRTH dwudziestego dziewiątego lutego dziewięćdziesiątego drugiego"},
		{"it", "data di nascita quindici tre ottantotto", "DATE_OF_BIRTH quindici tre ottantotto"},
		{"en", "we married on the fourth of july", ""},
		{"en", "from the fourth of july to the ninth of august two thousand twenty seven", ""},
		{"en", "it expires zero four of twenty nine", "CARD_EXPIRY zero four of twenty nine"},
		{"de", "gültig bis Ende März dreißig", "CARD_EXPIRY Ende März dreißig"},
		{"es", "caduca en marzo de dos mil veintiocho y el código es cuatro cero nueve", "CARD_EXPIRY marzo de dos mil veintiocho|CVV cuatro cero nueve"},
		{"en", "the voucher is valid until march twenty twenty eight", ""},
		{"en", "the three digits on the back are double oh seven", "CVV double oh seven"},
		{"it", "il codice di sicurezza è settecentoventi", "CVV settecentoventi"},
		{"it", "l'iban è i ti sessanta x zero cinque quattro due otto uno uno uno zero uno, sei volte zero, uno due tre quattro cinque sei",
			"IBAN_CODE i ti sessanta x zero cinque quattro due otto uno uno uno zero uno, sei volte zero, uno due tre quattro cinque sei"},
		{"es", "e ese noventa y uno veintiuno cero cero cero cuatro dieciocho cuarenta y cinco cero dos cero cero cero cinco trece treinta y dos",
			"IBAN_CODE e ese noventa y uno veintiuno cero cero cero cuatro dieciocho cuarenta y cinco cero dos cero cero cero cinco trece treinta y dos"},
		{"de", "reservierungsnummer ludwig acht acht quelle vier", "BOOKING_REFERENCE ludwig acht acht quelle vier"},
		{"en", "under booking seven three three delta kilo", "BOOKING_REFERENCE seven three three delta kilo"},
		{"en", "we live at twelve willow close", "ADDRESS twelve willow close"},
		{"fr", "mon adresse quarante-cinq bis avenue victor hugo, soixante-neuf mille trois lyon", "ADDRESS quarante-cinq bis avenue victor hugo, soixante-neuf mille trois lyon"},
		{"de", "ich wohne in der goethestraße siebzehn, acht null drei drei sechs münchen", "ADDRESS goethestraße siebzehn, acht null drei drei sechs münchen"},
		{"pl", "mieszkam na ulicy kwiatowej sto dwadzieścia", "ADDRESS ulicy kwiatowej sto dwadzieścia"},
		{"nl", "postcode een nul een twee a b amsterdam", "POSTAL_CODE een nul een twee a b"},
		{"en", "my post code is s w one a two a a", "POSTAL_CODE s w one a two a a"},
		{"it", "otto sedie al tavolo nove per le sette", ""},
		{"", "at this point is there a chance to change at some point in the evening", ""},
		{"", "write to anna at spring point dot com", "EMAIL_ADDRESS anna at spring point dot com"},
		{"en", "under a hotel's name", ""},
		{"en", "my name is missing on the list and the surname is misspelled", ""},
		{"de", "mein name ist falsch geschrieben", ""},
		{"pl", "moje nazwisko jest źle zapisane", ""},
		{"en", "about ten minutes on market street for two", ""},
		{"en", "passport number is five three three four oh one three seven two", "PASSPORT five three three four oh one three seven two"},
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
