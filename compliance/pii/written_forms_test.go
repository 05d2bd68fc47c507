package pii

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The numbers here are examples that offices and descriptions of the schemes
// publish, or were counted out for this test.
func TestNumbersOfCountries(t *testing.T) {
	for _, c := range []struct {
		language, text string
		want           []string
	}{
		{"nl", "mijn bsn is 1112.22.333", []string{"NL_BSN:1112.22.333"}},
		{"nl", "111222333 is mijn burgerservicenummer", []string{"NL_BSN:111222333"}},
		{"nl", "1 1 1 2 2 2 3 3 3, mijn bsn", []string{"NL_BSN:1 1 1 2 2 2 3 3 3"}},
		{"nl", "rijksregisternummer 85.07.30-033.28", []string{"BE_NN:85.07.30-033.28"}},
		{"fr", "ma sécu 2 95 10 99 126 111 / 93", []string{"FR_NIR:2 95 10 99 126 111 / 93"}},
		{"fr", "numéro fiscal 30 23 217 600 053", []string{"FR_NIF:30 23 217 600 053"}},
		{"fr", "le siren de la boîte c'est 404 833 048", []string{"FR_SIREN:404 833 048"}},
		{"es", "mi NIE es X-2482300-W", []string{"ES_NIE:X-2482300-W"}},
		{"es", "permiso de conducir 54362315-K", []string{"ES_DRIVING_LICENCE:54362315-K"}},
		{"it", "codice fiscale rcc mnl 83s18 d969h", []string{"IT_FISCAL_CODE:rcc mnl 83s18 d969h"}},
		{"it", "la carta d'identità è CA 00000 AA", []string{"IT_IDENTITY_CARD:CA 00000 AA"}},
		{"pl", "mój PESEL to 440-514-013-59", []string{"PL_PESEL:440-514-013-59"}},
		{"pl", "dowód osobisty aba 300000", []string{"PL_IDENTITY_CARD:aba 300000"}},
		{"pl", "to 3 dni, telefon 601 234 567", []string{"PHONE_NUMBER:601 234 567"}},
		{"de", "Steuer-ID 86-095-742-719", []string{"DE_TAX_ID:86-095-742-719"}},
		{"de", "15-070649-C-103, Rentenversicherungsnummer", []string{"DE_SOCIAL_SECURITY:15-070649-C-103"}},
		{"de", "Perso: L01X00T4H", []string{"DE_ID_CARD:L01X00T4H"}},
		{"de", "Führerscheinnummer B072RRE2I55", []string{"DE_FUEHRERSCHEIN:B072RRE2I55"}},
		{"de", "unsere Umsatzsteuer-ID ist DE 136 695 976", []string{"DE_VAT_ID:DE 136 695 976"}},
		{"en", "my Croatian OIB is 333 9200 5961", []string{"HR_OIB:333 9200 5961"}},
		{"en", "AMKA 010130 99997", []string{"GR_AMKA:010130 99997"}},
		{"en", "ΑΦΜ 094259216", []string{"GR_VAT:094259216"}},
		{"en", "VAT PT501964843", []string{"PT_NIF:PT501964843"}},
		{"en", "CPR 211062-5629", []string{"DK_CPR_NUMBER:211062-5629"}},
		{"en", "org.nr 988 077 917", []string{"NO_ORGNR:988 077 917"}},
		{"en", "IBAN nl91 abna 0417 1643 00", []string{"IBAN_CODE:nl91 abna 0417 1643 00"}},
		{"de", "IBAN DE89 3704 0044 0532 0130  00", []string{"IBAN_CODE:DE89 3704 0044 0532 0130  00"}},
		{"fr", "LU28 0019 4006 4475 0000 avec le code BCEELULL", []string{"IBAN_CODE:LU28 0019 4006 4475 0000", "BIC_CODE:BCEELULL"}},
		{"en", "amex 3714  496353  98431", []string{"CREDIT_CARD:3714  496353  98431"}},
		{"en", "the card is 4012, 8888, 8888, 1881", []string{"CREDIT_CARD:4012, 8888, 8888, 1881"}},
	} {
		assert.Equal(t, c.want, scanned(t, Request{Text: c.text, Language: c.language}), c.text)
	}
}

