//go:build unix

package rights_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/rights"
)

// Awaited are the scopes that are the person's now and those that were found,
// until the case is closed, and no other hotel's.
func TestWhomOpenRequestsAreAbout(t *testing.T) {
	t.Parallel()
	c := open(t)
	awaiting := rights.Awaiting{Cases: c.Store, Table: c.Table}
	requireAwaited := func(hotel string, want ...string) {
		t.Helper()
		got, err := awaiting.Scopes(t.Context(), hotel)
		require.NoError(t, err)
		slices.Sort(want)
		require.Equal(t, want, got)
	}
	booking, found := c.guest(), c.Scope(aurora)
	requireAwaited(aurora)
	o := c.opening(booking)
	kept := c.opened(o)
	requireAwaited(aurora, booking)
	requireAwaited(boreal)
	_, err := c.Find(t.Context(), aurora, kept.ID, rights.People{Subject: o.Subject, Scopes: []string{found}})
	require.NoError(t, err)
	requireAwaited(aurora, booking, found)
	require.NoError(t, c.Close(t.Context(), aurora, kept.ID, rights.Withdrawn, rights.Gone, "", ""))
	requireAwaited(aurora)
}
