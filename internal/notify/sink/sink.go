package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/voicehive/voicehive/internal/notify"
)

// Bounds, so that a program gone wild cannot eat the machine.
const (
	defaultKeep = 200
	maxMessage  = 1 << 20
	maxHTTP     = 64 << 10
	idle        = time.Minute
)

// ErrNotLoopback: somebody wanted the sink to be reachable from elsewhere.
var ErrNotLoopback = errors.New("sink: it listens on this machine only; give it an address such as 127.0.0.1:0")

// A Received is a message as it came.
type Received struct {
	// Seq counts from 1 in the order of arrival.
	Seq     int            `json:"seq"`
	At      time.Time      `json:"at"`
	Channel notify.Channel `json:"channel"`
	From    string         `json:"from"`
	To      []string       `json:"to"`
	Subject string         `json:"subject,omitempty"`
	Text    string         `json:"text"`
	HTML    string         `json:"html,omitempty"`
	// ID is the Message-ID of an e-mail without its brackets, or a text
	// message's foreign id.
	ID       string `json:"id"`
	Language string `json:"language,omitempty"`
	// Segments is how many parts a text message takes; 0 for an e-mail.
	Segments int `json:"segments,omitempty"`
	// Copy tells that a message with the same ID came before.
	Copy bool `json:"copy,omitempty"`
	// Headers are those of an e-mail, in no order.
	Headers map[string][]string `json:"headers,omitempty"`
}

// Options say where the sink listens.
type Options struct {
	// SMTP and HTTP are loopback addresses; 127.0.0.1:0 when empty.
	SMTP, HTTP string
	// Keep is how many messages are kept; 200 when zero.
	Keep int
}

// A Sink is a running sink.
type Sink struct {
	smtp     *smtp.Server
	mailbox  net.Listener
	http     *http.Server
	smtpAddr string
	httpAddr string
	keep     int
	running  sync.WaitGroup

	mu       sync.Mutex
	last     int
	messages []Received // oldest first
}

// Start listens at once. Close ends it.
func Start(o Options) (*Sink, error) {
	if o.Keep <= 0 {
		o.Keep = defaultKeep
	}
	mailbox, err := listen(o.SMTP)
	if err != nil {
		return nil, err
	}
	page, err := listen(o.HTTP)
	if err != nil {
		_ = mailbox.Close()
		return nil, err
	}
	s := &Sink{keep: o.Keep, mailbox: mailbox, smtpAddr: mailbox.Addr().String(), httpAddr: page.Addr().String()}
	s.smtp = s.newSMTP()
	s.http = &http.Server{
		Handler: s.handler(), ReadTimeout: idle, WriteTimeout: idle, IdleTimeout: idle,
		MaxHeaderBytes: maxHTTP, ErrorLog: log.New(io.Discard, "", 0),
	}
	s.running.Go(func() { _ = s.smtp.Serve(mailbox) })
	s.running.Go(func() { _ = s.http.Serve(page) })
	return s, nil
}

func listen(address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	if err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, ErrNotLoopback
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("sink: listen: %w", err)
	}
	return listener, nil
}

// Close ends the sink and forgets everything.
func (s *Sink) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	_ = s.smtp.Close()
	// The server closes only what it serves already: it may not have begun.
	_ = s.mailbox.Close()
	s.running.Wait()
}

// MailURL is the setting for a sender of package email.
func (s *Sink) MailURL() string { return "smtp://" + s.smtpAddr }

// SMSURL is the setting for a gateway of package seven, with any API key.
func (s *Sink) SMSURL() string { return s.PageURL() + "/api" }

// PageURL is where the messages can be read.
func (s *Sink) PageURL() string { return "http://" + s.httpAddr }

// Messages are those that are kept, oldest first.
func (s *Sink) Messages() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Clear forgets the messages; counting goes on.
func (s *Sink) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = nil
}

// add keeps a message and returns it with its number.
func (s *Sink) add(m Received) Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	m.Seq, m.At = s.last, time.Now()
	m.Copy = m.ID != "" && slices.ContainsFunc(s.messages, func(o Received) bool { return o.ID == m.ID && o.Channel == m.Channel })
	s.messages = append(s.messages, m)
	if extra := len(s.messages) - s.keep; extra > 0 {
		s.messages = slices.Delete(s.messages, 0, extra)
	}
	return m
}

func (s *Sink) message(seq int) (Received, bool) {
	all := s.Messages()
	i := slices.IndexFunc(all, func(m Received) bool { return m.Seq == seq })
	if i < 0 {
		return Received{}, false
	}
	return all[i], true
}
