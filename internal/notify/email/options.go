package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/voicehive/voicehive/internal/notify"
)

// ErrSettings is wrapped by every complaint about where and how to send.
var ErrSettings = errors.New("email: the mail relay's settings are not valid")

// Ports of message submission: with STARTTLS, and with TLS from the start.
const (
	startTLSPort    = "587"
	implicitTLSPort = "465"
)

// defaultTimeout bounds one sending from dialing to the relay's last word.
const defaultTimeout = 20 * time.Second

// Options say where the relay is and who we are to it.
type Options struct {
	// URL is smtp://host:port for STARTTLS, or smtps:// for TLS from the start.
	// Its query may hold user, who we log in as; ca, a PEM file with the
	// authorities that the relay's certificate is checked by; and helo, the name
	// that we greet with. A relay on this machine is spoken to in the clear
	// unless tls=always.
	URL string
	// From is the sender's address.
	From string
	// PasswordFile holds the user's password and nothing else. It is read for
	// each connection, so a new password needs no restart.
	PasswordFile string
	// Timeout bounds one sending; 20 s when zero.
	Timeout time.Duration
	// Dial opens connections; nil dials directly. Here stands the guard that
	// knows which hosts may be called.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// relay is what Options mean.
type relay struct {
	host, port, user, passwordFile string
	helo                           string
	implicit, clear                bool
	roots                          *x509.CertPool
	from                           notify.EmailAddress
	timeout                        time.Duration
	dial                           func(ctx context.Context, network, address string) (net.Conn, error)
}

func (o Options) relay() (relay, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Hostname() == "" || u.Path != "" || u.Fragment != "" || u.Opaque != "" {
		// The parser's message quotes the URL, which may hold a password.
		return relay{}, wrong("want smtp://host:port or smtps://host:port")
	}
	if u.User != nil {
		return relay{}, wrong("write the user as ?user=name, and put the password into a file")
	}
	r := relay{
		host: u.Hostname(), port: u.Port(), passwordFile: o.PasswordFile,
		timeout: o.Timeout, dial: o.Dial,
	}
	switch u.Scheme {
	case "smtp":
		r.clear = loopback(r.host)
	case "smtps":
		r.implicit = true
	default:
		return relay{}, wrong("want smtp:// or smtps://")
	}
	if err := r.query(u.Query()); err != nil {
		return relay{}, err
	}
	if r.from, err = notify.ParseEmail(o.From); err != nil {
		return relay{}, wrong("the sender's address is none")
	}
	if r.user != "" && r.passwordFile == "" {
		return relay{}, wrong("the URL names a user, but there is no file with a password")
	}
	return r, r.complete()
}

// userPattern is what relays call their users: a name or an address.
var userPattern = regexp.MustCompile(`^[!-~]{1,254}$`)

// query reads the settings behind the question mark, and no others.
func (r *relay) query(values url.Values) (err error) {
	for name, value := range values {
		switch {
		case len(value) != 1:
			return wrong(name + " stands there twice")
		case name == "ca":
			if r.roots, err = authorities(value[0]); err != nil {
				return err
			}
		case name == "helo" && notify.ValidHost(value[0]):
			r.helo = value[0]
		case name == "user" && userPattern.MatchString(value[0]):
			r.user = value[0]
		case name == "tls" && value[0] == "always":
			r.clear = false
		default:
			return wrong("the query may hold user=name, ca=file, helo=name and tls=always")
		}
	}
	return nil
}

// complete fills in what was left out.
func (r *relay) complete() error {
	switch {
	case r.port != "":
	case r.implicit:
		r.port = implicitTLSPort
	default:
		r.port = startTLSPort
	}
	if port, err := strconv.ParseUint(r.port, 10, 16); err != nil || port == 0 {
		return wrong("the port is none")
	}
	if r.helo == "" {
		r.helo = r.from.Domain // never this machine's own name
	}
	if r.timeout <= 0 {
		r.timeout = defaultTimeout
	}
	if r.dial == nil {
		r.dial = new(net.Dialer).DialContext
	}
	return nil
}

// tls is how the relay is trusted.
func (r *relay) tls() *tls.Config {
	return &tls.Config{ServerName: r.host, RootCAs: r.roots, MinVersion: tls.VersionTLS12}
}

// password reads the file anew.
func (r *relay) password() (string, error) {
	content, err := os.ReadFile(r.passwordFile)
	if err != nil {
		return "", fmt.Errorf("email: read the relay's password: %w", err)
	}
	password := strings.TrimRight(string(content), "\r\n")
	if password == "" || len(password) > 4096 {
		return "", errors.New("email: the file with the relay's password holds none")
	}
	return password, nil
}

func authorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w: read the authorities: %w", ErrSettings, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, wrong("the file with the authorities holds no certificate")
	}
	return pool, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func wrong(why string) error { return fmt.Errorf("%w: %s", ErrSettings, why) }
