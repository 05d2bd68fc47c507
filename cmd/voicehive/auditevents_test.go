//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// TestOperatorsAreInTheAuditLog runs what operators do, and finds each in the
// log, at the hotel that it concerns, with nothing in it that must not be told.
func TestOperatorsAreInTheAuditLog(t *testing.T) {
	hotel, _ := sandboxed(t) // it adds a hotel twice
	main := postgrestest.New(t, postgres.Migrations)
	t.Setenv("DATABASE_URL", main.URL)
	folder := t.TempDir()
	entry, document, fields := filepath.Join(folder, "hotel.yaml"), filepath.Join(folder, "contract.pdf"), filepath.Join(folder, "fields.yaml")
	write := func(file, text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	sample, err := os.ReadFile("../../config/hotels/hotel-aurora.yaml")
	require.NoError(t, err)
	write(entry, string(sample))
	write(document, "hello")
	write(fields, "client_id: id\nclient_secret: hush\n")
	run := func(args ...string) string {
		text, err := verb(t, args...)
		require.NoError(t, err, args)
		return text
	}
	run("hotel", "add", "--unchecked", entry)
	run("hotel", "add", "--unchecked", entry)
	run("hotel", "maintenance", hotel.ID, "--on", "--reason", "a new server")
	run("hotel", "maintenance", hotel.ID, "--off")
	run("region", "attest", hotel.ID, "--by", "GM", "--document", document, "--until", time.Now().AddDate(1, 0, 0).Format(time.DateOnly))
	key := must[struct{ ID, Key string }](t, "key", "issue", "--name", "platform", "--hotel", hotel.ID)
	run("key", "revoke", key.ID)
	run("credentials", "put", hotel.CredentialsRef, "--file", fields)
	run("credentials", "rotate", hotel.CredentialsRef, "--file", fields)
	run("credentials", "put", "nobodys", "--file", fields)
	_, err = verb(t, "credentials", "rotate", "none", "--file", fields)
	require.Error(t, err)
	run("keys", "roll", "2031-01")
	_, err = verb(t, "keys", "retire", "2031-01")
	require.Error(t, err)
	for _, refused := range [][]string{
		{"hotel", "maintenance", "hotel-nowhere", "--off"}, {"key", "revoke", key.ID}, {"hotel", "maintenance", hotel.ID, "--on", "--reason", " "},
	} {
		_, err := verb(t, refused...)
		require.Error(t, err, refused)
	}

	p, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	defer p.close()
	var told []string
	for _, each := range audittest.Waiting(t, main.AdminURL, p.ring) {
		require.Equal(t, byOperator, each.Actor)
		require.NotContains(t, each.Detail, "hush")
		require.NotContains(t, each.Detail, key.Key)
		told = append(told, each.Tenant+" "+string(each.Kind))
	}
	var want []string
	for _, kind := range []audit.Kind{
		eventHotelAdded, eventHotelChanged, eventMaintenanceBegun, eventMaintenanceEnded, eventAttested, "api_key.issued", "api_key.revoked",
		eventCredentialsAsked, eventCredentialsStored, eventCredentialsAsked, eventCredentialsRotated,
	} {
		want = append(want, hotel.ID+" "+string(kind))
	}
	for _, kind := range []audit.Kind{
		eventCredentialsAsked, eventCredentialsStored, eventCredentialsAsked, eventRollAsked, eventRolled, eventRetireAsked,
	} {
		want = append(want, audit.HouseTenant+" "+string(kind))
	}
	require.Equal(t, want, told, "what was refused changed nothing, or was asked for only")
}

// Where the log cannot be told, nothing is changed in production.
func TestNothingUntoldInProduction(t *testing.T) {
	p := &parts{config: config.Config{Environment: config.Production}}
	require.ErrorContains(t, p.openJournal(t.Context()), "DATABASE_URL")
}
