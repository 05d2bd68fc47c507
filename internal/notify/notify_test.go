package notify_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/internal/notify"
)

func mail() notify.Message {
	return notify.Message{
		ID: "01JD3Z8Q4X0000000000000000", Channel: notify.Email, To: "guest@example.org", From: "Hotel Aurora",
		Language: "de", Subject: "Ihre Buchung", Text: "Guten Tag", HTML: "<p>Guten Tag</p>",
	}
}

func sms() notify.Message {
	return notify.Message{ID: "01JD3Z8Q4X0000000000000000", Channel: notify.SMS, To: "+493055501234", Text: "480113"}
}

func TestBadMessagesAreRefusedForGood(t *testing.T) {
	t.Parallel()
	require.NoError(t, mail().Validate())
	require.NoError(t, sms().Validate())
	list := strings.TrimSuffix(strings.Repeat("guest@example.org,", 1000), ",")
	for name, tc := range map[string]struct {
		base    notify.Message
		edit    func(*notify.Message)
		problem notify.Problem
	}{
		"a header in the subject":  {mail(), func(m *notify.Message) { m.Subject = "Hi\r\nBcc: all@example.org" }, notify.ProblemContent},
		"a bare line feed":         {mail(), func(m *notify.Message) { m.Subject = "Hi\nBcc: all@example.org" }, notify.ProblemContent},
		"a line of Unicode":        {mail(), func(m *notify.Message) { m.Subject = "Hi\u2028Bcc: all@example.org" }, notify.ProblemContent},
		"a header in the name":     {mail(), func(m *notify.Message) { m.From = "Aurora\r\nBcc: all@example.org" }, notify.ProblemContent},
		"a header in the language": {mail(), func(m *notify.Message) { m.Language = "de\r\nX: y" }, notify.ProblemContent},
		"a header in the id":       {mail(), func(m *notify.Message) { m.ID = "1>\r\nX: y" }, notify.ProblemContent},
		"a thousand recipients":    {mail(), func(m *notify.Message) { m.To = list }, notify.ProblemAddress},
		"two recipients":           {mail(), func(m *notify.Message) { m.To = "a@example.org,b@example.org" }, notify.ProblemAddress},
		"a name around it":         {mail(), func(m *notify.Message) { m.To = "Guest <guest@example.org>" }, notify.ProblemAddress},
		"no subject":               {mail(), func(m *notify.Message) { m.Subject = "" }, notify.ProblemContent},
		"a subject of a novel":     {mail(), func(m *notify.Message) { m.Subject = strings.Repeat("a", notify.MaxSubject+1) }, notify.ProblemContent},
		"no text":                  {mail(), func(m *notify.Message) { m.Text = "" }, notify.ProblemContent},
		"a huge text":              {mail(), func(m *notify.Message) { m.Text = strings.Repeat("a", notify.MaxText+1) }, notify.ProblemContent},
		"huge HTML":                {mail(), func(m *notify.Message) { m.HTML = strings.Repeat("a", notify.MaxHTML+1) }, notify.ProblemContent},
		"broken UTF-8":             {mail(), func(m *notify.Message) { m.Text = "a\xff" }, notify.ProblemContent},
		"a null":                   {mail(), func(m *notify.Message) { m.Text = "a\x00b" }, notify.ProblemContent},
		"no channel":               {mail(), func(m *notify.Message) { m.Channel = "" }, notify.ProblemContent},
		"a number with blanks":     {sms(), func(m *notify.Message) { m.To = "+49 30 555" }, notify.ProblemAddress},
		"two numbers":              {sms(), func(m *notify.Message) { m.To = "+493055501234,+493055501235" }, notify.ProblemAddress},
		"a number without country": {sms(), func(m *notify.Message) { m.To = "030 5550" }, notify.ProblemAddress},
		"an SMS with a subject":    {sms(), func(m *notify.Message) { m.Subject = "Hi" }, notify.ProblemContent},
		"an SMS of five parts":     {sms(), func(m *notify.Message) { m.Text = strings.Repeat("a", 4*153+1) }, notify.ProblemContent},
	} {
		t.Run(name, func(t *testing.T) {
			m := tc.base
			tc.edit(&m)
			err := m.Validate()
			require.ErrorIs(t, err, notify.ErrPermanent)
			require.Equal(t, tc.problem, notify.ProblemOf(err))
			require.NotContains(t, err.Error(), "example.org")
			require.NotContains(t, err.Error(), "4930")
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"guest@example.org":               "guest@example.org",
		"First.Last+tag@Example.ORG":      "First.Last+tag@example.org",
		"o'hara@mail.example.co.uk":       "o'hara@mail.example.co.uk",
		"gast@bücher.example":             "gast@xn--bcher-kva.example",
		"用户@例子.example":                   "用户@xn--fsqu00a.example",
		"jos\u0065\u0301@example.org":     "jos\u00e9@example.org", // composed
		strings.Repeat("a", 64) + "@b.de": strings.Repeat("a", 64) + "@b.de",
	} {
		a, err := notify.ParseEmail(address)
		require.NoError(t, err, address)
		require.Equal(t, want, a.String())
	}
	international, err := notify.ParseEmail("用户@例子.example")
	require.NoError(t, err)
	require.True(t, international.International())
	for _, bad := range []string{
		"", "@", "a@", "@b.de", "a@b", "a@@b.de", "a@b@c.de", "a b@c.de", " a@b.de", "a@b.de ", "a@b.de\n", "a\r\n@b.de",
		".a@b.de", "a.@b.de", "a..b@c.de", `"a b"@c.de`, "<a@b.de>", "A <a@b.de>", "a@b.de,c@d.de", "a@[127.0.0.1]", "a@127.0.0.1",
		"a@-b.de", "a@b-.de", "a@b..de", "a@.de", "a@b.de.", "a(c)@b.de", "a@b.de(c)", "a\u200b@b.de", "a\u202e@b.de", "a@b.\xff",
		strings.Repeat("a", 65) + "@b.de", "a@" + strings.Repeat("b", 64) + ".de", "a@" + strings.Repeat("b.", 126) + "de",
	} {
		_, err := notify.ParseEmail(bad)
		require.ErrorIs(t, err, notify.ErrAddress, "%q", bad)
	}
	for _, good := range []string{"+493055501234", "+12125550123", "+3531234567"} {
		_, err := notify.ParsePhone(good)
		require.NoError(t, err)
	}
	for _, bad := range []string{"", "+", "493055501234", "+0493055501", "+49 30 5550", "+49305550123456789", "+4930555x", "+493055501234\n", "tel:+493055501234"} {
		_, err := notify.ParsePhone(bad)
		require.ErrorIs(t, err, notify.ErrAddress, "%q", bad)
	}
}

// FuzzParseEmail: whatever passes can stand on an envelope and in a header, and
// reads the same again.
func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{"guest@example.org", "a@b.de\r\nBcc: c@d.de", "用户@例子.example", `"a"@b.de`, "a@xn--.de", "a@b.de, c@d.de"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := notify.ParseEmail(s)
		if err != nil {
			require.ErrorIs(t, err, notify.ErrAddress)
			return
		}
		text := a.String()
		require.LessOrEqual(t, len(text), 254)
		require.True(t, utf8.ValidString(text))
		require.Equal(t, 1, strings.Count(text, "@"))
		require.False(t, strings.ContainsAny(text, "\r\n\t <>,;:\"()[]\\\x00"), "%q", text)
		again, err := notify.ParseEmail(text)
		require.NoError(t, err, "%q", text)
		require.Equal(t, a, again)
	})
}

