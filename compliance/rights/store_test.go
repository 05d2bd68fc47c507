//go:build unix

package rights_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const (
	aurora = consenttest.Aurora
	boreal = consenttest.Boreal
	secret = "Zzyzxova"
)

// A cabinet is a store of cases in a house.
type cabinet struct {
	*consenttest.House
	*rights.Store
	t *testing.T
}

func open(t *testing.T) *cabinet {
	t.Helper()
	h := consenttest.New(t)
	return &cabinet{h, rights.New(h.Pool, h.Ring, h.Writer), t}
}

func (c *cabinet) mac(text string) []byte {
	c.t.Helper()
	mac, err := c.Ring.MAC(c.t.Context(), aurora, "test", []byte(text))
	require.NoError(c.t, err)
	return mac
}

// opening is a request about the guest of a booking.
func (c *cabinet) opening(scope string) rights.Opening {
	c.t.Helper()
	subject, err := c.Desk.Of(c.t.Context(), aurora, scope)
	require.NoError(c.t, err)
	id := c.Scope(aurora)
	return rights.Opening{
		Hotel: aurora, ID: id, Kind: rights.Erasure, Channel: rights.ByAPI, Match: rights.KnownPerson, Subject: subject, OpenedBy: "compliance:one",
		Clock: rights.Deadline(time.Now(), time.UTC, 0), Wish: rights.Wish{Words: "I am " + secret}, KeyHMAC: c.mac(id), BodyHMAC: c.mac(id),
	}
}

func (c *cabinet) opened(o rights.Opening) rights.Case {
	c.t.Helper()
	kept, fresh, err := c.Open(c.t.Context(), o)
	require.NoError(c.t, err)
	require.True(c.t, fresh)
	return kept
}

func (c *cabinet) guest() string {
	return c.Booking(aurora, subjects.Person{FirstName: "Ada", LastName: secret, Email: "ada@example.org"})
}

// ask asks for an act.
func (c *cabinet) ask(of rights.Case, kind rights.ActKind, actor string) string {
	c.t.Helper()
	id := ulid.Make().String()
	kept, _, err := c.Ask(c.t.Context(), rights.Asking{
		Hotel: of.Hotel, Case: of.ID, ID: id, Kind: kind, Actor: actor, Note: rights.Note{Text: secret}, KeyHMAC: c.mac(id), BodyHMAC: c.mac(id),
	})
	require.NoError(c.t, err)
	return kept
}

// A request that comes again is the same case, and nothing of what was said lies
// open in any table.
func TestARequestIsKeptOnceAndSealed(t *testing.T) {
	t.Parallel()
	c := open(t)
	o := c.opening(c.guest())
	first := c.opened(o)
	again, fresh, err := c.Open(t.Context(), o)
	require.NoError(t, err)
	require.False(t, fresh)
	require.Equal(t, first, again)
	o.BodyHMAC = c.mac("other")
	_, _, err = c.Open(t.Context(), o)
	require.ErrorIs(t, err, rights.ErrReused)

	wish, err := c.Wish(t.Context(), aurora, first.ID)
	require.NoError(t, err)
	require.Contains(t, wish.Words, secret)
	c.ask(first, rights.ActTaskAdded, "compliance:one")
	for _, table := range []string{"dsar_case", "dsar_act", "dsar_task"} {
		require.Zero(t, c.Count(`select count(*) from `+table+` r where r::text like '%' || $1 || '%' or r::text like '%' || encode($1::bytea, 'hex') || '%'`, secret), table)
	}
	require.Equal(t, 1, c.Count(`select count(*) from audit_outbox where kind = 'dsar.opened'`))
}

// Another hotel sees nothing of it.
func TestCasesOfHotelsAreApart(t *testing.T) {
	t.Parallel()
	c := open(t)
	kept := c.opened(c.opening(c.guest()))
	_, err := c.Read(t.Context(), boreal, kept.ID)
	require.ErrorIs(t, err, rights.ErrNotFound)
	_, err = c.Wish(t.Context(), boreal, kept.ID)
	require.ErrorIs(t, err, rights.ErrNotFound)
	all, err := c.List(t.Context(), boreal, rights.Filter{})
	require.NoError(t, err)
	require.Empty(t, all)
	_, _, err = c.Ask(t.Context(), rights.Asking{
		Hotel: boreal, Case: kept.ID, ID: ulid.Make().String(), Kind: rights.ActApproved, Actor: "compliance:one", KeyHMAC: c.mac("a"), BodyHMAC: c.mac("a"),
	})
	require.Error(t, err)
	require.NoError(t, c.Pool.InTenantReadOnly(t.Context(), boreal, func(tx pgx.Tx) error {
		var n int
		err := tx.QueryRow(t.Context(), `select (select count(*) from dsar_case) + (select count(*) from dsar_task) + (select count(*) from dsar_act)`).Scan(&n)
		require.Zero(t, n)
		return err
	}))
}

