package temporalkeys_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/compliance/keys/temporalkeys"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/internal/temporal"
)

var (
	_ temporal.Keys    = (*temporalkeys.Source)(nil)
	_ temporal.ScopeOf = temporalkeys.ScopeOf
)

func TestScopeOfAWorkflow(t *testing.T) {
	t.Parallel()
	const id = "01JD8Z3V5QK7M2N4P6R8S0T1WX"
	for workflowID, scope := range map[string]string{
		"booking/seaview/" + id:         "seaview/" + id,
		"call/seaview/" + id:            "seaview/" + id,
		"dsar/seaview/" + id:            "seaview/" + id,
		"system/seaview/retention":      "seaview/00000000000000000000000000",
		"system/seaview/retention/2026": "seaview/00000000000000000000000000",
		"":                              "",
		"booking":                       "",
		"booking/seaview":               "",
		"booking/seaview/" + id + "/x":  "",
		"booking/seaview/guest-42":      "",
		"booking/seaview/00000000000000000000000000": "",
		"booking//" + id:                       "",
		"Booking/seaview/" + id:                "",
		"system/seaview":                       "",
		"system/seaview/":                      "",
		"system/Sea View/retention":            "",
		"other/seaview/" + id:                  "",
		"4a5f8c1e-9d0b-4a52-8b44-0d2d1c7b9f10": "",
	} {
		got, err := temporalkeys.ScopeOf(workflowID)
		require.Equal(t, scope == "", err != nil, workflowID)
		require.Equal(t, scope, got, workflowID)
	}
}

func TestSourceSpeaksTheCodecsWords(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, keys.Migrations)
	root, err := keys.OpenLocalKeyring(t.TempDir()+"/keyring.json", "test")
	require.NoError(t, err)
	maker := keystest.NewRing(t, database, root)
	scope, err := maker.Create(t.Context(), "seaview")
	require.NoError(t, err)
	name := scope.String()
	ring := keystest.NewRing(t, database, root)
	source := temporalkeys.New(ring)

	_, _, err = source.Current(name)
	require.ErrorIs(t, err, temporal.ErrKeyNotLoaded)
	require.NoError(t, source.Load(t.Context(), name, name+"/audit/1", name+"/recording/1", "nonsense", "a/b/c/d/e"))
	id, aead, err := source.Current(name)
	require.NoError(t, err)
	require.Equal(t, name+"/1", id, "replay histories depend on this form")
	plain, err := aead.Open(nil, nil, aead.Seal(nil, nil, []byte("x"), nil), nil)
	require.NoError(t, err)
	require.Equal(t, "x", string(plain))
	for id, want := range map[string]error{
		name + "/1":            nil,
		name + "/audit/1":      nil,
		name + "/2":            temporal.ErrKeyUnknown,
		name + "/recording/1":  temporal.ErrKeyUnknown,
		name + "/invoice/1":    temporal.ErrKeyNotLoaded,
		name + "/operations/1": temporal.ErrKeyMalformed,
		"nonsense":             temporal.ErrKeyMalformed,
	} {
		_, err := source.ByID(id)
		require.ErrorIs(t, err, want, id)
	}

	// A root key that is gone is no erasure: the tasks wait for it.
	require.NoError(t, root.Destroy(t.Context(), keys.NewEpochName(time.Now())))
	stranded := temporalkeys.New(keystest.NewRing(t, database, root))
	require.NoError(t, stranded.Load(t.Context(), name))
	_, err = stranded.ByID(name + "/1")
	require.ErrorIs(t, err, temporal.ErrKeyUnknown)
	require.NotErrorIs(t, err, temporal.ErrKeyDestroyed)

	_, err = ring.Destroy(t.Context(), scope)
	require.NoError(t, err)
	_, err = source.ByID(name + "/1")
	require.ErrorIs(t, err, temporal.ErrKeyDestroyed)
}