func TestWhatWordsSayOfANumber(t *testing.T) {
	for _, c := range []struct {
		language, text string
		want           []string
	}{
		{"en", "card 4012 8888 8888 1881, good through 0228, and 118 is the code",
			[]string{"CREDIT_CARD:4012 8888 8888 1881", "CARD_EXPIRY:0228", "CVV:118"}},
		{"pl", "Karta 4012 8888 8888 1881, ważna do 08/28, kod 714", []string{"CREDIT_CARD:4012 8888 8888 1881", "CARD_EXPIRY:08/28", "CVV:714"}},
		{"fr", "les trois chiffres au dos : 067", []string{"CVV:067"}},
		{"es", "mi número de socio es 6021 448 903", []string{"LOYALTY_NUMBER:6021 448 903"}},
		{"en", "the loyalty number is 700 438 2195", []string{"LOYALTY_NUMBER:700 438 2195"}},
		{"en", "my number is 700 438 2195", []string{"PHONE_NUMBER:700 438 2195"}},
		{"en", "booking.com number 3847.562.910", []string{"BOOKING_REFERENCE:3847.562.910"}},
		{"de", "Buchungsnummer ist 0171234567", []string{"BOOKING_REFERENCE:0171234567"}},
		{"de", "die Reservierung Meyer, 0171 1234567", []string{"PHONE_NUMBER:0171 1234567"}},
		{"es", "pasaporte AAB123456", []string{"ES_PASSPORT:AAB123456"}},
		{"en", "it's 020, 7946, 0958", []string{"PHONE_NUMBER:020, 7946, 0958"}},
		{"de", "Kennzeichen ist s ab 1234", []string{"DE_KFZ:s ab 1234"}},
		{"es", "matrícula M-1234-ZX", []string{"ES_LICENSE_PLATE:M-1234-ZX"}},
	} {
		assert.Equal(t, c.want, scanned(t, Request{Text: c.text, Language: c.language}), c.text)
	}
	got := scanned(t, Request{Text: "oui 880.214.377", Language: "fr", Expect: []Type{BookingRef}})
	assert.Equal(t, []string{"BOOKING_REFERENCE:880.214.377"}, got, "what was asked for says it too")
	got = scanned(t, Request{Text: "C01X0006H1", Language: "de", Expect: []Type{"DE_PASSPORT"}})
	assert.Equal(t, []string{"DE_PASSPORT:C01X0006H1"}, got)
}

func TestAddresses(t *testing.T) {
	for language, texts := range map[string][]string{
		"de": {
			"wir wohnen in der ~Lindenallee 48b in 50968 köln~", "Adresse: ~Am Alten Markt 3b, 69117 Heidelberg~",
			"~Unter den Linden 77, 10117 Berlin~", "wohnhaft ~kaiserstr. 5 in 60311 frankfurt~", "~Mariahilfer Straße 77/14, 1060 Wien~",
			"Anschrift: ~Goethestraße 17 a, 80336 München~", "an ~Hofgasse 2/3/12, 6020 Innsbruck~ bitte", "~Königsallee 60F, D-40212 Düsseldorf~",
		},
		"en": {
			"I live at ~221B Baker Street, London NW1 6XE~", "billing address ~Flat 3, 114 Pemberton Road, Leeds LS6 2AB~",
			"we live at ~flat 3, 114 pemberton road, leeds LS6 2AB~", "it's ~1600 Pennsylvania Avenue~",
			"~Apartment 4, 22 Merrion Square, Dublin 2~", "at ~4 Privet Drive, Little Whinging, Surrey GU25 4AA~",
		},
		"fr": {
			"j'habite ~7 bis avenue du général leclerc à 69300 caluire~", "à Bruxelles, ~Chaussée d'Ixelles 203, 1050 Ixelles~",
			"~3, place des Vosges, 75004 Paris~", "~rue du Rhône 48, 1204 Genève~",
		},
		"es": {"vivo en ~calle Mayor 45, 3º B, 28013 Madrid~", "~C/ Alcalá 120, 28009 Madrid~", "~Gran Vía 28, 28013 Madrid~"},
		"it": {"~Via Roma 12, 00184 Roma~", "residente in ~viale Monza 140, 20125 Milano~"},
		"nl": {"adres: ~Wilgenstraat 31, 3512 KL Utrecht~", "~Prinsengracht 482-2, 1017 KG Amsterdam~", "~Korenmarkt 6, 9000 Gent~"},
		"pl": {"przy ~ul. Lipowa 14 m. 6, 31-045 Kraków~", "adres ~Aleje Jerozolimskie 54/3, 00-024 Warszawa~"},
	} {
		for _, marked := range texts {
			text, want := unmark(marked)
			assert.Equal(t, want, scanned(t, Request{Text: text, Language: language}), text)
		}
	}
}

