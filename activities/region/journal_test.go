//go:build unix

package region_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	activities "github.com/voicehive/voicehive/activities/region"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/region"
)

// TestChangesAreAudited under their own tenants.
func TestChangesAreAudited(t *testing.T) {
	t.Parallel()
	w := open(t)
	require.NoError(t, w.Ring.EnsureTenant(t.Context(), audit.HouseTenant))
	journal := activities.Audited{Writer: audit.NewWriter(w.Ring), Pool: w.Database.Pool(t)}
	changes := []region.Change{
		{Is: region.Finding{Endpoint: "VAULT_ADDR", State: region.Fail}},
		{Is: region.Finding{Endpoint: "hotel/x/api", Tenant: w.Hotel.ID, State: region.Unknown}},
		{Is: region.Finding{Endpoint: "hotel/x/identity", Tenant: w.Hotel.ID, State: region.Unknown}},
	}
	require.NoError(t, journal.Record(t.Context(), changes))
	require.Equal(t, 3, w.Rows(t, "audit_outbox"))
	require.Error(t, journal.Record(t.Context(), []region.Change{{Is: region.Finding{Endpoint: "e", Tenant: "hotel-without-keys"}}}))
	require.Equal(t, 3, w.Rows(t, "audit_outbox"))
}
