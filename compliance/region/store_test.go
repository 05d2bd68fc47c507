//go:build unix

package region_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

func TestWhatChangedIsTold(t *testing.T) {
	t.Parallel()
	store := region.NewStore(postgrestest.New(t, postgres.Migrations).Pool(t))
	fine := region.Finding{Endpoint: "DATABASE_URL", Role: region.Database, Host: "a", Class: region.Ours, Provider: "aws", Region: "eu-central-1", Country: "DE", State: region.Pass}
	record := func(at time.Time, f region.Finding) []region.Change {
		changes, err := store.Record(t.Context(), at, []region.Finding{f}, nil)
		require.NoError(t, err)
		return changes
	}
	changes := record(noon, fine)
	require.Len(t, changes, 1, "a new endpoint is news")
	require.False(t, changes[0].Worse(true))
	require.Empty(t, record(noon.Add(time.Hour), fine))

	moved := fine
	moved.Region, moved.Country = "eu-west-1", "IE"
	changes = record(noon.Add(2*time.Hour), moved)
	require.Len(t, changes, 1)
	require.True(t, changes[0].Moved)
	require.False(t, changes[0].Worse(true))

	bad := moved
	bad.State, bad.Reason = region.Fail, "it is an alias of elsewhere"
	changes = record(noon.Add(3*time.Hour), bad)
	require.Len(t, changes, 1)
	require.True(t, changes[0].Worse(false))
	require.Equal(t, region.Pass, changes[0].Was.State)
	require.Empty(t, record(noon.Add(3*time.Hour), bad), "a repeated attempt tells no news")
	require.Empty(t, record(noon, fine), "an older check changes nothing")
	require.Empty(t, record(noon.Add(4*time.Hour), bad), "it is known already")

	checks, err := store.List(t.Context())
	require.NoError(t, err)
	require.Len(t, checks, 1)
	require.Equal(t, region.Fail, checks[0].State)
	require.Equal(t, "it is an alias of elsewhere", checks[0].Reason)
	require.Equal(t, noon.Add(3*time.Hour), checks[0].ChangedAt.UTC())
	require.Equal(t, noon.Add(4*time.Hour), checks[0].CheckedAt.UTC())
	require.Len(t, record(noon.Add(5*time.Hour), moved), 1)

	n, err := store.Forget(t.Context(), noon.Add(6*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// TestNewsThatNobodyHeardStayNews: what could not be told is told again.
func TestNewsThatNobodyHeardStayNews(t *testing.T) {
	t.Parallel()
	store := region.NewStore(postgrestest.New(t, postgres.Migrations).Pool(t))
	f := region.Finding{Endpoint: "VAULT_ADDR", Role: region.Vault, Host: "a", Class: region.Unclassified, State: region.Unknown}
	deaf := errors.New("nobody is there")
	_, err := store.Record(t.Context(), noon, []region.Finding{f}, func([]region.Change) error { return deaf })
	require.ErrorIs(t, err, deaf)
	changes, err := store.Record(t.Context(), noon, []region.Finding{f}, func(c []region.Change) error { require.Len(t, c, 1); return nil })
	require.NoError(t, err)
	require.Len(t, changes, 1)
	require.True(t, changes[0].Worse(true))
	require.False(t, changes[0].Worse(false))
}
