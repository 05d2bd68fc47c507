//go:build unix

package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
)

const someULID = "01J9Z3NDEKTSV4RRFFQ69G5FAV"

// verbArguments are how a verb is called so that it would connect to something.
// A verb that is not here is called with nothing.
var verbArguments = map[string][]string{
	"audit prove":          {"0"},
	"breach close":         {someULID},
	"breach note":          {someULID, "--act", "fact"},
	"breach open":          {"--kind", "confidentiality"},
	"breach show":          {someULID},
	"connector doctor":     {"aurora-berlin"},
	"connector test":       {"--account", "aurora-berlin"},
	"consent at":           {"--hotel", "aurora-berlin", "--purpose", "recording", "2026-12-24T12:00:00Z", someULID},
	"consent give":         {"--hotel", "aurora-berlin", "--scope", someULID, "--purpose", "recording"},
	"consent list":         {"--hotel", "aurora-berlin"},
	"consent withdraw":     {"--hotel", "aurora-berlin", "--scope", someULID, "--purpose", "recording"},
	"credentials check":    {"hotels/aurora"},
	"credentials put":      {"hotels/aurora"},
	"credentials rotate":   {"hotels/aurora"},
	"dev":                  {"--home", "VOICEHIVE_HOME"},
	"evidence collect":     {"--hotel", "aurora-berlin"},
	"evidence get":         {"--hotel", "aurora-berlin", someULID},
	"evidence list":        {"--hotel", "aurora-berlin"},
	"hotel add":            {"../../config/hotels/hotel-aurora.yaml"},
	"hotel check":          {"aurora-berlin"},
	"hotel maintenance":    {"aurora-berlin", "--off"},
	"hotel subscribe":      {"aurora-berlin", "--url", "https://voicehive.example"},
	"hotel unsubscribe":    {"aurora-berlin"},
	"key issue":            {"--name", "a platform", "--hotel", "aurora-berlin"},
	"key revoke":           {someULID},
	"keys backup-check":    {"--restored", "DATABASE_URL", "--by", "somebody"},
	"keys retire":          {"2026-01"},
	"messages resend":      {"aurora-berlin", someULID},
	"messages sentence":    {"aurora-berlin", "confirmation", "en", "Welcome."},
	"messages show":        {"aurora-berlin", someULID},
	"promote":              {"--build-id", "a-build"},
	"offboarding approve":  {someULID},
	"offboarding handed":   {someULID, "--sha256", "x"},
	"offboarding open":     {"aurora-berlin", "--give-back", "plain"},
	"offboarding show":     {someULID},
	"offboarding withdraw": {someULID, "--reason", "it stays"},
	"region attest":        {"aurora-berlin", "--by", "GM", "--document", "guarded_test.go", "--until", "2099-12-31"},
	"subject find":         {"--hotel", "aurora-berlin"},
	"subject merge":        {"--hotel", "aurora-berlin", "--reason", "guest_confirmed", someULID, someULID},
	"subject show":         {"--hotel", "aurora-berlin", someULID},
	"subject split":        {"--hotel", "aurora-berlin", "--reason", "shared_contact", someULID},
	"subject undo":         {"--hotel", "aurora-berlin", "--reason", "mistaken_identity", someULID},
	"tasks done":           {"aurora-berlin", someULID},
	"transcript":           {"aurora-berlin", someULID},
	"tasks show":           {"aurora-berlin", someULID},

	"hold approve":          {"--hotel", "aurora-berlin", someULID},
	"hold list":             {"--hotel", "aurora-berlin"},
	"hold place":            {"--hotel", "aurora-berlin", "--matter", "2026-17", "--review", "2027-01-01", someULID},
	"hold release":          {"--hotel", "aurora-berlin", someULID},
	"hold review":           {"--hotel", "aurora-berlin", "--review", "2027-01-01", someULID},
	"hold show":             {"--hotel", "aurora-berlin", someULID},
	"retention approve":     {"--hotel", "aurora-berlin", "--plan", "00", someULID},
	"retention certificate": {"--hotel", "aurora-berlin", someULID},
	"retention dry-run":     {"--hotel", "aurora-berlin"},
	"retention explain":     {"--hotel", "aurora-berlin", "guest"},
	"retention policy set":  {"--hotel", "aurora-berlin", "guest", "P30D"},
	"retention policy show": {"--hotel", "aurora-berlin"},
	"retention refuse":      {"--hotel", "aurora-berlin", someULID},
	"retention run":         {"--hotel", "aurora-berlin"},
	"retention status":      {"--hotel", "aurora-berlin"},

	"dsar approve":        {"--hotel", "aurora-berlin", someULID},
	"dsar procedure":      {"--hotel", "aurora-berlin"},
	"dsar extend":         {"--hotel", "aurora-berlin", "--reason", "complexity", someULID},
	"dsar list":           {"--hotel", "aurora-berlin"},
	"dsar open":           {"--hotel", "aurora-berlin", "--scope", someULID, "erasure"},
	"dsar refuse":         {"--hotel", "aurora-berlin", "--reason", "excessive", someULID},
	"dsar show":           {"--hotel", "aurora-berlin", someULID},
	"dsar task":           {"--hotel", "aurora-berlin", someULID},
	"dsar verify":         {"--hotel", "aurora-berlin", "--send", someULID},
	"dsar withdraw":       {"--hotel", "aurora-berlin", someULID},
	"dsar words":          {"--hotel", "aurora-berlin", someULID},
	"erasure certificate": {"--hotel", "aurora-berlin", "--case", someULID},
	"erasure plan":        {"--hotel", "aurora-berlin", "--case", someULID},
	"pack forget":         {"aurora-berlin", someULID},
	"pack link":           {"aurora-berlin", someULID},
	"pack list":           {"aurora-berlin", someULID},
	"pack save":           {"aurora-berlin", someULID, "--out", "pack.zip"},
}

