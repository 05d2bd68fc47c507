//go:build unix

package erasure_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/erasure/erasuretest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// restored is the house on a database that was restored from a backup.
func restored(t *testing.T, h *erasuretest.House, main, keysDB *postgrestest.Database) (*erasure.Office, *erasure.Journal) {
	t.Helper()
	o := h.Options
	if main != nil {
		o.Pool = main.Pool(t)
	}
	ring := h.Ring
	if keysDB != nil {
		o.KeysPool = keysDB.Pool(t)
		root, err := keys.OpenLocalKeyring(h.Keyring, "test")
		require.NoError(t, err)
		ring = keys.New(keys.NewPostgres(o.KeysPool), root, keys.Options{Buckets: 4})
		o.Keys, o.Table = ring, keys.NewSubjects(o.KeysPool)
	}
	writer := audit.NewWriter(ring)
	o.Auditor = writer
	o.Desk = subjects.New(subjects.Options{Pool: o.Pool, Keys: ring, Table: keys.NewSubjects(o.KeysPool), Auditor: writer, Objects: h.Objects, Holds: erasure.LegalHolds})
	return erasure.New(o), erasure.NewJournal(o.Pool, o.KeysPool)
}

func none(int, int) {}

func count(t *testing.T, d *postgrestest.Database, query string, args ...any) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	require.NoError(t, conn.QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}

// A main database that is restored from before an erasure is found out, opens
// for nobody, and is erased again.
func TestARestoredDatabaseIsErasedAgain(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking, call := h.Stayed(aurora, ada()), said(t, h)
	other := h.Stayed(aurora, subjects.Person{FirstName: "Emmy", LastName: "Noether", Email: "e@example.org"})
	h.Objects.Put("recordings/one")
	require.NoError(t, erasure.NewJournal(h.Pool, h.KeysPool).Check(t.Context()))
	backup := h.Backup(h.Database, h.Pool)
	_, err := h.Carry(aurora, h.Case(booking, call))
	require.NoError(t, err)
	require.NoError(t, erasure.NewJournal(h.Pool, h.KeysPool).Check(t.Context()), "without a restore there is nothing to replay")

	office, journal := restored(t, h, backup, nil)
	require.Equal(t, 2, count(t, backup, `select count(*) from guest`), "the backup brings the guest back")
	require.ErrorIs(t, journal.Check(t.Context()), erasure.ErrUnreplayed)
	h.Runs.Put("booking/" + aurora + "/" + booking)
	done, err := office.Replay(t.Context(), none)
	require.NoError(t, err)
	require.Equal(t, 2, done.Scopes)
	require.EqualValues(t, 1, done.Erased.Guests)
	require.EqualValues(t, 1, done.Erased.Turns)
	require.Equal(t, 1, done.Runs)
	require.NoError(t, journal.Check(t.Context()))
	require.Zero(t, count(t, backup, `select count(*) from guest where booking = $1`, booking))
	require.Equal(t, 1, count(t, backup, `select count(*) from guest where booking = $1`, other))
	require.Zero(t, count(t, backup, `select count(*) from turn`))
	require.Equal(t, 1, count(t, backup, `select count(*) from consent_event`), "what was kept then is kept now")

	done, err = office.Replay(t.Context(), none)
	require.NoError(t, err)
	require.Zero(t, done, "again finds nothing")
}

// Without Temporal nothing is settled: what came back there would be noticed by
// nobody. Whoever leaves it has it erased by a replay of everything.
func TestAReplayWithoutTemporalSettlesNothing(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	backup := h.Backup(h.Database, h.Pool)
	_, err := h.Carry(aurora, h.Case(booking))
	require.NoError(t, err)
	office, journal := restored(t, h, backup, nil)
	run := "booking/" + aurora + "/" + booking
	h.Runs.Put(run)

	office.Runs = nil
	_, err = office.Replay(t.Context(), none)
	require.ErrorIs(t, err, erasure.ErrRuns)
	require.ErrorIs(t, journal.Check(t.Context()), erasure.ErrUnreplayed)

	office.Runs = erasure.WithoutRuns
	done, err := office.Replay(t.Context(), none)
	require.NoError(t, err)
	require.EqualValues(t, 1, done.Erased.Guests)
	require.NoError(t, journal.Check(t.Context()))
	require.Equal(t, []string{run}, h.Runs.Left())

	office.Runs = h.Runs
	done, err = office.Replay(t.Context(), none)
	require.NoError(t, err)
	require.Zero(t, done, "nothing tells of the run")
	done, err = office.ReplayAll(t.Context(), none)
	require.NoError(t, err)
	require.Equal(t, 1, done.Runs)
	require.Zero(t, done.Erased.Total())
	require.Empty(t, h.Runs.Left())
}

