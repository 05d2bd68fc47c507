//go:build unix

package starter_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
)

// TestWhatAnOfficerWroteCanBeRead by another officer, and by whoever asks later
// why a request was refused.
func TestWhatAnOfficerWroteCanBeRead(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	o.Work(worker.Options{})
	ctx := t.Context()
	c, _, err := o.Requests.Open(ctx, dsartest.Aurora, ann, fresh(), rights.ByCLI, starter.OpenRequest{Kind: rights.Access, Scope: o.Guest(dsartest.Ada())})
	require.NoError(t, err)
	kept := rights.Case{Hotel: dsartest.Aurora, ID: c.ID}
	o.Await(kept, rights.Verifying)
	_, err = o.Task(ctx, dsartest.Aurora, ann, fresh(), c.ID, starter.TaskRequest{Note: "The passport has another name."})
	require.NoError(t, err)
	o.Await(kept, rights.Open)
	_, err = o.Refuse(ctx, dsartest.Aurora, ben, fresh(), c.ID, starter.RefuseRequest{Reasons: []string{"identity"}, Explanation: "Nobody could tell who you are."})
	require.NoError(t, err)
	o.Await(kept, rights.Refused)

	words, err := o.Words(ctx, dsartest.Aurora, ben, c.ID)
	require.NoError(t, err)
	require.Len(t, words.Notes, 2)
	require.Equal(t, "The passport has another name.", words.Notes[0].Text)
	require.Equal(t, rights.ActTaskAdded, words.Notes[0].Kind)
	require.Equal(t, []string{"identity"}, words.Notes[1].Reasons)
	require.Equal(t, "Nobody could tell who you are.", words.Notes[1].Text)
	require.NotEqual(t, words.Notes[0].Actor, words.Notes[1].Actor)
	shown, err := o.Show(ctx, dsartest.Aurora, c.ID)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprint(shown), "passport", "what everybody sees tells nothing of it")
}
