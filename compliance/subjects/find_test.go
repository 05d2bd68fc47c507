package subjects_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const officer = "compliance:4f02"

func TestFindTellsPeopleApart(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	a, b := h.Booking(aurora, ada()), h.Booking(aurora, ada())
	william := subjects.Person{FirstName: "William", LastName: "Lovelace", Phone: ada().Phone, Country: "DE"}
	c := h.Booking(aurora, william)
	h.Booking(boreal, ada())

	people, truncated, err := h.Desk.Find(ctx, aurora, officer, subjects.Person{Phone: ada().Phone, Country: "DE"})
	require.NoError(t, err)
	require.False(t, truncated)
	require.Len(t, people, 2, "one phone, two names")
	if len(people[0].Scopes) == 2 { // ids of one moment are in no order
		slices.Reverse(people)
	}
	require.Equal(t, []string{c}, people[0].Scopes)
	require.ElementsMatch(t, []string{a, b}, people[1].Scopes)
	require.Equal(t, []subjects.Kind{subjects.KindPhone}, people[1].Because)

	_, err = h.Desk.Identify(ctx, aurora, officer, subjects.Person{Phone: ada().Phone, Country: "DE"})
	require.ErrorIs(t, err, subjects.ErrAmbiguous)
	hers, err := h.Desk.Identify(ctx, aurora, officer, subjects.Person{Email: ada().Email})
	require.NoError(t, err)
	require.Equal(t, people[1].Subject, hers)
	_, err = h.Desk.Identify(ctx, aurora, officer, subjects.Person{Email: "nobody@example.org"})
	require.ErrorIs(t, err, subjects.ErrUnknownSubject)

	p, err := h.Desk.Show(ctx, aurora, officer, hers)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{a, b}, p.Scopes)
	require.True(t, slices.IsSortedFunc(p.Scopes, func(x, y string) int { return strings.Compare(y, x) }), "the newest first")
	require.Len(t, p.Candidates, 1)
	require.Equal(t, people[0].Subject, p.Candidates[0].Subject)
	require.Len(t, p.Decisions, 1)
	require.Equal(t, "joined", p.Decisions[0].Kind)
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'subject.shown'`))
}

func TestOf(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	booking, foreign := h.Booking(aurora, ada()), h.Booking(boreal, ada())
	ref, err := h.Desk.Of(t.Context(), aurora, booking)
	require.NoError(t, err)
	again, err := h.Desk.Of(t.Context(), aurora, booking)
	require.NoError(t, err)
	require.Equal(t, ref, again)
	for _, id := range []string{foreign, ulid.Make().String(), "", "_tenant", "x"} {
		_, err := h.Desk.Of(t.Context(), aurora, id)
		require.ErrorIs(t, err, subjects.ErrUnknownSubject, id)
	}
	require.True(t, subjectOf(t, h, foreign).IsZero(), "nothing was made of what is not there")
	_, err = h.Desk.Show(t.Context(), boreal, officer, ref)
	require.ErrorIs(t, err, subjects.ErrUnknownSubject, "hotels never meet")
	_, err = h.Desk.Show(t.Context(), aurora, officer, subjects.Ref{})
	require.ErrorIs(t, err, subjects.ErrUnknownSubject)
}

// TestMergeAndSplitComeBack: merged and taken back, both people are as before.
func TestMergeAndSplitComeBack(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	ctx := t.Context()
	show := func(ref subjects.Ref) subjects.Profile {
		p, err := h.Desk.Show(ctx, aurora, officer, ref)
		require.NoError(t, err)
		p.Decisions = nil
		return p
	}
	a, b := h.Booking(aurora, ada()), h.Booking(aurora, subjects.Person{FirstName: "A.", LastName: "Lovelace", Phone: ada().Phone, Country: "DE"})
	one, two := resolve(t, h, a).Subject, resolve(t, h, b).Subject
	before := []subjects.Profile{show(one), show(two)}
	merged, err := h.Desk.Merge(ctx, aurora, two, one, byDesk())
	require.NoError(t, err)
	require.Empty(t, show(one).Candidates, "who is one is no candidate any more")
	for _, again := range []func() error{
		func() error { _, err := h.Desk.Merge(ctx, aurora, two, one, byDesk()); return err },
		func() error { _, err := h.Desk.Merge(ctx, aurora, one, two, byDesk()); return err },
		func() error { _, err := h.Desk.Merge(ctx, aurora, one, one, byDesk()); return err },
		func() error { _, err := h.Desk.Show(ctx, aurora, officer, two); return err },
		func() error { _, _, err := h.Desk.Split(ctx, aurora, two, []string{b}, byDesk()); return err },
	} {
		require.ErrorIs(t, again(), subjects.ErrMerged)
	}
	_, err = h.Desk.Undo(ctx, aurora, merged, byDesk())
	require.NoError(t, err)
	require.Equal(t, before, []subjects.Profile{show(one), show(two)})

	// Split apart, and back by undoing that.
	_, err = h.Desk.Merge(ctx, aurora, two, one, byDesk())
	require.NoError(t, err)
	fresh, split, err := h.Desk.Split(ctx, aurora, one, []string{b}, byDesk())
	require.NoError(t, err)
	require.Equal(t, before[0].Scopes, show(one).Scopes)
	require.Equal(t, before[1].Scopes, show(fresh).Scopes)
	_, err = h.Desk.Undo(ctx, aurora, split, byDesk())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{a, b}, show(one).Scopes)
	p, err := h.Desk.Show(ctx, aurora, officer, one)
	require.NoError(t, err)
	require.Len(t, p.Decisions, 5)
	require.True(t, p.Decisions[1].Undone)
}

// TestFindIsBounded: a name that very many have is cut, and says so.
func TestFindIsBounded(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	for range 60 {
		h.Booking(aurora, subjects.Person{FirstName: ulid.Make().String(), LastName: "Smith"})
	}
	people, truncated, err := h.Desk.Find(t.Context(), aurora, officer, subjects.Person{LastName: "Smith"})
	require.NoError(t, err)
	require.True(t, truncated)
	require.Len(t, people, 50)
	_, err = h.Desk.Identify(t.Context(), aurora, officer, subjects.Person{LastName: "Smith"})
	require.ErrorIs(t, err, subjects.ErrAmbiguous)
}

// TestAProfileTellsWhatItLeavesOut: of very many who may be the same person an
// officer sees some, and is told so.
func TestAProfileTellsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	shared := "+49 30 7654321"
	var one string
	for i := range 52 {
		one = h.Booking(aurora, subjects.Person{FirstName: ulid.Make().String(), LastName: "Smith", Phone: shared, Country: "DE"})
		subject, err := h.Desk.Of(t.Context(), aurora, one)
		require.NoError(t, err)
		if i < 49 { // looks are counted
			continue
		}
		p, err := h.Desk.Show(t.Context(), aurora, officer, subject)
		require.NoError(t, err)
		require.Len(t, p.Candidates, min(i, 50))
		require.Equal(t, i > 50, p.MoreCandidates, i)
	}
	r, err := h.Desk.Resolve(t.Context(), aurora, one)
	require.NoError(t, err)
	require.Len(t, r.Candidates, 50)
	require.True(t, r.MoreCandidates)
}

// TestADecisionIsNotLeftOutSilently: nor are decisions.
func TestADecisionIsNotLeftOutSilently(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	one := h.Booking(aurora, ada())
	subject, err := h.Desk.Of(t.Context(), aurora, one)
	require.NoError(t, err)
	for _, tc := range []struct {
		more int
		cut  bool
	}{{200, false}, {1, true}} {
		h.Database.Admin(t, fmt.Sprintf(`insert into subject_decision (hotel, id, kind, into_subject, scopes, reason, actor, done_at)
			select '%s', gen_random_uuid()::text, 'merged', '%s', '{x}', 'guest_confirmed', 'officer', now() from generate_series(1, %d)`, aurora, subject.UUID(), tc.more))
		p, err := h.Desk.Show(t.Context(), aurora, officer, subject)
		require.NoError(t, err)
		require.Len(t, p.Decisions, 200)
		require.Equal(t, tc.cut, p.MoreDecisions)
	}
}