// A replay that is killed in between goes on.
func TestAReplayThatIsKilledGoesOn(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	backup := h.Backup(h.Database, h.Pool)
	_, err := h.Carry(aurora, h.Case(booking))
	require.NoError(t, err)
	_, journal := restored(t, h, backup, nil)
	o := h.Options
	o.Pool = backup.Pool(t)
	o.Desk = dying{subjects.New(subjects.Options{Pool: o.Pool, Keys: h.Ring, Table: h.Table, Auditor: h.Writer, Objects: h.Objects})}
	_, err = erasure.New(o).Replay(t.Context(), none)
	require.ErrorIs(t, err, errDead)
	require.ErrorIs(t, journal.Check(t.Context()), erasure.ErrUnreplayed, "half a replay is none")
	office, _ := restored(t, h, backup, nil)
	_, err = office.Replay(t.Context(), none)
	require.NoError(t, err)
	require.NoError(t, journal.Check(t.Context()))
}

var errDead = context.DeadlineExceeded

// dying dies before it erases anything.
type dying struct{ *subjects.Desk }

func (dying) Erase(context.Context, string, subjects.Order) (subjects.Counts, error) {
	return subjects.Counts{}, errDead
}

// A keys' database that is restored brings destroyed keys back: they are
// destroyed again.
func TestARestoredKeysDatabaseIsErasedAgain(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	backup := h.Backup(h.KeysDB, h.KeysPool)
	request := h.Case(booking)
	_, err := h.Carry(aurora, request)
	require.NoError(t, err)
	const living = `select count(*) from scope_key where scope = $1 and wrapped is not null and purpose <> 'consent'`
	require.Zero(t, count(t, h.KeysDB, living, booking))
	require.Positive(t, count(t, backup, living, booking))

	office, journal := restored(t, h, nil, backup)
	require.NoError(t, journal.Check(t.Context()), "an erasure may be on its way from one journal to the other")
	h.Database.Admin(t, "set session_replication_role = replica", "update erasure_journal set hour = hour - interval '3 hours'")
	require.ErrorIs(t, journal.Check(t.Context()), erasure.ErrUnreplayed)
	done, err := office.Replay(t.Context(), none)
	require.NoError(t, err)
	require.Positive(t, done.Keys)
	require.Zero(t, count(t, backup, living, booking))
	require.NoError(t, journal.Check(t.Context()))
}

// Where both were restored, a copy of the journal from a third place helps.
func TestBothRestoredWithACopyOfTheJournal(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	main, keysDB := h.Backup(h.Database, h.Pool), h.Backup(h.KeysDB, h.KeysPool)
	_, err := h.Carry(aurora, h.Case(booking))
	require.NoError(t, err)
	copied, err := erasure.NewJournal(h.Pool, h.KeysPool).List(t.Context())
	require.NoError(t, err)
	require.Len(t, copied, 1)

	office, journal := restored(t, h, main, keysDB)
	require.NoError(t, journal.Check(t.Context()), "the two agree: both are old")
	require.NoError(t, journal.Add(t.Context(), copied))
	require.ErrorIs(t, journal.Check(t.Context()), erasure.ErrUnreplayed)
	_, err = office.Replay(t.Context(), none)
	require.NoError(t, err)
	require.Zero(t, count(t, main, `select count(*) from guest`))
	require.Zero(t, count(t, keysDB, `select count(*) from scope_key where scope = $1 and wrapped is not null`, booking))
	require.Error(t, journal.Add(t.Context(), []erasure.Entry{{Hotel: aurora, Scope: "no"}}))
}

// Nobody takes an entry back, not even the owner of the tables.
func TestTheJournalIsOnlyAddedTo(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	_, err := h.Carry(aurora, h.Case(h.Stayed(aurora, ada())))
	require.NoError(t, err)
	for _, d := range []*postgrestest.Database{h.Database, h.KeysDB} {
		conn, err := pgx.Connect(t.Context(), d.AdminURL)
		require.NoError(t, err)
		for _, statement := range []string{"delete from erasure_journal", "update erasure_journal set scope = ''", "truncate erasure_journal"} {
			_, err := conn.Exec(t.Context(), statement)
			require.ErrorContains(t, err, "only added to")
		}
		require.NoError(t, conn.Close(t.Context()))
	}
	seen := -1
	require.NoError(t, h.Pool.InTenant(t.Context(), consenttest.Boreal, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `select count(*) from erasure_journal`).Scan(&seen)
	}))
	require.Zero(t, seen, "another hotel sees none of it")
}
