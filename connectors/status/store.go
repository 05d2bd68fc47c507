package status

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/sync/singleflight"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/status/statusdb"
	"github.com/voicehive/voicehive/internal/postgres"
)

const (
	cacheSize = 4096
	// fresh is how long a status is answered from memory: after that time at
	// the latest every process sees a change.
	fresh = 2 * time.Second
	// readTime bounds a read of the database, because a caller waits behind it.
	readTime = 2 * time.Second
	// Rounds is how many health checks in a row turn the state.
	Rounds = 2
	// MaxReason bounds an operator's reason, in characters.
	MaxReason = 200
)

// ErrMaintenance is wrapped by every complaint about an asked maintenance.
var ErrMaintenance = errors.New("status: the maintenance cannot be begun")

// A Store reads and writes statuses. It is safe for concurrent use.
type Store struct {
	pool  *postgres.Pool
	cache *lru.Cache[string, cached]
	reads singleflight.Group
	now   func() time.Time
}

type cached struct {
	status connectors.Status
	until  time.Time
}

var _ connectors.Statuses = (*Store)(nil)

// New returns the store in the database of pool.
func New(pool *postgres.Pool) (*Store, error) {
	cache, err := lru.New[string, cached](cacheSize)
	if err != nil {
		return nil, fmt.Errorf("status: making the cache: %w", err)
	}
	return &Store{pool: pool, cache: cache, now: time.Now}, nil
}

// Status tells where the hotel's connection stands, as it was at most 2 s ago.
// While the database does not answer, the last status that was read holds.
func (s *Store) Status(ctx context.Context, hotel string) (connectors.Status, error) {
	known, hit := s.cache.Get(hotel)
	if hit && s.now().Before(known.until) {
		return known.status, nil
	}
	// The read is not the caller's own: others wait for it too.
	answer, err, _ := s.reads.Do(hotel, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
		defer cancel()
		return s.read(ctx, hotel)
	})
	switch {
	case err == nil:
		status := answer.(connectors.Status)
		s.cache.Add(hotel, cached{status, s.now().Add(fresh)})
		return status, nil
	case hit:
		s.cache.Add(hotel, cached{known.status, s.now().Add(fresh)})
		return known.status, nil
	}
	return connectors.Status{}, err
}

func (s *Store) read(ctx context.Context, hotel string) (connectors.Status, error) {
	row, err := statusdb.New(s.pool.Tenant(hotel)).Connection(ctx, hotel)
	if errors.Is(err, pgx.ErrNoRows) {
		return connectors.Status{State: connectors.Available}, nil
	}
	if err != nil {
		return connectors.Status{}, fmt.Errorf("status: reading a connection: %w", err)
	}
	return statusOf(statusdb.ConnectionsAfterRow{
		Degraded: row.Degraded, Since: row.Since, Reason: row.Reason, CheckedAt: row.CheckedAt,
		MaintainedSince: row.MaintainedSince, MaintainedUntil: row.MaintainedUntil,
		MaintainedBecause: row.MaintainedBecause, Maintained: row.Maintained,
	}), nil
}

func statusOf(row statusdb.ConnectionsAfterRow) connectors.Status {
	status := connectors.Status{State: connectors.Available, CheckedAt: row.CheckedAt.Time}
	if !status.CheckedAt.IsZero() {
		status.Since = row.Since.Time
	}
	switch {
	case row.Maintained:
		status.State, status.Since, status.Reason = connectors.Maintenance, row.MaintainedSince.Time, row.MaintainedBecause
		status.Until = row.MaintainedUntil.Time
	case row.Degraded:
		status.State, status.Reason = connectors.Degraded, row.Reason
	}
	return status
}

// A Check is what a health check found. At is when its round began: of one
// round only the first record counts.
type Check struct {
	Hotel string
	At    time.Time
	// Problem is the kind of failure (pms.KindName); empty when all was well.
	Problem string
}

// Record keeps what a health check found, and returns the status as it is
// now. The state turns with the second of two checks that agree.
func (s *Store) Record(ctx context.Context, c Check) (connectors.Status, error) {
	_, err := statusdb.New(s.pool.Role(postgres.RoleChecker)).RecordCheck(ctx, statusdb.RecordCheckParams{
		Hotel: c.Hotel, Healthy: c.Problem == "", Reason: c.Problem, At: stamp(c.At), Rounds: Rounds,
	})
	if err != nil {
		return connectors.Status{}, fmt.Errorf("status: recording a check of hotel %s: %w", c.Hotel, err)
	}
	return s.reread(ctx, c.Hotel)
}

// reread answers from the database and remembers it.
func (s *Store) reread(ctx context.Context, hotel string) (connectors.Status, error) {
	status, err := s.read(ctx, hotel)
	if err == nil {
		s.cache.Add(hotel, cached{status, s.now().Add(fresh)})
	}
	return status, err
}

// Maintain closes a hotel's connection until a moment, or until Reopen when it
// is zero. Doing it again changes reason and end. What belongs to it is done also,
// both or neither. ErrMaintenance when the
// reason or the end cannot be; registry.ErrUnknownHotel when there is no such
// hotel.
func (s *Store) Maintain(ctx context.Context, hotel, reason string, until time.Time, also ...postgres.Step) (connectors.Status, error) {
	if err := s.checkMaintenance(reason, until); err != nil {
		return connectors.Status{}, err
	}
	return s.change(ctx, hotel, also, func(tx pgx.Tx) (int64, error) {
		return statusdb.New(tx).BeginMaintenance(ctx, statusdb.BeginMaintenanceParams{Hotel: hotel, Because: reason, Until: stamp(until)})
	})
}

func (s *Store) checkMaintenance(reason string, until time.Time) error {
	if reason == "" || utf8.RuneCountInString(reason) > MaxReason || !utf8.ValidString(reason) ||
		strings.TrimSpace(reason) != reason || strings.ContainsFunc(reason, unicode.IsControl) {
		return fmt.Errorf("%w: give a reason of 1 to %d characters, without blanks around it", ErrMaintenance, MaxReason)
	}
	if !until.IsZero() && !until.After(s.now()) {
		return fmt.Errorf("%w: its end must lie ahead", ErrMaintenance)
	}
	return nil
}

// Reopen ends a maintenance, and does also what belongs to it; ending none is no
// error.
func (s *Store) Reopen(ctx context.Context, hotel string, also ...postgres.Step) (connectors.Status, error) {
	return s.change(ctx, hotel, also, func(tx pgx.Tx) (int64, error) { return statusdb.New(tx).EndMaintenance(ctx, hotel) })
}

// change makes a change of an operator, which tells how many rows it changed.
func (s *Store) change(ctx context.Context, hotel string, also []postgres.Step, write func(pgx.Tx) (int64, error)) (connectors.Status, error) {
	err := s.pool.AsRole(ctx, postgres.RoleRegistrar, func(tx pgx.Tx) error {
		changed, err := write(tx)
		if err == nil && changed == 0 {
			err = registry.ErrUnknownHotel
		}
		if err != nil {
			return err
		}
		return postgres.Along(ctx, tx, also...)
	})
	if errors.Is(err, registry.ErrUnknownHotel) {
		return connectors.Status{}, err
	}
	if err != nil {
		return connectors.Status{}, fmt.Errorf("status: changing the maintenance of a hotel: %w", err)
	}
	return s.reread(ctx, hotel)
}

func stamp(t time.Time) pgtype.Timestamptz { return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()} }
