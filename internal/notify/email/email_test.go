package email_test

import (
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/email"
)

func letter() notify.Message {
	return notify.Message{
		ID: "01JD3Z8Q4X0000000000000000", Channel: notify.Email, To: "guest@example.org", From: "Hotel Aurora, Berlin",
		Language: "de", Subject: "Ihre Buchung: bestätigt",
		Text: "Guten Tag,\n.\n..\nbis bald — " + strings.Repeat("sehr ", 60) + "bald", HTML: "<p>Guten Tag</p>",
	}
}

func TestALetterArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	for name, implicit := range map[string]bool{"STARTTLS": false, "TLS from the start": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &relay{password: "s3cret"}
			r.start(t, true, implicit)
			file := filepath.Join(t.TempDir(), "password")
			require.NoError(t, os.WriteFile(file, []byte("s3cret\n"), 0o600))
			url := r.startTLS()
			if implicit {
				url = r.implicit()
			}
			url += "&user=aurora"
			s := r.sender(t, url, func(o *email.Options) { o.PasswordFile = file })
			require.Equal(t, "127.0.0.1:"+r.port, s.Address())
			receipt, err := s.Send(t.Context(), letter())
			require.NoError(t, err)
			require.Equal(t, "smtp", receipt.Provider)
			require.Equal(t, []bool{true}, r.secured)
			require.Equal(t, []string{"aurora"}, r.logins)
			require.Equal(t, []string{"guest@example.org"}, r.rcpts)
			require.Equal(t, []bool{false}, r.utf8, "not asked for without need")
			checkLetter(t, r.taken()[0])
		})
	}
}

func checkLetter(t *testing.T, raw string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	require.NoError(t, err)
	h := m.Header
	require.Equal(t, "<01JD3Z8Q4X0000000000000000@aurora.example>", h.Get("Message-ID"))
	require.Equal(t, "auto-generated", h.Get("Auto-Submitted"))
	require.Equal(t, "de", h.Get("Content-Language"))
	require.Equal(t, "<guest@example.org>", h.Get("To"))
	require.Empty(t, h.Get("X-Mailer")+h.Get("User-Agent"), "which software we use is nobody's business")
	from, err := h.AddressList("From")
	require.NoError(t, err)
	require.Equal(t, []*mail.Address{{Name: "Hotel Aurora, Berlin", Address: "post@aurora.example"}}, from)
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, letter().Subject, subject)
	_, err = h.Date()
	require.NoError(t, err)
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []string{letter().Text, letter().HTML} {
		part, err := parts.NextPart() // undoes quoted-printable
		require.NoError(t, err)
		body, err := io.ReadAll(part)
		require.NoError(t, err)
		require.Equal(t, want, strings.ReplaceAll(string(body), "\r\n", "\n"))
	}
}

func TestARepeatedLetterKeepsItsID(t *testing.T) {
	t.Parallel()
	r := &relay{}
	r.start(t, false, false)
	s := r.sender(t, r.clear(), nil)
	for range 2 {
		_, err := s.Send(t.Context(), letter())
		require.NoError(t, err)
	}
	require.Equal(t, []bool{false, false}, r.secured)
	for _, raw := range r.taken() {
		require.Contains(t, raw, "<01JD3Z8Q4X0000000000000000@aurora.example>")
	}
}

func TestWhatARelaysAnswersMean(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		faults  *relay
		outcome error
		problem notify.Problem
		code    string
	}{
		"unknown mailbox":       {&relay{onRcpt: answer(550, smtp.EnhancedCode{5, 1, 1})}, notify.ErrPermanent, notify.ProblemAddress, "550 5.1.1"},
		"greylisted":            {&relay{onRcpt: answer(451, smtp.EnhancedCode{4, 7, 1})}, notify.ErrTemporary, notify.ProblemBusy, "451 4.7.1"},
		"mailbox full for now":  {&relay{onRcpt: answer(452, smtp.EnhancedCode{4, 2, 2})}, notify.ErrTemporary, notify.ProblemBusy, "452 4.2.2"},
		"sender refused":        {&relay{onMail: answer(553, smtp.EnhancedCode{5, 7, 1})}, notify.ErrPermanent, notify.ProblemRefused, "553 5.7.1"},
		"login wanted":          {&relay{onMail: answer(530, smtp.EnhancedCode{5, 7, 0})}, notify.ErrTemporary, notify.ProblemLogin, "530 5.7.0"},
		"content refused":       {&relay{onEnd: answer(554, smtp.EnhancedCode{5, 7, 1})}, notify.ErrPermanent, notify.ProblemRefused, "554 5.7.1"},
		"not now, after DATA":   {&relay{onEnd: answer(451, smtp.EnhancedCode{4, 3, 0})}, notify.ErrTemporary, notify.ProblemBusy, "451 4.3.0"},
		"gone at MAIL":          {&relay{onMail: hangUp}, notify.ErrTemporary, notify.ProblemUnreachable, ""},
		"gone at RCPT":          {&relay{onRcpt: hangUp}, notify.ErrTemporary, notify.ProblemUnreachable, ""},
		"gone after the letter": {&relay{onEnd: hangUp}, notify.ErrUnknown, notify.ProblemLost, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &relay{onMail: tc.faults.onMail, onRcpt: tc.faults.onRcpt, onEnd: tc.faults.onEnd}
			r.start(t, true, false)
			_, err := r.sender(t, r.startTLS(), nil).Send(t.Context(), letter())
			require.ErrorIs(t, err, tc.outcome)
			require.Equal(t, tc.problem, notify.ProblemOf(err))
			var e *notify.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.code, e.Code)
			require.NotContains(t, err.Error(), "guest@", "a server quotes the recipient")
			require.NotContains(t, err.Error(), "no thanks")
		})
	}
}