// The database itself wants two people, one extension and a closed case closed.
func TestFourEyesStandInTheDatabase(t *testing.T) {
	t.Parallel()
	c := open(t)
	kept := c.opened(c.opening(c.guest()))
	act := c.ask(kept, rights.ActApproved, "compliance:one")
	seen := rights.Plan{Hash: strings.Repeat("ca", 32), Terms: []byte(`{}`)}
	n, err := c.Approve(t.Context(), aurora, kept.ID, act, seen)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	n, err = c.Approve(t.Context(), aurora, kept.ID, act, seen)
	require.NoError(t, err, "done again it is the same")
	require.Equal(t, 1, n)
	_, err = c.Approve(t.Context(), aurora, kept.ID, c.ask(kept, rights.ActApproved, "compliance:one"), seen)
	require.ErrorIs(t, err, rights.ErrSamePerson)
	n, err = c.Approve(t.Context(), aurora, kept.ID, c.ask(kept, rights.ActApproved, "compliance:two"), seen)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, 2, c.Count(`select count(*) from audit_outbox where kind = 'dsar.approved'`), "what was refused is not told as done")

	extension := c.ask(kept, rights.ActExtended, "compliance:one")
	require.ErrorIs(t, c.Extend(t.Context(), aurora, kept.ID, extension, kept.Clock.Due, nil), rights.ErrLate)
	require.NoError(t, c.Extend(t.Context(), aurora, kept.ID, extension, kept.Clock.Due.Add(-time.Second), nil))
	again := c.ask(kept, rights.ActExtended, "compliance:two")
	err = c.Extend(t.Context(), aurora, kept.ID, again, time.Now(), nil)
	require.True(t, errors.Is(err, rights.ErrExtended) || errors.Is(err, rights.ErrState), "%v", err)

	require.NoError(t, c.Close(t.Context(), aurora, kept.ID, rights.Completed, rights.Granted, "", ""))
	require.ErrorIs(t, c.Close(t.Context(), aurora, kept.ID, rights.Refused, rights.Denied, "", ""), rights.ErrState)
	require.NoError(t, c.Move(t.Context(), aurora, kept.ID, rights.Open), "a late step changes nothing")
	read, err := c.Read(t.Context(), aurora, kept.ID)
	require.NoError(t, err)
	require.Equal(t, rights.Completed, read.State)
	require.Equal(t, kept.Clock.Extended, read.Due())
	_, err = c.Approve(t.Context(), aurora, kept.ID, c.ask(kept, rights.ActApproved, "compliance:three"), seen)
	require.ErrorIs(t, err, rights.ErrState)
}

// Many requests of one person in the same moment become one that goes on.
func TestOnePersonsRequestsAtOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	scope := c.guest()
	const many = 8
	openings := make([]rights.Opening, many)
	for i := range openings {
		openings[i] = c.opening(scope)
	}
	failed := make(chan error, many)
	for _, o := range openings {
		go func() {
			_, _, err := c.Open(context.WithoutCancel(t.Context()), o)
			failed <- err
		}()
	}
	for range many {
		require.NoError(t, <-failed)
	}
	require.Equal(t, 1, c.Count(`select count(*) from dsar_case where state = 'received'`))
	require.Equal(t, many-1, c.Count(`select count(*) from dsar_case where state = 'joined' and joined_to = (select id from dsar_case where state = 'received')`))
	require.Equal(t, many-1, c.Count(`select count(*) from audit_outbox where kind = 'dsar.joined'`))
}

// A closed case forgets whom it was about, and keeps its own words under its own
// key when the guest's keys are gone.
func TestACaseOutlivesItsGuest(t *testing.T) {
	t.Parallel()
	c := open(t)
	scope := c.guest()
	o := c.opening(scope)
	kept := c.opened(o)
	for range 2 {
		joined, err := c.Find(t.Context(), aurora, kept.ID, rights.People{Subject: o.Subject, Scopes: []string{scope}})
		require.NoError(t, err)
		require.Empty(t, joined)
	}
	require.Equal(t, 1, c.Count(`select count(*) from audit_outbox where kind = 'dsar.person_found'`), "the same again is nothing new")
	scopes, err := c.Scopes(t.Context(), aurora, kept.ID)
	require.NoError(t, err)
	require.Equal(t, []string{scope}, scopes)
	_, err = c.Ring.Destroy(t.Context(), keys.Scope{Tenant: aurora, ID: scope})
	require.NoError(t, err)
	require.NoError(t, c.Close(t.Context(), aurora, kept.ID, rights.Completed, rights.Granted, "C", ""))
	_, err = c.Scopes(t.Context(), aurora, kept.ID)
	require.ErrorIs(t, err, rights.ErrForgotten)
	require.Zero(t, c.Count(`select count(*) from dsar_case where person is not null or sealed_people is not null`))
	wish, err := c.Wish(t.Context(), aurora, kept.ID)
	require.NoError(t, err)
	require.Contains(t, wish.Words, secret)
	require.Equal(t, rights.Received, c.opened(c.opening(c.guest())).State, "a closed case takes no other in")

	n, err := c.Forget(t.Context(), aurora, kept.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	_, err = c.Read(t.Context(), aurora, kept.ID)
	require.ErrorIs(t, err, rights.ErrNotFound)
}

// What the database refuses leaves no entry in the audit log, and what somebody
// asks for beside it is not done either.
func TestAnActAndItsEntryAreOne(t *testing.T) {
	t.Parallel()
	c := open(t)
	kept := c.opened(c.opening(c.guest()))
	errAway := errors.New("away")
	fail := func(context.Context, pgx.Tx) error { return errAway }
	require.ErrorIs(t, c.Defer(t.Context(), aurora, kept.ID, time.Now().Add(time.Hour), fail), errAway)
	read, err := c.Read(t.Context(), aurora, kept.ID)
	require.NoError(t, err)
	require.Equal(t, rights.Received, read.State)
	require.Zero(t, c.Count(`select count(*) from audit_outbox where kind = 'dsar.deferred'`))
}
