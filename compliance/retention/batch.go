package retention

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
)

// batchDetail is the detail of EventErased.
type batchDetail struct {
	Run   string           `json:"run"`
	Store string           `json:"store"`
	Class register.Class   `json:"class"`
	Act   Act              `json:"act"`
	Batch int              `json:"batch"`
	Rows  int64            `json:"rows"`
	Bytes int64            `json:"bytes"`
	Rules map[string]int64 `json:"rules"`
	Root  string           `json:"root"`
}

func (w *work) event(d batchDetail) audit.Event {
	return audit.Event{Tenant: w.hotel.ID, Kind: EventErased, Actor: actorWorker, Detail: d}
}

// limit is how many rows go at once: no more than the plan has.
func (w *work) limit() int {
	limit := w.rowsAtOnce()
	if w.Engine.batch > 0 {
		limit = w.Engine.batch
	}
	return int(min(int64(limit), w.planned))
}

// batch erases the next rows, if any, in one transaction with what tells of
// them: so each row goes once, and is told once, whenever the process dies.
func (w *work) batch(ctx context.Context) (done bool, err error) {
	if w.planned <= 0 {
		return true, nil
	}
	asked, err := w.asked(ctx, w.hotel.ID)
	if err != nil {
		return false, err
	}
	limit := w.limit()
	var b taken
	var whole bool
	for tries := 0; ; tries++ {
		err = w.Pool.InTenant(ctx, w.hotel.ID, func(tx pgx.Tx) error {
			reach, err := reachOf(ctx, tx, w.hotel.ID, w.class, asked)
			if err != nil {
				return err
			}
			if whole = reach.All; whole {
				return nil
			}
			if b, err = w.take(ctx, tx, reach, limit, tries > 0); err != nil || b.rows == 0 {
				return err
			}
			return w.told(ctx, tx, &b)
		})
		if !errors.Is(err, errMoved) && !othersHold(err) || tries == mostPasses {
			break
		}
	}
	if err != nil {
		return false, err
	}
	if whole {
		return true, nil // the hotel is held: what is left shows in the verification
	}
	return w.next(b, limit), nil
}

// stateOf asks for a run's state: in the transaction that erases, so that nothing
// goes that nobody let go ahead.
const stateOf = `select state from retention_run where hotel = $1 and id = $2`

func running(row pgx.Row) error {
	var state State
	if err := row.Scan(&state); err != nil {
		return wrap(err, "read a run")
	}
	if state != Running {
		return ErrState
	}
	return nil
}

// othersHold tells that rows are locked by somebody else.
func othersHold(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "55P03"
}

// taken is what a batch erased.
type taken struct {
	rows, bytes     int64
	last            string // key
	rules           map[string]int64
	objects, scopes []string
	tree            *tree
}

// take erases rows. Objects go before their rows: a row is how its object is
// found again, when the process dies between the two.
func (w *work) take(ctx context.Context, tx pgx.Tx, reach reach, limit int, locks bool) (b taken, err error) {
	// The keys' own index has their order. A plan that sorts reads all that is
	// left for each batch, and the database takes one when its statistics are of
	// before the batches.
	var ask pgx.Batch
	ask.Queue("set local enable_sort = off")
	ask.Queue("set local enable_incremental_sort = off")
	if !locks {
		ask.Queue(fmt.Sprintf("set local lock_timeout = %d", w.patience.Milliseconds()))
	}
	ask.Queue(stateOf, w.hotel.ID, w.run).QueryRow(running)
	sql, args := w.erase(reach, w.cursor, locks)
	ask.Queue(sql, append([]any{w.hotel.ID, w.hotel.Zone, w.asOf, limit}, args...)...).QueryRow(func(row pgx.Row) error {
		b, err = w.read(row)
		return err
	})
	if err := tx.SendBatch(ctx, &ask).Close(); err != nil {
		return b, err
	}
	return b, w.forget(ctx, b.objects)
}

