package letters_test

import (
	"errors"
	"html"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/config/messages"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/notify"
)

func load(t testing.TB) *letters.Letters {
	t.Helper()
	l, err := letters.New()
	require.NoError(t, err)
	return l
}

var aurora = letters.Hotel{Name: "Hotel Aurora", Phone: "+493055501234", Country: "DE", Languages: []string{"de", "en"}}

func order(data letters.Data, language string) letters.Order {
	return letters.Order{Hotel: aurora, Languages: []string{language}, Channel: notify.Email, Data: data}
}

func write(t testing.TB, l *letters.Letters, o letters.Order) letters.Letter {
	t.Helper()
	letter, err := l.Write(o)
	require.NoError(t, err)
	return letter
}

// tags takes the HTML away, to compare what is left with the plain text.
var tags = regexp.MustCompile(`(?s)<(head|title|style).*?</(head|title|style)>|<[^>]*>`)

func shown(markup string) string { return html.UnescapeString(tags.ReplaceAllString(markup, " ")) }

func TestEveryKindInEveryLanguageIsWhole(t *testing.T) {
	t.Parallel()
	l := load(t)
	for _, name := range letters.Languages() {
		for _, data := range letters.Samples() {
			t.Run(name+"/"+string(data.Kind()), func(t *testing.T) {
				letter := write(t, l, order(data, name))
				require.Equal(t, name, letter.Language)
				require.Contains(t, letter.Subject, identity(data))
				for form, text := range map[string]string{"text": letter.Text, "HTML": shown(letter.HTML)} {
					for _, fact := range facts(data) {
						require.Contains(t, text, fact, form)
					}
					require.NotContains(t, text, "{{", form)
					require.NotContains(t, text, "<no value>", form)
					require.NotContains(t, text, "%!", form)
					require.Contains(t, text, aurora.Name, form)
					require.Contains(t, text, aurora.Phone, form)
				}
				require.Contains(t, letter.HTML, `lang="`+name+`"`)
				require.NoError(t, notify.Message{
					ID: "1", Channel: notify.Email, To: "a@example.org", From: aurora.Name, Language: letter.Language,
					Subject: letter.Subject, Text: letter.Text, HTML: letter.HTML,
				}.Validate())
			})
		}
	}
}

// identity is by what the subject tells a message from others.
func identity(data letters.Data) string {
	switch d := data.(type) {
	case letters.Confirmation:
		return d.Reference
	case letters.Change:
		return d.Reference
	case letters.Cancellation:
		return d.Reference
	case letters.Code:
		return aurora.Name
	}
	return "DS-2027-14"
}

// facts are values that a letter must show as they are, in any language.
func facts(data letters.Data) []string {
	switch d := data.(type) {
	case letters.Code:
		return []string{d.Code, "10"}
	case letters.Confirmation:
		return []string{d.Reference, "2027", "BER-DBL", "EUR", "2 "}
	case letters.Change:
		return []string{d.Reference, "2027", "BER-DBL", "EUR"}
	case letters.Cancellation:
		return []string{d.Reference, "EUR", "90"}
	case letters.Receipt:
		return []string{d.Case, "31", "28"}
	case letters.Extension:
		return []string{d.Case, "30", "12"}
	case letters.Refusal:
		return []string{d.Case, "48 + 2.", "12", "15", "17", "21", "https://www.bfdi.bund.de"}
	case letters.Completion:
		return []string{d.Case, d.Link, "2035", "2030", "https://www.bfdi.bund.de"}
	case letters.Certificate:
		return []string{d.Case, d.Fingerprint, d.Link, "2035"}
	case letters.Partly:
		return []string{d.Case, "28", "17", "2035", "https://www.bfdi.bund.de"}
	case letters.Deferral:
		return []string{d.Case, "28", "https://www.bfdi.bund.de"}
	case letters.Lifting:
		return []string{d.Case, "28"}
	}
	return []string{"no such data"}
}

// alike are words that mean the same in English and in the other language, or
// are names.
var alike = map[string][]string{
	"de": {"hotel", "aurora", "code", "gdpr", "sha", "april", "person"},
	"fr": {"hotel", "aurora", "code", "sha", "article", "minutes", "certificate", "question", "questions", "excessive", "total", "protection", "copies", "articles"},
	"es": {"hotel", "aurora", "sha", "final"},
	"it": {"hotel", "aurora", "gdpr", "sha", "data"},
	"nl": {"hotel", "aurora", "code", "april", "sha", "complex", "december"},
	"pl": {"hotel", "aurora", "sha"},
}

var words = regexp.MustCompile(`\p{L}{3,}`)

