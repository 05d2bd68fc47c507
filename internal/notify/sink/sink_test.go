package sink_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/email"
	"github.com/voicehive/voicehive/internal/notify/seven"
	"github.com/voicehive/voicehive/internal/notify/sink"
)

func start(t *testing.T, o sink.Options) *sink.Sink {
	t.Helper()
	s, err := sink.Start(o)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// senders are the product's own, pointed at the sink.
func senders(t *testing.T, s *sink.Sink) notify.Switch {
	t.Helper()
	mail, err := email.New(email.Options{URL: s.MailURL(), From: "post@aurora.example"})
	require.NoError(t, err)
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte("any"), 0o600))
	sms, err := seven.New(seven.Options{URL: s.SMSURL() + "?from=Aurora", KeyFile: key})
	require.NoError(t, err)
	t.Cleanup(sms.Close)
	return notify.Switch{notify.Email: mail, notify.SMS: sms}
}

func letter(id string) notify.Message {
	return notify.Message{
		ID: id, Channel: notify.Email, To: "guest@example.org", From: "Hôtel Aurora", Language: "fr", Subject: "Réservation confirmée",
		Text: "Bonjour,\nà bientôt !", HTML: `<p>Bonjour</p><script>alert(1)</script><img src="https://evil.example/x">`,
	}
}

func text(id string) notify.Message {
	return notify.Message{ID: id, Channel: notify.SMS, To: "+493055501234", Text: "Ihr Code: 480113 ł"}
}

func request(t *testing.T, s *sink.Sink, method, path, body string, edit func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.PageURL()+path, strings.NewReader(body))
	require.NoError(t, err)
	if edit != nil {
		edit(r)
	}
	client := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(content)
}

func TestTheProductsOwnSendersReachTheSink(t *testing.T) {
	t.Parallel()
	s := start(t, sink.Options{})
	send := senders(t, s)
	for _, m := range []notify.Message{letter("m1"), text("m2"), letter("m1")} {
		_, err := send.Send(t.Context(), m)
		require.NoError(t, err)
	}
	all := s.Messages()
	require.Len(t, all, 3)
	mail, sms, again := all[0], all[1], all[2]
	require.Equal(t, []string{"guest@example.org"}, mail.To)
	require.Equal(t, "Hôtel Aurora <post@aurora.example>", mail.From)
	require.Equal(t, letter("").Subject, mail.Subject)
	require.Equal(t, letter("").Text, strings.TrimSuffix(mail.Text, "\n"))
	require.Equal(t, letter("").HTML, strings.TrimSuffix(mail.HTML, "\n"))
	require.Equal(t, "m1@aurora.example", mail.ID)
	require.Equal(t, "fr", mail.Language)
	require.False(t, mail.Copy)
	require.True(t, again.Copy)
	require.Equal(t, text("").Text, sms.Text)
	require.Equal(t, "Aurora", sms.From)
	require.Equal(t, 1, sms.Segments)
	receipt, err := send.Find(t.Context(), text("m2"))
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(sms.Seq), receipt.Reference)
	_, err = send.Find(t.Context(), text("m9"))
	require.ErrorIs(t, err, notify.ErrNotFound)
}

func TestThePageShowsMessagesAndHoldsThemTight(t *testing.T) {
	t.Parallel()
	s := start(t, sink.Options{})
	_, body := request(t, s, http.MethodGet, "/", "", nil)
	require.Contains(t, body, "No messages yet")
	require.Contains(t, body, s.MailURL())
	send := senders(t, s)
	for _, m := range []notify.Message{letter("m1"), text("m2")} {
		_, err := send.Send(t.Context(), m)
		require.NoError(t, err)
	}
	var response *http.Response
	response, body = request(t, s, http.MethodGet, "/?message=1", "", nil)
	require.Contains(t, body, "Réservation confirmée")
	require.Contains(t, body, `<iframe sandbox title="The message as HTML" src="/messages/1/html">`)
	require.NotContains(t, body, "<script>alert")
	require.Contains(t, response.Header.Get("Content-Security-Policy"), "default-src 'none'")
	require.NotContains(t, response.Header.Get("Content-Security-Policy"), "unsafe")
	response, body = request(t, s, http.MethodGet, "/messages/1/html", "", nil)
	require.Contains(t, body, "<p>Bonjour</p>")
	policy := response.Header.Get("Content-Security-Policy")
	require.True(t, strings.HasPrefix(policy, "sandbox; default-src 'none'"), "no script, no form, nothing loaded: %s", policy)
	_, body = request(t, s, http.MethodGet, "/", "", nil)
	require.Contains(t, body, "480113", "the newest is open")
	for _, path := range []string{"/page.css", "/page.js"} {
		response, _ = request(t, s, http.MethodGet, path, "", nil)
		require.Equal(t, http.StatusOK, response.StatusCode)
	}
	for _, path := range []string{"/messages/2/html", "/messages/9/html", "/messages/x/html", "/other"} {
		response, _ = request(t, s, http.MethodGet, path, "", nil)
		require.Equal(t, http.StatusNotFound, response.StatusCode, path)
	}
	var newer []sink.Received
	_, body = request(t, s, http.MethodGet, "/messages.json?after=1", "", nil)
	require.NoError(t, json.Unmarshal([]byte(body), &newer))
	require.Len(t, newer, 1)
	response, _ = request(t, s, http.MethodPost, "/clear", "", nil)
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	require.Empty(t, s.Messages())
}

func TestThePageIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	s := start(t, sink.Options{})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.PageURL(), "http://"))
	require.NoError(t, err)
	for host, want := range map[string]int{
		"127.0.0.1:" + port: http.StatusOK, "localhost:" + port: http.StatusOK,
		"evil.example:" + port: http.StatusMisdirectedRequest, "127.0.0.1": http.StatusMisdirectedRequest, "": http.StatusOK, // empty: the client's own
	} {
		response, body := request(t, s, http.MethodGet, "/messages.json", "", func(r *http.Request) { r.Host = host })
		require.Equal(t, want, response.StatusCode, host)
		if want != http.StatusOK {
			require.NotContains(t, body, "[")
		}
	}
	for _, path := range []string{"/clear", "/api/sms"} {
		response, _ := request(t, s, http.MethodPost, path, "to=%2B493055501234&text=x", func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Origin", "https://evil.example")
		})
		require.Equal(t, http.StatusForbidden, response.StatusCode, path)
	}
	require.Empty(t, s.Messages())
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:0", "example.org:0", "nonsense"} {
		_, err := sink.Start(sink.Options{HTTP: address})
		require.ErrorIs(t, err, sink.ErrNotLoopback, address)
		_, err = sink.Start(sink.Options{SMTP: address})
		require.ErrorIs(t, err, sink.ErrNotLoopback, address)
	}
}

func TestTheSinkKeepsTheLastOnly(t *testing.T) {
	t.Parallel()
	s := start(t, sink.Options{Keep: 2})
	send := senders(t, s)
	for _, id := range []string{"a", "b", "c"} {
		_, err := send.Send(t.Context(), text(id))
		require.NoError(t, err)
	}
	all := s.Messages()
	require.Len(t, all, 2)
	require.Equal(t, []int{2, 3}, []int{all[0].Seq, all[1].Seq})
}

func TestBadRequestsToTheGateway(t *testing.T) {
	t.Parallel()
	s := start(t, sink.Options{})
	form := func(pairs ...string) string {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		return values.Encode()
	}
	for name, tc := range map[string]struct {
		body, key, want string
	}{
		"no key":       {form("to", "+493055501234", "text", "x"), "", `"900"`},
		"no recipient": {form("text", "x"), "k", `"301"`},
		"no text":      {form("to", "+493055501234"), "k", `"305"`},
		"a group":      {form("to", "everybody", "text", "x"), "k", `"202"`},
		"a novel":      {form("to", "+493055501234", "text", strings.Repeat("x", 1521)), "k", `"401"`},
		"a flood":      {form("to", "+493055501234", "text", strings.Repeat("x", 1<<17)), "k", "want a form"},
	} {
		_, body := request(t, s, http.MethodPost, "/api/sms", tc.body, func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Api-Key", tc.key)
		})
		require.Equal(t, tc.want, strings.TrimSpace(body), name)
	}
	require.Empty(t, s.Messages())
}

// TestBadMail sends what no mail library would.
func TestBadMail(t *testing.T) {
	t.Parallel()
	s := start(t, sink.Options{})
	host := strings.TrimPrefix(s.MailURL(), "smtp://")
	deep := strings.Repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 50)
	for name, raw := range map[string]string{
		"no headers": "just text\r\n",
		"too deep":   deep,
		"cut off":    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi",
	} {
		err := smtp.SendMail(host, nil, "a@b.de", []string{"c@d.de"}, []byte(raw))
		require.ErrorContains(t, err, "554", name)
	}
	require.Error(t, smtp.SendMail(host, nil, "a@b.de", []string{"c@d.de"}, []byte("Subject: x\r\n\r\n"+strings.Repeat("x\r\n", 1<<19))), "too large")
	require.Empty(t, s.Messages())
	raw := "Subject: =?utf-8?q?caf=C3=A9?=\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+eDwvYj4=\r\n"
	require.NoError(t, smtp.SendMail(host, nil, "a@b.de", []string{"c@d.de"}, []byte(raw)))
	require.Equal(t, "café", s.Messages()[0].Subject)
	require.Equal(t, "<b>x</b>", s.Messages()[0].HTML)
}

// FuzzMail: no mail makes the sink fall over.
func FuzzMail(f *testing.F) {
	f.Add([]byte("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b--\r\n"))
	f.Add([]byte("Content-Transfer-Encoding: base64\r\n\r\n====\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := sink.ParseMail(raw)
		if err == nil {
			require.Equal(t, notify.Email, m.Channel)
		}
	})
}

// TestASinkEndsAtOnce: also when it had no time to begin.
func TestASinkEndsAtOnce(t *testing.T) {
	t.Parallel()
	for range 200 {
		s, err := sink.Start(sink.Options{})
		require.NoError(t, err)
		s.Close()
	}
}
