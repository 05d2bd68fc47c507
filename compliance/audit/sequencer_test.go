package audit_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
)

func TestEventsAreInTheLogWhenTheirTransactionCommits(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview", "harbour")
	scope := h.scope("seaview")
	errAborted := errors.New("the business failed")
	prepared, err := h.writer.Prepare(t.Context(), event(scope, 1), event(scope, 2))
	require.NoError(t, err)
	for range 3 {
		err = h.pool.InTenant(t.Context(), "seaview", func(tx pgx.Tx) error {
			require.NoError(t, prepared.Insert(t.Context(), tx))
			return errAborted
		})
		require.ErrorIs(t, err, errAborted)
	}
	h.write(event(scope, 1), event(scope, 2))
	h.write(event(h.scope("harbour"), 1))
	h.write(event(scope, 3))
	h.round()
	status, err := h.log.Status(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 5, status.Size, "the log's own first entry, and four events")
	require.EqualValues(t, 5, status.Signed)
	require.Zero(t, status.Waiting)
	require.Zero(t, status.Lost)

	report := h.verify(h.export(audit.ExportOptions{Ring: h.ring, Proofs: true}), audit.VerifyOptions{Whole: true})
	require.Empty(t, report.Findings, "a rolled-back transaction leaves no gap")
	require.EqualValues(t, 5, report.Entries)
	require.EqualValues(t, 4, report.Opened)
	require.EqualValues(t, 5, report.Proofs)
}

// TestNothingOfAGuestIsInTheLog looks at every byte of the log's tables.
func TestNothingOfAGuestIsInTheLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	scope := h.fill("seaview", 2, 1)
	pack := h.export(audit.ExportOptions{Proofs: true})
	edit(t, pack, "entries.jsonl", func(lines []string) []string {
		for _, line := range lines {
			require.NotContains(t, line, "Lovelace") // not the first name: hashes hold three letters by chance
			require.NotContains(t, line, scope.ID)
			require.NotContains(t, line, "seaview")
		}
		return lines
	})
	require.Zero(t, h.count("select count(*) from audit_detail where position('Lovelace'::bytea in sealed) > 0"))
	require.Zero(t, h.count("select count(*) - count(distinct substr(leaf::text, 1)) from audit_leaf"), "no two leaves are alike")
}

func TestErasureLeavesProofsWhole(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	scope := h.fill("seaview", 3, 2)
	other := h.fill("seaview", 2, 2)
	_, err := h.ring.Destroy(t.Context(), scope)
	require.NoError(t, err)
	require.ErrorIs(t, h.tryWrite(event(scope, 9)), keys.ErrDestroyed)
	h.write(audit.Event{Tenant: "seaview", Kind: "erasure.done", Actor: "system", Detail: "scope erased"})
	h.round()
	report := h.verify(h.export(audit.ExportOptions{Ring: h.ring, Proofs: true}), audit.VerifyOptions{Whole: true})
	require.Empty(t, report.Findings)
	require.EqualValues(t, 3, report.Destroyed)
	require.EqualValues(t, 3, report.Opened)
	places, err := h.log.Find(t.Context(), "seaview", other.ID)
	require.NoError(t, err)
	require.Len(t, places, 2)
}

func TestBadEventsAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	good := event(h.scope("seaview"), 1)
	for what, change := range map[string]func(*audit.Event){
		"no kind":      func(e *audit.Event) { e.Kind = "" },
		"kind":         func(e *audit.Event) { e.Kind = "Ada Lovelace" },
		"long kind":    func(e *audit.Event) { e.Kind = audit.Kind("a." + strings.Repeat("b", 70)) },
		"actor":        func(e *audit.Event) { e.Actor = "Ada \"Lovelace\"" },
		"tenant":       func(e *audit.Event) { e.Tenant = "../x" },
		"scope":        func(e *audit.Event) { e.Scope = "not a ULID" },
		"large detail": func(e *audit.Event) { e.Detail = strings.Repeat("x", audit.MaxDetail) },
		"no JSON":      func(e *audit.Event) { e.Detail = func() {} },
	} {
		bad := good
		change(&bad)
		err := h.tryWrite(bad)
		require.ErrorIs(t, err, audit.ErrEvent, what)
		require.NotContains(t, err.Error(), "Lovelace", what)
	}
	mixed := good
	mixed.Tenant = "harbour"
	require.ErrorIs(t, h.tryWrite(good, mixed), audit.ErrEvent)
	prepared, err := h.writer.Prepare(t.Context(), good)
	require.NoError(t, err)
	err = h.pool.InTenant(t.Context(), "harbour", func(tx pgx.Tx) error { return prepared.Insert(t.Context(), tx) })
	require.ErrorContains(t, err, "42501", "another tenant's transaction")
}