func TestASlowRelayIsLeftInTime(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		atEnd   bool
		outcome error
	}{"before the letter": {false, notify.ErrTemporary}, "after the letter": {true, notify.ErrUnknown}} {
		for _, how := range []string{"its time is over", "it is cancelled"} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				release, arrived := make(chan struct{}), make(chan struct{}, 1)
				stuck := func(net.Conn) error {
					arrived <- struct{}{}
					<-release
					return nil
				}
				r := &relay{onRcpt: stuck}
				if tc.atEnd {
					r = &relay{onEnd: stuck}
				}
				r.start(t, false, false)
				t.Cleanup(func() { close(release) })
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := r.sender(t, r.clear(), func(o *email.Options) {
					o.Timeout = time.Hour
					if how == "its time is over" {
						o.Timeout = 2 * time.Second
					}
				})
				go func() {
					<-arrived
					if how == "it is cancelled" {
						cancel()
					}
				}()
				ended := make(chan error, 1)
				go func() {
					_, err := s.Send(ctx, letter())
					ended <- err
				}()
				select {
				case err := <-ended:
					require.ErrorIs(t, err, tc.outcome)
				case <-time.After(30 * time.Second):
					t.Fatal("the sender does not let go")
				}
			})
		}
	}
}

func TestARelayThatCannotBeTrustedGetsNothing(t *testing.T) {
	t.Parallel()
	r := &relay{}
	r.start(t, true, false)
	other := &relay{}
	other.start(t, true, false)
	bare := &relay{}
	bare.start(t, false, false)
	for name, url := range map[string]string{
		"another authority":      r.clear() + "?tls=always&ca=" + other.ca,
		"no STARTTLS":            bare.clear() + "?tls=always&ca=" + other.ca,
		"TLS where there is not": "smtps://127.0.0.1:" + bare.port + "?ca=" + other.ca,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.sender(t, url, nil).Send(t.Context(), letter())
			require.ErrorIs(t, err, notify.ErrTemporary, "an operator can mend it, and the letter waits")
			require.Equal(t, notify.ProblemConfiguration, notify.ProblemOf(err))
		})
	}
	require.Empty(t, r.taken())
	require.Empty(t, bare.taken())
}

// TestANameThatLeadsElsewhere: "localhost" may be spoken to in the clear, but
// only where it is what its name says.
func TestANameThatLeadsElsewhere(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe() // has no address of loopback
	t.Cleanup(func() { _ = theirs.Close() })
	s, err := email.New(email.Options{
		URL: "smtp://localhost:25", From: "post@aurora.example",
		Dial: func(context.Context, string, string) (net.Conn, error) { return ours, nil },
	})
	require.NoError(t, err)
	_, err = s.Send(t.Context(), letter())
	require.ErrorIs(t, err, notify.ErrTemporary)
	require.Equal(t, notify.ProblemConfiguration, notify.ProblemOf(err))
}

func TestTheGuardDialsAndMayRefuse(t *testing.T) {
	t.Parallel()
	var asked []string
	s, err := email.New(email.Options{
		URL: "smtp://relay.example", From: "post@aurora.example",
		Dial: func(_ context.Context, network, address string) (net.Conn, error) {
			asked = append(asked, network+" "+address)
			return nil, &net.OpError{Op: "dial", Err: net.UnknownNetworkError("outside of the EEA")}
		},
	})
	require.NoError(t, err)
	_, err = s.Send(t.Context(), letter())
	require.ErrorIs(t, err, notify.ErrTemporary)
	require.Equal(t, notify.ProblemUnreachable, notify.ProblemOf(err))
	require.Contains(t, err.Error(), "outside of the EEA")
	require.Equal(t, []string{"tcp relay.example:587"}, asked)
}

