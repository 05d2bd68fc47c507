package pii

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scanned writes what was found in a text as "TYPE:text" for a table.
func scanned(t *testing.T, r Request) []string {
	t.Helper()
	spans, err := New(Options{}).Scan(nil, r)
	require.NoError(t, err)
	var out []string
	for _, s := range spans {
		out = append(out, string(s.Type)+":"+r.Text[s.Start:s.End])
	}
	return out
}

func TestWrittenForms(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"my card is 4012 8888 8888 1881 expires 11/28 and the cvv is 907",
			[]string{"CREDIT_CARD:4012 8888 8888 1881", "CARD_EXPIRY:11/28", "CVV:907"}},
		{"reach me at +49 (0)171 555 0199", []string{"PHONE_NUMBER:+49 (0)171 555 0199"}},
		{"the office is 030 5550123-12 ext. 5", []string{"PHONE_NUMBER:030 5550123-12 ext. 5"}},
		{"Mijn telefoonnummer is 06 12345678.", []string{"PHONE_NUMBER:06 12345678"}},
		{"mi móvil es 612 345 678", []string{"PHONE_NUMBER:612 345 678"}},
		{"IBAN GB82 WEST 1234 5698 7654 32 2 days", []string{"IBAN_CODE:GB82 WEST 1234 5698 7654 32"}},
		{"write to anna.b+spa@exämple.de today", []string{"EMAIL_ADDRESS:anna.b+spa@exämple.de"}},
		{"see https://example.org/a?b=1. Or example.com", []string{"URL:https://example.org/a?b=1", "URL:example.com"}},
		{"router 10.0.0.138 and fe80::2, mac 00-1B-44-11-3A-B7",
			[]string{"IP_ADDRESS:10.0.0.138", "IP_ADDRESS:fe80::2", "MAC_ADDRESS:00-1B-44-11-3A-B7"}},
		{"SWIFT BNPAFRPPXXX bank", []string{"BIC_CODE:BNPAFRPPXXX"}},
		{"born on 3. Mai 1990", []string{"DATE_OF_BIRTH:3. Mai 1990"}},
		{"née le 04/07/1979", []string{"DATE_OF_BIRTH:04/07/1979"}},
		{"Kennzeichen HH-AB 123", []string{"DE_KFZ:HH-AB 123"}},
		{"Reisepass C01X00T47", []string{"DE_PASSPORT:C01X00T47"}},
		{"my NINO is AB 12 34 56 C", []string{"UK_NINO:AB 12 34 56 C"}},
		{"BSN 1112.22.333", []string{"NL_BSN:1112.22.333"}},
		{"booking reference HXKPQR", []string{"BOOKING_REFERENCE:HXKPQR"}},
		{"Buchungsnummer AB-12345", []string{"BOOKING_REFERENCE:AB-12345"}},
		{"Ich wohne in der Hauptstraße 12, 10115 Berlin", []string{"ADDRESS:Hauptstraße 12, 10115 Berlin"}},
		{"12 rue de la Paix, 75002 Paris", []string{"ADDRESS:12 rue de la Paix, 75002 Paris"}},
		{"the number is 4012888888881882", []string{"NUMBER_SEQUENCE:4012888888881882"}},
	} {
		assert.Equal(t, c.want, scanned(t, Request{Text: c.text}), c.text)
	}
}

func TestWhatIsNoPersonalDatumStays(t *testing.T) {
	for _, text := range []string{
		"room 204 for 2 nights from 12 May 2026 at 120 euros, on the 3rd floor for 4 people at 14:30",
		"Zimmer 1204, zwei Nächte vom 03.05. bis 05.05.2026, 1.250,50 €",
		"flight LH1234 lands at 9.45, train ICE 597",
		"1.234.567,00 EUR, 15 %, 24/7, 2024-2025",
		"rooms 101 102 103 are free",
		"chambre 312, du 12/08/2026 au 15/08/2026, 89,90 €",
		"Breakfast is from 7 to 10.30, 18 euros per person.",
	} {
		assert.Empty(t, scanned(t, Request{Text: text}), text)
	}
}

func TestTypedRequests(t *testing.T) {
	for _, c := range []struct {
		kind  Type
		text  string
		least float64
		want  []string
	}{
		{CreditCard, "4012888888881882", -1, nil},
		{"DE_TAX_ID", "86095742719 and 86095742718", 0, []string{"DE_TAX_ID:86095742719"}},
		{"ES_NIF", "54362315-K 54362315-Z", 0, []string{"ES_NIF:54362315-K"}},
		{"FI_PERSONAL_IDENTITY_CODE", "131052-308T 131052-308U", 0, []string{"FI_PERSONAL_IDENTITY_CODE:131052-308T"}},
		{"UK_PASSPORT", "533401372", 0, nil},
		{"UK_PASSPORT", "533401372", -1, []string{"UK_PASSPORT:533401372"}},
		{"UK_PASSPORT", "my passport is 533401372", 0, []string{"UK_PASSPORT:533401372"}},
		{DateTime, "from 12.03.2026 until 30.02.2026", 0, []string{"DATE_TIME:12.03.2026"}},
		{Phone, "(415) 555-0132", 0, []string{"PHONE_NUMBER:(415) 555-0132"}},
	} {
		assert.Equal(t, c.want, scanned(t, Request{Text: c.text, Entities: []Type{c.kind}, MinScore: c.least}), c.text)
	}
}

func TestWordsBesideATextAreContext(t *testing.T) {
	r := Request{Text: "533401372", Entities: []Type{"UK_PASSPORT"}}
	assert.Empty(t, scanned(t, r))
	r.Context = []string{"passport"}
	assert.NotEmpty(t, scanned(t, r))
	r.Context, r.Expect = nil, []Type{Passport}
	assert.NotEmpty(t, scanned(t, r), "what the agent asked for is context too")
}

