package vaulttest

import (
	"testing"

	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

func TestContractOnTheRealVault(t *testing.T) {
	t.Parallel()
	vaulttest.Contract(t, func(t testing.TB) vaulttest.Subject { return start(t) })
}
