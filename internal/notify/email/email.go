package email

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/voicehive/voicehive/internal/notify"
)

// provider is what a receipt says of where it comes from.
const provider = "smtp"

// A Sender sends through one relay. It is safe for concurrent use.
type Sender struct{ relay relay }

// New returns a sender by the options; an error that wraps ErrSettings when
// they are not valid. It does not connect.
func New(o Options) (*Sender, error) {
	r, err := o.relay()
	if err != nil {
		return nil, err
	}
	return &Sender{relay: r}, nil
}

// Address is the relay's host and port.
func (s *Sender) Address() string { return net.JoinHostPort(s.relay.host, s.relay.port) }

// Send implements notify.Sender.
func (s *Sender) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	if m.Channel != notify.Email {
		return notify.Receipt{}, &notify.Error{Outcome: notify.ErrPermanent, Problem: notify.ProblemContent, Cause: errChannel}
	}
	if err := m.Validate(); err != nil {
		return notify.Receipt{}, err
	}
	to, err := notify.ParseEmail(m.To)
	if err != nil {
		return notify.Receipt{}, &notify.Error{Outcome: notify.ErrPermanent, Problem: notify.ProblemAddress, Cause: err}
	}
	msg, err := compose(m, s.relay.from, to)
	if err != nil {
		return notify.Receipt{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.relay.timeout)
	defer cancel()
	return s.deliver(ctx, msg, to.International())
}

var errChannel = errors.New("email: this is no e-mail")

// deliver holds one conversation with the relay.
func (s *Sender) deliver(ctx context.Context, msg *mail.Msg, international bool) (notify.Receipt, error) {
	line := &line{relay: &s.relay}
	defer line.close()
	client, err := s.client(line.dialer(ctx), international)
	if err != nil {
		return notify.Receipt{}, err
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return notify.Receipt{}, connecting(ctx, err)
	}
	if international && !speaks(conversation, "SMTPUTF8") {
		return notify.Receipt{}, &notify.Error{Outcome: notify.ErrPermanent, Problem: notify.ProblemAddress, Cause: errInternational}
	}
	err = client.SendWithSMTPClient(conversation, msg)
	if !msg.IsDelivered() {
		return notify.Receipt{}, sending(ctx, err)
	}
	// The relay has it. What goes wrong while saying goodbye changes nothing.
	_ = conversation.Quit()
	return notify.Receipt{Provider: provider, Reference: msg.ServerResponse()}, nil
}

var errInternational = errors.New("email: the relay takes no international addresses (SMTPUTF8)")

func speaks(c *smtp.Client, extension string) bool {
	ok, _ := c.Extension(extension)
	return ok
}

// client sets up one conversation. A new one for each message, for the
// library keeps what it found out about a server's logins.
func (s *Sender) client(dial mail.DialContextFunc, international bool) (*mail.Client, error) {
	r := &s.relay
	options := []mail.Option{
		mail.WithDialContextFunc(dial), mail.WithTimeout(r.timeout), mail.WithHELO(r.helo), mail.WithoutNoop(),
	}
	// TLS from the start is the line's own work.
	if r.implicit || r.clear {
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	} else {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithTLSConfig(r.tls()))
	}
	if !international {
		// Asked for without need it would make relays further on refuse.
		options = append(options, mail.WithoutSMTPUTF8())
	}
	if r.user != "" {
		password, err := r.password()
		if err != nil {
			return nil, &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemConfiguration, Cause: err}
		}
		options = append(options, mail.WithUsername(r.user), mail.WithPassword(password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	client, err := mail.NewClient(r.host, options...)
	if err != nil {
		return nil, &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemConfiguration, Cause: err}
	}
	return client, nil
}

// A line is the connection of one conversation. It ends with its context at
// any moment, and is closed however the conversation ends.
type line struct {
	relay *relay
	conn  net.Conn
	stop  func() bool
}

// errNotLoopback: a name that should mean this machine led elsewhere.
var errNotLoopback = errors.New("email: the relay is not on this machine, so it must be spoken to with TLS")

// dialer dials for a conversation under ctx. The library dials with a context
// of its own, which ends as soon as the relay has greeted.
func (l *line) dialer(conversation context.Context) mail.DialContextFunc {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return l.dial(ctx, conversation, network)
	}
}

func (l *line) dial(ctx, conversation context.Context, network string) (net.Conn, error) {
	conn, err := l.relay.dial(ctx, network, net.JoinHostPort(l.relay.host, l.relay.port))
	if err != nil {
		return nil, err
	}
	l.conn = conn
	// The library sets deadlines of its own, so only a closed connection stops it.
	l.stop = context.AfterFunc(conversation, func() { _ = conn.Close() })
	if l.relay.clear {
		if remote, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !remote.IP.IsLoopback() {
			return nil, errNotLoopback
		}
	}
	if !l.relay.implicit {
		return conn, nil
	}
	secured := tls.Client(conn, l.relay.tls())
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secured, nil
}

func (l *line) close() {
	if l.conn == nil {
		return
	}
	l.stop()
	_ = l.conn.Close()
}