func TestAllowedValuesStay(t *testing.T) {
	text := "the hotel's phone is +43 512 555000, mail info@example.com"
	assert.Len(t, scanned(t, Request{Text: text}), 2)
	assert.Empty(t, scanned(t, Request{Text: text, Allow: []string{"0043512555000", "INFO@example.com"}}))
}

func TestSignsOfOtherScripts(t *testing.T) {
	for _, text := range []string{
		"４０１２ ８８８８ ８８８８ １８８１", "٤٠١٢٨٨٨٨٨٨٨٨١٨٨١", "4012\u200b8888\u200d8888\u00ad1881", "4012\u00a08888\u20118888\u20131881",
		"\u202e4012888888881881", "\U0001d7dc\U0001d7d8\U0001d7d9\U0001d7da888888881881",
	} {
		spans, err := New(Options{}).Scan(nil, Request{Text: text, Entities: []Type{CreditCard}})
		require.NoError(t, err)
		require.Len(t, spans, 1, text)
		assert.Equal(t, CreditCard, spans[0].Type)
	}
}

func TestPositionsInCodePoints(t *testing.T) {
	text := "für Ärzte: 4012888888881881"
	spans, err := New(Options{}).Scan(nil, Request{Text: text})
	require.NoError(t, err)
	require.Len(t, spans, 1)
	assert.Equal(t, 11, spans[0].RuneStart)
	assert.Equal(t, 27, spans[0].RuneEnd)
	assert.Equal(t, "4012888888881881", text[spans[0].Start:spans[0].End])
}

func TestBadRequestsAreRefused(t *testing.T) {
	d := New(Options{})
	for want, r := range map[error]Request{
		ErrInvalidText:     {Text: "a\xffb"},
		ErrTooLong:         {Text: strings.Repeat("a", MaxText+1)},
		ErrUnknownType:     {Text: "a", Entities: []Type{"NO_SUCH_TYPE"}},
		ErrUnknownLanguage: {Text: "a", Language: "klingon!"},
		ErrUnknownRegion:   {Text: "a", Region: "Europe"},
		ErrInvalidScore:    {Text: "a", MinScore: 1.5},
	} {
		spans, err := d.Scan(nil, r)
		assert.ErrorIs(t, err, want)
		assert.Empty(t, spans)
	}
}

func TestACleanSegmentCostsNoAllocation(t *testing.T) {
	d := New(Options{})
	s := new(scan)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		r := Request{Text: cleanSegment, Language: "en"}
		if err := s.begin(d, &r); err != nil {
			t.Fatal(err)
		}
		for _, stage := range stages {
			stage(s)
		}
		s.end()
	}))
}

// stepsAByte bounds the rows of digits that are looked at, for each byte.
const stepsAByte = 30

func TestTheWorkGrowsWithTheLengthOnly(t *testing.T) {
	d := New(Options{})
	for _, one := range []string{"1", "a", "A", "@", ".", ":", "-", " ", "1 ", "1-", "a1", "12.", "1@", "a.", "é", "+1", "(1)", "a:", "1/", "AB ", "0 ", "A1 ",
		"9", "Z", "_", ",", "/", "+", "'", "\u0301", "e\u0301", "\u200b", "１", "12, ", "1 - ", "1  ", "Via Roma 1 ", "12 rue de la ", "12 Baker ", "de89 ", "C/ ",
		"Am Alten Markt 3, ", "4111 1111 1111 1111, ", "abc 123456 ", "www.", "a@b.", "0171 "} {
		s, size := new(scan), 64<<10
		if len(one) == 1 {
			size = MaxText
		}
		r := Request{Text: strings.Repeat(one, size/len(one))}
		require.NoError(t, s.begin(d, &r))
		writtenStage(s)
		assert.LessOrEqual(t, s.written.steps, stepsAByte*len(r.Text), "%q", one)
	}
}

func FuzzWritten(f *testing.F) {
	for _, l := range benchLines {
		f.Add(l, true)
	}
	for _, l := range []string{
		"my mum, Doreen Whitlock, the one ending 3456", "lieu-dit Les Charmes 3, 24220 Saint-Cyprien", "car reg ab 12 cde, swift deutdeff", "né en mai 1971, Straße des 17. Juni 135",
		"john smith one at gmail", "we live at Rose Cottage, Mill Lane, GL7 5NL", "o'neill at home, Unit 7, Castle Park, Stirling FK9 4TZ",
	} {
		f.Add(l, false)
	}
	f.Add("\u0301\u200b4012\u0660", false)
	d := New(Options{})
	known := Known{
		Names: []string{"Anna O'Neill", "Bas ter Braak"}, Phones: []string{"+44 7700 903456"}, Emails: []string{"a.b@example.org"}, Bookings: []string{"KP20RS"},
		Addresses: []string{"Birkenstraße 9, 28195 Bremen"},
	}
	f.Fuzz(func(t *testing.T, text string, typed bool) {
		plain := Request{Text: text, MinScore: -1}
		if typed {
			plain.Entities = Types()
		}
		for _, r := range []Request{plain, {Text: text, Known: known, Expect: []Type{Person, Address}}} {
			spans, err := d.Scan(nil, r)
			if err != nil {
				return
			}
			at := 0
			for _, s := range spans {
				if s.Start < at || s.End <= s.Start || s.End > len(text) || len([]rune(text[:s.Start])) != s.RuneStart || len([]rune(text[:s.End])) != s.RuneEnd {
					t.Fatalf("span %+v", s)
				}
				at = s.End
			}
		}
	})
}