func vocabulary(t *testing.T, l *letters.Letters, language string) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	hotel := aurora
	hotel.Country = "XX" // its authority's name is not ours to translate
	for _, data := range letters.Samples() {
		o := order(data, language)
		o.Hotel = hotel
		letter := write(t, l, o)
		text := letter.Subject + " " + letter.Text
		o.Channel = notify.SMS
		if short, err := l.Write(o); err == nil {
			text += " " + short.Text
		}
		authority := l.AuthorityOf(hotel.Country)
		for _, foreign := range []string{authority.Name, authority.URL, "https://aurora.example/v1/exports/abc"} {
			text = strings.ReplaceAll(text, foreign, "")
		}
		for _, word := range words.FindAllString(strings.ToLower(text), -1) {
			known[word] = true
		}
	}
	return known
}

func TestNoEnglishSlipsIntoOtherLanguages(t *testing.T) {
	t.Parallel()
	l := load(t)
	english := vocabulary(t, l, "en")
	require.Greater(t, len(english), 100)
	for _, name := range letters.Languages()[1:] {
		for word := range vocabulary(t, l, name) {
			// Data of the samples is the same in all languages.
			data := slices.Contains([]string{"xpgmsxgf", "ber", "dbl", "eur"}, word)
			if english[word] && !data && !slices.Contains(alike[name], word) {
				t.Errorf("%s uses the English word %q", name, word)
			}
		}
	}
}

func TestTextMessagesFit(t *testing.T) {
	t.Parallel()
	l := load(t)
	hotel := aurora
	hotel.Name = strings.Repeat("Grand Hotel ", 3)[:35]
	for _, name := range letters.Languages() {
		for _, data := range letters.Samples() {
			o := order(data, name)
			o.Hotel, o.Channel = hotel, notify.SMS
			letter, err := l.Write(o)
			if errors.Is(err, letters.ErrChannel) {
				require.True(t, data.Kind().OfCase(), "a booking or a code can go by SMS")
				continue
			}
			require.NoError(t, err)
			require.Empty(t, letter.Subject+letter.HTML)
			encoding, parts := notify.Segments(letter.Text)
			require.LessOrEqual(t, parts, 3, "%s %s by %s: %s", name, data.Kind(), encoding, letter.Text)
			if name == "en" || name == "de" || name == "nl" || name == "it" {
				require.Equal(t, notify.GSM7, encoding, "%s %s: %s", name, data.Kind(), letter.Text)
			}
		}
	}
}

func TestDatesAmountsAndPlurals(t *testing.T) {
	t.Parallel()
	l := load(t)
	for name, want := range map[string][]string{
		"en": {"1 March 2027", "EUR 1,234.50", "2 nights", "2 guests"},
		"de": {"1. März 2027", "1.234,50 EUR", "2 Nächte", "2 Gäste"},
		"fr": {"1er mars 2027", "1\u202f234,50 EUR", "2 nuits", "2 personnes"},
		"es": {"1 de marzo de 2027", "1.234,50 EUR", "2 noches", "2 huéspedes"},
		"it": {"1 marzo 2027", "1.234,50 EUR", "2 notti", "2 ospiti"},
		"nl": {"1 maart 2027", "1.234,50 EUR", "2 nachten", "2 gasten"},
		"pl": {"1 marca 2027 r.", "1\u00a0234,50 EUR", "2 noce", "2 osoby"},
	} {
		letter := write(t, l, order(letters.Samples()[1], name))
		for _, text := range want {
			require.Contains(t, letter.Text, text, name)
		}
	}
	confirmation := letters.Samples()[1].(letters.Confirmation)
	for nights, want := range map[int]string{1: "1 noc)", 4: "4 noce)", 5: "5 nocy)", 12: "12 nocy)", 22: "22 noce)"} {
		confirmation.Departure = confirmation.Arrival.AddDays(nights)
		require.Contains(t, write(t, l, order(confirmation, "pl")).Text, want)
	}
	confirmation.Departure = confirmation.Arrival.AddDays(1)
	confirmation.Total = pms.Money{Amount: 1234567, Currency: "JPY"}
	require.Contains(t, write(t, l, order(confirmation, "en")).Text, "JPY 1,234,567\n", "a currency without cents")
	require.Contains(t, write(t, l, order(confirmation, "en")).Text, "1 night)")
	cancellation := letters.Samples()[3].(letters.Cancellation)
	cancellation.Fee = pms.Money{}
	require.Contains(t, write(t, l, order(cancellation, "de")).Text, "Stornogebühr: keine")
	cancellation.FeeUnknown = true
	for _, name := range letters.Languages() {
		o := order(cancellation, name)
		known := cancellation
		known.FeeUnknown = false
		letter := write(t, l, o)
		require.Equal(t, strings.Count(write(t, l, order(known, name)).Text, "\n")-1, strings.Count(letter.Text, "\n"), "a line less in %s", name)
		o.Channel = notify.SMS
		text := write(t, l, o).Text
		require.True(t, strings.HasSuffix(text, "."), "%s: %s", name, text)
	}
}

