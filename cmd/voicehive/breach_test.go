//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/starter"
)

// breachVerb runs the verb, with words on standard input, and reads its JSON.
func breachVerb(t *testing.T, words string, into any, args ...string) error {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(append(append([]string{"breach"}, args...), "--json"))
	root.SetIn(strings.NewReader(words))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	if out.Len() > 0 && into != nil {
		require.NoError(t, json.Unmarshal(out.Bytes(), into), out.String())
	}
	return err
}

// TestABreachByHand: an officer opens, notes and closes a breach; what cannot be
// right is refused, and the register keeps all of it.
func TestABreachByHand(t *testing.T) {
	house := subjectHouse(t)
	t.Setenv("TEMPORAL_ADDRESS", temporaltest.Server(t).FrontendHostPort())
	t.Setenv("TEMPORAL_NAMESPACE", temporaltest.Namespace(t))

	var refused usageError
	require.ErrorAs(t, breachVerb(t, "Ada Lovelace's booking was lost.", nil, "open", "--kind", "availability"), &refused)
	require.ErrorAs(t, breachVerb(t, "A store was lost.", nil, "open", "--kind", "availability", "--hotel", "nowhere"), &refused)
	require.ErrorAs(t, breachVerb(t, "A store was lost.", nil, "open", "--kind", "theft"), &refused)

	var opened breach.Breach
	require.NoError(t, breachVerb(t, "A store was lost; some 20 bookings were restored.", &opened, "open", "--kind", "availability", "--hotel", consenttest.Aurora))
	require.Empty(t, opened.Text)
	note := func(words string, args ...string) {
		t.Helper()
		require.NoError(t, breachVerb(t, words, nil, append([]string{"note", opened.ID}, args...)...))
	}
	require.ErrorIs(t, breachVerb(t, "", nil, "close", opened.ID), breach.ErrUndone)
	note("By phone.", "--act", "controller_told", "--hotel", consenttest.Aurora)
	note("A risk is unlikely: nothing was read.", "--act", "assessed", "--risk", "unlikely")
	note("Restored from the backup.", "--act", "remedied")
	var list struct{ Breaches []breach.Breach }
	require.NoError(t, breachVerb(t, "", &list, "list"))
	require.Len(t, list.Breaches, 1)
	var open map[string]int
	require.NoError(t, breachVerb(t, "", &open, "resume"))
	require.Equal(t, 1, open["open"])
	require.NoError(t, breachVerb(t, "", nil, "close", opened.ID))
	require.ErrorIs(t, breachVerb(t, "More.", nil, "note", opened.ID, "--act", "fact"), breach.ErrClosed)
	var shown breach.Breach
	require.NoError(t, breachVerb(t, "", &shown, "show", opened.ID))
	require.Len(t, shown.Notes, 3)
	require.Equal(t, "Restored from the backup.", shown.Notes[2].Text)
	require.NoError(t, breachVerb(t, "", &list, "list", "--all"))
	require.Len(t, list.Breaches, 1)
	require.Equal(t, 6, house.Count("select count(*) from audit_outbox where tenant = $1 and kind like 'breach.%'", audit.HouseTenant))
}

// TestABreachIsWrittenDownWithoutTemporal: the register is what the law asks
// for; that nobody is reminded yet is said.
func TestABreachIsWrittenDownWithoutTemporal(t *testing.T) {
	house := subjectHouse(t)
	address, _ := outpost(t)
	t.Setenv("TEMPORAL_ADDRESS", address)
	require.ErrorIs(t, breachVerb(t, "A store was lost.", nil, "open", "--kind", "availability"), starter.ErrNoClock)
	require.Equal(t, 1, house.Count("select count(*) from breach"))
}
