//go:build unix

package evidence_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/objects"
)

const (
	aurora  = consenttest.Aurora
	logName = "audit.example/test"
)

// planted are values of a guest that no pack may hold.
var planted = []string{"Wolkenstein", "wolkenstein@example.com", "+4915123456789", "4915123456789", "Officer Petersen"}

// A house is a hotel with guests, a log, and a collector of evidence.
type house struct {
	*consenttest.House
	t         testing.TB
	signer    audit.Signer
	sequencer *audit.Sequencer
	collector evidence.Collector
	engine    *retention.Engine
	request   evidence.Request
	call      string
	booking   string
}

func open(t testing.TB) *house {
	t.Helper()
	h := &house{House: consenttest.New(t), t: t}
	var err error
	h.signer, err = audit.OpenLocalSigner(filepath.Join(t.TempDir(), "audit.key"), "test")
	require.NoError(t, err)
	store, err := objects.OpenDirectory(t.TempDir())
	require.NoError(t, err)
	h.sequencer, err = audit.NewSequencer(h.Pool, audit.SequencerOptions{Name: logName, Signer: h.signer, Store: store})
	require.NoError(t, err)
	log, err := audit.NewLog(h.Pool, logName)
	require.NoError(t, err)
	policy, err := retention.Shipped()
	require.NoError(t, err)
	engine := retention.New(retention.Options{Pool: h.Pool, Policy: policy, Auditor: h.Writer, Keys: h.Ring, Objects: h.Objects, Signer: h.signer})
	now := time.Now().UTC().Truncate(time.Second)
	h.collector = evidence.Collector{
		Pool: h.Pool, Log: log, Signer: h.signer, LogName: logName, Pseudonym: h.Writer.Pseudonym, Version: "test",
		Overdue: evidence.OverdueBy(engine, func(context.Context, string) (retention.Hotel, error) {
			return retention.Hotel{ID: aurora, Country: "DE", Zone: "Europe/Berlin"}, nil
		}),
		Papers: []evidence.Paper{{Name: "dpia.md", Title: "Impact assessment", Version: "1", Digest: strings.Repeat("ab", 32), Content: []byte("# Impact assessment\n")}},
		Clock:  func() time.Time { return now.Add(time.Hour) },
	}
	h.engine = engine
	h.keeps(30 * 24 * time.Hour)
	h.request = evidence.Request{Hotel: aurora, From: now.Add(-20 * 24 * time.Hour), Until: now.Add(10 * time.Minute)}
	return h
}

// keeps says for how long Temporal keeps finished runs.
func (h *house) keeps(kept time.Duration) {
	h.collector.History = func(ctx context.Context, hotel string) error {
		return h.engine.CheckHistory(ctx, retention.Hotel{ID: hotel, Country: "DE", Zone: "Europe/Berlin"}, kept)
	}
}

