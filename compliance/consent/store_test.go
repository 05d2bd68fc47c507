package consent_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const (
	aurora = consenttest.Aurora
	boreal = consenttest.Boreal
)

func TestGiveAndWithdraw(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c := h.Call(aurora, time.Minute)
	allowed := func(at time.Duration) bool {
		t.Helper()
		s, err := h.Consents.AllowedAt(t.Context(), aurora, c.ID, consent.Recording, c.StartedAt.Add(at))
		require.NoError(t, err)
		return s.Allowed
	}
	require.False(t, allowed(50*time.Second), "nobody was asked")

	yes := h.Said(aurora, c, consent.Recording, consent.Given, 10*time.Second)
	yes.Detail = "ja, gerne"
	kept := h.Append(yes)
	require.NotEmpty(t, kept.RecordedAt)
	require.Len(t, kept.Hash, 32)
	require.False(t, allowed(9*time.Second))
	require.True(t, allowed(11*time.Second))
	s, err := h.Consents.AllowedAt(t.Context(), aurora, c.ID, consent.Transcription, time.Now())
	require.NoError(t, err)
	require.False(t, s.Known, "each purpose stands for itself")

	detail, err := h.Consents.Detail(t.Context(), kept)
	require.NoError(t, err)
	require.Equal(t, "ja, gerne", detail)
	require.Zero(t, h.Count(`select count(*) from consent_event where position('gerne'::bytea in sealed) > 0`))

	no := h.Said(aurora, c, consent.Recording, consent.Withdrawn, 20*time.Second)
	no.Wording = ""
	h.Append(no)
	require.True(t, allowed(19*time.Second), "what was allowed then was allowed")
	require.False(t, allowed(21*time.Second))

	h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 30*time.Second))
	require.False(t, allowed(29*time.Second))
	require.True(t, allowed(31*time.Second))
	require.Equal(t, 3, h.Count(`select count(*) from audit_outbox where kind like 'consent.%'`), "one entry for each event")
}

// A no is never lost by the order in which things arrive.
func TestNoWins(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c := h.Call(aurora, time.Minute)
	h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 20*time.Second))
	// The withdrawal happened before the yes and is told after it.
	h.Append(h.Said(aurora, c, consent.Recording, consent.Withdrawn, 15*time.Second))
	s, err := h.Consents.AllowedAt(t.Context(), aurora, c.ID, consent.Recording, time.Now())
	require.NoError(t, err)
	require.True(t, s.Known)
	require.False(t, s.Allowed)

	// Over all that belongs to one person, a late yes of another call does not
	// bring back what was taken back in this one.
	earlier := h.Call(aurora, 2*time.Minute)
	h.Append(h.Said(aurora, earlier, consent.Recording, consent.Given, 5*time.Second))
	both := []string{c.ID, earlier.ID}
	s, err = h.Consents.AllowedAcross(t.Context(), aurora, both, consent.Recording, time.Now())
	require.NoError(t, err)
	require.False(t, s.Allowed)
	s, err = h.Consents.AllowedAt(t.Context(), aurora, earlier.ID, consent.Recording, time.Now())
	require.NoError(t, err)
	require.True(t, s.Allowed)
}

func TestRepeatsAreKeptOnce(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c := h.Call(aurora, time.Minute)
	e := h.Said(aurora, c, consent.Recording, consent.Given, 10*time.Second)
	e.Detail = "ja"
	first, fresh, err := h.Consents.Append(t.Context(), e)
	require.NoError(t, err)
	require.True(t, fresh)
	h.Append(h.Said(aurora, c, consent.Recording, consent.Withdrawn, 20*time.Second))

	again, fresh, err := h.Consents.Append(t.Context(), e)
	require.NoError(t, err, "even when a later event is known by now")
	require.False(t, fresh)
	require.Equal(t, first.RecordedAt, again.RecordedAt)
	for name, change := range map[string]func(*consent.Event){
		"purpose": func(e *consent.Event) { e.Purpose = consent.Transcription },
		"action":  func(e *consent.Event) { e.Action = consent.Refused },
		"time":    func(e *consent.Event) { e.At = e.At.Add(time.Millisecond) },
		"detail":  func(e *consent.Event) { e.Detail = "nein" },
	} {
		other := e
		change(&other)
		_, _, err := h.Consents.Append(t.Context(), other)
		require.ErrorIs(t, err, consent.ErrReused, name)
	}
	require.Equal(t, 2, h.Count(`select count(*) from consent_event`))
	require.Equal(t, 2, h.Count(`select count(*) from audit_outbox`))
}