// unguardedVerbs connect to nothing that a setting names, each for its reason.
var unguardedVerbs = map[string]string{
	"adopt": toAPI, "availability": toAPI, "book": toAPI, "cancel": toAPI, "modify": toAPI, "quote": toAPI, "show": toAPI,
	"audit verify": offline, "audit witness": stranger, "config": offline, "connector new": offline,
	"retention policy check": offline, "retention verify": offline, "documents build": offline, "documents check": offline, "evidence verify": offline,
	"erasure verify": offline, "offboarding verify": offline,
	"pii explain": offline, "pii redact": offline, "pii scan": offline, "pii validate": offline,
	"sandbox apaleo": "a simulated hotel system, for development",
}

const (
	toAPI    = "it is a person's client of our own API, at the address that they give"
	offline  = "it works on files alone"
	stranger = "it listens on somebody else's machine, and connects to nothing"
)

// outpost is a listener in the place of everything that settings name.
func outpost(t *testing.T) (address string, reached *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	reached = &atomic.Int32{}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String(), reached
}

// everythingAt has all settings name one address, which a guard lets through.
func everythingAt(t *testing.T, address string) {
	t.Helper()
	home := t.TempDir()
	token := filepath.Join(home, "token")
	require.NoError(t, os.WriteFile(token, []byte("s.a-token-of-nobody"), 0o600))
	for name, value := range map[string]string{
		"VOICEHIVE_HOME": home, "VOICEHIVE_LOG_LEVEL": "error", "VOICEHIVE_DEVSTACK": os.Args[0], "VOICEHIVE_BINARY": os.Args[0],
		"DATABASE_URL": "postgres://u:p@" + address + "/x", "KEYS_DATABASE_URL": "postgres://u:p@" + address + "/y",
		"VAULT_ADDR": "http://" + address, "VOICEHIVE_VAULT_LOGIN": "token", "VOICEHIVE_VAULT_SECRET_FILE": token,
		"TEMPORAL_ADDRESS": address, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + address, "VOICEHIVE_OIDC": "http://" + address + "=voicehive",
		"RIVA_ADDRESS": address, "VOICEHIVE_SMTP": "smtp://" + address, "VOICEHIVE_MAIL_FROM": "post@hotel.example",
	} {
		t.Setenv(name, value)
	}
}

// verbs are all that do something, by the words that call them.
func verbs(root *cobra.Command) map[string]*cobra.Command {
	all := map[string]*cobra.Command{}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, child := range c.Commands() {
			walk(child)
		}
		if !c.HasSubCommands() {
			all[strings.TrimPrefix(c.CommandPath(), "voicehive ")] = c
		}
	}
	walk(root)
	return all
}

// callVerb runs a verb in this process as a shell would.
func callVerb(t *testing.T, name string) error {
	t.Helper()
	args := append(strings.Fields(name), verbArguments[name]...)
	for i, a := range args {
		if a == "DATABASE_URL" || a == "VOICEHIVE_HOME" {
			args[i] = os.Getenv(a)
		}
	}
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(strings.NewReader("{\"client_id\": \"x\", \"client_secret\": \"y\", \"kind\": \"oauth2_client_credentials\"}\n"))
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	// A server that opens would never end.
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return root.ExecuteContext(ctx)
}

// TestNoVerbConnectsPastTheGuard calls every verb while one setting leads to
// London: each refuses, and nothing was connected to before.
func TestNoVerbConnectsPastTheGuard(t *testing.T) {
	address, reached := outpost(t)
	everythingAt(t, address)
	t.Setenv("LIVEKIT_URL", "wss://rooms.eu-west-2.elb.amazonaws.com")
	all := verbs(newRoot())
	for name := range all {
		if unguardedVerbs[name] != "" {
			continue
		}
		err := callVerb(t, name)
		assert.ErrorIs(t, err, region.ErrRefused, "`voicehive %s` did not ask the guard first. If it lacks an argument, add that to verbArguments; if it connects to nothing, say so in unguardedVerbs", name)
		assert.Zero(t, reached.Swap(0), "`voicehive %s` connected to something before the guard had looked", name)
	}
	for _, listed := range [][]string{keysOf(verbArguments), keysOf(unguardedVerbs)} {
		for _, name := range listed {
			require.Contains(t, all, name, "take it out of the list")
		}
	}

	// The same verbs do reach what the settings name when nothing leads away.
	t.Setenv("LIVEKIT_URL", "")
	for _, name := range []string{"credentials list", "migrate"} {
		before := reached.Load()
		err := callVerb(t, name)
		require.Error(t, err)
		require.NotErrorIs(t, err, region.ErrRefused)
		require.Greater(t, reached.Load(), before, name)
	}
}

func keysOf[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for key := range m {
		all = append(all, key)
	}
	return all
}

// TestOfflineVerbsStayOffline: what is said to need no network has none.
func TestOfflineVerbsStayOffline(t *testing.T) {
	address, reached := outpost(t)
	everythingAt(t, address)
	t.Chdir(t.TempDir())
	for name, why := range unguardedVerbs {
		if why == offline {
			_ = callVerb(t, name)
			require.Zero(t, reached.Load(), name)
		}
	}
}
