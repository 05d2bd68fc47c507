// Package access holds the activities that carry out what a guest asks for:
// the pack of what is kept of them, the link to it, corrections, restriction
// and objection.
//
// Each is repeated as often as one likes. Inputs and results hold references
// and counts, and nothing of a guest: who it is, what to correct and where the
// answer goes is read from the case when it is needed.
//
// The package stands on the activities floor, above compliance/access and
// compliance/restriction, which do the work.
package access

import (
	"context"
	"encoding/hex"
	"errors"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/restriction"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/objects"
)

// TaskQueue is the queue of these activities: they are long and nobody waits on
// the phone.
const TaskQueue = "records"

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	BuildActivity    = "access.build"
	LinkActivity     = "access.link"
	RectifyActivity  = "access.rectify"
	RestrictActivity = "access.restrict"
	ObjectActivity   = "access.object"
)

// Types of the errors that no repeat mends.
const (
	// TypeRequest: the case cannot be carried out as it stands.
	TypeRequest = "access_request"
	// TypeErased: the keys of the case are gone.
	TypeErased = "access_erased"
	// TypeTooLarge: the pack is larger than an object may be.
	TypeTooLarge = "access_too_large"
	// TypeNotTold: a restriction was to be lifted before the guest was told.
	TypeNotTold = "restriction_not_told"
)

// Build asks for a case's pack. The same input again answers with the same
// pack.
type Build struct {
	Hotel string `json:"hotel"`
	Case  string `json:"case"`
	// Portable packs only what the guest gave (Art. 20), and not all that is
	// kept (Art. 15).
	Portable bool `json:"portable,omitempty"`
}

// Built tells what was packed.
type Built struct {
	Pack   string `json:"pack"`   // its id
	SHA256 string `json:"sha256"` // of the zip, 64 hexadecimal digits
	Bytes  int64  `json:"bytes"`  // of the zip
	// Masked counts the places where something about another person was taken
	// out, and Withheld recordings that are not in the pack because others may
	// be heard in them: a person has to look at those.
	Masked   int `json:"masked"`
	Withheld int `json:"withheld,omitempty"`
}

// Link asks for the letter that completes the case, with a fresh one-time link
// to the pack in it. Nobody else writes that letter. An earlier link to the
// pack ends. The same input again queues nothing more while that letter waits
// or its link still works.
type Link struct {
	Hotel string `json:"hotel"`
	Case  string `json:"case"`
	Pack  string `json:"pack"`
	// Attempt makes another input: a letter that is to be sent anew.
	Attempt int `json:"attempt,omitempty"`
}

// Linked names the queued message, to be delivered by package notification. It
// names none where nobody knows where letters go, or the letter has no room for
// a link: no link is made then.
type Linked struct {
	Message string `json:"message"`
}

// Case names a case to carry out.
type Case struct {
	Hotel string `json:"hotel"`
	Case  string `json:"case"`
}

// Rectified counts what was corrected.
type Rectified struct {
	Changed int `json:"changed"` // rows of ours
	Systems int `json:"systems"` // stays at the hotel's system
	Tasks   int `json:"tasks"`   // bookings that a person has to correct at the hotel's system
}

// Restrict asks to freeze a case's bookings and calls, or to lift that.
type Restrict struct {
	Hotel string `json:"hotel"`
	Case  string `json:"case"`
	// Lift ends the restriction. The guest is told first (Art. 18(3)): Message
	// names the letter, which has to be delivered before Lift is asked for again
	// with Told.
	Lift bool `json:"lift,omitempty"`
	Told bool `json:"told,omitempty"`
	// ByHand says that a person told the guest, where no letter could.
	ByHand bool `json:"by_hand,omitempty"`
}

// Restricted counts the scopes that are frozen now, or no more. With Message
// nothing is lifted yet: deliver it and ask again with Told.
type Restricted struct {
	Scopes  int    `json:"scopes"`
	Message string `json:"message,omitempty"`
	// Untold: nothing is lifted, for nobody knows where to tell the guest. Tell
	// them by hand, and ask again with ByHand.
	Untold bool `json:"untold,omitempty"`
}

// Objected counts what will not be written to any more.
type Objected struct {
	Suppressed int `json:"suppressed"` // addresses and numbers
	Withdrawn  int `json:"withdrawn"`  // consents to marketing and profile
}