// unmark takes the signs out of a text that stand around addresses.
func unmark(marked string) (text string, want []string) {
	inside, from := false, 0
	for i := range len(marked) {
		switch {
		case marked[i] != '~':
			text += marked[i : i+1]
		case inside:
			want = append(want, "ADDRESS:"+text[from:])
			inside = false
		default:
			inside, from = true, len(text)
		}
	}
	return text, want
}

func TestTravelAndTimesStay(t *testing.T) {
	for language, texts := range map[string][]string{
		"de": {"ICE 578, Wagen 12, Platz 61 und 62", "Bus 42 oder Straßenbahn 9", "Flug LH 1234, und ein Parkplatz fürs Auto"},
		"fr": {"le TGV 6607 voiture 12 arrive à 18h45"},
		"es": {"el AVE 3142, coche 7, llega a las 12:40"},
		"en": {
			"the conference runs 9.00-17.30 in hall 5", "a projector with 1920x1080", "1 000 000 guests a year", "we booked via booking.com",
			"Tesla Model 3, Audi A6, BMW X5",
		},
	} {
		for _, text := range texts {
			assert.Empty(t, scanned(t, Request{Text: text, Language: language}), text)
		}
	}
}

func TestTheHotelsOwnContactsStay(t *testing.T) {
	for _, c := range []struct{ allow, text string }{
		{"+49 30 20000100", "Ihre Nummer ist doch die 030 20000100"},
		{"+49 30 20000100", "ich habe 0049 (0)30 2000 0100 gewählt"},
		{"+34 91 000 20 20", "¿su número no es el 91 000 20 20?"},
		{"+39 041 000 3030", "il vostro numero è lo 041 000 3030"},
		{"Hotel Lindenhof, Seestraße 5, 13353 Berlin", "ins Navi gebe ich Seestraße 5, 13353 Berlin ein"},
		{"The Grand Lark, 1 Harbour Parade, Brighton BN1 1AA", "the sat nav wants 1 Harbour Parade, Brighton BN1 1AA"},
		{"ul. Morska 1, 80-001 Gdańsk", "w nawigacji wpisuję ul. Morska 1, 80-001 Gdańsk"},
	} {
		assert.Empty(t, scanned(t, Request{Text: c.text, Allow: []string{c.allow}}), c.text)
		assert.NotEmpty(t, scanned(t, Request{Text: c.text, Allow: []string{"+44 20 7946 0100", "Nowhere 1"}}), c.text)
	}
}

func TestAWrongCheckDigitIsNoOtherCountrysPaper(t *testing.T) {
	text := "seria i numer dowodu: ABA 400000"
	assert.Equal(t, []string{"NUMBER_SEQUENCE:ABA 400000"}, scanned(t, Request{Text: text, Language: "pl"}), "it is masked all the same")
	assert.Empty(t, scanned(t, Request{Text: text, Language: "pl", Entities: []Type{"PL_IDENTITY_CARD"}}))
}

func TestWeakFormsOnRequest(t *testing.T) {
	for kind, text := range map[Type]string{
		CVV: "so 123 then", CardExpiry: "so 12/27 then", BookingRef: "so AB12345 then", LoyaltyNumber: "so 12345678 then", "DE_PLZ": "so 10115 then",
		"UK_PASSPORT": "so 533401372 then", "IT_PASSPORT": "so YA1234567 then", "DE_KFZ": "so B-MW 305 then",
	} {
		r := Request{Text: text, Entities: []Type{kind}, MinScore: -1}
		spans, err := New(Options{}).Scan(nil, r)
		require.NoError(t, err)
		require.Len(t, spans, 1, kind)
		assert.Equal(t, kind, spans[0].Type)
		assert.Less(t, spans[0].Score, DefaultMinScore, kind)
		r.MinScore = 0
		assert.Empty(t, scanned(t, r), kind)
	}
}

func TestNamesOfOtherEngines(t *testing.T) {
	for name, text := range map[Type]string{
		"nl.bsn": "111222333", "fi.hetu": "131052-308T", "DK_CPR": "211062-5629", "es.dni": "54362315K", "GB_NHS": "943 476 5870", "IBAN": "DE89370400440532013000",
	} {
		spans, err := New(Options{}).Scan(nil, Request{Text: text, Entities: []Type{name}})
		require.NoError(t, err, name)
		assert.Len(t, spans, 1, name)
	}
	for name := range otherNames {
		assert.GreaterOrEqual(t, typeNumber(ownName(name)), 0, name)
	}
}
