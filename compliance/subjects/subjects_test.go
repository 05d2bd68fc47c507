package subjects_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const (
	aurora = consenttest.Aurora
	boreal = consenttest.Boreal
)

func ada() subjects.Person {
	return subjects.Person{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.org", Phone: "030 5550199", Country: "DE"}
}

func byDesk() subjects.Cause {
	return subjects.Cause{Actor: "compliance:4f02", Reason: subjects.GuestConfirmed, Note: "she showed her passport"}
}

func resolve(t *testing.T, h *consenttest.House, scope string) subjects.Resolution {
	t.Helper()
	r, err := h.Desk.Resolve(t.Context(), aurora, scope)
	require.NoError(t, err)
	require.False(t, r.Subject.IsZero())
	return r
}

func TestLookup(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	scope := h.Booking(aurora, ada())
	h.Booking(boreal, ada())
	h.Booking(aurora, subjects.Person{FirstName: "Emmy", LastName: "Noether", Phone: "030 5550100", Country: "DE"})
	for name, p := range map[string]subjects.Person{
		"phone":   {Phone: "+49 30 5550199"},
		"email":   {Email: "ADA@Example.org"},
		"name":    {FirstName: "LOVELACE", LastName: "ada"},
		"surname": {LastName: "lovelace"},
	} {
		found, err := h.Desk.Lookup(t.Context(), aurora, "compliance", p)
		require.NoError(t, err)
		require.Equal(t, []string{scope}, found.Scopes, name)
	}
	found, err := h.Desk.Lookup(t.Context(), aurora, "compliance", subjects.Person{Phone: "+49 30 5550111"})
	require.NoError(t, err)
	require.Empty(t, found.Scopes)
	_, err = h.Desk.Lookup(t.Context(), aurora, "compliance", subjects.Person{FirstName: "Ada"})
	require.ErrorIs(t, err, subjects.ErrNothingToFind)
	require.Equal(t, 5, h.Count(`select count(*) from audit_outbox where kind = 'subject.looked_up'`), "each look-up leaves a trace")
	require.Zero(t, h.Count(`select count(*) from guest_index where position('ada'::bytea in digest) > 0`))
}

// The digests are the hotel's own: a table of one tells nothing of another.
func TestIndexIsPerHotel(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	index := subjects.NewIndex(h.Ring)
	here, err := index.Entries(t.Context(), aurora, ada())
	require.NoError(t, err)
	there, err := index.Entries(t.Context(), boreal, ada())
	require.NoError(t, err)
	require.Len(t, here, 4)
	for i, e := range here {
		require.Len(t, e.Digest, 32)
		require.False(t, bytes.Equal(e.Digest, there[i].Digest))
		for _, other := range here[:i] {
			require.False(t, bytes.Equal(e.Digest, other.Digest))
		}
	}
	none, err := index.Entries(t.Context(), aurora, subjects.Person{Phone: "call me", Email: "nobody"})
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = index.Entries(t.Context(), "hotel-nowhere", ada())
	require.ErrorIs(t, err, keys.ErrUnknownScope)
}

func TestGuessingIsBounded(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	refused := 0
	for i := range 40 {
		_, err := h.Desk.Lookup(t.Context(), aurora, "agent:1", subjects.Person{Phone: fmt.Sprintf("+49 30 55501%02d", i)})
		if err != nil {
			require.ErrorIs(t, err, subjects.ErrTooMany)
			refused++
		}
	}
	require.Greater(t, refused, 5)
	_, err := h.Desk.Lookup(t.Context(), aurora, "agent:2", ada())
	require.NoError(t, err, "another is not held up")
}

func TestResolve(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	first := h.Booking(aurora, ada())
	r := resolve(t, h, first)
	require.False(t, r.Joined)
	require.Equal(t, r, resolve(t, h, first), "once known, a scope keeps its subject")

	byMail := ada()
	byMail.Phone = ""
	second := h.Booking(aurora, byMail)
	again := resolve(t, h, second)
	require.True(t, again.Joined, "the same name and e-mail")
	require.Equal(t, r.Subject, again.Subject)
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'subject.joined'`))

	// The husband at the same phone is somebody else until a person decides.
	husband := subjects.Person{FirstName: "William", LastName: "Lovelace", Phone: ada().Phone, Country: "DE"}
	third := h.Booking(aurora, husband)
	his := resolve(t, h, third)
	require.NotEqual(t, r.Subject, his.Subject)
	require.False(t, his.Joined)
	require.Len(t, his.Candidates, 1)
	require.Equal(t, r.Subject, his.Candidates[0].Subject)
	require.Equal(t, []subjects.Kind{subjects.KindPhone}, his.Candidates[0].Because)

	// A last name and a phone are a family.
	family := h.Booking(aurora, subjects.Person{LastName: "Lovelace", Phone: ada().Phone, Country: "DE"})
	require.False(t, resolve(t, h, family).Joined)

	// A call whose caller is unknown is joined when they have said who they are.
	c := h.Call(aurora, time.Minute)
	unknown := resolve(t, h, h.Call(aurora, time.Minute).ID)
	require.Empty(t, unknown.Candidates)
	require.NoError(t, h.Desk.AddIndex(t.Context(), aurora, c.ID, ada()))
	require.Equal(t, r.Subject, resolve(t, h, c.ID).Subject)

	elsewhere := h.Booking(boreal, ada())
	other, err := h.Desk.Resolve(t.Context(), boreal, elsewhere)
	require.NoError(t, err)
	require.NotEqual(t, r.Subject, other.Subject, "hotels never meet")
	require.False(t, other.Joined)
}

func TestResolveAtOnce(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	scopes := make([]string, 6)
	for i := range scopes {
		scopes[i] = h.Booking(aurora, ada())
	}
	found := make([]subjects.Ref, len(scopes))
	var all sync.WaitGroup
	for i, scope := range scopes {
		all.Go(func() {
			r, err := h.Desk.Resolve(t.Context(), aurora, scope)
			if err != nil {
				t.Errorf("resolve: %v", err)
			}
			found[i] = r.Subject
		})
	}
	all.Wait()
	for _, ref := range found {
		require.Equal(t, found[0], ref, "bookings of one person in one moment are one subject's")
	}
}

// Two people in one booking have scopes of their own: one goes, one stays.
func TestCompanions(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	booking := h.Booking(aurora, ada())
	emmy := subjects.Person{FirstName: "Emmy", LastName: "Noether", Email: "emmy@example.org"}
	companion, err := h.Desk.AddCompanion(t.Context(), aurora, booking, emmy)
	require.NoError(t, err)
	require.NotEqual(t, resolve(t, h, booking).Subject, resolve(t, h, companion).Subject)
	later := h.Booking(aurora, emmy)
	require.Equal(t, resolve(t, h, companion).Subject, resolve(t, h, later).Subject)

	gone, err := h.Desk.EraseRows(t.Context(), aurora, []string{companion})
	require.NoError(t, err)
	require.EqualValues(t, 1, gone.Companions)
	found, err := h.Desk.Lookup(t.Context(), aurora, "compliance", ada())
	require.NoError(t, err)
	require.Equal(t, []string{booking}, found.Scopes)
	require.Equal(t, 1, h.Count(`select count(*) from guest where booking = $1`, booking))
}

func TestMergeSplitUndo(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	a, b := h.Booking(aurora, ada()), h.Booking(aurora, subjects.Person{FirstName: "A.", LastName: "Lovelace", Phone: ada().Phone, Country: "DE"})
	one, two := resolve(t, h, a).Subject, resolve(t, h, b).Subject
	require.NotEqual(t, one, two)

	merged, err := h.Desk.Merge(ctx, aurora, two, one, byDesk())
	require.NoError(t, err)
	scopes, err := h.Desk.ScopesOf(ctx, aurora, one)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{a, b}, scopes)
	_, err = h.Desk.ScopesOf(ctx, aurora, two)
	require.ErrorIs(t, err, subjects.ErrUnknownSubject)

	_, err = h.Desk.Undo(ctx, aurora, merged, byDesk())
	require.NoError(t, err)
	require.Equal(t, one, resolve(t, h, a).Subject)
	require.Equal(t, two, resolve(t, h, b).Subject)
	_, err = h.Desk.Undo(ctx, aurora, merged, byDesk())
	require.ErrorIs(t, err, subjects.ErrUnknownDecision, "once")

	_, err = h.Desk.Merge(ctx, aurora, two, one, byDesk())
	require.NoError(t, err)
	fresh, split, err := h.Desk.Split(ctx, aurora, one, []string{b}, subjects.Cause{Actor: "compliance", Reason: subjects.SharedContact})
	require.NoError(t, err)
	require.Equal(t, fresh, resolve(t, h, b).Subject, "a machine does not join again what a person has separated")
	_, err = h.Desk.Undo(ctx, aurora, split, byDesk())
	require.NoError(t, err)
	require.Equal(t, one, resolve(t, h, b).Subject)

	require.Equal(t, 5, h.Count(`select count(*) from subject_decision where done_at is not null`))
	require.Equal(t, 5, h.Count(`select count(*) from audit_outbox where kind in ('subject.merged', 'subject.split')`))
	require.Zero(t, h.Count(`select count(*) from audit_detail where position('passport'::bytea in sealed) > 0`))
}

// Two people of one name at one address are kept apart once a person has said
// so, and who comes next is for a person to decide.
func TestMachinesDoNotJoinWhatPeopleSeparated(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	a, b := h.Booking(aurora, ada()), h.Booking(aurora, ada())
	one := resolve(t, h, a).Subject
	require.Equal(t, one, resolve(t, h, b).Subject)
	fresh, _, err := h.Desk.Split(t.Context(), aurora, one, []string{b}, byDesk())
	require.NoError(t, err)
	again := resolve(t, h, b)
	require.Equal(t, fresh, again.Subject)
	require.False(t, again.Joined)
	require.Equal(t, one, again.Candidates[0].Subject)
	next := resolve(t, h, h.Booking(aurora, ada()))
	require.NotContains(t, []subjects.Ref{one, fresh}, next.Subject)
	require.Len(t, next.Candidates, 2)
}

func TestBadDecisionsChangeNothing(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	a, b := h.Booking(aurora, ada()), h.Booking(aurora, subjects.Person{FirstName: "Emmy", LastName: "Noether"})
	one, two := resolve(t, h, a).Subject, resolve(t, h, b).Subject
	foreign, err := h.Desk.Resolve(ctx, boreal, h.Booking(boreal, ada()))
	require.NoError(t, err)
	rows := h.Count(`select count(*) from subject_decision`)
	for name, do := range map[string]struct {
		err  func() error
		want error
	}{
		"merge with itself":        {func() error { _, err := h.Desk.Merge(ctx, aurora, one, one, byDesk()); return err }, subjects.ErrUnknownSubject},
		"merge nobody":             {func() error { _, err := h.Desk.Merge(ctx, aurora, subjects.Ref{}, one, byDesk()); return err }, subjects.ErrUnknownSubject},
		"merge into another hotel": {func() error { _, err := h.Desk.Merge(ctx, aurora, one, foreign.Subject, byDesk()); return err }, subjects.ErrUnknownSubject},
		"merge from another hotel": {func() error { _, err := h.Desk.Merge(ctx, boreal, one, foreign.Subject, byDesk()); return err }, subjects.ErrUnknownSubject},
		"no reason": {func() error {
			_, err := h.Desk.Merge(ctx, aurora, one, two, subjects.Cause{Actor: "compliance", Reason: "felt like it"})
			return err
		}, subjects.ErrReason},
		"a machine's reason": {func() error {
			_, err := h.Desk.Merge(ctx, aurora, one, two, subjects.Cause{Actor: "compliance", Reason: subjects.SameNameAndContact})
			return err
		}, subjects.ErrReason},
		"nobody decides": {func() error {
			_, err := h.Desk.Merge(ctx, aurora, one, two, subjects.Cause{Reason: subjects.GuestConfirmed})
			return err
		}, subjects.ErrReason},
		"split all":        {func() error { _, _, err := h.Desk.Split(ctx, aurora, one, []string{a}, byDesk()); return err }, subjects.ErrScopes},
		"split nothing":    {func() error { _, _, err := h.Desk.Split(ctx, aurora, one, nil, byDesk()); return err }, subjects.ErrScopes},
		"split another's":  {func() error { _, _, err := h.Desk.Split(ctx, aurora, one, []string{b}, byDesk()); return err }, subjects.ErrScopes},
		"undo what is not": {func() error { _, err := h.Desk.Undo(ctx, aurora, ulid.Make().String(), byDesk()); return err }, subjects.ErrUnknownDecision},
	} {
		require.ErrorIs(t, do.err(), do.want, name)
	}
	require.Equal(t, rows, h.Count(`select count(*) from subject_decision`))
}

var errCut = errors.New("the connection is gone")

// cutOff is a table that cannot be reached any more when scopes are to move.
type cutOff struct{ subjects.Table }

func (cutOff) Reassign(context.Context, string, uuid.UUID, uuid.UUID, ...keys.Scope) error {
	return errCut
}

// A decision that was cut off between the two databases is carried out later.
func TestDecisionsAreFinished(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	a, b := h.Booking(aurora, ada()), h.Booking(aurora, subjects.Person{FirstName: "Emmy", LastName: "Noether"})
	one, two := resolve(t, h, a).Subject, resolve(t, h, b).Subject
	cut := subjects.New(subjects.Options{Pool: h.Pool, Keys: h.Ring, Table: cutOff{h.Table}, Auditor: h.Writer})
	id, err := cut.Merge(ctx, aurora, two, one, byDesk())
	require.NoError(t, err, "it is written down, and so it is taken")
	require.Equal(t, 1, h.Count(`select count(*) from subject_decision where done_at is null`))
	require.Equal(t, two, resolve(t, h, b).Subject)
	_, err = cut.Undo(ctx, aurora, id, byDesk())
	require.ErrorIs(t, err, errCut, "nobody decides on top of what is not carried out")
	_, err = cut.ScopesOf(ctx, aurora, one)
	require.ErrorIs(t, err, errCut, "nor erases what may be another's")
	carried, err := h.Desk.Finish(ctx, aurora)
	require.NoError(t, err)
	require.Equal(t, 1, carried)
	require.Equal(t, one, resolve(t, h, b).Subject)
	carried, err = h.Desk.Finish(ctx, aurora)
	require.NoError(t, err)
	require.Zero(t, carried)
}

func TestEraseRows(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	booking, other := h.Booking(aurora, ada()), h.Booking(aurora, subjects.Person{FirstName: "Emmy", LastName: "Noether", Email: "e@example.org"})
	c := h.Call(aurora, time.Minute)
	require.NoError(t, h.Desk.AddIndex(ctx, aurora, c.ID, ada()))
	h.Notice(aurora, c)
	h.Append(h.Said(aurora, c, consent.Transcription, consent.Given, 7*time.Second))
	yes := h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 8*time.Second))
	require.NoError(t, h.Calls.AddTurn(ctx, aurora, calls.Turn{Call: c.ID, Seq: 1, Speaker: calls.Caller, Text: "Ada hier", From: 0, To: time.Second}))
	h.Objects.Put("recordings/one")
	require.NoError(t, h.Calls.AddRecording(ctx, aurora, calls.Recording{
		ID: ulid.Make().String(), Call: c.ID, Object: "recordings/one", To: time.Second, Consent: yes.ID, Bytes: 1, SHA256: make([]byte, 32),
	}))

	require.NoError(t, h.Pool.InTenant(ctx, aurora, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into message (hotel, id, scope, purpose, channel, kind, sealed)
			select $1, purpose, $2, purpose, 'email', 'confirmation', '\x01' from unnest(array['operations', 'case']) purpose`, aurora, booking)
		if err == nil {
			_, err = tx.Exec(ctx, `insert into one_time_code (hotel, id, scope, mac, expires_at) values ($1, 'a', $2, $3, now())`, aurora, booking, make([]byte, 32))
		}
		return err
	}))

	scopes := []string{booking, c.ID}
	left, err := h.Desk.Remaining(ctx, aurora, scopes)
	require.NoError(t, err)
	want := subjects.Counts{Index: 8, Guests: 1, Turns: 1, Recordings: 1, Quotes: 1, Intents: 1, Bookings: 1, Messages: 1, Codes: 1}
	require.Equal(t, want, left)

	_, err = h.Desk.EraseRows(ctx, boreal, scopes)
	require.NoError(t, err)
	left, err = h.Desk.Remaining(ctx, aurora, scopes)
	require.NoError(t, err)
	require.Equal(t, want, left, "another hotel erases nothing here")

	h.Objects.Fail = fmt.Errorf("the store is away")
	_, err = h.Desk.EraseRows(ctx, aurora, scopes)
	require.Error(t, err)
	h.Objects.Fail = nil
	left, err = h.Desk.Remaining(ctx, aurora, scopes)
	require.NoError(t, err)
	require.Equal(t, subjects.Counts{Objects: 1}, left, "rows go at once; the object's name stays until it is gone too")
	require.Equal(t, 2, h.Count(`select count(*) from erasure_journal where hotel = 'hotel-aurora' and kept = '{}'`), "and both are in the journal")

	gone, err := h.Desk.EraseRows(ctx, aurora, scopes)
	require.NoError(t, err)
	require.Equal(t, subjects.Counts{Objects: 1}, gone)
	there, err := h.Objects.Exists(ctx, "recordings/one")
	require.NoError(t, err)
	require.False(t, there)
	left, err = h.Desk.Remaining(ctx, aurora, scopes)
	require.NoError(t, err)
	require.Zero(t, left.Total())
	gone, err = h.Desk.EraseRows(ctx, aurora, scopes)
	require.NoError(t, err)
	require.Zero(t, gone.Total(), "a second time finds nothing")

	found, err := h.Desk.Lookup(ctx, aurora, "compliance", ada())
	require.NoError(t, err)
	require.Empty(t, found.Scopes)
	left, err = h.Desk.Remaining(ctx, aurora, []string{other})
	require.NoError(t, err)
	require.EqualValues(t, 6, left.Total()-left.Quotes, "others stay: three ways to find her, a guest, a request, a ledger row")
	require.Equal(t, 2, h.Count(`select count(*) from consent_event`), "what was agreed to stays proved")
	require.Equal(t, 2, h.Count(`select count(*) from booking`), "the ledger's rows stay")
	_, err = h.Desk.EraseRows(ctx, aurora, nil)
	require.Error(t, err)
	_, err = h.Desk.EraseRows(ctx, aurora, slices.Repeat(scopes, 600))
	require.Error(t, err)
}