// keysInLeaf is how many rows one leaf of a batch's tree is made of: nobody can
// ask for a single row's proof, for its key is not kept, and hashing each alone
// would take as long as a tenth of its erasure.
const keysInLeaf = 64

// read reads what an erasing statement answered: of no rows most is null.
func (w *work) read(row pgx.Row) (b taken, err error) {
	var same bool
	var bytes *int64
	var keys, scopes *string
	if err := row.Scan(&b.rows, &same, &bytes, &keys, &b.rules, &b.objects, &scopes); err != nil {
		return b, wrap(err, "erase "+w.name)
	}
	if !same {
		return b, errMoved
	}
	if b.rows == 0 {
		return b, nil
	}
	all := strings.Split(*keys, between)
	b.bytes, b.last, b.tree = *bytes, all[len(all)-1], newTree()
	for some := range slices.Chunk(all, keysInLeaf) {
		b.tree.add(append([]string{w.name}, some...)...)
	}
	if scopes != nil && *scopes != "" {
		b.scopes = strings.Split(*scopes, separator)
	}
	return b, nil
}

// forget erases objects and reads back that they are gone.
func (e *Engine) forget(ctx context.Context, objects []string) error {
	if len(objects) > 0 && e.Objects == nil {
		return ErrObjects
	}
	for _, name := range objects {
		if err := e.Objects.Delete(ctx, name); err != nil {
			return wrap(err, "erase an object")
		}
		there, err := e.Objects.Exists(ctx, name)
		if err != nil {
			return wrap(err, "read an object back")
		}
		if there {
			return errors.New("retention: an object is still there after it was erased; look at the object store")
		}
	}
	return nil
}

// told writes down what a batch erased, in its transaction.
func (w *work) told(ctx context.Context, tx pgx.Tx, b *taken) error {
	root := b.tree.root()
	rules, err := json.Marshal(b.rules)
	if err != nil {
		return wrap(err, "tell of a batch")
	}
	entry, err := w.Auditor.Prepare(ctx, w.event(batchDetail{
		Run: w.run, Store: w.name, Class: w.class, Act: w.act, Batch: w.n + 1, Rows: b.rows, Bytes: b.bytes, Rules: b.rules, Root: hex.EncodeToString(root[:]),
	}))
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	// Another process with the same run and number loses here, and erased nothing.
	_, err = tx.Exec(ctx, `insert into retention_batch (hotel, run, store, n, cursor, rows, bytes, rules, root) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		w.hotel.ID, w.run, w.name, w.n+1, strings.Split(b.last, separator), b.rows, b.bytes, rules, root[:])
	if err != nil {
		return wrap(err, "tell of a batch")
	}
	if len(w.shred) > 0 && len(b.scopes) > 0 {
		purposes := make([]keys.Purpose, len(w.shred))
		copy(purposes, w.shred)
		_, err = tx.Exec(ctx, `insert into retention_shred (hotel, scope, purpose, run) select $1, s, p, $2 from unnest($3::text[]) s, unnest($4::text[]) p on conflict do nothing`,
			w.hotel.ID, w.run, b.scopes, purposes)
		if err != nil {
			return wrap(err, "note keys to destroy")
		}
	}
	return entry.Insert(ctx, tx)
}

// next goes on behind a batch. A pass ends where fewer rows were found than
// asked for; the store is done after one that erased nothing.
func (w *work) next(b taken, limit int) (done bool) {
	w.erased, w.planned = w.erased+b.rows, w.planned-b.rows
	if b.rows > 0 {
		w.n, w.dry, w.cursor = w.n+1, false, strings.Split(b.last, separator)
	}
	if b.rows == int64(limit) {
		return w.planned <= 0
	}
	// A pass that began in the middle, where another process was, says nothing
	// about what lies before.
	w.passes++
	done = w.dry && w.whole || w.passes == mostPasses || w.planned <= 0
	w.cursor, w.dry, w.whole = nil, true, true
	return done
}
