//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

func TestHotelOfASystemWithoutCatalog(t *testing.T) {
	hotel, _ := sandboxed(t)
	text, err := verb(t, "hotel", "check", hotel.ID)
	require.NoError(t, err)
	require.Contains(t, text, "agrees with its system")

	matrix, err := os.ReadFile("../../connectors/capability/matrix.yaml")
	require.NoError(t, err)
	without := strings.Replace(string(matrix), "catalog:\n        support: \"yes\"\n        calls: [\"GET /inventory/v1/properties/{id}\", \"GET /inventory/v1/unit-groups\"]\n        prose: [\"GET /rateplan/v1/rate-plans\"]\n",
		"catalog:\n        support: \"no\"\n", 1)
	require.NotEqual(t, string(matrix), without)
	file := filepath.Join(t.TempDir(), "matrix.yaml")
	require.NoError(t, os.WriteFile(file, []byte(without), 0o600))
	t.Setenv("VOICEHIVE_CAPABILITIES", file)

	hotel.Currency = "NOK" // which nobody can tell
	entry, err := yaml.Marshal(hotel)
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "hotel.yaml")
	require.NoError(t, os.WriteFile(file, entry, 0o600))
	text, err = verb(t, "hotel", "add", file)
	require.NoError(t, err)
	require.Contains(t, text, nothingTold)
	require.Contains(t, text, "is registered")

	text, err = verb(t, "hotel", "check", hotel.ID)
	require.NoError(t, err)
	require.Contains(t, text, "Note: "+nothingTold)
	require.NotContains(t, text, "agrees")
	checked := must[map[string]any](t, "hotel", "check", hotel.ID)
	require.Contains(t, checked["notes"], nothingTold)
	require.Empty(t, checked["findings"])
}

func TestHotelTellsWhatItsGuestsGet(t *testing.T) {
	hotel, _ := sandboxed(t)
	t.Setenv("VOICEHIVE_SMTP", "")
	text, err := verb(t, "hotel", "list")
	require.NoError(t, err)
	require.Regexp(t, `CONFIRMATIONS(.|\n)*EUR +email`, text)
	told := func() string {
		return must[struct{ Confirmations string }](t, "hotel", "check", hotel.ID).Confirmations
	}
	require.Equal(t, "email, but they wait where the workers have no VOICEHIVE_SMTP, as here", told())
	t.Setenv("VOICEHIVE_SMTP", "smtp://127.0.0.1:9")
	t.Setenv("VOICEHIVE_MAIL_FROM", "post@aurora.example")
	require.Equal(t, "email", told())

	hotel.Messages.Confirmations = "none"
	entry, err := yaml.Marshal(hotel)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "hotel.yaml")
	require.NoError(t, os.WriteFile(file, entry, 0o600))
	text, err = verb(t, "hotel", "add", file)
	require.NoError(t, err)
	require.Contains(t, text, "Confirmations to its guests: none")
	require.Equal(t, "none", told())

	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(entry), "confirmations: none", "confirmations: fax", 1)), 0o600))
	_, err = verb(t, "hotel", "add", file)
	require.ErrorContains(t, err, "messages.confirmations must be none, email, sms")
}
