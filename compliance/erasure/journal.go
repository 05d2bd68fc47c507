package erasure

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// ErrUnreplayed: one of the databases was restored from a backup that is older
// than some erasures, and holds data that was erased.
var ErrUnreplayed = errors.New("erasure: a database was restored from a backup and holds what was erased since: run `voicehive erasure replay` before anything opens")

// An Entry of the journal is a scope that was erased.
type Entry struct {
	Hotel string `json:"hotel"`
	Scope string `json:"scope"`
	// Kept are the classes whose rows stayed.
	Kept []string  `json:"kept,omitempty"`
	Hour time.Time `json:"hour"`
}

// mark is what makes an entry the same in both journals.
func (e Entry) mark() string { return e.Hotel + "/" + e.Scope + "/" + strings.Join(e.Kept, ",") }

// A Journal is the list of what was erased, in both databases: the keys' is its
// place, and the main one writes it in the transaction that erases. So the main
// one has what the keys' has, unless it was restored; and the keys' has what is
// older than an erasure takes, unless that was.
type Journal struct{ pool, keysPool *postgres.Pool }

// NewJournal returns the journal in both databases.
func NewJournal(pool, keysPool *postgres.Pool) *Journal { return &Journal{pool, keysPool} }

// settling is how long an erasure may take from one journal to the other.
const settling = 2 * time.Hour

// Missing are entries of one journal that the other should have.
type Missing struct {
	// Main lacks these: it was restored.
	Main []Entry
	// Keys lacks these; the settled ones since before any erasure under way.
	Keys    []Entry
	Settled int
}

// Any tells whether a database was restored.
func (m Missing) Any() bool { return len(m.Main) > 0 || m.Settled > 0 }

// Compare looks for what one of the databases lacks. When they agree, it costs
// one sum in each.
func (j *Journal) Compare(ctx context.Context) (m Missing, err error) {
	same, err := j.agree(ctx)
	if err != nil || same {
		return m, err
	}
	own, main, err := j.both(ctx)
	if err != nil {
		return m, err
	}
	for mark, e := range own {
		if _, ok := main[mark]; !ok {
			m.Main = append(m.Main, e)
		}
	}
	for mark, e := range main {
		if _, ok := own[mark]; !ok {
			m.Keys = append(m.Keys, e)
			if time.Since(e.Hour) > settling {
				m.Settled++
			}
		}
	}
	for _, each := range [][]Entry{m.Main, m.Keys} {
		slices.SortFunc(each, byMark)
	}
	return m, nil
}

// Check is ErrUnreplayed when a database was restored and not replayed.
func (j *Journal) Check(ctx context.Context) error {
	m, err := j.Compare(ctx)
	if err == nil && m.Any() {
		err = fmt.Errorf("%w (%d scopes)", ErrUnreplayed, len(m.Main)+m.Settled)
	}
	return err
}

// querier is a role of a pool.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func (j *Journal) agree(ctx context.Context) (bool, error) {
	heads := [2]string{}
	for i, from := range []struct {
		querier
		tenant string
	}{{j.pool.Role(postgres.RoleJournal), "hotel"}, {j.keysPool.Role(postgres.RoleKeys), "tenant"}} {
		err := from.QueryRow(ctx, fmt.Sprintf(`
			select count(*) || ' ' || coalesce(sum(hashtextextended(%s || '/' || scope || '/' || array_to_string(kept, ','), 0)::numeric), 0)
			from erasure_journal`, from.tenant)).Scan(&heads[i])
		if err != nil {
			return false, wrap(err, "read the journal")
		}
	}
	return heads[0] == heads[1], nil
}

func (j *Journal) entries(ctx context.Context, from querier, tenant string) (map[string]Entry, error) {
	rows, err := from.Query(ctx, fmt.Sprintf(`select %s, scope, kept, hour from erasure_journal`, tenant))
	if err != nil {
		return nil, wrap(err, "read the journal")
	}
	all := map[string]Entry{}
	var e Entry
	_, err = pgx.ForEachRow(rows, []any{&e.Hotel, &e.Scope, &e.Kept, &e.Hour}, func() error {
		own := e
		own.Kept = slices.Clone(e.Kept)
		all[own.mark()] = own
		return nil
	})
	return all, wrap(err, "read the journal")
}

// both reads the journals. The keys' one comes first: an erasure that ends
// between the two reads is in the main one by then, and looks like no restore.
func (j *Journal) both(ctx context.Context) (own, main map[string]Entry, err error) {
	if own, err = j.entries(ctx, j.keysPool.Role(postgres.RoleKeys), "tenant"); err != nil {
		return nil, nil, err
	}
	main, err = j.entries(ctx, j.pool.Role(postgres.RoleJournal), "hotel")
	return own, main, err
}

// either are the entries that one of the journals has.
func (j *Journal) either(ctx context.Context) ([]Entry, error) {
	own, main, err := j.both(ctx)
	if err != nil {
		return nil, err
	}
	maps.Copy(own, main)
	return slices.SortedFunc(maps.Values(own), byMark), nil
}

func byMark(a, b Entry) int { return strings.Compare(a.mark(), b.mark()) }

// List returns the whole journal, for a copy in a third place.
func (j *Journal) List(ctx context.Context) ([]Entry, error) {
	all, err := j.entries(ctx, j.keysPool.Role(postgres.RoleKeys), "tenant")
	return slices.SortedFunc(maps.Values(all), byMark), err
}

// add puts entries into the keys' journal.
func (j *Journal) add(ctx context.Context, entries []Entry) error {
	for part := range slices.Chunk(entries, BatchSize) {
		var hotels, scopes, kept []string
		for _, e := range part {
			hotels, scopes, kept = append(hotels, e.Hotel), append(scopes, e.Scope), append(kept, strings.Join(e.Kept, ","))
		}
		_, err := j.keysPool.Role(postgres.RoleKeys).Exec(ctx, `
			insert into erasure_journal (tenant, scope, kept)
			select e.hotel, e.scope, string_to_array(e.kept, ',') from unnest($1::text[], $2::text[], $3::text[]) e (hotel, scope, kept)
			order by 1, 2 on conflict do nothing`, hotels, scopes, kept)
		if err != nil {
			return wrap(err, "write the journal")
		}
	}
	return nil
}

// Add puts entries from a third place into the keys' journal: then the main
// database lacks them, and Replay erases them again.
func (j *Journal) Add(ctx context.Context, entries []Entry) error {
	for _, e := range entries {
		if err := (keys.Scope{Tenant: e.Hotel, ID: e.Scope}).Validate(); err != nil {
			return wrap(err, "read the journal's copy")
		}
	}
	return j.add(ctx, entries)
}

// copyJournal brings the keys' journal up to what the main one says of scopes.
func (o *Office) copyJournal(ctx context.Context, hotel string, scopes []string) error {
	rows, err := o.Pool.Tenant(hotel).Query(ctx, `select hotel, scope, kept, hour from erasure_journal where hotel = $1 and scope = any($2)`, hotel, scopes)
	if err != nil {
		return wrap(err, "read the journal")
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return wrap(err, "read the journal")
	}
	return NewJournal(o.Pool, o.KeysPool).add(ctx, entries)
}
