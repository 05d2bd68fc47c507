//go:build unix

package access_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
)

func TestAnObjectionStopsOffers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	booking := h.book(ada)
	talk := h.talk("Ja.")
	for _, purpose := range []consent.Purpose{consent.Marketing, consent.Profile} {
		h.Append(h.Said(aurora, talk, purpose, consent.Given, 20*time.Second))
	}
	c := h.open(rights.Objection, booking, talk.ID)
	c.Case.Clock.Received = time.Now().UTC().Truncate(time.Microsecond)
	c.Wish = rights.Wish{Purposes: []string{"direct_marketing"}, Contact: rights.Contact{Email: "Ada.Other@Example.org"}}
	o, err := h.desk.Object(ctx, aurora, c.Case.ID)
	require.NoError(t, err)
	require.Equal(t, access.Objection{Suppressed: 3, Withdrawn: 1}, o)

	list := access.NewSuppressions(h.Pool, h.Ring)
	suppressed := func(hotel, channel, to string) bool {
		yes, err := list.Suppressed(ctx, hotel, channel, to)
		require.NoError(t, err)
		return yes
	}
	require.True(t, suppressed(aurora, "email", " ADA@example.com"))
	require.True(t, suppressed(aurora, "email", "ada.other@example.org"), "the one that came with the request too")
	require.True(t, suppressed(aurora, "sms", "+49 151 12345678"))
	require.False(t, suppressed(aurora, "email", bruno.Email))
	require.False(t, suppressed(aurora, "sms", "no number"))
	require.False(t, suppressed(boreal, "email", "ada@example.com"), "another hotel's guest has not objected there")
	allowed := func(purpose consent.Purpose) bool {
		standing, err := h.Consents.AllowedAt(ctx, aurora, talk.ID, purpose, time.Now())
		require.NoError(t, err)
		return standing.Allowed
	}
	require.False(t, allowed(consent.Marketing))
	require.True(t, allowed(consent.Profile), "nobody objected to that")

	o, err = h.desk.Object(ctx, aurora, c.Case.ID)
	require.NoError(t, err)
	require.Equal(t, access.Objection{}, o, "done before")
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'access.objected'`))
	require.Zero(t, h.Count(`select count(*) from suppression where position('example'::bytea in digest) > 0`))

	c.Wish.Purposes = []string{"profiling"}
	_, err = h.desk.Object(ctx, aurora, c.Case.ID)
	require.NoError(t, err)
	require.False(t, allowed(consent.Profile))

	// The list outlives the guest, or they would be written to again.
	_, err = h.Desk.EraseRows(ctx, aurora, []string{booking, talk.ID})
	require.NoError(t, err)
	_, err = h.Desk.DestroyKeys(ctx, aurora, []string{booking, talk.ID})
	require.NoError(t, err)
	require.True(t, suppressed(aurora, "email", "ada@example.com"))
}

// corrected reads a booking's guest as it lies sealed.
func (h *house) corrected(scope, table, column, place string, into any) {
	h.t.Helper()
	var sealed []byte
	require.NoError(h.t, h.Pool.Tenant(aurora).QueryRow(h.t.Context(),
		`select sealed from `+table+` where hotel = $1 and `+column+` = $2`, aurora, scope).Scan(&sealed))
	plain, err := h.Ring.Open(h.t.Context(), keys.Scope{Tenant: aurora, ID: scope}, keys.Operations, place, sealed)
	require.NoError(h.t, err)
	require.NoError(h.t, json.Unmarshal(plain, into))
}

func TestARectification(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	booking, brunos := h.book(ada), h.book(bruno)
	companion, err := h.Desk.AddCompanion(ctx, aurora, brunos, ada.person())
	require.NoError(t, err)
	c := h.open(rights.Rectification, booking, companion)
	c.Wish = rights.Wish{Correct: rights.Correction{LastName: "King", Email: "ada.king@example.com"}}
	var found []access.Correction
	collect := func() []access.Correction {
		found = nil
		require.NoError(t, h.desk.Corrections(ctx, aurora, c.Case.ID, func(n access.Correction) error {
			found = append(found, n)
			return nil
		}))
		return found
	}
	require.Len(t, collect(), 2)
	if found[0].Companion { // they come by their scopes
		found[0], found[1] = found[1], found[0]
	}
	require.Equal(t, []string{"last_name", "email"}, found[0].Fields)
	require.Equal(t, "Lovelace", found[0].Before.LastName)
	require.Equal(t, "King", found[0].After.LastName)
	require.True(t, found[1].Companion)
	var before guest
	h.corrected(booking, "guest", "booking", "guest", &before)
	require.Equal(t, "Lovelace", before.LastName, "looking changes nothing")

	for _, n := range found {
		require.NoError(t, h.desk.Apply(ctx, aurora, c.Case.ID, n))
	}
	var after guest
	h.corrected(booking, "guest", "booking", "guest", &after)
	want := ada
	want.LastName, want.Email = "King", "ada.king@example.com"
	require.Equal(t, want, after, "all else stays, what this room does not know too")
	var party subjects.Person
	h.corrected(companion, "party", "scope", subjects.PlaceParty, &party)
	require.Equal(t, "King", party.LastName)
	require.Error(t, h.desk.Apply(ctx, aurora, c.Case.ID, found[0]), "the row is another by now")
	require.Empty(t, collect(), "done before")

	// She is found by what she is called now, and no more by what was wrong.
	matches := func(p subjects.Person) []string {
		all, err := h.Desk.Lookup(ctx, aurora, "compliance", p)
		require.NoError(t, err)
		return all.Scopes
	}
	require.ElementsMatch(t, []string{booking, companion}, matches(subjects.Person{Email: "ada.king@example.com"}))
	require.ElementsMatch(t, []string{booking, companion}, matches(subjects.Person{LastName: "King"}))
	require.ElementsMatch(t, []string{booking, companion}, matches(subjects.Person{Phone: ada.Phone, Country: "DE"}))
	require.Empty(t, matches(subjects.Person{Email: ada.Email}))
	require.Empty(t, matches(subjects.Person{LastName: ada.LastName}))

	// The log has commitments, and neither value.
	require.Equal(t, 2, h.Count(`select count(*) from audit_outbox where kind = 'access.rectified'`))
	var detail []byte
	conn, err := pgx.Connect(ctx, h.Database.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()
	require.NoError(t, conn.QueryRow(ctx, `
		select d.sealed from audit_detail d join audit_outbox o on o.writer = d.writer and o.seq = d.seq and o.tenant = d.tenant
		where o.kind = 'access.rectified' and d.scope = $1`, booking).Scan(&detail))
	opened, err := h.Ring.Open(ctx, keys.Scope{Tenant: aurora, ID: booking}, keys.Audit, "audit_detail.sealed", detail)
	require.NoError(t, err)
	require.Contains(t, string(opened), `"field":"last_name"`)
	require.NotContains(t, string(opened), "King")
	require.NotContains(t, string(opened), "Lovelace")

	c.Wish = rights.Wish{}
	require.ErrorIs(t, h.desk.Corrections(ctx, aurora, c.Case.ID, func(access.Correction) error { return nil }), access.ErrRequest)
}
