package notify

import (
	"errors"
	"fmt"
	"time"
)

// What an error says about the message. Every error of a Sender is one of them.
var (
	// ErrPermanent: nothing was sent, and sending the same again will not help.
	ErrPermanent = errors.New("it was not sent and never will be")
	// ErrTemporary: nothing was sent; try again later.
	ErrTemporary = errors.New("it was not sent this time")
	// ErrUnknown: the connection ended between the message and the answer, so
	// it may have been sent.
	ErrUnknown = errors.New("it may have been sent or not")
)

// Problem is the kind of a failure: a word for metrics and records.
type Problem string

// The problems.
const (
	// ProblemAddress: the address is none, or its server does not know it.
	ProblemAddress Problem = "address"
	// ProblemContent: the message breaks a bound or cannot be sent as it is.
	ProblemContent Problem = "content"
	// ProblemRefused: the provider will not take this message.
	ProblemRefused Problem = "refused"
	// ProblemBusy: the provider asks to come back, as greylisting does.
	ProblemBusy Problem = "busy"
	// ProblemUnreachable: no connection, or it broke before the message.
	ProblemUnreachable Problem = "unreachable"
	// ProblemLost: the connection broke after the message.
	ProblemLost Problem = "lost"
	// ProblemLogin: the provider does not accept our credentials.
	ProblemLogin Problem = "login"
	// ProblemConfiguration: an operator has to look at our settings, or at our
	// account with the provider.
	ProblemConfiguration Problem = "configuration"
)

// An Error is what became of a message that was not known to be sent. It is
// made without the provider's words, which may quote an address.
type Error struct {
	// Outcome is ErrPermanent, ErrTemporary or ErrUnknown.
	Outcome error
	Problem Problem
	// Code is what the provider answered with, such as "550 5.1.1"; empty when
	// it did not answer.
	Code string
	// RetryAfter is how long the provider wants to be left alone; zero when it
	// did not say.
	RetryAfter time.Duration
	// Cause is our own word for it. It holds no address and no secret.
	Cause error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("notify: %v (%s", e.Outcome, e.Problem)
	if e.Code != "" {
		text += ", the provider answered " + e.Code
	}
	text += ")"
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap makes an Error its outcome and its cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Outcome}
	}
	return []error{e.Outcome, e.Cause}
}

// OutcomeOf is the outcome that an error tells. One that tells none is
// unknown: to be wrong about that costs a message twice, to be wrong about the
// others loses one.
func OutcomeOf(err error) error {
	for _, outcome := range []error{ErrPermanent, ErrTemporary, ErrUnknown} {
		if errors.Is(err, outcome) {
			return outcome
		}
	}
	return ErrUnknown
}

// ProblemOf is the problem that an error tells; ProblemLost when it tells none.
func ProblemOf(err error) Problem {
	var e *Error
	if errors.As(err, &e) {
		return e.Problem
	}
	return ProblemLost
}