// TestManyWritersAtOnceHaveNoGaps writes from many transactions, some of which
// fail, while several sequencers work.
func TestManyWritersAtOnceHaveNoGaps(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview", "harbour")
	scopes := []keys.Scope{h.scope("seaview"), h.scope("harbour")}
	ctx, cancel := context.WithCancel(t.Context())
	var sequencers, writers sync.WaitGroup
	for range 3 {
		s := h.newSequencer(audit.SequencerOptions{Batch: 7})
		sequencers.Go(func() {
			for ctx.Err() == nil {
				if err := s.Round(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	const each = 25
	errAborted := errors.New("aborted")
	for w := range 6 {
		writers.Go(func() {
			scope := scopes[w%2]
			for i := range each {
				prepared, err := h.writer.Prepare(ctx, event(scope, i))
				if err != nil {
					t.Error(err)
					return
				}
				err = h.pool.InTenant(ctx, scope.Tenant, func(tx pgx.Tx) error {
					if err := prepared.Insert(ctx, tx); err != nil || i%5 != 0 {
						return err
					}
					return errAborted
				})
				if err != nil && !errors.Is(err, errAborted) {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	cancel()
	sequencers.Wait()
	h.settle()
	report := h.verify(h.export(audit.ExportOptions{Ring: h.ring}), audit.VerifyOptions{Whole: true})
	require.Empty(t, report.Findings)
	require.EqualValues(t, 1+6*each*4/5, report.Entries)
	require.LessOrEqual(t, h.count("select count(*) from audit_writer"), int64(6), "no more writers than transactions at once")
	require.Equal(t, h.count("select count(*) from audit_leaf"), report.Size)
}

// TestTheLogIsOnlyAddedTo tries as those who own the tables.
func TestTheLogIsOnlyAddedTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	h.fill("seaview", 2, 1)
	h.write(event(h.scope("seaview"), 1))
	conn, err := pgx.Connect(t.Context(), h.database.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range []string{
		"update audit_leaf set leaf = 'x'", "delete from audit_leaf", "truncate audit_leaf",
		"update audit_hash set hashes = hashes", "delete from audit_hash", "truncate audit_hash",
		"update audit_detail set sealed = ''", "delete from audit_detail", "truncate audit_detail",
		"update audit_checkpoint set note = ''", "delete from audit_checkpoint", "truncate audit_checkpoint",
		"delete from audit_cosignature", "truncate audit_cosignature",
		"update audit_outbox set kind = 'x.y'", "delete from audit_outbox", "truncate audit_outbox",
		"update audit_writer set next = next - 1", "update audit_writer set writer = gen_random_uuid()", "delete from audit_writer", "truncate audit_writer",
	} {
		_, err := conn.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "42501", statement)
	}
	require.EqualValues(t, 1, h.count("select count(*) from audit_outbox"))
}

func TestEventTakenFromTheOutboxIsAGap(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	registry := prometheus.NewRegistry()
	h.sequencer = h.newSequencer(audit.SequencerOptions{Registerer: registry})
	scope := h.scope("seaview")
	h.write(event(scope, 1))
	h.round()
	h.write(event(scope, 2), event(scope, 3), event(scope, 4))
	require.EqualValues(t, 1, h.tamper("delete from audit_outbox where seq = 3"))
	h.round()
	report := h.verify(h.export(audit.ExportOptions{}), audit.VerifyOptions{})
	require.True(t, report.Has(audit.FoundGap), "%v", report.Findings)
	require.Len(t, report.Findings, 1)
	families, err := registry.Gather()
	require.NoError(t, err)
	shown := map[string]float64{}
	for _, f := range families {
		shown[f.GetName()] = f.Metric[0].GetGauge().GetValue() + f.Metric[0].GetCounter().GetValue()
	}
	require.EqualValues(t, 1, shown["voicehive_audit_gaps_total"])
	require.EqualValues(t, 4, shown["voicehive_audit_signed_size"])
	require.Zero(t, shown["voicehive_audit_outbox_rows"])

	h.write(event(scope, 5))
	require.EqualValues(t, 1, h.tamper("delete from audit_outbox"))
	h.round()
	status, err := h.log.Status(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, status.Lost, "the last event of a writer leaves no gap, but was counted")
}

// TestRewrittenLogIsNotSigned changes the log in ways that its own hashes do
// not show, and a copy of a head does.
func TestRewrittenLogIsNotSigned(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(*house){
		"rolled back": func(h *house) {
			h.tamper("delete from audit_leaf where n >= 4")
			h.tamper("delete from audit_hash where first >= 7")
			h.tamper("delete from audit_checkpoint where size > 4")
		},
		"emptied": func(h *house) {
			for _, table := range []string{"audit_leaf", "audit_hash", "audit_checkpoint", "audit_writer", "audit_outbox"} {
				h.tamper("delete from " + table)
			}
		},
		"rewritten": func(h *house) {
			h.tamper("update audit_hash set hashes = decode(repeat('00', length(hashes)), 'hex')")
		},
		"head replaced": func(h *house) { h.tamper("update audit_checkpoint set note = replace(note, '—', '–')") },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "seaview")
			scope := h.fill("seaview", 9, 3)
			change(h)
			for range 2 { // it does not settle for it
				h.write(event(scope, 100))
				s := h.newSequencer(audit.SequencerOptions{})
				require.ErrorIs(t, s.Round(t.Context()), audit.ErrRewritten)
			}
			require.Len(t, h.copies(), 3, "nothing was signed")
		})
	}
}

// TestHeadsAreSignedAndCopiedOnce tries each place where a process can end.
func TestHeadsAreSignedAndCopiedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	h.fill("seaview", 3, 1)
	copies := h.copies()
	require.Len(t, copies, 3)
	h.round()
	require.Equal(t, copies, h.copies(), "nothing new, nothing signed")

	h.forget(copies[2]) // signed, but not copied
	h.restart()
	h.round()
	require.Equal(t, copies, h.copies())

	h.tamper("delete from audit_checkpoint where size = 4") // copied, but not noted
	h.restart()
	h.round()
	head, err := h.log.Head(t.Context(), h.year())
	require.NoError(t, err)
	require.EqualValues(t, 4, head.Size)

	other, err := audit.OpenLocalSigner(h.folder+"/other.key", "test")
	require.NoError(t, err)
	h.write(event(h.scope("seaview"), 1))
	require.ErrorIs(t, h.newSequencer(audit.SequencerOptions{Signer: other}).Round(t.Context()), audit.ErrRewritten, "a log has one key")
	h.round()
}

func TestSignerOutageLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	h.fill("seaview", 2, 1)
	errDown := errors.New("sealed")
	broken := h.newSequencer(audit.SequencerOptions{Signer: brokenSigner{h.signer, errDown}})
	h.write(event(h.scope("seaview"), 3))
	require.ErrorIs(t, broken.Round(t.Context()), errDown)
	status, err := h.log.Status(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, []int64{4, 3, 0}, []int64{status.Size, status.Signed, status.Waiting})
	h.round()
	require.Empty(t, h.verify(h.export(audit.ExportOptions{}), audit.VerifyOptions{}).Findings)

	_, err = audit.SignHead(t.Context(), brokenSigner{h.signer, nil}, audit.Head{Origin: "a/2026", Size: 1})
	require.ErrorContains(t, err, "does not fit", "a signature that nobody could check is not kept")
}

// brokenSigner fails, or signs something else.
type brokenSigner struct {
	audit.Signer
	err error
}

func (b brokenSigner) Sign(ctx context.Context, message []byte) ([]byte, int, error) {
	if b.err != nil {
		return nil, 0, b.err
	}
	return b.Signer.Sign(ctx, append(message, 'x'))
}