// live fills the house with what is as it should be.
func (h *house) live() *house {
	h.t.Helper()
	h.booking = h.Booking(aurora, subjects.Person{FirstName: "Oswald", LastName: "Wolkenstein", Phone: "+49 1512 3456789", Email: "wolkenstein@example.com"})
	c := h.Call(aurora, time.Hour)
	h.call = c.ID
	h.Notice(aurora, c)
	recording := h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 10*time.Second))
	h.Append(h.Said(aurora, c, consent.Transcription, consent.Given, 12*time.Second))
	h.admin(
		`insert into turn (hotel, call, seq, speaker, sealed, from_ms, to_ms, masked_at) values ($1, $2, 1, 'agent', '\xab', 20000, 21000, now()), ($1, $2, 2, 'caller', '\xab', 22000, 23000, now())`, h.call)
	h.admin(`insert into recording (hotel, id, call, object, from_ms, to_ms, consent, bytes, sha256) values ($1, 'r1', $2, 'recordings/r1', 20000, 30000, $3, 100, sha256('x'))`, h.call, recording.ID)
	// A call of some days ago, whose consent was taken back when it was over.
	old := h.Scope(aurora)
	h.admin(`insert into call (hotel, id, state, direction, language, started_at, ended_at, notice_version, notice_language, notice_hash, notice_ended_ms, notice_at)
		select hotel, $2, 'ended', direction, language, now() - interval '3 days', now() - interval '3 days' + interval '9 minutes', notice_version, notice_language, notice_hash, notice_ended_ms, now() - interval '3 days' from call where hotel = $1 and id = $3`, old, h.call)
	for i, action := range []string{"given", "withdrawn"} {
		h.admin(`insert into consent_event (hotel, id, scope, purpose, action, wording, wording_hash, language, channel, method, call, offset_ms, event_time, recorded_at, actor)
			select hotel, $2, $3, purpose, $4, wording, wording_hash, language, channel, method, $3, 1000, now() - interval '3 days' + $5 * interval '8 minutes', now() - interval '3 days' + $5 * interval '8 minutes', 'Officer Petersen'
			from consent_event where hotel = $1 and purpose = 'transcription' and scope = $6`, fmt.Sprintf("01JZ000000000000000000000%d", i), old, action, i, h.call)
	}
	h.admin(`insert into turn (hotel, call, seq, speaker, sealed, from_ms, to_ms, masked_at, created_at) values ($1, $2, 1, 'caller', '\xab', 20000, 21000, now(), now() - interval '3 days' + interval '2 minutes')`, old)
	h.liveCases()
	h.admin(`insert into region_check (endpoint, hotel, role, host, class, provider, region, country, addresses, state, reason, evidence, checked_at, changed_at)
		values ('DATABASE_URL', '', 'database', 'db.eu-central-1.rds.amazonaws.com', 'ours', 'aws', 'eu-central-1', 'DE', sha256('x'), 'PASS', '', 'contract.pdf, Officer Petersen', now(), now()),
		       ('hotel/' || $1 || '/api', $1, 'pms', 'api.apaleo.com', 'controller', 'apaleo', '', '', sha256('x'), 'ATTESTED', '', 'attested by Officer Petersen', now(), now())`)
	h.admin(`insert into retention_run (hotel, id, state, as_of, plan, plan_hash, rows, started_by, finished_at, erased, overdue, certificate)
		values ($1, 'run1', 'done', current_date - 1, '{}', sha256('x'), 5, 'Officer Petersen', now() - interval '1 day', 5, 0, '{}')`)
	event := audit.Event{Tenant: audit.HouseTenant, Kind: "keys.backup_checked", Actor: "operator", Detail: map[string]any{"by": "Officer Petersen"}}
	require.NoError(h.t, h.Ring.EnsureTenant(h.t.Context(), audit.HouseTenant))
	require.NoError(h.t, h.Writer.Record(h.t.Context(), h.Pool, event))
	h.sequence()
	return h
}

