//go:build full && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/starter"
)

// spoken is how much was said in a call whose transcript has had its time:
// enough batches for a worker to be killed between two of them.
const spoken = 150_000

// agedRun is a run under way.
type agedRun struct {
	id         string
	held, free string // calls
	planned    int64
}

// beginRetention takes a run from its dry run over the approval of a second
// person into the middle of its execution, where the worker is killed. A hold
// that is placed after the plan keeps one of two calls.
func (d *counter) beginRetention(ctx context.Context) (r agedRun) {
	d.Helper()
	b := openBooks(ctx, d.T, d.house)
	r.held, r.free = d.aged(ctx, b, 40), d.aged(ctx, b, spoken)
	var plan retention.Plan
	d.read(ctx, &plan, "retention", "dry-run")
	require.EqualValues(d, spoken+40, plan.Rows)
	require.Equal(d, spoken+40, b.count(ctx, "turn"), "a dry run changes nothing")

	var run retention.Run
	d.read(ctx, &run, "retention", "run")
	r.id, r.planned = run.ID, run.Plan.Rows
	require.Equal(d, retention.Waiting, run.State)
	d.refuses(ctx, starter.SamePerson, "", "retention", "approve", run.ID, "--plan", run.PlanHash)
	d.place(ctx, "call", r.held)
	decide := "/retention/runs/" + run.ID + "/decision"
	status, text := d.byAPI(ctx, http.MethodPost, decide, `{"plan_hash": "`+strings.Repeat("0", 64)+`"}`)
	require.Equal(d, http.StatusConflict, status, text)
	require.Contains(d, text, starter.PlanChanged.Code)
	status, text = d.byAPI(ctx, http.MethodPost, decide, `{"plan_hash": "`+run.PlanHash+`"}`)
	require.Equal(d, http.StatusOK, status, text)

	require.Eventually(d, func() bool { return b.count(ctx, "retention_batch where run = $1", run.ID) >= 2 }, time.Minute, 2*time.Millisecond)
	d.Workers()[0].Kill()
	left := b.count(ctx, "turn")
	require.Greater(d, left, 40, "the worker was killed in the middle")
	require.EqualValues(d, r.planned, int64(left)+b.erased(ctx, run.ID), "a batch and what it says of itself are one")
	_, err := d.StartWorker(ctx)
	require.NoError(d, err)
	return r
}

// aged is a call with so much said in it that has had its time.
func (d *counter) aged(ctx context.Context, b *books, turns int) (call string) {
	d.Helper()
	p, err := openStores(ctx, "test")
	require.NoError(d, err)
	defer p.close()
	scope, err := p.ring.Create(ctx, d.Hotel.ID)
	require.NoError(d, err)
	for _, statement := range []string{
		`set session_replication_role = replica`, // nobody consented, for nobody called
		`insert into call (hotel, id, state, direction, language, started_at, ended_at) values ($1, $2, 'ended', 'inbound', 'de', now() - interval '40 days', now() - interval '40 days')`,
		`insert into turn (hotel, call, seq, speaker, sealed, from_ms, to_ms, created_at, masked_at)
			select $1, $2, n, 'caller', '\xab', n, n, now() - interval '40 days', now() - interval '40 days' from generate_series(1, ` + jsonOf(d.T, turns) + `) n`,
		`reset session_replication_role`,
	} {
		var values []any
		if strings.Contains(statement, "$1") {
			values = []any{d.Hotel.ID, scope.ID}
		}
		_, err := b.ledger.Exec(ctx, statement, values...)
		require.NoError(d, err)
	}
	return scope.ID
}

// erased is what the batches of a run say that they erased.
func (b *books) erased(ctx context.Context, run string) (n int64) {
	b.t.Helper()
	require.NoError(b.t, b.ledger.QueryRow(ctx, "select coalesce(sum(rows), 0) from retention_batch where run = $1", run).Scan(&n))
	return n
}

// read runs a verb and reads what it prints.
func (d *counter) read(ctx context.Context, into any, args ...string) {
	d.Helper()
	out, exit := d.verb(ctx, "", append(args, "--hotel", d.Hotel.ID, "--json")...)
	require.Zero(d, exit, "%v: %s", args, out)
	require.NoError(d, json.Unmarshal([]byte(lastLine(out)), into), out)
}

