package email_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/notify/email"
)

// A relay is a real SMTP server that a test makes fail.
type relay struct {
	server *smtp.Server
	port   string
	ca     string // file with the authority of its certificate
	// What goes wrong; nil does not. Each gets the connection.
	onMail, onRcpt, onBody, onEnd func(net.Conn) error

	mu       sync.Mutex
	bodies   []string
	rcpts    []string
	secured  []bool
	utf8     []bool
	logins   []string
	password string
}

// start runs the relay: with TLS from the start when implicit, with STARTTLS
// when it has a certificate at all.
func (r *relay) start(t *testing.T, certified, implicit bool) {
	t.Helper()
	r.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{relay: r, conn: c}, nil
	}))
	r.server.Domain = "relay.test"
	r.server.MaxMessageBytes = 1 << 20
	r.server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, r.port, _ = net.SplitHostPort(listener.Addr().String())
	if certified {
		r.server.TLSConfig, r.ca = certificate(t)
	}
	if implicit {
		listener = tls.NewListener(listener, r.server.TLSConfig)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = r.server.Close()
		_ = listener.Close() // should it not have begun to serve
		<-done
	})
}

// certificate makes an authority and a certificate for loopback.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, file
}

type session struct {
	relay *relay
	conn  *smtp.Conn
}

func (s *session) fail(hook func(net.Conn) error) error {
	if hook == nil {
		return nil
	}
	return hook(s.conn.Conn())
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.relay.mu.Lock()
		defer s.relay.mu.Unlock()
		s.relay.logins = append(s.relay.logins, user)
		if password != s.relay.password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Mail(_ string, o *smtp.MailOptions) error {
	s.relay.mu.Lock()
	_, secured := s.conn.TLSConnectionState()
	s.relay.secured, s.relay.utf8 = append(s.relay.secured, secured), append(s.relay.utf8, o.UTF8)
	s.relay.mu.Unlock()
	return s.fail(s.relay.onMail)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.relay.mu.Lock()
	s.relay.rcpts = append(s.relay.rcpts, to)
	s.relay.mu.Unlock()
	return s.fail(s.relay.onRcpt)
}

func (s *session) Data(r io.Reader) error {
	if err := s.fail(s.relay.onBody); err != nil {
		return err
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.relay.mu.Lock()
	s.relay.bodies = append(s.relay.bodies, string(body))
	s.relay.mu.Unlock()
	return s.fail(s.relay.onEnd)
}

func (r *relay) taken() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.bodies...)
}

// answer makes a hook that answers with a code, and quotes the recipient as
// servers do.
func answer(code int, enhanced smtp.EnhancedCode) func(net.Conn) error {
	return func(net.Conn) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "<guest@example.org>: no thanks"}
	}
}

// hangUp ends the connection without a word.
func hangUp(c net.Conn) error {
	_ = c.Close()
	return errors.New("gone")
}

// sender is one for the relay.
func (r *relay) sender(t *testing.T, url string, edit func(*email.Options)) *email.Sender {
	t.Helper()
	o := email.Options{URL: url, From: "post@aurora.example", Timeout: 20 * time.Second}
	if edit != nil {
		edit(&o)
	}
	s, err := email.New(o)
	require.NoError(t, err)
	return s
}

func (r *relay) clear() string    { return "smtp://127.0.0.1:" + r.port }
func (r *relay) startTLS() string { return r.clear() + "?tls=always&ca=" + r.ca }
func (r *relay) implicit() string { return "smtps://127.0.0.1:" + r.port + "?ca=" + r.ca }