func TestLettersTellHowToReachTheHotel(t *testing.T) {
	t.Parallel()
	l := load(t)
	full := aurora
	full.Email, full.Address, full.Privacy = "reception@aurora.example", "Lichtweg 1, 10115 Berlin", "privacy@aurora.example"
	for _, name := range letters.Languages() {
		for _, data := range letters.Samples() {
			o := order(data, name)
			bare := write(t, l, o)
			o.Hotel = full
			letter := write(t, l, o)
			for form, text := range map[string]string{"text": letter.Text, "HTML": shown(letter.HTML)} {
				require.Contains(t, text, full.Email, form)
				require.Contains(t, text, full.Address, form)
				require.Equal(t, data.Kind().OfCase(), strings.Contains(text, full.Privacy), "%s %s in %s", data.Kind(), form, name)
			}
			require.NotContains(t, bare.Text, "Lichtweg")
		}
	}
}

func TestLanguageIsChosenInOrder(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		wanted, hotel []string
		want          string
	}{
		"the guest's":            {[]string{"fr"}, []string{"de"}, "fr"},
		"a region of it":         {[]string{"de-AT"}, []string{"en"}, "de"},
		"the guest's second":     {[]string{"ja", "nl"}, []string{"de"}, "nl"},
		"the hotel's":            {[]string{"ja"}, []string{"de"}, "de"},
		"the hotel's second":     {nil, []string{"cs", "pl"}, "pl"},
		"English when none":      {[]string{"ja"}, []string{"cs"}, "en"},
		"a language nobody has":  {[]string{"xx"}, nil, "en"},
		"a broken hotel's entry": {nil, []string{"???", "it"}, "it"},
	} {
		got, err := letters.Choose(tc.wanted, tc.hotel)
		require.NoError(t, err, name)
		require.Equal(t, tc.want, got, name)
	}
	_, err := letters.Choose([]string{"de\r\nBcc: x"}, nil)
	require.ErrorIs(t, err, letters.ErrLanguage)
}

func TestWhatTheLawDemandsCannotBeLeftOut(t *testing.T) {
	t.Parallel()
	l := load(t)
	for _, data := range letters.Samples() {
		letter := write(t, l, order(data, "en"))
		complaint := strings.Contains(letter.Text, "lodge a complaint") && strings.Contains(letter.Text, "go to court")
		switch data.(type) {
		case letters.Refusal, letters.Completion, letters.Certificate, letters.Partly, letters.Deferral:
			require.True(t, complaint, "%s", data.Kind())
		default:
			require.False(t, complaint, "%s", data.Kind())
		}
	}
	whole := letters.Samples()[7].(letters.Completion)
	whole.Kept = nil
	require.NotContains(t, write(t, l, order(whole, "en")).Text, "complaint", "nothing was refused")
	o := order(letters.Samples()[6], "en")
	o.Sentence = "Our spa is open again, {{.Data.Case}} <b>really</b>."
	letter := write(t, l, o)
	require.Contains(t, letter.Text, "lodge a complaint")
	require.Contains(t, letter.Text, o.Sentence, "a sentence is text, and no template")
	require.NotContains(t, letter.HTML, "<b>really</b>")
	for _, bad := range []string{"two\nlines", " blank", strings.Repeat("x", letters.MaxSentence+1), "\x00"} {
		o.Sentence = bad
		_, err := l.Write(o)
		require.ErrorIs(t, err, letters.ErrSentence)
	}
}

func TestDataCannotBecomeMarkup(t *testing.T) {
	t.Parallel()
	l := load(t)
	refusal := letters.Samples()[6].(letters.Refusal)
	refusal.Explanation = `<script>alert(1)</script><img src="https://evil.example/x">`
	letter := write(t, l, order(refusal, "en"))
	require.NotContains(t, letter.HTML, "<script")
	require.NotContains(t, letter.HTML, "<img")
	o := order(letters.Samples()[1], "en")
	o.Hotel.Name = `A"><script>`
	require.NotContains(t, write(t, l, o).HTML, "<script")
}

