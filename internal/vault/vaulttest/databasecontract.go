package vaulttest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
)

func databaseTests() map[string]func(*testing.T, Subject) {
	return map[string]func(*testing.T, Subject){
		"database leases a login":                lends,
		"database's leases end with their token": leaseEndsWithItsToken,
		"database's leases outlive a renewal":    leaseOutlivesRenewals,
		"database's leases are over in time":     leaseIsOverInTime,
		"database is denied other roles":         otherRoles,
		"database tells that Vault is sealed":    sealedDatabase,
	}
}

func lends(t *testing.T, s Subject) {
	database := Open(t, s).Database(DatabaseMount)
	lease, err := database.Lease(t.Context(), DatabaseRole)
	require.NoError(t, err)
	require.NotEmpty(t, lease.Username)
	require.NotEmpty(t, lease.Password)
	require.Positive(t, lease.TTL)
	other, err := database.Lease(t.Context(), DatabaseRole)
	require.NoError(t, err)
	require.NotEqual(t, lease.Username, other.Username)
	text, err := json.Marshal(lease)
	require.NoError(t, err)
	for _, shown := range []string{fmt.Sprint(lease), fmt.Sprintf("%v %+v %#v %s %q", lease, lease, &lease, lease, lease), string(text)} {
		require.NotContains(t, shown, lease.Password)
	}

	left, err := database.Renew(t.Context(), lease, lease.TTL)
	require.NoError(t, err)
	require.InDelta(t, lease.TTL.Seconds(), left.Seconds(), 2)
	for range 2 {
		require.NoError(t, database.Revoke(t.Context(), lease))
		_, err = database.Renew(t.Context(), lease, lease.TTL)
		require.ErrorIs(t, err, vault.ErrNotFound)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), lease.ID)
	}
	_, err = database.Renew(t.Context(), other, lease.TTL)
	require.NoError(t, err, "the other one is not touched")
}

// leaseEndsWithItsToken: a client whose token was taken away logs in again, and
// knows that the leases of the old token are gone.
func leaseEndsWithItsToken(t *testing.T, s Subject) {
	database := Open(t, s).Database(DatabaseMount)
	lease, err := database.Lease(t.Context(), DatabaseRole)
	require.NoError(t, err)
	s.RevokeAll(t)
	_, err = database.Renew(t.Context(), lease, lease.TTL)
	require.ErrorIs(t, err, vault.ErrNotFound)
	lease, err = database.Lease(t.Context(), DatabaseRole)
	require.NoError(t, err)
	_, err = database.Renew(t.Context(), lease, lease.TTL)
	require.NoError(t, err)
}

// leaseOutlivesRenewals: a renewed token is the same token.
func leaseOutlivesRenewals(t *testing.T, s Subject) {
	database := openFor(t, s, 2*time.Second, time.Hour).Database(DatabaseMount)
	lease, err := database.Lease(t.Context(), DatabaseRole)
	require.NoError(t, err)
	ends, tick := time.After(5*time.Second), time.NewTicker(100*time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ends:
			return
		case <-tick.C:
			_, err = database.Renew(t.Context(), lease, lease.TTL)
			require.NoError(t, err)
		}
	}
}

// leaseIsOverInTime: when the client has another token, the old one's leases
// are told to be over, for they will be.
func leaseIsOverInTime(t *testing.T, s Subject) {
	database := openFor(t, s, 2*time.Second, 3*time.Second).Database(DatabaseMount)
	lease, err := database.Lease(t.Context(), DatabaseRole)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, err = database.Renew(t.Context(), lease, lease.TTL)
		return err != nil
	}, 20*time.Second, 50*time.Millisecond)
	require.ErrorIs(t, err, vault.ErrNotFound)
}

func otherRoles(t *testing.T, s Subject) {
	database := Open(t, s).Database(DatabaseMount)
	_, err := database.Lease(t.Context(), "administrator")
	require.ErrorIs(t, err, vault.ErrDenied)
	for _, role := range []string{"", "a/b", "../config/x"} {
		_, err = database.Lease(t.Context(), role)
		require.ErrorIs(t, err, vault.ErrRefused, role)
	}
}

func sealedDatabase(t *testing.T, s Subject) {
	database := Open(t, s).Database(DatabaseMount)
	lease, err := database.Lease(t.Context(), DatabaseRole)
	require.NoError(t, err)
	s.Seal(t)
	_, err = database.Renew(t.Context(), lease, lease.TTL)
	require.ErrorIs(t, err, vault.ErrSealed)
	_, err = database.Lease(t.Context(), DatabaseRole)
	require.ErrorIs(t, err, vault.ErrSealed)
	require.ErrorIs(t, database.Revoke(t.Context(), lease), vault.ErrSealed)
}
