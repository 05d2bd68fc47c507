package vault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/clocktest"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// TestATokensLifeIgnoresTheWallClock: whatever date it is meanwhile, a token is
// used until its time has passed, and not after that.
func TestATokensLifeIgnoresTheWallClock(t *testing.T) {
	t.Parallel()
	for _, jump := range clocktest.Jumps() {
		t.Run(jump.String(), func(t *testing.T) {
			t.Parallel()
			clock, fake := clocktest.New(), vaulttest.NewFake(t)
			roleID, secretID := fake.AppRole(t, time.Hour, 24*time.Hour)
			client, err := vault.New(vault.WithClock(vault.Options{
				Address: fake.URL, Login: vault.AppRole{RoleID: roleID, SecretIDFile: vaulttest.SecretFile(t, secretID)},
			}, clock.Now))
			require.NoError(t, err)
			t.Cleanup(client.Close)
			ask := func() int {
				_, err := client.Transit(vaulttest.TransitMount).Keys(t.Context())
				require.NoError(t, err)
				return fake.Logins()
			}
			require.Equal(t, 1, ask())
			clock.Set(jump)
			require.Equal(t, 1, ask(), "the token lives")
			clock.Pass(59 * time.Minute)
			require.Equal(t, 1, ask())
			clock.Pass(2 * time.Minute)
			require.Equal(t, 2, ask(), "its time is over")
		})
	}
}