func TestIncompleteDataIsRefused(t *testing.T) {
	t.Parallel()
	l := load(t)
	base := letters.Samples()
	for name, data := range map[string]letters.Data{
		"none":                 nil,
		"no code":              letters.Code{Minutes: 5},
		"a code of letters":    letters.Code{Code: "abcdef", Minutes: 5},
		"no reference":         letters.Confirmation{},
		"a reference of lines": change(base[1], func(c *letters.Confirmation) { c.Reference = "A\r\nBcc: b@example.org" }),
		"departed before":      change(base[1], func(c *letters.Confirmation) { c.Departure = c.Arrival.AddDays(-1) }),
		"no rooms":             change(base[1], func(c *letters.Confirmation) { c.Rooms = nil }),
		"a room of lines":      change(base[1], func(c *letters.Confirmation) { c.Rooms = []string{"a\nb"} }),
		"no reasons":           change(base[6], func(r *letters.Refusal) { r.Reasons = nil }),
		"an unknown reason":    change(base[6], func(r *letters.Refusal) { r.Reasons = []string{"we do not like it"} }),
		"an unknown right":     change(base[6], func(r *letters.Refusal) { r.Right = "anything" }),
		"a reason of the other": change(base[5], func(e *letters.Extension) {
			e.Reasons = []string{"legal_claims"}
		}),
		"a link of scripts":    change(base[7], func(c *letters.Completion) { c.Link = "javascript:alert(1)" }),
		"a link without end":   change(base[7], func(c *letters.Completion) { c.LinkUntil = pms.Date{} }),
		"an unknown kept":      change(base[7], func(c *letters.Completion) { c.Kept[0].What = "all" }),
		"no fingerprint":       change(base[8], func(c *letters.Certificate) { c.Fingerprint = "" }),
		"final before erasure": change(base[8], func(c *letters.Certificate) { c.Final = c.Erased.AddDays(-1) }),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := l.Write(order(data, "en"))
			require.ErrorIs(t, err, letters.ErrData)
			_, err = letters.Encode(data)
			require.ErrorIs(t, err, letters.ErrData)
		})
	}
}

func change[T letters.Data](data letters.Data, edit func(*T)) T {
	typed := data.(T)
	if c, ok := any(&typed).(*letters.Completion); ok {
		c.Kept = slices.Clone(c.Kept)
	}
	edit(&typed)
	return typed
}

func TestDataSurvivesItsJSON(t *testing.T) {
	t.Parallel()
	require.Len(t, letters.Samples(), len(letters.Kinds()))
	for i, data := range letters.Samples() {
		require.Equal(t, letters.Kinds()[i], data.Kind())
		text, err := letters.Encode(data)
		require.NoError(t, err)
		back, err := letters.Decode(data.Kind(), text)
		require.NoError(t, err)
		require.Equal(t, data, back)
	}
	_, err := letters.Decode("none", []byte("{}"))
	require.ErrorIs(t, err, letters.ErrData)
	_, err = letters.Decode(letters.KindCode, []byte(`{"code": 5}`))
	require.ErrorIs(t, err, letters.ErrData)
}

// TestFlawsOfTextsAreFoundWhenLoading breaks one file at a time.
func TestFlawsOfTextsAreFoundWhenLoading(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string][2]string{
		"a field that no data has":    {"{{.Data.Code}}", "{{.Data.Kode}}"},
		"a function that is none":     {"{{date .Data.Due}}", "{{day .Data.Due}}"},
		"a text that is missing":      {"closing: \"Kind regards\"\n", ""},
		"a text that nobody reads":    {"greeting:", "salutation: x\ngreeting:"},
		"a plural that is missing":    {"one: \"{{.}} night\", ", ""},
		"a plural that is none":       {"one: \"{{.}} night\"", "single: \"{{.}} night\""},
		"a month that is missing":     {"January, ", ""},
		"a complaint without address": {"{{.Authority.URL}}", ""},
		"a kind that is missing":      {"  dsar_refused:", "  dsar_denied:"},
		"a block that is two things":  {"- list: reasons\n      - note", "- list: reasons\n        note"},
		"a part that is left out":     {"      - text: \"We look forward to your stay.\"\n", ""},
		"another language":            {"language: en", "language: de"},
		"no YAML":                     {"months: [", "months: ["[:4] + "["},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			require.NoError(t, fs.WalkDir(messages.Files, ".", func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				content, err := fs.ReadFile(messages.Files, path)
				if path == "en.yaml" {
					require.Contains(t, string(content), edit[0])
					content = []byte(strings.Replace(string(content), edit[0], edit[1], 1))
				}
				files[path] = &fstest.MapFile{Data: content}
				return err
			}))
			_, err := letters.Load(files, messages.Authorities)
			require.ErrorIs(t, err, letters.ErrTexts)
		})
	}
	_, err := letters.Load(messages.Files, []byte("DE: {name: x, url: y}"))
	require.ErrorIs(t, err, letters.ErrTexts)
}
