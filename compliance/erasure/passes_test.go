//go:build unix

package erasure_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/erasure/erasuretest"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// A second erasure, after a stay, still reaches and tells of what the first one
// did, though nobody can find that any more.
func TestTheLastCertificateTellsOfEveryPass(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	over, ahead, call := h.Stayed(aurora, ada()), h.Stayed(aurora, ada()), said(t, h)
	h.Move(ahead, "3")
	request := h.Case(over, ahead, call)
	h.System.Fail(erasure.ErrRefused{Problem: "unsupported"})
	made, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Equal(t, erasure.StatePartly, made.State)
	h.System.Fail(nil)

	h.Move(ahead, "(-1)")
	h.Cases.Set(request, ahead, h.Stayed(aurora, ada())) // found anew: the first ones are nobody's
	made, err = h.Carry(aurora, request)
	require.NoError(t, err)
	require.Equal(t, erasure.StatePartly, made.State, "staff have not erased the first one at the hotel's system")
	kept := map[register.Class]erasure.Kept{}
	for _, k := range made.Kept {
		kept[k.Class] = k
	}
	require.Equal(t, erasure.Manual, kept[register.HotelSystem].Action)
	require.Equal(t, 1, kept[register.HotelSystem].Records)
	require.Equal(t, erasure.Restrict, kept[register.Consent].Action)
	require.EqualValues(t, 2, made.System["erased"])
	require.EqualValues(t, 3, made.Erased["guests"])
	require.Zero(t, h.Count(`select count(*) from erasure where sealed is not null`), "the plan goes with the last pass")
}

// While a stay is waited for the plan stays; it goes when the case is closed.
func TestAClosedCaseLeavesNoPlan(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	ahead := h.Stayed(aurora, ada())
	h.Move(ahead, "3")
	request := h.Case(ahead)
	file(t, h, request, "erasure")
	_, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Equal(t, 1, h.Count(`select count(*) from erasure where sealed is not null`))
	_, err = h.Pool.Tenant(aurora).Exec(t.Context(), `update dsar_case set state = 'withdrawn', person = null, closed_at = now() where hotel = $1 and id = $2`, aurora, request)
	require.NoError(t, err)
	require.Zero(t, h.Count(`select count(*) from erasure where sealed is not null`))
}

// Who came along is erased at the hotel's system by the name, which is read
// before it is erased here, also by a later plan; what staff have to do of it
// stands in the certificate.
func TestWhoCameAlongIsNamedToTheHotelsSystem(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	booking := h.Stayed(aurora, ada())
	charles, err := h.Desk.AddCompanion(t.Context(), aurora, booking, subjects.Person{FirstName: "Charles", LastName: "Babbage"})
	require.NoError(t, err)
	request := h.Case(charles)
	h.System.Fail(context.DeadlineExceeded)
	plan, err := h.Office.Prepare(t.Context(), aurora, request, "")
	require.NoError(t, err)
	for _, step := range h.Steps(aurora, request, plan) {
		_ = step(t.Context())
	}
	require.Zero(t, h.Count(`select count(*) from party`))
	h.System.Fail(nil)
	plan, err = h.Office.Prepare(t.Context(), aurora, request, "")
	require.NoError(t, err)
	require.NoError(t, h.Office.EraseSystem(t.Context(), aurora, request, plan.Hash(), func() {}))
	require.Equal(t, []erasure.Companion{{Booking: booking, Reservation: "PMS-" + booking, FirstName: "Charles", LastName: "Babbage"}}, h.System.Companions())

	mary, err := h.Desk.AddCompanion(t.Context(), aurora, booking, subjects.Person{FirstName: "Mary", LastName: "Somerville"})
	require.NoError(t, err)
	h.System.Fail(erasure.ErrRefused{Problem: "ambiguous"})
	made, err := h.Carry(aurora, h.Case(mary))
	require.NoError(t, err)
	require.Equal(t, erasure.StatePartly, made.State)
	require.True(t, slices.ContainsFunc(made.Kept, func(k erasure.Kept) bool { return k.Action == erasure.Manual }))
	require.Equal(t, 1, h.Count(`select count(*) from operator_task where booking = $1`, booking))
}

// A hold is asked for before each call to the hotel's system, and cannot be
// placed in the middle of one.
func TestAHoldAndTheHotelsSystem(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	one, two := h.Stayed(aurora, ada()), h.Stayed(aurora, ada())
	one, two = min(one, two), max(one, two) // as they are worked through
	request := h.Case(one, two)
	plan, err := h.Office.Prepare(t.Context(), aurora, request, "")
	require.NoError(t, err)
	var placing sync.WaitGroup
	var once sync.Once
	h.System.Meanwhile(func(context.Context) {
		once.Do(func() {
			placing.Go(func() { _, err = hold(t.Context(), h, two) })
			require.Eventually(t, func() bool {
				return h.Count(`select count(*) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`) > 0
			}, time.Minute, 10*time.Millisecond, "the hold waits for the call")
			require.Zero(t, h.Count(`select count(*) from legal_hold`))
		})
	})
	erased := h.Office.EraseSystem(t.Context(), aurora, request, plan.Hash(), func() {})
	require.NoError(t, erased)
	placing.Wait()
	require.NoError(t, err)
	require.Equal(t, []string{"PMS-" + one}, h.System.Erased(), "the second call finds the hold")
}

