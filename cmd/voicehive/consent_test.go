package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/registry"
)

// consentVerb runs the verb on a house's databases and reads its JSON.
func consentVerb(t *testing.T, into any, args ...string) error {
	t.Helper()
	var out bytes.Buffer
	verb := newConsent()
	verb.SetArgs(append(args, "--json"))
	verb.SetOut(&out)
	verb.SetErr(&out)
	verb.SilenceUsage, verb.SilenceErrors = true, true
	err := verb.ExecuteContext(t.Context())
	require.NotContains(t, out.String(), "Zzyzxova", "a note is never printed")
	if err == nil && into != nil {
		require.NoError(t, json.Unmarshal(out.Bytes(), into), out.String())
	}
	return err
}

func TestConsentVerb(t *testing.T) {
	house := consenttest.New(t)
	t.Setenv("VOICEHIVE_ENV", "development")
	t.Setenv("VOICEHIVE_HOME", t.TempDir())
	t.Setenv("VOICEHIVE_KEYRING", house.Keyring)
	t.Setenv("DATABASE_URL", house.Database.URL)
	t.Setenv("KEYS_DATABASE_URL", house.KeysDB.URL)
	hotels, err := registry.New(house.Pool)
	require.NoError(t, err)
	require.NoError(t, hotels.Add(t.Context(), registry.Hotel{
		ID: consenttest.Aurora, Name: "Hotel", Vendor: "apaleo", Property: "MUC", TimeZone: "Europe/Berlin", Currency: "EUR",
		Country: "DE", Languages: []string{"de"}, CredentialsRef: "aurora",
	}))
	scope := house.Booking(consenttest.Aurora, subjects.Person{LastName: "Noether"})
	about := []string{"--hotel", consenttest.Aurora, "--scope", scope, "--purpose", "marketing", "--language", "de"}
	note := filepath.Join(t.TempDir(), "note.txt")
	require.NoError(t, os.WriteFile(note, []byte("Frau Zzyzxova am Empfang\n"), 0o600))

	var given, again, at map[string]any
	event := ulid.Make().String()
	give := append([]string{"give", "--event", event, "--method", "signature", "--note-file", note, "--at", time.Now().UTC().Format(time.RFC3339)}, about...)
	require.NoError(t, consentVerb(t, &given, give...))
	require.Equal(t, event, given["event_id"])
	require.Equal(t, "2026-10", given["wording_version"], "the newest words")
	require.NoError(t, consentVerb(t, &again, give...))
	require.Equal(t, given, again, "a repeated command is the same event")
	require.NoError(t, consentVerb(t, &at, "at", "now", scope, "--hotel", consenttest.Aurora, "--purpose", "marketing"))
	require.Equal(t, true, at["allowed"])

	require.NoError(t, consentVerb(t, nil, append([]string{"withdraw"}, about...)...))
	require.NoError(t, consentVerb(t, &at, "at", "now", scope, "--hotel", consenttest.Aurora, "--purpose", "marketing"))
	require.Equal(t, false, at["allowed"])
	var all []map[string]any
	require.NoError(t, consentVerb(t, &all, "list", "--hotel", consenttest.Aurora))
	require.Len(t, all, 2)

	require.ErrorIs(t, consentVerb(t, nil, append([]string{"give", "--at", "2099-01-01T00:00:00Z"}, about...)...), consent.ErrFuture)
	require.ErrorIs(t, consentVerb(t, nil, "give", "--hotel", consenttest.Aurora, "--scope", ulid.Make().String(), "--purpose", "marketing"), consent.ErrUnknownScope)
	require.ErrorIs(t, consentVerb(t, nil, append([]string{"give", "--channel", "smoke"}, about...)...), consent.ErrInvalid)
	require.ErrorAs(t, consentVerb(t, nil, append([]string{"give", "--at", "yesterday"}, about...)...), new(usageError))
	require.ErrorIs(t, consentVerb(t, nil, "give", "--hotel", "hotel-nowhere", "--scope", scope, "--purpose", "marketing"), registry.ErrUnknownHotel)
}
