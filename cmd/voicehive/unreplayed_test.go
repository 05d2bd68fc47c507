//go:build unix

package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/erasure"
)

// beforeReplay are the verbs that a restored house needs before its replay, or
// that reach none of what came back, each for its reason.
var beforeReplay = map[string]string{
	"erasure replay": "it is what the others wait for", "erasure journal": "it copies what the replay goes by",
	"audit status": "it tells whether the log agrees with its store", "audit sequence": "it signs digests, and cannot reach the keys",
	"migrate":     "a backup may be of before the newest migration",
	"keys status": keysAlone, "keys roll": keysAlone, "keys retire": keysAlone, "keys backup-check": keysAlone,
	"credentials list": secretsAlone, "credentials put": secretsAlone, "credentials rotate": secretsAlone,
	"dev": ownHouse, "demo": ownHouse,
}

const (
	keysAlone    = "it is about the keys' epochs and opens nothing"
	secretsAlone = "it is about vendors' secrets"
	ownHouse     = "it makes its own house; openStoresIn refuses a restored one there too"
)

// TestNothingOpensBeforeTheReplay calls every verb while the journals tell of a
// restore: each refuses and says what to do, but for the few named above.
func TestNothingOpensBeforeTheReplay(t *testing.T) {
	office(t)
	t.Setenv("VOICEHIVE_OIDC", "http://127.0.0.1:9=voicehive")
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")
	p, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	defer p.close()
	journal := erasure.NewJournal(p.pool, p.keysPool)
	require.NoError(t, journal.Add(t.Context(), []erasure.Entry{{Hotel: "aurora-berlin", Scope: someULID}}))

	all := verbs(newRoot())
	for name := range all {
		if unguardedVerbs[name] == "" && beforeReplay[name] == "" {
			err := callVerb(t, name)
			assert.ErrorIs(t, err, erasure.ErrUnreplayed, "`voicehive %s` opened a restored house: use openStores, or say in beforeReplay why not", name)
			assert.ErrorContains(t, err, "voicehive erasure replay", name)
		}
	}
	for name := range beforeReplay {
		require.Contains(t, all, name, "take it out of the list")
	}
	require.NoError(t, callVerb(t, "audit status"))
	_, err = verb(t, "erasure", "journal", "--out", filepath.Join(t.TempDir(), "journal"))
	require.NoError(t, err)
}
