package notify

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Channel is the way that a message takes.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// Bounds of a message. Mail servers take more; what we write never needs it.
const (
	MaxSubject = 200       // characters
	MaxText    = 64 << 10  // bytes
	MaxHTML    = 256 << 10 // bytes
	// MaxSegments is how many parts a text message may take: each costs money.
	MaxSegments = 4
)

// A Message is for one person. A Sender refuses one that does not pass
// Validate.
type Message struct {
	// ID names the message for good: a provider that is given one ID twice can
	// tell that it is the same message. It names nobody.
	ID      string
	Channel Channel
	// To is one address: an e-mail address without a name, or a phone number in
	// E.164 form.
	To string
	// From is the name that an e-mail shows beside the sender's address; empty
	// shows the address alone.
	From string
	// Language is the BCP 47 tag of the texts.
	Language string
	// Subject and HTML are for e-mail only. HTML is optional.
	Subject string
	Text    string
	HTML    string
}

// A Receipt is a provider's word that it took a message over.
type Receipt struct {
	// Provider is who gave it: a kind of gateway, not a host.
	Provider string
	// Reference is what the provider calls the message. It comes from outside,
	// so it is kept as a Digest only.
	Reference string
	// Repeated tells that the provider had taken the message over before.
	Repeated bool
}

// Digest is what is kept of a receipt: enough to recognise it in a provider's
// records, and nothing to read.
func (r Receipt) Digest() []byte {
	digest := sha256.Sum256([]byte(r.Provider + "\x00" + r.Reference))
	return digest[:]
}

// A Sender hands messages to a provider. It is safe for concurrent use. Errors
// are as the package says. A message that is repeated with the same ID may
// arrive twice, unless the provider can tell.
type Sender interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// A Finder is a Sender whose provider keeps records that can be asked.
type Finder interface {
	Sender
	// Find returns the receipt of a message that was handed over before, by its
	// ID; ErrNotFound when the provider's records do not have it. Records may
	// lag behind, so that is a strong hint and no proof.
	Find(ctx context.Context, m Message) (Receipt, error)
}

var (
	// ErrNotFound: the provider's records do not have the message.
	ErrNotFound = errors.New("notify: the provider does not know this message")
	// ErrNoRecords: the provider keeps no records that can be asked.
	ErrNoRecords = errors.New("notify: this provider cannot be asked what became of a message")
)

// ErrNoChannel: this installation has no provider for the message's channel.
var ErrNoChannel = errors.New("notify: no provider is configured for this channel")

// A Switch sends each message by the sender of its channel.
type Switch map[Channel]Sender

// Send implements Sender. A channel without a sender is temporary: whoever
// configures one later gets what waits.
func (s Switch) Send(ctx context.Context, m Message) (Receipt, error) {
	sender := s[m.Channel]
	if sender == nil {
		return Receipt{}, &Error{Outcome: ErrTemporary, Problem: ProblemConfiguration, Cause: ErrNoChannel}
	}
	return sender.Send(ctx, m)
}

// Find implements Finder; ErrNoRecords where the channel's sender is none.
func (s Switch) Find(ctx context.Context, m Message) (Receipt, error) {
	finder, ok := s[m.Channel].(Finder)
	if !ok {
		return Receipt{}, ErrNoRecords
	}
	return finder.Find(ctx, m)
}

// idPattern fits into a Message-ID and into what gateways take for a reference.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// languagePattern is the alphabet of BCP 47; empty says nothing.
var languagePattern = regexp.MustCompile(`^[A-Za-z0-9-]{0,35}$`)

// Validate refuses what no provider should see: an *Error that is permanent.
// It never quotes the message.
func (m Message) Validate() error {
	switch {
	case !idPattern.MatchString(m.ID):
		return refuse("the message has no usable id")
	case !languagePattern.MatchString(m.Language):
		return refuse("the message's language is no language tag")
	case m.Text == "":
		return refuse("the message is empty")
	case len(m.Text) > MaxText || len(m.HTML) > MaxHTML:
		return refuse("the message is too long")
	case !readable(m.Text) || !readable(m.HTML):
		return refuse("the message holds what is no text")
	}
	switch m.Channel {
	case Email:
		return m.validateEmail()
	case SMS:
		return m.validateSMS()
	}
	return refuse("the message has no channel")
}

func (m Message) validateEmail() error {
	if _, err := ParseEmail(m.To); err != nil {
		return &Error{Outcome: ErrPermanent, Problem: ProblemAddress, Cause: err}
	}
	if !oneLine(m.Subject, MaxSubject) || m.Subject == "" {
		return refuse("the subject must be one line of text")
	}
	if !oneLine(m.From, 100) {
		return refuse("the sender's name must be one line of text")
	}
	return nil
}

func (m Message) validateSMS() error {
	if _, err := ParsePhone(m.To); err != nil {
		return &Error{Outcome: ErrPermanent, Problem: ProblemAddress, Cause: err}
	}
	if m.Subject != "" || m.HTML != "" {
		return refuse("a text message has no subject and no HTML")
	}
	if _, segments := Segments(m.Text); segments > MaxSegments {
		return refuse(fmt.Sprintf("the text message takes more than %d parts", MaxSegments))
	}
	return nil
}

// oneLine accepts what may stand in a header. A line break would let whoever
// wrote the text add headers of their own.
func oneLine(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, breaks)
}

// breaks tells whether a character ends a line or cannot be shown.
func breaks(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// readable accepts text with line breaks and tabs.
func readable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	})
}

func refuse(why string) error {
	return &Error{Outcome: ErrPermanent, Problem: ProblemContent, Cause: errors.New(why)}
}
