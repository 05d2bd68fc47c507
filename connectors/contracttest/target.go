package contracttest

import (
	"context"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Marker stands in the personal data of every guest that the suite makes up,
// so that a leak into an error or a log line shows.
const Marker = "Quastenflosser"

// A T is what the suite needs of *testing.T.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
	Logf(format string, args ...any)
	Cleanup(func())
	Context() context.Context
}

// A Target is a connector under test.
type Target struct {
	// Vendor is the name that errors and capabilities must carry.
	Vendor string
	// New starts a fresh simulator with a connector in front of it, and lets
	// t end them. It is called once for each behaviour, from many goroutines.
	New func(t T, o Options) Bench
	// Currencies are the further ones that New can be asked for, such as JPY
	// and KWD, which have other minor units.
	Currencies []string
	// Without are the traits that the vendor lacks.
	Without []Trait
}

// Options ask New for a special vendor. The zero value is an ordinary one.
type Options struct {
	// Currency is one of Target.Currencies; "" is the simulator's own.
	Currency string
	// WithholdGuests has the vendor leave personal data out of its answers.
	WithholdGuests bool
}

// A Bench is a connector before its vendor.
type Bench struct {
	// Connector is what the product would use: guarded, over the real
	// transport and credentials. Its time-outs must be 5 s at least, for the
	// suite ends calls by their contexts.
	Connector pms.Connector
	// Property is the vendor's id of the property that the connector serves.
	Property string
	// Zone is the property's.
	Zone *time.Location
	// Currency is the property's.
	Currency string
	// PageSize is how many items the connector asks for at once where it
	// pages; 0 when it does not.
	PageSize int
	// PromoCode and CorporateCode each open a rate that is not shown without
	// it; "" when the simulator has none.
	PromoCode, CorporateCode string
	// Closed is a day on which a rule of the rates lets nobody arrive, although
	// rooms are free; zero when the simulator has none.
	Closed pms.Date
	// Arrives books one night for somebody who comes at a moment of the day, as
	// the desk would; nil when the simulator cannot.
	Arrives func(ref pms.Reference, at time.Time) (Record, error)
	// AsksReceivers tells that the vendor asks a new receiver of events whether
	// it is there.
	AsksReceivers bool
	// Elsewhere books one stay at another property that the credentials open,
	// for a guest whose last name is Marker, who is in the house already when
	// told so; nil when there is none.
	Elsewhere func(ref pms.Reference, arrival pms.Date, inHouse bool) (Record, error)
	// Sandbox scripts the vendor; nil before a real one.
	Sandbox Sandbox
	// Raw returns all that the vendor holds of a reservation, remarks included,
	// as text; nil when the simulator cannot tell.
	Raw func(id pms.ReservationID) (string, error)
	// Log returns what the transport has logged, at level debug; nil when it
	// is not kept.
	Log func() string
	// Secrets must appear in no error and no log.
	Secrets []string
}

// A Sandbox scripts and inspects a simulated vendor. It is safe for concurrent
// use. What it cannot play it leaves out of Plays, and what needs that is n.a.;
// a behaviour that needs anything else of it fails with its error.
type Sandbox interface {
	// Now is the vendor's time.
	Now() time.Time
	// Advance moves the vendor's clock ahead; late commits that become due
	// happen.
	Advance(d time.Duration)

	// Plays lists the kinds of fault that can be played.
	Plays() []Kind
	// Play plays a fault until Clear, or as often as it says.
	Play(f Fault) error
	// Clear ends every fault; answers that are kept back are lost. It returns
	// when the vendor has no request in hand, for one whose caller has gone may
	// take effect until then.
	Clear()
	// AwaitSilence waits until a request that Silence hits has taken effect.
	AwaitSilence(ctx context.Context) error

	// Requests counts the requests that reached the vendor; those for tokens
	// are apart.
	Requests() int
	// TokenRequests counts the requests for tokens.
	TokenRequests() int

	// Records lists what the vendor really holds, by order of creation.
	Records() []Record
	// SetRooms leaves n rooms of a type to sell on every night, whatever is
	// sold; a room that is given back can be sold again.
	SetRooms(room pms.RoomTypeID, n int) error
	// Staff changes a stay as somebody at the desk would.
	Staff(id pms.StayID, d Deed) error
	// Listen has the vendor post its events about stays to a receiver.
	Listen(t T, receive func(http.Header, []byte)) error
}

// A Record is one stay as the vendor holds it.
type Record struct {
	Reservation pms.ReservationID
	Stay        pms.StayID
	Reference   pms.Reference
	Status      pms.Status
	RoomType    pms.RoomTypeID
	Arrival     pms.Date
	Departure   pms.Date
	Adults      int
	Total       pms.Money
}

// Living reports whether the stay takes a room.
func (r Record) Living() bool {
	return r.Status != pms.StatusCancelled && r.Status != pms.StatusNoShow
}

// A Deed is something that the hotel's staff does to a stay; zero fields leave
// a thing as it is.
type Deed struct {
	// Status is the new one; StatusUnknown is one that no contract names.
	Status pms.Status
	// Departure is the new one.
	Departure pms.Date
}

// A Kind of fault, in words that fit every vendor.
type Kind string

// The kinds of fault. "Done" means that the operation took effect at the
// vendor before the fault.
const (
	Slow         Kind = "slow"          // the answer takes Fault.Wait
	CutBefore    Kind = "cut_before"    // connection cut, nothing done
	CutAfter     Kind = "cut_after"     // done, connection cut
	LateCommit   Kind = "late_commit"   // connection cut, done Fault.Wait later
	Silence      Kind = "silence"       // done, no answer
	ErrorBefore  Kind = "error_before"  // a server error, nothing done
	ErrorAfter   Kind = "error_after"   // done, a server error
	BadGateway   Kind = "bad_gateway"   // a proxy's error, nothing done
	GatewayLate  Kind = "gateway_late"  // done, a proxy's error
	RateLimited  Kind = "rate_limited"  // 429 or the vendor's like, nothing done
	Forbidden    Kind = "forbidden"     // the credentials lack the right
	TokenRevoked Kind = "token_revoked" // every token is forgotten, once; a key is refused once, then good again
	TokenRefused Kind = "token_refused" // every token is refused, always
	NoToken      Kind = "no_token"      // the identity server fails
	NotJSON      Kind = "not_json"      // done, the answer is no document
	Truncated    Kind = "truncated"     // done, half an answer
	HTML         Kind = "html"          // done, a page for people
	Huge         Kind = "huge"          // done, an answer of 10 MB
	Empty        Kind = "empty"         // done, an answer without a body
	NoContent    Kind = "no_content"    // done, the answer says that there is none
	TextNumbers  Kind = "text_numbers"  // done, numbers are strings
	OtherDates   Kind = "other_dates"   // done, dates in a form of no contract
	WrongType    Kind = "wrong_type"    // done, the wrong media type
	NovelValues  Kind = "novel_values"  // done, fields and enum values that no contract names
	Drip         Kind = "drip"          // done, an answer that trickles on for long
	ListLag      Kind = "list_lag"      // lists miss what is younger than Fault.Wait
	TwiceEvents  Kind = "twice_events"  // events are delivered twice
	MixedEvents  Kind = "mixed_events"  // an event is delivered after the next one
)

// A Fault is a fault to play.
type Fault struct {
	Kind Kind
	// Operation is what it hits: the request that does the operation's work;
	// for a write the one that writes. Events and lists know none.
	Operation pms.Operation
	// Times is how often it happens; 0 is always.
	Times int
	// Wait is for the kinds that name it, and what a rate limit asks for.
	Wait time.Duration
}
