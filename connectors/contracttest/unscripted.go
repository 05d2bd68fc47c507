package contracttest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// errUnscripted: the simulator has not learnt it yet.
var errUnscripted = errors.New("the sandbox cannot do this yet")

// Unscripted is a Sandbox that plays nothing and tells nothing. A new vendor's
// simulator embeds it and learns one thing after the other; what needs the rest
// is n.a. in the table.
type Unscripted struct{}

var _ Sandbox = Unscripted{}

// Now implements Sandbox: the real time.
func (Unscripted) Now() time.Time { return time.Now() }

// Advance implements Sandbox.
func (Unscripted) Advance(time.Duration) {}

// Plays implements Sandbox: nothing.
func (Unscripted) Plays() []Kind { return nil }

// Play implements Sandbox.
func (Unscripted) Play(Fault) error { return errUnscripted }

// Clear implements Sandbox.
func (Unscripted) Clear() {}

// AwaitSilence implements Sandbox.
func (Unscripted) AwaitSilence(context.Context) error { return errUnscripted }

// Requests implements Sandbox.
func (Unscripted) Requests() int { return 0 }

// TokenRequests implements Sandbox.
func (Unscripted) TokenRequests() int { return 0 }

// Records implements Sandbox.
func (Unscripted) Records() []Record { return nil }

// SetRooms implements Sandbox.
func (Unscripted) SetRooms(pms.RoomTypeID, int) error { return errUnscripted }

// Staff implements Sandbox.
func (Unscripted) Staff(pms.StayID, Deed) error { return errUnscripted }

// Listen implements Sandbox.
func (Unscripted) Listen(T, func(http.Header, []byte)) error { return errUnscripted }
