package access

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii/redaction"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// What can be refused. None of them quotes anything of a guest.
var (
	// ErrRequest: the case cannot be carried out as it stands.
	ErrRequest = errors.New("access: the case cannot be carried out as it stands")
	// ErrNotFound: the hotel has no such pack.
	ErrNotFound = errors.New("access: the hotel has no such pack; build it first")
	// ErrErased: the keys of the case are gone, and what was sealed with them.
	ErrErased = errors.New("access: the case was erased")
	// ErrTooLarge: a pack would be larger than an object may be.
	ErrTooLarge = errors.New("access: the pack would be too large to hand out in one piece; hand its parts out by hand")
	// ErrObjects: there is no object store to keep packs in.
	ErrObjects = errors.New("access: packs need an object store; set VOICEHIVE_RECORDINGS")
)

// Keys seals, opens and authenticates; *keys.Ring is one. A guest's own request
// reads what is restricted too, so these are no business keys.
type Keys interface {
	Ensure(ctx context.Context, purpose keys.Purpose, scopes ...keys.Scope) error
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
	Load(ctx context.Context, purpose keys.Purpose, scopes ...keys.Scope) error
	MAC(ctx context.Context, tenant, purpose string, data ...[]byte) ([]byte, error)
}

// Auditor prepares entries of the audit log; *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Cases are where requests are kept; *rights.Store is one.
type Cases interface {
	Read(ctx context.Context, hotel, id string) (rights.Case, error)
	Wish(ctx context.Context, hotel, id string) (rights.Wish, error)
	People(ctx context.Context, hotel, id string) (rights.People, error)
	Reply(ctx context.Context, hotel, id string) (r rights.Reply, known bool, err error)
}

// Calls reads what was said; *calls.Store is one.
type Calls interface {
	Turns(ctx context.Context, tenant, call string, after, most int) ([]calls.Turn, error)
	Recordings(ctx context.Context, tenant, call string) ([]calls.Recording, error)
}

// Transcripts shows what turns said before they were masked;
// *transcript.Transcripts is one.
type Transcripts interface {
	Restore(ctx context.Context, tenant, call string, after, most int, why transcript.Cause) ([]calls.Turn, error)
}

// Consents keeps what guests agreed to; *consent.Store is one.
type Consents interface {
	List(ctx context.Context, tenant string, q consent.Query) ([]consent.Event, error)
	Detail(ctx context.Context, e consent.Event) (string, error)
	Append(ctx context.Context, e consent.Event) (kept consent.Event, fresh bool, err error)
}

// A Hotel is what a pack says of the controller.
type Hotel struct {
	Name, Country string // ISO 3166
	// Vendor names the hotel's own system, Privacy who answers questions.
	Vendor, Privacy string
	// Phones are the hotel's own, which are nobody's personal data.
	Phones []string
	// Zone is where the hotel's days begin.
	Zone *time.Location
}

// Named is a recipient by name. Without a country the register's word stands.
type Named struct{ Name, Country string }

// Parts are what a Desk needs. All but Named and Objects are
// required.
type Parts struct {
	Pool        *postgres.Pool
	Keys        Keys
	Auditor     Auditor
	Cases       Cases
	Calls       Calls
	Transcripts Transcripts
	Consents    Consents
	Detector    redaction.Detector
	Hotels      func(ctx context.Context, id string) (Hotel, error)
	Register    register.Register
	// Named tells by the register's ids who a hotel's recipients are in this
	// installation, where the register can only say what they are. None of an id
	// that is there means that nobody is; nil tells what the register says.
	Named func(ctx context.Context, hotel string) (map[string][]Named, error)
	// Objects keep the packs and have the recordings; nil keeps none.
	Objects objects.Erasable
	// Temp is the folder of what is written before it is stored, which is
	// sealed; the system's when empty.
	Temp string
	// LinkLife is how long a link works; 7 days when zero.
	LinkLife time.Duration
	// MaxBytes bounds a pack; what an object may have when zero.
	MaxBytes int64
}

// Desk packs, hands out, corrects and stops. It is safe for concurrent use.
type Desk struct {
	Parts
	index *subjects.Index
	texts map[string]*texts
	now   func() time.Time
}

// New returns a desk on the given parts, or tells that the texts of the packs
// are not complete.
func New(p Parts) (*Desk, error) {
	if p.LinkLife <= 0 {
		p.LinkLife = 7 * 24 * time.Hour
	}
	if p.MaxBytes <= 0 {
		p.MaxBytes = objects.MaxErasable - 1<<20 // the seal needs a little
	}
	all, err := loadTexts()
	if err != nil {
		return nil, err
	}
	return &Desk{Parts: p, index: subjects.NewIndex(p.Keys), texts: all, now: time.Now}, nil
}

// request is a case with what is needed to carry it out. It holds guest data
// and lives in memory only.
type request struct {
	hotel    string
	rights   rights.Case
	people   rights.People
	language string // one of Languages
}

// request reads a case.
func (d *Desk) request(ctx context.Context, hotel, id string) (request, error) {
	r := request{hotel: hotel}
	var err error
	if r.rights, err = d.Cases.Read(ctx, hotel, id); err != nil {
		return r, named(err, "read the case")
	}
	if r.people, err = d.Cases.People(ctx, hotel, id); err != nil {
		return r, named(err, "read whom the case is about")
	}
	if len(r.people.Scopes) == 0 {
		return r, fmt.Errorf("%w: it names no booking and no call: resolve the person first", ErrRequest)
	}
	reply, _, err := d.Cases.Reply(ctx, hotel, id)
	if err != nil {
		return r, named(err, "read whom to answer")
	}
	r.language = languageOf(reply.Language, r.rights.Language)
	return r, nil
}

func (r request) scope() keys.Scope { return keys.Scope{Tenant: r.hotel, ID: r.rights.ID} }

// Languages are those that a pack can be read in.
func Languages() []string { return []string{"en", "de", "fr", "es", "it", "nl", "pl"} }

// languageOf is the first wish that a pack can be written in, else English.
func languageOf(wishes ...string) string {
	for _, wish := range wishes {
		for _, l := range Languages() {
			if len(wish) >= 2 && wish[:2] == l {
				return l
			}
		}
	}
	return "en"
}

// named gives errors of other rooms this room's name.
func named(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keys.ErrDestroyed):
		return ErrErased
	case errors.Is(err, rights.ErrNotFound), errors.Is(err, rights.ErrPeople), errors.Is(err, rights.ErrForgotten):
		return fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return fmt.Errorf("access: %s: %w", what, err)
}

// closing closes what was read and need not say more.
func closing(c io.Closer) { _ = c.Close() }