// FuzzValidate: no message that passes can break a line of its header.
func FuzzValidate(f *testing.F) {
	f.Add("Subject", "Aurora", "de", "id-1")
	f.Add("S\r\nBcc: a@b.de", "A\nX: y", "de\r\n", "1\r\n")
	f.Fuzz(func(t *testing.T, subject, from, language, id string) {
		m := mail()
		m.Subject, m.From, m.Language, m.ID = subject, from, language, id
		if m.Validate() == nil {
			require.False(t, strings.ContainsAny(subject+from+language+id, "\r\n\x00\u2028\u2029"))
		}
	})
}

func TestSegments(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text     string
		encoding notify.Encoding
		parts    int
	}{
		{"", notify.GSM7, 1},
		{strings.Repeat("a", 160), notify.GSM7, 1},
		{strings.Repeat("a", 161), notify.GSM7, 2},
		{strings.Repeat("a", 306), notify.GSM7, 2},
		{strings.Repeat("a", 307), notify.GSM7, 3},
		{strings.Repeat("€", 80), notify.GSM7, 1},
		{strings.Repeat("€", 81), notify.GSM7, 2},
		// 153 has no room for a half: 76 of them fit into a part.
		{strings.Repeat("€", 152), notify.GSM7, 2},
		{strings.Repeat("€", 153), notify.GSM7, 3},
		{"Grüße, ñ, à, Ç, £ und [x]", notify.GSM7, 1},
		{"zażółć", notify.UCS2, 1},
		{"ç", notify.UCS2, 1}, // only the capital is in the alphabet
		{strings.Repeat("ł", 70), notify.UCS2, 1},
		{strings.Repeat("ł", 71), notify.UCS2, 2},
		{strings.Repeat("ł", 135), notify.UCS2, 3},
		{strings.Repeat("😀", 35), notify.UCS2, 1},
		{strings.Repeat("😀", 36), notify.UCS2, 2},
		{strings.Repeat("😀", 67), notify.UCS2, 3}, // 33 pairs fit into a part of 67
	} {
		encoding, parts := notify.Segments(tc.text)
		require.Equal(t, tc.encoding, encoding, "%q", tc.text)
		require.Equal(t, tc.parts, parts, "%q", tc.text)
	}
}

func TestMoreTextNeverTakesFewerParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SampledFrom([]rune("aé€{ł😀\n"))
		text := rapid.StringOf(letters).Draw(t, "text")
		_, before := notify.Segments(text)
		_, after := notify.Segments(text + string(letters.Draw(t, "more")))
		require.GreaterOrEqual(t, after, before)
		require.GreaterOrEqual(t, before, 1)
	})
}

type sender struct{ err error }

func (s sender) Send(context.Context, notify.Message) (notify.Receipt, error) {
	return notify.Receipt{Provider: "x", Reference: "y"}, s.err
}

func TestASwitchSendsByChannel(t *testing.T) {
	t.Parallel()
	s := notify.Switch{notify.Email: sender{}}
	receipt, err := s.Send(t.Context(), mail())
	require.NoError(t, err)
	require.Len(t, receipt.Digest(), 32)
	_, err = s.Send(t.Context(), sms())
	require.ErrorIs(t, err, notify.ErrTemporary)
	require.ErrorIs(t, err, notify.ErrNoChannel)
	require.Equal(t, notify.ProblemConfiguration, notify.ProblemOf(err))
	_, err = s.Find(t.Context(), mail())
	require.ErrorIs(t, err, notify.ErrNoRecords)
}

func TestAnErrorThatTellsNothingIsUnknown(t *testing.T) {
	t.Parallel()
	require.Equal(t, notify.ErrUnknown, notify.OutcomeOf(errors.New("?")))
	require.Equal(t, notify.ProblemLost, notify.ProblemOf(errors.New("?")))
}
