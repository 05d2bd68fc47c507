package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/voicehive/voicehive/compliance/keys"
)

// MaxDetail bounds the JSON of an event's detail, in bytes.
const MaxDetail = 64 << 10

// maxEvents bounds the events of one Prepare.
const maxEvents = 10_000

// ErrEvent is wrapped by every complaint about an event. It is a mistake of the
// program that made the event, and trying again does not help.
var ErrEvent = errors.New("audit: not an event")

// A Kind names what happened: words of a-z, 0-9 and _ with dots between them,
// such as "consent.given". Kinds stand in the open in the log for ever: never
// rename one, and put nothing into it that tells of a guest.
type Kind string

// KindOpened is the first entry of a year's log. It holds the last signed head
// of the year before, so that the years are one chain.
const KindOpened Kind = "audit.log_opened"

// HouseTenant is the tenant of events that belong to no hotel: keys of an
// epoch destroyed, regions checked. It has keys of its own (EnsureTenant) and
// is no hotel's name, because hotels do not register one so named.
const HouseTenant = "voicehive-house"

// An Event is something to be remembered.
type Event struct {
	Tenant string
	Kind   Kind
	// Actor is the role that did it, such as "agent" or "compliance", perhaps
	// with a pseudonym behind a colon. It stands in the open: never a name.
	Actor string
	// Scope is the ULID of the key scope that the detail is sealed under; empty
	// is the tenant's own. Take the guest's scope for what tells of the guest,
	// and the tenant's for what has to be readable after an erasure.
	Scope string
	// Detail is anything that JSON can hold, up to MaxDetail; nil is nothing.
	Detail any
}

var (
	kindPattern  = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+){1,5}$`)
	actorPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_.:-]{0,63}$`)
)

// scope is the key scope that the detail is sealed under.
func (e Event) scope() keys.Scope {
	if e.Scope == "" {
		return keys.TenantScope(e.Tenant)
	}
	return keys.Scope{Tenant: e.Tenant, ID: e.Scope}
}

// detail is the checked event's detail as JSON.
func (e Event) detail() ([]byte, error) {
	switch {
	case len(e.Kind) > 64 || !kindPattern.MatchString(string(e.Kind)):
		return nil, fmt.Errorf("%w: a kind is words of a-z, 0-9 and _ with dots between them", ErrEvent)
	case !actorPattern.MatchString(e.Actor):
		return nil, fmt.Errorf("%w: kind %s: an actor is a role of a-z, 0-9 and _.:-, up to 64 characters", ErrEvent, e.Kind)
	}
	if err := e.scope().Validate(); err != nil {
		return nil, fmt.Errorf("%w: kind %s: %w", ErrEvent, e.Kind, err)
	}
	text, err := json.Marshal(e.Detail)
	if err != nil {
		// The cause may quote the detail.
		return nil, fmt.Errorf("%w: kind %s: %T cannot be written as JSON", ErrEvent, e.Kind, e.Detail)
	}
	if len(text) > MaxDetail {
		return nil, fmt.Errorf("%w: kind %s: the detail has %d bytes, at most %d are allowed", ErrEvent, e.Kind, len(text), MaxDetail)
	}
	return text, nil
}
