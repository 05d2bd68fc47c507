package registry

import (
	"slices"
	"strings"

	"github.com/voicehive/voicehive/internal/notify"
)

// Messages says what VoiceHive sends to the guests of a hotel by itself. Many
// hotel systems write to guests already, so it sends nothing unless told to.
type Messages struct {
	// Confirmations tells by which channels a guest hears that a booking was
	// made, changed or cancelled: none (or empty), email, sms, or both with a
	// comma between them. Of two, the second is for guests whom the first does
	// not reach.
	Confirmations string `yaml:"confirmations" json:"confirmations,omitempty"`
}

// noConfirmations are the ways to want none.
var noConfirmations = []string{"", "none"}

// Channels are those of confirmations, the preferred one first; none when the
// hotel wants no confirmations.
func (m Messages) Channels() []notify.Channel {
	if slices.Contains(noConfirmations, m.Confirmations) {
		return nil
	}
	var channels []notify.Channel
	for name := range strings.SplitSeq(m.Confirmations, ",") {
		channels = append(channels, notify.Channel(name))
	}
	return channels
}

// Confirm reports whether guests are told of their bookings at all.
func (m Messages) Confirm() bool { return !slices.Contains(noConfirmations, m.Confirmations) }

// A Contact is how guests reach a hotel, for the letters that they get. An
// empty field stands in no letter.
type Contact struct {
	// Phone is the reception's number in E.164 form; without one the first of
	// the phone lines is told.
	Phone string `yaml:"phone" json:"phone,omitempty"`
	Email string `yaml:"email" json:"email,omitempty"`
	// Address is the postal one, in one line.
	Address string `yaml:"address" json:"address,omitempty"`
	// Privacy is the e-mail address for questions about personal data.
	Privacy string `yaml:"privacy" json:"privacy,omitempty"`
}

// Reception is the number that letters tell; empty when the hotel has none.
func (h Hotel) Reception() string {
	switch {
	case h.Contact.Phone != "":
		return h.Contact.Phone
	case len(h.PhoneLines) > 0:
		return h.PhoneLines[0]
	}
	return ""
}

func (v *validation) messages(m Messages) {
	channels := m.Channels()
	ok := !repeats(channels) && !slices.ContainsFunc(channels, func(c notify.Channel) bool { return c != notify.Email && c != notify.SMS })
	v.check("messages.confirmations", ok, "must be none, email, sms, or both with a comma and no blank between them, the preferred one first")
}

// maxAddress bounds a postal address, in characters.
const maxAddress = 200

func (v *validation) contact(c Contact) {
	if c.Phone != "" {
		v.match("contact.phone", c.Phone, phonePattern, "must be in E.164 form, such as +4930123456")
	}
	for _, mail := range []struct{ field, address string }{{"contact.email", c.Email}, {"contact.privacy", c.Privacy}} {
		if mail.address != "" {
			_, err := notify.ParseEmail(mail.address)
			v.check(mail.field, err == nil, "must be an e-mail address without a name, such as reception@example.com")
		}
	}
	if c.Address != "" {
		v.text("contact.address", c.Address, maxAddress)
	}
}