// Register registers the activities, for a worker on TaskQueue.
func Register(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Build, activity.RegisterOptions{Name: BuildActivity})
	r.RegisterActivityWithOptions(a.Link, activity.RegisterOptions{Name: LinkActivity})
	r.RegisterActivityWithOptions(a.Rectify, activity.RegisterOptions{Name: RectifyActivity})
	r.RegisterActivityWithOptions(a.Restrict, activity.RegisterOptions{Name: RestrictActivity})
	r.RegisterActivityWithOptions(a.Object, activity.RegisterOptions{Name: ObjectActivity})
}

// Cases are where requests are kept; *rights.Store is one.
type Cases interface {
	Read(ctx context.Context, hotel, id string) (rights.Case, error)
	Wish(ctx context.Context, hotel, id string) (rights.Wish, error)
	Scopes(ctx context.Context, hotel, id string) ([]string, error)
	Reply(ctx context.Context, hotel, id string) (r rights.Reply, known bool, err error)
}

// Outbox seals letters; *notification.Outbox is one.
type Outbox interface {
	Prepare(ctx context.Context, d notification.Draft) (notification.Prepared, error)
}

// Connectors finds the connector of a hotel.
type Connectors interface {
	Connector(ctx context.Context, hotel string) (pms.Connector, error)
}

// Bookings is what the ledger knows of bookings, and where work of people is
// left; *ledger.Ledger is one.
type Bookings interface {
	Entry(ctx context.Context, hotel, id string) (ledger.Entry, error)
	AddTask(ctx context.Context, hotel string, t ledger.Task) error
	Tasks(ctx context.Context, hotel string) ([]ledger.Task, error)
}

// Hotels finds a hotel's registry entry.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
}

// Parts are what the activities need; all of them.
type Parts struct {
	Desk         *access.Desk
	Cases        Cases
	Restrictions *restriction.Store
	Outbox       Outbox
	Connectors   Connectors
	Bookings     Bookings
	Hotels       Hotels
	// Public is where guests reach the API, such as https://api.example.com.
	Public string
}

// Activities are the activities of this package. Register a value made by New.
type Activities struct{ Parts }

// New returns the activities on the given parts.
func New(p Parts) *Activities { return &Activities{p} }

// HotelOf makes of a registry entry what a pack says of the controller.
func HotelOf(h registry.Hotel) (access.Hotel, error) {
	zone, err := h.Location()
	if err != nil {
		return access.Hotel{}, err
	}
	return access.Hotel{Name: h.Name, Country: h.Country, Vendor: h.Vendor, Privacy: h.Contact.Privacy, Phones: h.PhoneLines, Zone: zone}, nil
}

// Build packs what is kept of a case's person.
func (a *Activities) Build(ctx context.Context, b Build) (Built, error) {
	defer heartbeat.Start(ctx)()
	pages := 0
	p, err := a.Desk.Build(ctx, b.Hotel, b.Case, b.Portable, func() {
		pages++
		activity.RecordHeartbeat(ctx, pages)
	})
	if err != nil {
		return Built{}, temporalError(err)
	}
	return Built{Pack: p.ID, SHA256: hex.EncodeToString(p.SHA256), Bytes: p.Bytes, Masked: p.Masked, Withheld: p.Withheld}, nil
}

// Object stops what the person objects to.
func (a *Activities) Object(ctx context.Context, c Case) (Objected, error) {
	defer heartbeat.Start(ctx)()
	o, err := a.Desk.Object(ctx, c.Hotel, c.Case)
	return Objected{Suppressed: o.Suppressed, Withdrawn: o.Withdrawn}, temporalError(err)
}

// temporalError is the one place where errors of this room become errors of
// Temporal.
func temporalError(err error) error {
	final := ""
	switch {
	case err == nil:
		return nil
	case errors.Is(err, access.ErrErased), errors.Is(err, keys.ErrDestroyed):
		final = TypeErased
	case errors.Is(err, access.ErrTooLarge), errors.Is(err, objects.ErrTooLarge):
		final = TypeTooLarge
	case errors.Is(err, restriction.ErrNotTold):
		final = TypeNotTold
	case errors.Is(err, access.ErrRequest), errors.Is(err, access.ErrNotFound), errors.Is(err, access.ErrObjects), errors.Is(err, restriction.ErrCause),
		errors.Is(err, rights.ErrNotFound), errors.Is(err, rights.ErrPeople), errors.Is(err, rights.ErrForgotten):
		final = TypeRequest
	}
	if final != "" {
		return temporal.NewNonRetryableApplicationError(err.Error(), final, nil)
	}
	return err
}
