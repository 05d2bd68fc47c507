package codec

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// KindDecoded is a request to open payloads, whatever became of it.
const KindDecoded audit.Kind = "payload.decoded"

// maxKeys bounds the key ids in one event; of more only the number is kept.
const maxKeys = 200

// Decoded is the detail of KindDecoded. It is sealed under the hotel's own key,
// so that who read what can be shown after the guest was erased, too.
type Decoded struct {
	Namespace string         `json:"namespace"`
	Payloads  int            `json:"payloads"`
	Outcomes  map[string]int `json:"outcomes"`
	// Keys are the ids of the keys under which the payloads are, at most 200.
	Keys []string `json:"keys"`
	// MoreKeys is how many there were besides.
	MoreKeys int `json:"more_keys,omitempty"`
}

// A reading is what a request led to, hotel by hotel.
type reading struct {
	has      *rights
	hotels   map[string]*Decoded
	keys     map[string]bool
	outcomes map[string]int
}

func newReading(has *rights) *reading {
	return &reading{has: has, hotels: map[string]*Decoded{}, keys: map[string]bool{}, outcomes: map[string]int{}}
}

func (r *reading) add(keyID, outcome string) {
	r.outcomes[outcome]++
	hotel := hotelOf(keyID)
	if hotel == "" || outcome == foreign {
		return // no right, so nothing was shown of that hotel
	}
	d := r.hotels[hotel]
	if d == nil {
		d = &Decoded{Namespace: r.has.server.Namespace, Outcomes: map[string]int{}, Keys: []string{}}
		r.hotels[hotel] = d
	}
	d.Payloads++
	d.Outcomes[outcome]++
	switch {
	case r.keys[keyID]:
		return
	case len(d.Keys) < maxKeys:
		d.Keys = append(d.Keys, keyID)
	default:
		d.MoreKeys++
	}
	r.keys[keyID] = true
}

// record writes an event for each hotel. Its error is what the caller is told.
func (r *reading) record(ctx context.Context, s *server) error {
	for _, hotel := range slices.Sorted(maps.Keys(r.hotels)) {
		if err := r.recordAt(ctx, s.Journal, hotel); err != nil {
			return fmt.Errorf("%w: %w", later("The audit log cannot be written just now, so nothing is opened; ask again in a moment."), err)
		}
	}
	for outcome, n := range r.outcomes {
		s.payloads.WithLabelValues(outcome).Add(float64(n))
	}
	return nil
}

func (r *reading) recordAt(ctx context.Context, journal Journal, hotel string) error {
	who, err := journal.Pseudonym(ctx, hotel, r.has.caller.Subject)
	if err != nil {
		return err
	}
	role := r.has.standing(ctx, hotel).role
	return journal.Record(ctx, audit.Event{
		Tenant: hotel, Kind: KindDecoded, Actor: string(role) + ":" + who, Detail: *r.hotels[hotel],
	})
}

// onlyUnavailable tells whether all that could have been opened is out of
// reach.
func (r *reading) onlyUnavailable() bool {
	return r.outcomes[unavailable] > 0 && r.outcomes[opened]+r.outcomes[erased]+r.outcomes[withheld] == 0
}

// Ledger is the Journal in the main database.
type Ledger struct {
	Pool   *postgres.Pool
	Writer *audit.Writer
	Ring   *keys.Ring
}

// Record implements Journal, in a transaction of its own.
func (l *Ledger) Record(ctx context.Context, e audit.Event) error {
	prepared, err := l.Writer.Prepare(ctx, e)
	if err != nil {
		return err
	}
	return l.Pool.InTenant(ctx, e.Tenant, func(tx pgx.Tx) error { return prepared.Insert(ctx, tx) })
}

// Pseudonym implements Journal.
func (l *Ledger) Pseudonym(ctx context.Context, hotel, subject string) (string, error) {
	mac, err := l.Ring.MAC(ctx, hotel, "audit/reader", []byte(subject))
	if err != nil {
		return "", fmt.Errorf("codec: the reader's pseudonym: %w", err)
	}
	return fmt.Sprintf("%x", mac[:8]), nil
}