// endRetention waits for the run's end, and checks its certificate with nothing
// but the audit log's public key.
func (d *counter) endRetention(ctx context.Context, r agedRun) {
	d.Helper()
	var run retention.Run
	require.Eventually(d, func() bool {
		status, text := d.byAPI(ctx, http.MethodGet, "/retention/runs/"+r.id, "")
		return status == http.StatusOK && json.Unmarshal([]byte(text), &run) == nil && run.State == retention.Done
	}, 3*time.Minute, 200*time.Millisecond, "the next worker goes on")
	b := openBooks(ctx, d.T, d.house)
	require.Equal(d, 40, b.count(ctx, "turn where call = $1", r.held), "the hold wins")
	require.Zero(d, b.count(ctx, "turn where call = $1", r.free))
	require.NotEqual(d, run.StartedBy, run.ApprovedBy)

	file, key := d.TempDir()+"/run.json", d.logKey(ctx)
	var written struct{ File string }
	d.read(ctx, &written, "retention", "certificate", r.id, "--out", file)
	var claim retention.Claim
	require.NoError(d, json.Unmarshal(d.alone(ctx, "retention", "verify", "--file", file, "--key", key, "--json"), &claim))
	require.Equal(d, r.id, claim.Run)
	require.Equal(d, r.planned-40, claim.Erased, "nothing twice, nothing skipped")
	require.EqualValues(d, claim.Erased, b.erased(ctx, r.id))
	require.Zero(d, claim.Overdue)
	require.True(d, claim.Final.After(claim.ErasedLive))
	out, exit := d.verb(ctx, "", "retention", "verify", "--file", spoilt(d.T, file), "--key", key)
	require.Equal(d, exitFailed, exit, out)
	require.Contains(d, out, "do not trust it")
}

// spoilt is a copy of a certificate with another byte in what is signed.
func spoilt(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	mark := []byte(`"payload"`)
	at := bytes.Index(text, mark)
	require.Positive(t, at)
	at += len(mark) + 40
	text[at] = map[bool]byte{true: 'B', false: 'A'}[text[at] == 'A']
	other := file + ".spoilt"
	require.NoError(t, os.WriteFile(other, text, 0o600))
	return other
}

// server connects as the cluster's superuser, beside the databases.
func (d *counter) server(ctx context.Context) *pgx.Conn {
	d.Helper()
	ledger, _ := d.AdminURLs()
	at, err := url.Parse(ledger)
	require.NoError(d, err)
	at.Path = "/postgres"
	conn, err := pgx.Connect(ctx, at.String())
	require.NoError(d, err)
	d.Cleanup(func() { _ = conn.Close(context.WithoutCancel(ctx)) })
	return conn
}

// ledgerName is the ledger's database.
func (d *counter) ledgerName() string {
	d.Helper()
	ledger, _ := d.AdminURLs()
	at, err := url.Parse(ledger)
	require.NoError(d, err)
	return strings.TrimPrefix(at.Path, "/")
}

// down ends everything that is connected to the databases, and up runs it again.
func (d *counter) down() {
	d.Helper()
	for _, w := range d.Workers() {
		w.Stop()
	}
	d.StopAPI()
}

func (d *counter) up(ctx context.Context) {
	d.Helper()
	require.NoError(d, d.StartAPI(ctx))
	_, err := d.StartWorker(ctx)
	require.NoError(d, err)
}

// backUp copies the ledger as it is.
func (d *counter) backUp(ctx context.Context) (copied string) {
	d.Helper()
	d.down()
	server, name := d.server(ctx), d.ledgerName()
	copied = name + "_backup"
	require.Eventually(d, func() bool {
		_, err := server.Exec(ctx, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
		if err == nil {
			_, err = server.Exec(ctx, "create database "+copied+" template "+name)
		}
		return err == nil
	}, time.Minute, 50*time.Millisecond, "the copy waits for the last connection to end")
	d.up(ctx)
	return copied
}

// restored: the ledger is restored from a backup that is older than an erasure.
// No process opens, and each says what to do, until the erasure was replayed;
// then the guest is as gone as before, and the house is open.
func (d *counter) restored(ctx context.Context, backup, erased string) {
	d.Helper()
	d.down()
	name := d.ledgerName()
	server := d.server(ctx)
	for _, statement := range []string{"drop database " + name + " with (force)", "alter database " + backup + " rename to " + name} {
		_, err := server.Exec(ctx, statement)
		require.NoError(d, err)
	}
	b := openBooks(ctx, d.T, d.house)
	require.Equal(d, 1, b.count(ctx, "guest where booking = $1", erased), "the backup brings the guest back")

	for _, args := range [][]string{{"api", "--addr", "127.0.0.1:0"}, {"worker", "--pool", "all"}, {"retention", "run", "--hotel", d.Hotel.ID}} {
		bounded, cancel := context.WithTimeout(ctx, time.Minute)
		out, exit := d.verb(bounded, "", args...)
		cancel()
		require.Equal(d, exitFailed, exit, "%v: %s", args, out)
		require.Contains(d, out, "voicehive erasure replay")
		require.NotContains(d, out, `"ready":true`)
	}
	out, exit := d.verb(ctx, "", "erasure", "replay", "--json")
	require.Zero(d, exit, out)
	require.Zero(d, b.count(ctx, "guest where booking = $1", erased))
	require.Zero(d, b.count(ctx, "guest_index where scope = $1", erased))
	d.up(ctx)
	status, text := d.byAPI(ctx, http.MethodGet, "/dsars", "")
	require.Equal(d, http.StatusOK, status, text)
	out, exit = d.verb(ctx, "", "erasure", "replay", "--json")
	require.Zero(d, exit, "a second time finds nothing: %s", out)
	require.Contains(d, out, `"scopes":0`)
}
