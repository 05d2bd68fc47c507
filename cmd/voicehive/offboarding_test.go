//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	activities "github.com/voicehive/voicehive/activities/offboarding"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth/authtest"
	flow "github.com/voicehive/voicehive/workflows/offboarding"
)

// offboardingVerb runs the verb and reads its JSON.
func offboardingVerb(t *testing.T, into any, args ...string) error {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(append(append([]string{"offboarding"}, args...), "--json"))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	if err == nil && into != nil {
		require.NoError(t, json.Unmarshal(out.Bytes(), into), out.String())
	}
	return err
}

// TestAnOffboardingByHand: one person opens it, and cannot approve it; it is
// withdrawn, and opened again. The workflow and its steps are the product's own.
func TestAnOffboardingByHand(t *testing.T) {
	subjectHouse(t)
	t.Setenv("TEMPORAL_ADDRESS", temporaltest.Server(t).FrontendHostPort())
	t.Setenv("TEMPORAL_NAMESPACE", temporaltest.Namespace(t))
	p, err := openAll(t.Context(), "test")
	require.NoError(t, err)
	t.Cleanup(p.close)
	does, err := p.offboarding()
	require.NoError(t, err)
	w := worker.New(p.temporal, flow.TaskQueue, worker.Options{})
	flow.Register(w)
	activities.Register(w, does)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)

	require.Error(t, offboardingVerb(t, nil, "open", consenttest.Aurora, "--give-back", "plain"), "somebody signs in")
	people := authtest.New(t)
	t.Setenv("VOICEHIVE_OIDC", people.Trusted())
	t.Setenv("VOICEHIVE_TOKEN_FILE", people.File("olive", "ops", consenttest.Aurora))
	var usage usageError
	require.ErrorAs(t, offboardingVerb(t, nil, "open", consenttest.Aurora), &usage, "sealed needs a key")
	require.ErrorAs(t, offboardingVerb(t, nil, "open", consenttest.Aurora, "--recipient", "age1nobody"), &usage)
	require.Error(t, offboardingVerb(t, nil, "open", "nowhere", "--give-back", "plain"))
	var r activities.Record
	require.NoError(t, offboardingVerb(t, &r, "open", consenttest.Aurora, "--give-back", "plain"))
	require.ErrorIs(t, offboardingVerb(t, nil, "open", consenttest.Aurora, "--give-back", "plain"), activities.ErrOpen)

	var refused *starter.OffboardingRefused
	problem(t, offboardingVerb(t, nil, "approve", r.ID), starter.SamePerson)
	elsewhere := authtest.New(t)
	t.Setenv("VOICEHIVE_OIDC", people.Trusted()+","+elsewhere.Trusted())
	problem(t, offboardingVerb(t, nil, "approve", r.ID, "--token-file", elsewhere.File("otto", "ops", consenttest.Aurora)), starter.OtherProvider)
	require.ErrorAs(t, offboardingVerb(t, nil, "handed", r.ID, "--sha256", "x"), &refused)
	require.Equal(t, flow.RefusedState, refused.Kind)
	require.ErrorIs(t, offboardingVerb(t, nil, "show", r.ID, "--certificate", t.TempDir()+"/c.json"), activities.ErrState)

	var state flow.State
	require.NoError(t, offboardingVerb(t, &state, "approve", r.ID, "--token-file", people.File("otto", "ops", consenttest.Aurora)))
	require.Equal(t, activities.Returning, state.State)
	require.NoError(t, offboardingVerb(t, nil, "withdraw", r.ID, "--reason", "it stays"))
	require.ErrorIs(t, offboardingVerb(t, nil, "withdraw", someULID, "--reason", "it stays"), activities.ErrState)
	var shown activities.Record
	require.NoError(t, offboardingVerb(t, &shown, "show", r.ID))
	require.Equal(t, activities.Withdrawn, shown.State)
	require.NotEqual(t, shown.OpenedBy, shown.ApprovedBy)
	require.NoError(t, offboardingVerb(t, &r, "open", consenttest.Aurora, "--give-back", "plain"), "it can be opened anew")
	var list struct{ Offboardings []activities.Record }
	require.NoError(t, offboardingVerb(t, &list, "list"))
	require.Len(t, list.Offboardings, 2)
}
