package reconciliation

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/reconciliation/reconciliationdb"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/postgres"
)

// ErrNoTask: the hotel has no such operator task.
var ErrNoTask = errors.New("reconciliation: the hotel has no such task")

// Records is what reconciliation reads and keeps in the main database, and the
// operator's tasks, whoever left them. Every method works inside one hotel. It
// is safe for concurrent use.
type Records struct{ pool *postgres.Pool }

// NewRecords returns the records in the database of pool.
func NewRecords(pool *postgres.Pool) *Records { return &Records{pool: pool} }

func (r *Records) of(hotel string) *reconciliationdb.Queries {
	return reconciliationdb.New(r.pool.Tenant(hotel))
}

// bookings is a page of the bookings that a round looks at.
func (r *Records) bookings(ctx context.Context, b Batch, today pms.Date) ([]string, error) {
	ids, err := r.of(b.Hotel).BookingsToCheck(ctx, reconciliationdb.BookingsToCheckParams{
		Hotel: b.Hotel, Last: b.After, Page: int32(b.Size),
		Today: day(today), Horizon: day(today.AddDays(b.Window.Ahead)),
		Since: pgtype.Timestamptz{Time: b.Window.Since, Valid: true},
	})
	if err != nil {
		return nil, fmt.Errorf("reconciliation: list the bookings: %w", err)
	}
	return ids, nil
}

// openIntent is something that was asked for and is not settled.
type openIntent struct {
	id        string
	createdAt time.Time
}

func (r *Records) openIntents(ctx context.Context, hotel, booking string) ([]openIntent, error) {
	rows, err := r.of(hotel).OpenIntents(ctx, reconciliationdb.OpenIntentsParams{Hotel: hotel, Booking: booking})
	if err != nil {
		return nil, fmt.Errorf("reconciliation: list the open intents: %w", err)
	}
	open := make([]openIntent, len(rows))
	for i, row := range rows {
		open[i] = openIntent{row.ID, row.CreatedAt.Time}
	}
	return open, nil
}

// named is a booking as the ledger has it, for one of our references.
type named struct {
	id            string
	state         ledger.State
	vendorBooking string
	open          bool
}

// named finds the bookings of references; those that we do not know are left
// out.
func (r *Records) named(ctx context.Context, hotel string, references []string) (map[string]named, error) {
	rows, err := r.of(hotel).BookingsNamed(ctx, reconciliationdb.BookingsNamedParams{Hotel: hotel, Ids: references})
	if err != nil {
		return nil, fmt.Errorf("reconciliation: find the bookings of references: %w", err)
	}
	found := make(map[string]named, len(rows))
	for _, row := range rows {
		found[row.Reference] = named{row.ID, ledger.State(row.State), row.VendorBooking.String, row.Open}
	}
	return found, nil
}

// fingerprint is a digest of the facts of a finding.
func fingerprint(facts ...string) []byte {
	digest := sha256.New()
	for _, fact := range facts {
		var length [4]byte
		binary.BigEndian.PutUint32(length[:], uint32(len(fact)))
		digest.Write(length[:])
		digest.Write([]byte(fact))
	}
	return digest.Sum(nil)
}

// raise leaves a task, unless one says the same already, closed or not.
func (r *Records) raise(ctx context.Context, hotel string, f finding) (raised bool, err error) {
	rows, err := r.of(hotel).RaiseTask(ctx, reconciliationdb.RaiseTaskParams{
		Hotel: hotel, ID: ledger.NewID(), Booking: f.booking, Kind: string(f.kind), Detail: f.detail,
		Fingerprint: fingerprint(f.facts...),
	})
	if err != nil {
		return false, fmt.Errorf("reconciliation: leave a task: %w", err)
	}
	return rows > 0, nil
}

// try counts one more repair of a finding and returns how many there were.
func (r *Records) try(ctx context.Context, hotel string, f finding) (tries int, err error) {
	n, err := r.of(hotel).TryRepair(ctx, reconciliationdb.TryRepairParams{
		Hotel: hotel, Booking: f.booking, Kind: string(f.kind), Fingerprint: fingerprint(f.facts...),
	})
	if err != nil {
		return 0, fmt.Errorf("reconciliation: count a repair: %w", err)
	}
	return int(n), nil
}

// A Task is work that only a person can finish. It names no guest.
type Task struct {
	Hotel     string    `json:"hotel"`
	ID        string    `json:"id"`
	Booking   string    `json:"booking"`
	Kind      string    `json:"kind"`
	Detail    string    `json:"detail"`
	CreatedAt time.Time `json:"created_at"`
	ClosedAt  time.Time `json:"closed_at,omitzero"`
}

// Tasks lists a hotel's tasks, the open ones first, at most so many.
func (r *Records) Tasks(ctx context.Context, hotel string, closedToo bool, most int) ([]Task, error) {
	rows, err := r.of(hotel).Tasks(ctx, reconciliationdb.TasksParams{Hotel: hotel, Closed: closedToo, Most: int32(most)})
	if err != nil {
		return nil, fmt.Errorf("reconciliation: list the tasks: %w", err)
	}
	tasks := make([]Task, len(rows))
	for i, row := range rows {
		tasks[i] = taskOf(hotel, reconciliationdb.TaskRow(row))
	}
	return tasks, nil
}

// Task reads one task; ErrNoTask when there is none.
func (r *Records) Task(ctx context.Context, hotel, id string) (Task, error) {
	row, err := r.of(hotel).Task(ctx, reconciliationdb.TaskParams{Hotel: hotel, ID: id})
	return r.one(hotel, row, err)
}

// Done closes a task; ErrNoTask when there is none. It stays closed until
// something else of its kind is found.
func (r *Records) Done(ctx context.Context, hotel, id string) (Task, error) {
	row, err := r.of(hotel).CloseTask(ctx, reconciliationdb.CloseTaskParams{Hotel: hotel, ID: id})
	return r.one(hotel, reconciliationdb.TaskRow(row), err)
}

func (r *Records) one(hotel string, row reconciliationdb.TaskRow, err error) (Task, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return Task{}, ErrNoTask
	}
	if err != nil {
		return Task{}, fmt.Errorf("reconciliation: read a task: %w", err)
	}
	return taskOf(hotel, row), nil
}

func taskOf(hotel string, row reconciliationdb.TaskRow) Task {
	return Task{
		Hotel: hotel, ID: row.ID, Booking: row.Booking, Kind: row.Kind, Detail: row.Detail,
		CreatedAt: row.CreatedAt.Time, ClosedAt: row.ClosedAt.Time,
	}
}

func day(d pms.Date) pgtype.Date {
	return pgtype.Date{Time: d.At(0, 0, time.UTC), Valid: !d.IsZero()}
}
