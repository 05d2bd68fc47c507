//go:build unix

package rights_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/rights"
)

// planned is a plan that somebody saw.
func planned(terms string) rights.Plan {
	return rights.Plan{Hash: strings.Repeat("ca", 32), Terms: []byte(`"` + terms + `"`)}
}

// An approval that does not cover what is to be erased counts no more. That is
// seen, and audited, and the same person can approve anew.
func TestApprovalsAreTakenBack(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx, kept := t.Context(), c.opened(c.opening(c.guest()))
	for actor, terms := range map[string]string{"compliance:one": "small", "compliance:two": "large"} {
		_, err := c.Approve(ctx, aurora, kept.ID, c.ask(kept, rights.ActApproved, actor), planned(terms))
		require.NoError(t, err)
	}
	stands, err := c.Recheck(ctx, aurora, kept.ID, func([]byte) bool { return true })
	require.NoError(t, err)
	require.True(t, stands)
	for range 2 {
		stands, err = c.Recheck(ctx, aurora, kept.ID, func(terms []byte) bool { return string(terms) == `"large"` })
		require.NoError(t, err)
		require.False(t, stands)
	}
	read, err := c.Read(ctx, aurora, kept.ID)
	require.NoError(t, err)
	require.Equal(t, 1, read.Approvals())
	require.Len(t, read.Void, 1)
	require.Equal(t, "compliance:one", read.Void[0].Actor)
	require.Equal(t, planned("").Hash, read.Void[0].Plan)
	require.False(t, read.Void[0].VoidAt.Before(read.Void[0].At))
	require.Equal(t, 1, c.Count(`select count(*) from audit_outbox where kind = 'dsar.approval_void'`))
	_, err = c.Approve(ctx, aurora, kept.ID, read.Void[0].ID, planned("large"))
	require.ErrorIs(t, err, rights.ErrState, "what was taken back stays so")
	n, err := c.Approve(ctx, aurora, kept.ID, c.ask(kept, rights.ActApproved, "compliance:one"), planned("large"))
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

// Which bookings an approval was about is sealed, and forgotten when the case is
// closed.
func TestApprovedPlansAreForgotten(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx, kept := t.Context(), c.opened(c.opening(c.guest()))
	_, err := c.Approve(ctx, aurora, kept.ID, c.ask(kept, rights.ActApproved, "compliance:one"), planned(secret))
	require.NoError(t, err)
	require.Equal(t, 1, c.Count(`select count(*) from dsar_act where sealed_plan is not null`))
	require.Zero(t, c.Count(`select count(*) from dsar_act r where r::text like '%' || encode($1::bytea, 'hex') || '%'`, secret))
	require.NoError(t, c.Close(ctx, aurora, kept.ID, rights.Completed, rights.Granted, "", ""))
	require.Zero(t, c.Count(`select count(*) from dsar_act where sealed_plan is not null`))
	require.Equal(t, 1, c.Count(`select count(*) from dsar_act where plan_hash is not null`))
}

// An erasure is approved by a plan, and an approval that names none covers none.
func TestAnErasureIsApprovedByAPlan(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx, kept := t.Context(), c.opened(c.opening(c.guest()))
	act := c.ask(kept, rights.ActApproved, "compliance:one")
	_, err := c.Approve(ctx, aurora, kept.ID, act, rights.Plan{})
	require.ErrorIs(t, err, rights.ErrInvalid)
	c.Database.Admin(t, `update dsar_act set done_at = now() where id = '`+act+`'`) // as it was before approvals named a plan
	stands, err := c.Recheck(ctx, aurora, kept.ID, func([]byte) bool { return true })
	require.NoError(t, err)
	require.False(t, stands)
	read, err := c.Read(ctx, aurora, kept.ID)
	require.NoError(t, err)
	require.Zero(t, read.Approvals())
	require.Len(t, read.Void, 1)
}

// Two accounts at two providers can be one person's.
func TestTwoPeopleAreOfOneProvider(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx, kept := t.Context(), c.opened(c.opening(c.guest()))
	approve := func(actor string) error {
		_, err := c.Approve(ctx, aurora, kept.ID, c.ask(kept, rights.ActApproved, actor), planned("all"))
		return err
	}
	vouch := func(actor string) error {
		_, err := c.Vouch(ctx, aurora, kept.ID, c.ask(kept, rights.ActVouched, actor))
		return err
	}
	for name, do := range map[string]func(actor string) error{"approve": approve, "vouch": vouch} {
		require.NoError(t, do("compliance:one.aaaaaaaa"), name)
		require.ErrorIs(t, do("compliance:two.bbbbbbbb"), rights.ErrProvider, name)
		require.ErrorIs(t, do("compliance:two"), rights.ErrProvider, name)
		require.ErrorIs(t, do("compliance:one.aaaaaaaa"), rights.ErrSamePerson, name)
		require.NoError(t, do("compliance:two.aaaaaaaa"), name)
	}
	read, err := c.Read(ctx, aurora, kept.ID)
	require.NoError(t, err)
	require.Equal(t, 2, read.Approvals())
	require.Equal(t, rights.ByPeople, read.Proof)
}