// No table of guests can be forgotten: whatever is added with something sealed
// must be named here with its eraser.
func TestEverySealedColumnHasItsEraser(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	known := map[string]string{
		"guest.sealed": "EraseRows", "intent.sealed": "EraseRows", "party.sealed": "EraseRows", "turn.sealed": "EraseRows",
		"message.sealed":       "EraseRows, and a letter the case's key",
		"consent_event.sealed": "the scope's consent key", "audit_detail.sealed": "the scope's audit key",
		"dsar_case.sealed_wish": "the case's key", "dsar_case.sealed_people": "the end of the case, and its key",
		"dsar_case.sealed_reply": "the case's key", "dsar_task.sealed": "the case's key", "dsar_act.sealed": "the case's key",
		"dsar_act.sealed_plan": "the end of the case, and its key",
		"breach.sealed":        "the house's key: it tells what happened, and of no guest by name", "breach_note.sealed": "the house's key",
		"erasure.sealed": "the end of the erasure, and the case's key",
	}
	conn, err := pgx.Connect(t.Context(), h.Database.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	rows, err := conn.Query(t.Context(), `
		select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
		where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname like '%sealed%' and not a.attisdropped`)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for _, column := range found {
		require.NotEmpty(t, known[column], "%s is sealed: name here what erases it", column)
	}
	for column := range known {
		require.Contains(t, found, column)
	}
}

func TestRefShowsItselfToNobody(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ref := resolve(t, h, h.Booking(aurora, ada())).Subject
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("resolved", "subject", ref)
	for _, text := range []string{log.String(), fmt.Sprint(ref), fmt.Sprintf("%v %s", ref, ref)} {
		require.NotContains(t, text, ref.UUID().String())
		require.Contains(t, text, "subject")
	}
	text, err := ref.MarshalText()
	require.NoError(t, err)
	var back subjects.Ref
	require.NoError(t, back.UnmarshalText(text))
	require.Equal(t, ref, back)
}
