package notification

import (
	"context"
	"errors"

	"github.com/voicehive/voicehive/compliance/restriction"
)

// Suppressions tells who does not want to be written to beyond what is
// necessary; *access.Suppressions is one.
type Suppressions interface {
	Suppressed(ctx context.Context, tenant, channel, to string) (bool, error)
}

// Problems of messages that nobody is to get.
const (
	// problemObjected: the guest objected (Article 21 GDPR).
	problemObjected = "objected"
	// problemRestricted: the guest's data may be stored only (Article 18 GDPR).
	problemRestricted = "restricted"
)

// unwanted tells why a message must not go, or "". failed is what became of
// opening it. It is asked at the last moment, so that an objection stops what
// was queued before it too. Where nobody can be asked who objected, nothing goes
// that is not necessary.
func (a *Activities) unwanted(ctx context.Context, j job, to string, failed error) (problem string, err error) {
	switch {
	case errors.Is(failed, restriction.ErrRestricted):
		return problemRestricted, nil
	case to == "" || j.kind.Necessary():
		return "", nil
	case a.Suppressions == nil:
		return problemObjected, nil
	}
	objected, err := a.Suppressions.Suppressed(ctx, j.ref.Hotel, string(j.channel), to)
	if err == nil && objected {
		problem = problemObjected
	}
	return problem, err
}
