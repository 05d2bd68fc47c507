package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Kinds of audit events.
const (
	EventPlanned   audit.Kind = "retention.planned"
	EventApproved  audit.Kind = "retention.approved"
	EventRefused   audit.Kind = "retention.refused"
	EventErased    audit.Kind = "retention.batch_erased"
	EventKeys      audit.Kind = "retention.keys_destroyed"
	EventCertified audit.Kind = "retention.certified"
	EventEnded     audit.Kind = "retention.ended"
	EventSetting   audit.Kind = "retention.setting_changed"
)

// What can be refused.
var (
	// ErrChanged: what was planned is not what would be erased now.
	ErrChanged = errors.New("retention: the plan has changed by more than time; plan again")
	// ErrOpen: a run of the hotel is under way.
	ErrOpen = errors.New("retention: a run of this hotel is under way; voicehive retention status shows it")
	// ErrUnknownRun: the hotel has no such run.
	ErrUnknownRun = errors.New("retention: the hotel has no such run")
	// ErrSamePerson: whoever started a run, or set a term of it, cannot approve it.
	ErrSamePerson = errors.New("retention: another person than the one who started the run or set one of its terms has to approve it")
	// ErrState: the run does not wait for that.
	ErrState = errors.New("retention: the run does not wait for this any more")
	// ErrPlanHash: the approval is for another plan.
	ErrPlanHash = errors.New("retention: this approves another plan; look at the run again")
	// ErrObjects: something lies in an object store, and there is none here.
	ErrObjects = errors.New("retention: what lies in the object store cannot be erased without it")
	// ErrUnsigned: nobody here can sign what came of a run.
	ErrUnsigned = errors.New("retention: this process has no key to sign the certificate of a run with")
)

// Auditor prepares and writes entries of the audit log. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
	Record(ctx context.Context, pool *postgres.Pool, events ...audit.Event) error
	Pseudonym(ctx context.Context, tenant string) (string, error)
}

// Keys destroys keys, and makes pseudonyms with the hotel's own. *keys.Ring is
// one.
type Keys interface {
	MAC(ctx context.Context, tenant, purpose string, data ...[]byte) ([]byte, error)
	DestroyPurposes(ctx context.Context, scope keys.Scope, purposes ...keys.Purpose) ([]keys.Destruction, error)
}

// Table is where scopes have their subjects. *keys.Subjects is one.
type Table interface {
	Forget(ctx context.Context, tenant string, scopes ...keys.Scope) error
}

// Objects is where recordings and packs lie.
type Objects interface {
	// Delete forgets an object; one that is gone already is no error.
	Delete(ctx context.Context, name string) error
	Exists(ctx context.Context, name string) (bool, error)
}

// Requests knows the scopes of the people whose requests are open.
// rights.Awaiting is one.
type Requests interface {
	Scopes(ctx context.Context, tenant string) ([]string, error)
}

// Ring tells which keys live. *keys.Ring is one.
type Ring interface {
	Loaded(ctx context.Context, scope keys.Scope, purpose keys.Purpose) (*keys.Key, error)
}

// Options are the parts of an Engine. Objects, Signer, Shards and Requests may be
// nil: then nothing in an object store can be erased, no run can be finished,
// years of the audit log stay, and nobody's open request keeps anything.
type Options struct {
	Pool    *postgres.Pool
	Policy  *Policy
	Auditor Auditor
	Keys    Keys
	// Table forgets whose a scope was when its last key is destroyed. It may be
	// nil, for an engine that destroys no keys.
	Table   Table
	Objects Objects
	Signer  attest.Signer
	// Shards are the years of the audit log; they need Ring.
	Shards Shards
	Ring   Ring
	// Requests keep what is of those who asked, until they have their answer.
	Requests Requests
	// Threshold is how many rows may go without a second person; 5,000 when
	// zero.
	Threshold int64
	// Floor is how many rows are never an unusual volume; 1,000 when zero.
	Floor int64
	// Horizon is how long backups keep what was erased.
	Horizon time.Duration
}

// Engine plans, carries out, checks and certifies. It is safe for concurrent
// use.
type Engine struct {
	Options
	now func() time.Time
	// batch is how many rows go at once in tests; zero takes each store's own.
	batch int
	// patience is how long a batch waits for rows that somebody else is at: less
	// than the database takes to see a deadlock, so it is always the batch that
	// gives way.
	patience time.Duration
}

// New returns an engine on the given parts.
func New(o Options) *Engine {
	if o.Threshold == 0 {
		o.Threshold = 5000
	}
	if o.Floor == 0 {
		o.Floor = 1000
	}
	return &Engine{Options: o, now: time.Now, patience: 100 * time.Millisecond}
}

// A Hotel is what the rules ask of one.
type Hotel struct {
	ID      string
	Country string
	Zone    string
}

// zone is where the hotel's days begin.
func (h Hotel) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		return nil, fmt.Errorf("retention: the hotel's time zone is not known here: %w", err)
	}
	return zone, nil
}

// AsOf is the hotel's day: what had its time by the end of the day before goes.
func (e *Engine) AsOf(h Hotel) (time.Time, error) {
	zone, err := h.zone()
	return dayOf(e.now(), zone), err
}

// queries are the stores that have rules for the hotel.
func (e *Engine) queries(h Hotel, s Settings, asOf time.Time) ([]query, error) {
	var all []query
	for _, store := range stores() {
		c, ok, err := e.Policy.compile(store.class, h.Country, s, store.anchors, asOf)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, query{store, c})
		}
	}
	return all, nil
}

// open reads the hotel's settings and makes its queries.
func (e *Engine) open(ctx context.Context, tx pgx.Tx, h Hotel, asOf time.Time) ([]query, Settings, error) {
	s, err := e.settings(ctx, tx, h)
	if err != nil {
		return nil, s, err
	}
	all, err := e.queries(h, s, asOf)
	return all, s, err
}

// reach is what keeps rows of a class that have had their time.
type reach struct {
	holds.Reach
	// asked are the scopes of those whose requests are open.
	asked []string
}

// reachOf is what keeps rows of a class. asked comes from before the transaction,
// for it needs the keys' database.
func reachOf(ctx context.Context, tx pgx.Tx, hotel string, class register.Class, asked []string) (reach, error) {
	held, err := holds.Over(ctx, tx, hotel, class)
	return reach{held, asked}, err
}

// asked are the scopes of those whose requests are open now.
func (e *Engine) asked(ctx context.Context, hotel string) ([]string, error) {
	if e.Requests == nil || e.house(hotel) {
		return nil, nil
	}
	scopes, err := e.Requests.Scopes(ctx, hotel)
	return scopes, wrap(err, "ask for open requests")
}

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("retention: %s: %w", what, err)
}