func TestAWrongPasswordKeepsTheLetter(t *testing.T) {
	t.Parallel()
	r := &relay{password: "new"}
	r.start(t, true, true)
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte("old-s3cret"), 0o600))
	s := r.sender(t, r.implicit()+"&user=aurora", func(o *email.Options) { o.PasswordFile = file })
	_, err := s.Send(t.Context(), letter())
	require.ErrorIs(t, err, notify.ErrTemporary)
	require.Equal(t, notify.ProblemLogin, notify.ProblemOf(err))
	require.NotContains(t, err.Error(), "old-s3cret")
	require.NoError(t, os.WriteFile(file, []byte("new"), 0o600))
	_, err = s.Send(t.Context(), letter())
	require.NoError(t, err, "the file is read anew")
	require.NoError(t, os.Remove(file))
	_, err = s.Send(t.Context(), letter())
	require.Equal(t, notify.ProblemConfiguration, notify.ProblemOf(err))
}

func TestInternationalAddresses(t *testing.T) {
	t.Parallel()
	r := &relay{}
	r.start(t, false, false)
	s := r.sender(t, r.clear(), nil)
	m := letter()
	m.To = "用户@bücher.example"
	_, err := s.Send(t.Context(), m)
	require.ErrorIs(t, err, notify.ErrPermanent)
	require.Equal(t, notify.ProblemAddress, notify.ProblemOf(err))
	able := &relay{}
	able.start(t, false, false)
	able.server.EnableSMTPUTF8 = true
	_, err = able.sender(t, able.clear(), nil).Send(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, []string{"用户@xn--bcher-kva.example"}, able.rcpts)
	require.Equal(t, []bool{true}, able.utf8)
	m.To = "gast@bücher.example"
	_, err = s.Send(t.Context(), m)
	require.NoError(t, err, "a domain alone has an ASCII form")
}

func TestWhatIsNoLetterNeverReachesTheRelay(t *testing.T) {
	t.Parallel()
	r := &relay{}
	r.start(t, false, false)
	s := r.sender(t, r.clear(), nil)
	for name, edit := range map[string]func(*notify.Message){
		"a line in the subject": func(m *notify.Message) { m.Subject = "Hi\r\nBcc: all@example.org" },
		"many recipients":       func(m *notify.Message) { m.To = strings.Repeat("a@b.de,", 999) + "a@b.de" },
		"a text message":        func(m *notify.Message) { m.Channel = notify.SMS },
		"a huge body":           func(m *notify.Message) { m.HTML = strings.Repeat("x", notify.MaxHTML+1) },
	} {
		m := letter()
		edit(&m)
		_, err := s.Send(t.Context(), m)
		require.ErrorIs(t, err, notify.ErrPermanent, name)
	}
	require.Empty(t, r.rcpts)
}

func TestBadSettingsAreRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]email.Options{
		"nothing":            {},
		"no scheme":          {URL: "relay.example:587", From: "a@b.de"},
		"another scheme":     {URL: "http://relay.example", From: "a@b.de"},
		"a password":         {URL: "smtp://user:s3cret@relay.example", From: "a@b.de"},
		"a user without one": {URL: "smtp://relay.example?user=aurora", From: "a@b.de"},
		"a user in the URL":  {URL: "smtp://user@relay.example", From: "a@b.de"},
		"a user of lines":    {URL: "smtp://relay.example?user=a%0ab", From: "a@b.de"},
		"a path":             {URL: "smtp://relay.example/x", From: "a@b.de"},
		"an unknown query":   {URL: "smtp://relay.example?insecure=true", From: "a@b.de"},
		"TLS switched off":   {URL: "smtp://relay.example?tls=never", From: "a@b.de"},
		"a helo of lines":    {URL: "smtp://relay.example?helo=a%0d%0ab", From: "a@b.de"},
		"no authorities":     {URL: "smtp://relay.example?ca=/nowhere.pem", From: "a@b.de"},
		"a port that is none": {
			URL: "smtp://relay.example:0", From: "a@b.de",
		},
		"a sender that is none": {URL: "smtp://relay.example", From: "Aurora <a@b.de>"},
	} {
		_, err := email.New(o)
		require.ErrorIs(t, err, email.ErrSettings, name)
		require.NotContains(t, err.Error(), "s3cret")
	}
}
