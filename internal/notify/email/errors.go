package email

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/voicehive/voicehive/internal/notify"
)

// What we say of a conversation that failed. The relay's own words stay out:
// they like to quote the recipient.
var (
	errConnect  = errors.New("email: no conversation with the mail relay")
	errLogin    = errors.New("email: the mail relay does not accept our login")
	errTrust    = errors.New("email: the mail relay's TLS cannot be trusted")
	errBroken   = errors.New("email: the conversation with the mail relay broke before the letter was complete")
	errNoAnswer = errors.New("email: the mail relay did not answer to a complete letter")
	errAnswered = errors.New("email: the mail relay does not take the letter")
)

// connecting is what became of a message when no conversation came about:
// nothing was sent, so all of it is temporary. An operator has to look at a
// login or a certificate, and the letter can wait for that.
func connecting(ctx context.Context, err error) error {
	e := &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemUnreachable, Cause: errConnect}
	var answer *textproto.Error
	var certificate *tls.CertificateVerificationError
	var operation *net.OpError
	switch {
	case errors.As(err, &answer) && (answer.Code == 535 || answer.Code == 534 || answer.Code == 538 || answer.Code == 530):
		e.Problem, e.Code, e.Cause = notify.ProblemLogin, strconv.Itoa(answer.Code), errLogin
	case errors.As(err, &answer):
		e.Problem, e.Code = notify.ProblemBusy, strconv.Itoa(answer.Code)
	case errors.As(err, &certificate), errors.Is(err, errNotLoopback), strings.Contains(err.Error(), "STARTTLS"),
		strings.Contains(err.Error(), "tls: "):
		e.Problem, e.Cause = notify.ProblemConfiguration, errTrust
	case strings.Contains(err.Error(), "AUTH"):
		e.Problem, e.Cause = notify.ProblemLogin, errLogin
	case errors.As(err, &operation) && operation.Op == "dial":
		// Names our relay's address, and nobody's letter.
		e.Cause = errors.Join(errConnect, operation)
	}
	return cut(ctx, e)
}

// sending is what became of a message in a conversation. Until the line with
// the single dot the relay has nothing; after it, silence tells nothing.
func sending(ctx context.Context, err error) error {
	var failure *mail.SendError
	if !errors.As(err, &failure) {
		return cut(ctx, &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemUnreachable, Cause: errBroken})
	}
	code := failure.ErrorCode()
	e := &notify.Error{Outcome: notify.ErrTemporary, Problem: notify.ProblemUnreachable, Cause: errBroken}
	switch {
	case code == 0 && failure.Reason == mail.ErrSMTPDataClose:
		e.Outcome, e.Problem, e.Cause = notify.ErrUnknown, notify.ProblemLost, errNoAnswer
	case code == 0:
	case code < 500:
		e.Problem, e.Cause = notify.ProblemBusy, errAnswered
	case code == 530 || code == 535:
		// The relay wants a login that we have not, which is no fault of the letter.
		e.Problem, e.Cause = notify.ProblemLogin, errLogin
	case failure.Reason == mail.ErrSMTPRcptTo:
		e.Outcome, e.Problem, e.Cause = notify.ErrPermanent, notify.ProblemAddress, errAnswered
	default:
		e.Outcome, e.Problem, e.Cause = notify.ErrPermanent, notify.ProblemRefused, errAnswered
	}
	if code != 0 {
		e.Code = strings.TrimSpace(strconv.Itoa(code) + " " + failure.EnhancedStatusCode())
	}
	return cut(ctx, e)
}

// cut adds that our own time was over, or that we were told to stop.
func cut(ctx context.Context, e *notify.Error) error {
	if err := ctx.Err(); err != nil {
		e.Cause = errors.Join(e.Cause, err)
	}
	return e
}