// liveCases adds requests of data subjects: erased, refused, extended.
func (h *house) liveCases() {
	h.t.Helper()
	for i, c := range []struct{ kind, state, outcome, extended string }{
		{"erasure", "completed", "granted", "null"}, {"access", "refused", "refused", "null"}, {"access", "completed", "granted", "now() - interval '12 days'"},
	} {
		h.admin(fmt.Sprintf(`insert into dsar_case (hotel, id, key_hmac, body_hmac, kind, state, channel, language, match, proof, proven_at, received_at, due_at, internal_at, clock, extended_at, outcome, sealed_wish, opened_by, closed_at)
			values ($1, '01JY000000000000000000000%d', sha256('%[1]d'), sha256('x'), '%s', '%s', 'api', 'de', 'known', 'code', now(), now() - interval '15 days', now() + interval '5 days', now(),
			jsonb_build_object('due', now() - interval '10 days'), %s, '%s', '\xab', 'Officer Petersen', now() - interval '1 day')`, i, c.kind, c.state, c.extended, c.outcome))
	}
	h.admin(`insert into dsar_act (hotel, case_id, id, key_hmac, body_hmac, kind, actor, asked_at, done_at)
		values ($1, '01JY0000000000000000000000', 'act1', sha256('act1'), sha256('x'), 'approved', 'Officer Petersen', now() - interval '2 days', now() - interval '2 days')`)
	h.admin(`insert into dsar_procedure (hotel, actor, version, confirmed_at) values ($1, 'Officer Petersen', '0123456789ab', now() - interval '30 days')`)
	h.admin(`insert into message (hotel, id, scope, purpose, channel, kind, state, sent_at) values ($1, 'm1', '01JY0000000000000000000001', 'case', 'email', 'dsar_refused', 'sent', now()), ($1, 'm2', 'x', 'case', 'email', 'dsar_completed', 'sent', now())`)
	h.admin(`insert into erasure_certificate (hotel, id, request, left_hash, envelope, erased_at, final_at) values ($1, 'c1', '01JY0000000000000000000000', 'x', '\xab', now() - interval '1 day', now())`)
	h.admin(`insert into erasure_journal (hotel, scope, kept) values ($1, '01JX0000000000000000000000', '{booking}')`)
	h.admin(`insert into legal_hold (hotel, id, matter, reason, kind, placed_by, lapses_at, review_at, approved_by, approved_at) values ($1, '01JX0000000000000000000001', 'A-1/26', 'dispute', 'booking', 'Officer Petersen', now() + interval '7 days', now() + interval '90 days', 'two', now())`)
	h.admin(`insert into breach (hotel, id, kinds, aware_at, controller_due, authority_due, sealed, opened_by)
		values ('voicehive-house', '01JB0000000000000000000000', '{confidentiality}', now() - interval '5 days', now() - interval '4 days', now() - interval '2 days', '\xab', 'Officer Petersen')`)
	h.admin(`insert into breach_hotel (hotel, breach, concerns) values ('voicehive-house', '01JB0000000000000000000000', $1)`)
	h.admin(`insert into breach_note (hotel, breach, n, kind, concerns, risk, phase, sealed, happened_at, actor) values
		('voicehive-house', '01JB0000000000000000000000', 1, 'controller_told', $1, null, null, '\xab', now() - interval '110 hours', 'Officer Petersen'),
		('voicehive-house', '01JB0000000000000000000000', 2, 'assessed', null, 'risk', null, '\xab', now() - interval '110 hours', 'Officer Petersen'),
		('voicehive-house', '01JB0000000000000000000000', 3, 'authority_told', null, null, 'initial', '\xab', now() - interval '100 hours', 'Officer Petersen')`)
	h.admin(`insert into restriction (hotel, scope, by_case, ground, notice, lifted_at) values ($1, 's1', 'c1', 'accuracy', 'm2', now())`)
}

// sequence takes all events into the signed log.
func (h *house) sequence() {
	h.t.Helper()
	require.NoError(h.t, h.sequencer.Round(h.t.Context()))
}

// admin runs a statement behind row security and every guard; $1 is the hotel.
func (h *house) admin(statement string, args ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.Database.AdminURL)
	require.NoError(h.t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(h.t.Context())) }()
	_, err = conn.Exec(h.t.Context(), "set session_replication_role = replica")
	require.NoError(h.t, err)
	all := args
	if strings.Contains(statement, "$1") {
		all = append([]any{aurora}, args...)
	}
	_, err = conn.Exec(h.t.Context(), statement, all...)
	require.NoError(h.t, err, statement)
}

// pack collects.
func (h *house) pack() ([]byte, evidence.Summary) {
	h.t.Helper()
	var out bytes.Buffer
	summary, err := h.collector.Collect(h.t.Context(), h.request, &out)
	require.NoError(h.t, err)
	return out.Bytes(), summary
}

// vkeys are the log's public keys, as the operator gives them out.
func (h *house) vkeys() string {
	h.t.Helper()
	lines, err := audit.VerifierKeys(h.t.Context(), h.signer, logName)
	require.NoError(h.t, err)
	return strings.Join(lines, "\n")
}

func (h *house) verify(pack []byte) *evidence.Report {
	h.t.Helper()
	report, err := evidence.Verify(h.t.Context(), bytes.NewReader(pack), int64(len(pack)), h.vkeys())
	require.NoError(h.t, err)
	return report
}
