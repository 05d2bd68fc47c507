package retention_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/retention"
)

func TestTheShippedPolicyIsSound(t *testing.T) {
	t.Parallel()
	p, err := retention.Shipped()
	require.NoError(t, err)
	for _, country := range []string{"DE", "AT", "FR", "ES", "IT", "PT", "NL", "BE", "PL"} {
		rules := p.Rules("invoice", country)
		require.NotEmpty(t, rules, country)
		for _, r := range p.Rules("", country) {
			require.Equal(t, "not reviewed by a lawyer", r.Reviewed(), r.ID)
		}
	}
}
