//go:build full && linux

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// requireWholeHouse: hotel, ledger and workflows agree on each booking, each is
// there once, and no workflow ever failed.
func (v *vaulted) requireWholeHouse(ctx context.Context) {
	v.t.Helper()
	state := settledState(ctx, v.t, v.house)
	at := map[string]string{}
	for _, stay := range state.Reservations {
		require.NotContains(v.t, at, stay.ExternalCode, "booked twice")
		at[stay.ExternalCode] = stay.ID
	}
	told := map[string]string{}
	for id, booked := range v.booked {
		told[id] = booked.Confirmation
	}
	require.Equal(v.t, told, at)
	require.Equal(v.t, told, v.books.confirmations(ctx))
	require.Equal(v.t, len(told), v.books.count(ctx, "booking"))
	require.Equal(v.t, len(told), v.books.count(ctx, "guest"))
	require.Zero(v.t, v.books.count(ctx, "intent where settled_at is null"))
	require.Zero(v.t, v.books.count(ctx, "operator_task"))

	p, err := openAll(ctx, "test")
	require.NoError(v.t, err)
	defer p.close()
	var page []byte
	runs := 0
	for {
		list, err := p.temporal.WorkflowService().ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: defaultNamespace, PageSize: 1000, NextPageToken: page, Query: "WorkflowType = 'reservation'",
		})
		require.NoError(v.t, err)
		for _, run := range list.Executions {
			runs++
			require.Contains(v.t, []enumspb.WorkflowExecutionStatus{
				enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED,
			}, run.Status, run.Execution.WorkflowId)
		}
		if page = list.NextPageToken; len(page) == 0 {
			break
		}
	}
	require.GreaterOrEqual(v.t, runs, len(told))
}

// requireSecrets: nothing of what went to and from Vault, and no guest, stands
// in a log, an answer or a file of Temporal's.
func (v *vaulted) requireSecrets() {
	v.t.Helper()
	secrets := v.fake.Secrets()
	require.Greater(v.t, len(secrets), 10)
	guests := newHunt(planted)
	for _, answer := range v.answers {
		require.Empty(v.t, guests.in(answer))
		require.Empty(v.t, leaked(secrets, answer))
	}
	for _, file := range append(v.logsOf(""), filepath.Join(v.Home, "temporal.db")) {
		text, err := os.ReadFile(file)
		require.NoError(v.t, err)
		require.Empty(v.t, guests.in(text), file)
		require.Empty(v.t, leaked(secrets, text), file)
	}
}

// leaked counts the secrets that stand in a text, in any of the usual writings.
func leaked(secrets [][]byte, text []byte) (found []int) {
	for i, secret := range secrets {
		ways := [][]byte{secret, []byte(hex.EncodeToString(secret)), []byte(base64.StdEncoding.EncodeToString(secret)), []byte(base64.RawURLEncoding.EncodeToString(secret))}
		if slices.ContainsFunc(ways, func(way []byte) bool { return bytes.Contains(text, way) }) {
			found = append(found, i)
		}
	}
	return found
}

// TestLeakedFindsASecret proves the instrument.
func TestLeakedFindsASecret(t *testing.T) {
	secret := []byte("0123456789abcdef")
	for _, place := range []string{"x" + string(secret), hex.EncodeToString(secret), `"` + base64.StdEncoding.EncodeToString(secret) + `"`} {
		require.Equal(t, []int{0}, leaked([][]byte{secret}, []byte(place)))
	}
	require.Empty(t, leaked([][]byte{secret}, []byte(strings.Repeat("nothing", 10))))
}