func TestSentAtOnceKeptOnce(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c := h.Call(aurora, time.Minute)
	e := h.Said(aurora, c, consent.Recording, consent.Given, 10*time.Second)
	answers := make(chan bool, 8)
	for range cap(answers) {
		go func() {
			_, fresh, err := h.Consents.Append(t.Context(), e)
			if err != nil {
				t.Errorf("append: %v", err)
			}
			answers <- fresh
		}()
	}
	news := 0
	for range cap(answers) {
		if <-answers {
			news++
		}
	}
	require.Equal(t, 1, news)
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox`))
}

// What cannot be true is refused, and changes nothing.
func TestForgedEvents(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c, foreign := h.Call(aurora, time.Minute), h.Call(boreal, time.Minute)
	over := h.Call(aurora, time.Minute)
	require.NoError(t, h.Calls.End(t.Context(), aurora, over.ID))
	h.Database.Admin(t, "set session_replication_role = replica",
		"update call set ended_at = started_at + interval '20 seconds' where id = '"+over.ID+"'")
	booking := h.Booking(aurora, subjects.Person{LastName: "Noether"})
	h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 30*time.Second))
	desk := func(e *consent.Event) {
		e.Scope, e.Call, e.Offset, e.Channel, e.Method, e.At = booking, "", 0, consent.Desk, consent.Signature, time.Now().Add(-time.Hour)
	}
	before := h.Count(`select count(*) from consent_event`)
	for name, test := range map[string]struct {
		change func(*consent.Event)
		want   error
	}{
		"future":                  {func(e *consent.Event) { e.At, e.Offset = time.Now().Add(time.Minute), 2*time.Minute }, consent.ErrFuture},
		"future at the desk":      {func(e *consent.Event) { desk(e); e.At = time.Now().Add(time.Hour) }, consent.ErrFuture},
		"before the call":         {func(e *consent.Event) { e.At, e.Offset = c.StartedAt.Add(-5*time.Second), 0 }, consent.ErrOutsideCall},
		"before the scope's call": {func(e *consent.Event) { desk(e); e.Scope, e.At = c.ID, c.StartedAt.Add(-time.Hour) }, consent.ErrOutsideCall},
		"after the call":          {func(e *consent.Event) { e.Scope, e.Call, e.At = over.ID, over.ID, over.StartedAt.Add(25*time.Second) }, consent.ErrOutsideCall},
		"offset elsewhere":        {func(e *consent.Event) { e.Offset = 3 * time.Second }, consent.ErrOutsideCall},
		"older than a known yes":  {func(e *consent.Event) { e.At, e.Offset = c.StartedAt.Add(29*time.Second), 29*time.Second }, consent.ErrOutOfOrder},
		"unknown scope":           {func(e *consent.Event) { e.Scope = ulid.Make().String() }, consent.ErrUnknownScope},
		"another hotel's scope":   {func(e *consent.Event) { desk(e); e.Scope = foreign.ID }, consent.ErrUnknownScope},
		"another hotel's call":    {func(e *consent.Event) { e.Call = foreign.ID }, consent.ErrUnknownScope},
		"unknown version":         {func(e *consent.Event) { e.Wording = "1999" }, consent.ErrWording},
		"other words":             {func(e *consent.Event) { e.Hash = make([]byte, 32) }, consent.ErrWording},
		"no wording":              {func(e *consent.Event) { e.Wording = "" }, consent.ErrInvalid},
		"no call on the phone":    {func(e *consent.Event) { e.Call, e.Offset = "", 0 }, consent.ErrInvalid},
		"offset without a call":   {func(e *consent.Event) { desk(e); e.Offset = time.Second }, consent.ErrInvalid},
		"negative offset":         {func(e *consent.Event) { e.Offset = -time.Second }, consent.ErrInvalid},
		"no time":                 {func(e *consent.Event) { e.At = time.Time{} }, consent.ErrInvalid},
		"purpose":                 {func(e *consent.Event) { e.Purpose = "everything" }, consent.ErrInvalid},
		"action":                  {func(e *consent.Event) { e.Action = "presumed" }, consent.ErrInvalid},
		"language":                {func(e *consent.Event) { e.Language = "tlh" }, consent.ErrInvalid},
		"id":                      {func(e *consent.Event) { e.ID = "one" }, consent.ErrInvalid},
		"actor with an address":   {func(e *consent.Event) { e.Actor = "ada@example.com" }, consent.ErrInvalid},
		"detail with a control":   {func(e *consent.Event) { e.Detail = "a\x00" }, consent.ErrInvalid},
		"scope as SQL":            {func(e *consent.Event) { e.Scope = "' or 1=1 --" }, consent.ErrInvalid},
		"hotel as SQL":            {func(e *consent.Event) { e.Tenant = "' or 1=1 --" }, nil},
		"recorded earlier by claim": {func(e *consent.Event) {
			desk(e)
			e.Scope = c.ID
			e.At, e.RecordedAt = time.Now().Add(time.Minute), time.Now().Add(time.Hour)
		}, consent.ErrFuture},
	} {
		e := h.Said(aurora, c, consent.Recording, consent.Given, 40*time.Second)
		test.change(&e)
		_, _, err := h.Consents.Append(t.Context(), e)
		require.Error(t, err, name)
		if test.want != nil {
			require.ErrorIs(t, err, test.want, name)
		}
	}
	require.Equal(t, before, h.Count(`select count(*) from consent_event`))
	require.Equal(t, before, h.Count(`select count(*) from audit_outbox where kind like 'consent.%'`))
}

// Nobody changes or removes an event, not even the tables' owner.
func TestEventsStay(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c := h.Call(aurora, time.Minute)
	e := h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 10*time.Second))
	owner, err := pgx.Connect(t.Context(), h.Database.OwnerURL)
	require.NoError(t, err)
	defer func() { _ = owner.Close(t.Context()) }()
	for _, statement := range []string{
		"update consent_event set action = 'given'", "delete from consent_event", "truncate consent_event cascade",
	} {
		require.Error(t, h.Pool.InTenant(t.Context(), aurora, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		}), statement)
	}
	for _, statement := range []string{"truncate consent_event cascade"} {
		_, err := owner.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "only ever added")
	}
	kept, err := h.Consents.Event(t.Context(), aurora, e.ID)
	require.NoError(t, err)
	require.Equal(t, e.Action, kept.Action)
	_, err = h.Consents.Event(t.Context(), boreal, e.ID)
	require.ErrorIs(t, err, consent.ErrNotFound)
}

func TestListByPages(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c, other := h.Call(aurora, time.Minute), h.Call(aurora, time.Minute)
	var sent []string
	for i := range 5 {
		sent = append(sent, h.Append(h.Said(aurora, c, consent.Recording, consent.Given, time.Duration(10+i)*time.Second)).ID)
	}
	h.Append(h.Said(aurora, other, consent.Transcription, consent.Refused, 10*time.Second))
	var got []string
	for after := ""; ; after = got[len(got)-1] {
		page, err := h.Consents.List(t.Context(), aurora, consent.Query{Scope: c.ID, After: after, Most: 2})
		require.NoError(t, err)
		for _, e := range page {
			got = append(got, e.ID)
		}
		if len(page) < 2 {
			break
		}
	}
	require.Equal(t, sent, got)
	page, err := h.Consents.List(t.Context(), aurora, consent.Query{Purpose: consent.Transcription, Most: 10})
	require.NoError(t, err)
	require.Len(t, page, 1)
	page, err = h.Consents.List(t.Context(), boreal, consent.Query{Most: 10})
	require.NoError(t, err)
	require.Empty(t, page)
}

// Moved elsewhere, a sealed detail does not open; with its key gone it is gone,
// and the event stands.
func TestDetailsAreSealedInPlace(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c := h.Call(aurora, time.Minute)
	e := h.Said(aurora, c, consent.Recording, consent.Given, 10*time.Second)
	e.Detail = "ja"
	kept := h.Append(e)
	moved := h.Said(aurora, c, consent.Recording, consent.Given, 11*time.Second)
	h.Append(moved)
	h.Database.Admin(t, "set session_replication_role = replica",
		"update consent_event set sealed = (select sealed from consent_event where id = '"+kept.ID+"') where id = '"+moved.ID+"'")
	copied, err := h.Consents.Event(t.Context(), aurora, moved.ID)
	require.NoError(t, err)
	_, err = h.Consents.Detail(t.Context(), copied)
	require.ErrorIs(t, err, keys.ErrTampered)

	_, err = h.Ring.Destroy(t.Context(), keys.Scope{Tenant: aurora, ID: c.ID})
	require.NoError(t, err)
	_, err = h.Consents.Detail(t.Context(), kept)
	require.ErrorIs(t, err, consent.ErrErased)
	_, fresh, err := h.Consents.Append(t.Context(), e)
	require.NoError(t, err, "a late repeat finds its event")
	require.False(t, fresh)
	_, _, err = h.Consents.Append(t.Context(), h.Said(aurora, c, consent.Recording, consent.Given, 20*time.Second))
	require.ErrorIs(t, err, consent.ErrErased)
	no := h.Said(aurora, c, consent.Recording, consent.Withdrawn, 21*time.Second)
	no.Detail = "bitte nicht mehr"
	h.Append(no)
	s, err := h.Consents.AllowedAt(t.Context(), aurora, c.ID, consent.Recording, time.Now())
	require.NoError(t, err)
	require.False(t, s.Allowed, "an erased guest can still say no")
}

// An entry of the audit log that cannot be written takes the event with it.
func TestNoEventWithoutItsEntry(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c := h.Call(aurora, time.Minute)
	h.Database.Admin(t, "drop function audit_append")
	_, _, err := h.Consents.Append(t.Context(), h.Said(aurora, c, consent.Recording, consent.Given, 10*time.Second))
	require.Error(t, err)
	require.False(t, errors.Is(err, consent.ErrInvalid))
	require.Zero(t, h.Count(`select count(*) from consent_event`))
}

// Ids of scopes come from outside, and the row of a key stays for ever.
func TestUnknownScopesMakeNoKeys(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	c := h.Call(aurora, time.Minute)
	noted := h.Said(aurora, c, consent.Recording, consent.Given, 10*time.Second)
	noted.Detail = "yes, said Ada"
	h.Append(noted)
	admin, err := pgx.Connect(t.Context(), h.KeysDB.AdminURL)
	require.NoError(t, err)
	defer func() { _ = admin.Close(context.WithoutCancel(t.Context())) }()
	rows := func() (n int) {
		require.NoError(t, admin.QueryRow(t.Context(), "select count(*) from scope_key").Scan(&n))
		return n
	}
	before := rows()
	for i := range 1000 {
		e := h.Said(aurora, c, consent.Marketing, consent.Given, 20*time.Second)
		e.Scope, e.Call, e.Offset, e.Channel, e.Method = ulid.Make().String(), "", 0, consent.Desk, consent.Signature
		if i%2 == 0 {
			e.Detail = "yes, said nobody"
		}
		_, _, err := h.Consents.Append(t.Context(), e)
		require.ErrorIs(t, err, consent.ErrUnknownScope)
	}
	require.Equal(t, before, rows())
	// A scope that has keys, and is no call or booking of the hotel, gets no more.
	e := h.Said(aurora, c, consent.Marketing, consent.Given, 20*time.Second)
	e.Scope, e.Detail = h.Scope(aurora), "yes"
	before = rows()
	_, _, err = h.Consents.Append(t.Context(), e)
	require.ErrorIs(t, err, consent.ErrUnknownScope)
	require.Equal(t, before, rows())
}
