package email

import (
	"errors"
	nativemail "net/mail"

	"github.com/wneessen/go-mail"

	"github.com/voicehive/voicehive/internal/notify"
)

var errCompose = errors.New("email: the letter cannot be put together")

// compose makes the letter. Message has been validated: no header can hold a
// line break.
func compose(m notify.Message, from, to notify.EmailAddress) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP))
	msg.FromMailAddress(&nativemail.Address{Name: m.From, Address: from.String()})
	if err := msg.To(to.String()); err != nil {
		// The library's message quotes the address.
		return nil, &notify.Error{Outcome: notify.ErrPermanent, Problem: notify.ProblemAddress, Cause: errCompose}
	}
	msg.Subject(m.Subject)
	msg.SetDate()
	// The same for each attempt: the mark by which copies are known as one.
	msg.SetMessageIDWithValue(m.ID + "@" + from.Domain)
	// RFC 3834: keeps out-of-office answers away.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Language != "" {
		msg.SetGenHeader(mail.HeaderContentLang, m.Language)
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}