// A hold of a person keeps what came after it was placed, also before a run of
// retention has widened it.
func TestAHoldOfASubjectKeepsWhatCameLater(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	before := h.Stayed(aurora, ada())
	_, err := h.Desk.Resolve(t.Context(), aurora, before)
	require.NoError(t, err)
	_, err = holds.New(h.Pool, h.Writer).Place(t.Context(), aurora, "compliance:1111111111111111", holds.Request{
		Matter: "2026-17/B", Reason: holds.Litigation, Kind: holds.Subject, Scopes: []string{before}, ReviewAt: time.Now().Add(time.Hour),
	})
	require.NoError(t, err)
	later, other := h.Stayed(aurora, ada()), h.Stayed(aurora, subjects.Person{FirstName: "Emmy", LastName: "Noether", Email: "e@example.org"})
	for _, booking := range []string{later, other} {
		_, err = h.Desk.Resolve(t.Context(), aurora, booking)
		require.NoError(t, err)
	}
	made, err := h.Carry(aurora, h.Case(later, other))
	require.NoError(t, err)
	require.Equal(t, erasure.StatePartly, made.State)
	require.Equal(t, 1, h.Count(`select count(*) from guest where booking = $1`, later))
	require.Zero(t, h.Count(`select count(*) from guest where booking = $1`, other))
	require.Equal(t, []string{"PMS-" + other}, h.System.Erased())
	require.False(t, h.Unreadable(aurora, later, keys.Operations))
}

// file keeps a case about one and the same person.
func file(t *testing.T, h *erasuretest.House, id, kind string) {
	t.Helper()
	h.Database.Admin(t, `insert into dsar_case (hotel, id, key_hmac, body_hmac, kind, state, channel, match, person, received_at, due_at, internal_at, clock, sealed_wish, opened_by)
		values ('`+aurora+`', '`+id+`', sha256('`+id+`'), sha256('b'), '`+kind+`', 'waiting', 'cli', 'known', sha256('ada'), now(), now(), now(), '{}', 'x', 'x')`)
}

// A copy that was made for the person before goes too, with the link to it and
// whatever case made it; the certificate tells of the case files that stay.
func TestCopiesGoWithWhatTheyAreOf(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	request, access, held := h.Case(h.Stayed(aurora, ada())), ulid.Make().String(), ulid.Make().String()
	file(t, h, request, "erasure")
	for _, scope := range []string{access, held} {
		h.Objects.Put("packs/" + scope)
		h.Database.Admin(t, `insert into access_pack (hotel, id, scope, portable, object, person) values ('`+aurora+`', '`+scope+`', '`+scope+`', false, 'packs/`+scope+`', sha256('ada'))`,
			`insert into access_link (hotel, id, pack, hash, message, expires_at) values ('`+aurora+`', '`+scope+`', '`+scope+`', sha256('`+scope+`'), 'm', now() + interval '1 day')`)
	}
	_, err := hold(t.Context(), h, held)
	require.NoError(t, err)
	made, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.EqualValues(t, 1, made.Erased["packs"])
	require.Zero(t, h.Count(`select count(*) from access_pack where id = $1`, access))
	require.Equal(t, 1, h.Count(`select count(*) from access_link`))
	require.Equal(t, 1, h.Count(`select count(*) from access_pack where id = $1`, held), "a hold keeps it")
	there, err := h.Objects.Exists(t.Context(), "packs/"+access)
	require.NoError(t, err)
	require.False(t, there)
	there, err = h.Objects.Exists(t.Context(), "packs/"+held)
	require.NoError(t, err)
	require.True(t, there)
	kept := map[register.Class]erasure.Kept{}
	for _, k := range made.Kept {
		kept[k.Class] = k
	}
	require.Equal(t, erasure.Hold, kept[register.Pack].Action)
	require.Equal(t, erasure.Restrict, kept[register.Case].Action)
	require.NotEmpty(t, kept[register.Case].Statute)
	require.True(t, kept[register.Case].Until.After(time.Now().AddDate(1, 0, 0)), "the term of a case that is closed today")
}

// Many erasures at once do not wait for each other's connections.
func TestManyErasuresAtOnce(t *testing.T) {
	t.Parallel()
	h := erasuretest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	failed := make(chan error, 24)
	var working sync.WaitGroup
	for range cap(failed) {
		booking := h.Stayed(aurora, ada())
		request := ulid.Make().String()
		h.Cases.Set(request, booking)
		plan, err := h.Office.Prepare(ctx, aurora, request, "")
		require.NoError(t, err)
		working.Go(func() {
			if _, err := h.Office.DestroyKeys(ctx, aurora, request, plan.Hash(), 0); err != nil {
				failed <- fmt.Errorf("destroy keys: %w", err)
			}
		})
	}
	working.Wait()
	close(failed)
	require.NoError(t, <-failed)
	require.False(t, h.Unreadable(aurora, ulid.Make().String(), keys.Operations))
}
