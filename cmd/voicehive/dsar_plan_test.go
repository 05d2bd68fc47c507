//go:build unix

package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/worker"

	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/rights/procedure"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workflows/dsar"
)

// TestAnErasureIsApprovedAtATerminal: by people who signed in, and by the plan
// that they looked at.
func TestAnErasureIsApprovedAtATerminal(t *testing.T) {
	house := subjectHouse(t)
	t.Setenv("TEMPORAL_ADDRESS", temporaltest.Server(t).FrontendHostPort())
	t.Setenv("TEMPORAL_NAMESPACE", temporaltest.Namespace(t))
	olive, otto := officers(t)
	p, err := openAll(t.Context(), "test")
	require.NoError(t, err)
	t.Cleanup(p.close)
	_, err = p.temporal.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace: os.Getenv("TEMPORAL_NAMESPACE"), SearchAttributes: dsar.SearchAttributes(),
	})
	require.NoError(t, err)
	does, err := p.rights()
	require.NoError(t, err)
	w := worker.New(p.temporal, dsar.TaskQueue, worker.Options{})
	dsar.Register(w)
	activities.Register(w, does)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	scope := house.Booking(consenttest.Aurora, subjects.Person{FirstName: "Ada", LastName: "Zzyzx", Phone: "+49 30 5550199"})
	on := func(who string, args ...string) []string {
		return append(append([]string{"dsar"}, args...), "--hotel", consenttest.Aurora, "--token-file", who)
	}
	for _, who := range []string{olive, otto} {
		must[starter.Procedure](t, on(who, "procedure", "--confirm", procedure.Version())...)
	}
	c := must[starter.Case](t, on(olive, "open", "erasure", "--scope", scope)...)
	awaitState := func(state rights.State) (shown starter.Case) {
		require.Eventually(t, func() bool {
			shown = must[starter.Case](t, on(olive, "show", c.ID)...)
			return shown.State == state
		}, time.Minute, 50*time.Millisecond)
		return shown
	}
	awaitState(rights.Verifying)
	_, err = verb(t, "dsar", "verify", c.ID, "--manual", "--hotel", consenttest.Aurora)
	problem(t, err, starter.PersonNeeded)
	for _, who := range []string{olive, otto} {
		must[starter.Case](t, on(who, "verify", c.ID, "--manual")...)
	}
	plan := awaitState(rights.Deciding).Plan
	require.NotEmpty(t, plan.Verdicts)
	text, err := verb(t, on(olive, "show", c.ID)...)
	require.NoError(t, err)
	require.Contains(t, text, plan.Hash)

	_, err = verb(t, "dsar", "approve", c.ID, "--plan", plan.Hash, "--hotel", consenttest.Aurora)
	problem(t, err, starter.PersonNeeded)
	_, err = verb(t, on(olive, "approve", c.ID)...)
	problem(t, err, starter.InvalidRequest)
	_, err = verb(t, on(olive, "approve", c.ID, "--plan", "ca")...)
	problem(t, err, starter.PlanChanged)
	require.Equal(t, 1, must[starter.Case](t, on(olive, "approve", c.ID, "--plan", plan.Hash)...).Approvals)
	again := house.Booking(consenttest.Aurora, subjects.Person{FirstName: "Ada", LastName: "Zzyzx", Phone: "+49 30 5550199"})
	_, err = house.Desk.Of(t.Context(), consenttest.Aurora, again)
	require.NoError(t, err)
	_, err = verb(t, on(otto, "approve", c.ID, "--plan", plan.Hash)...)
	problem(t, err, starter.PlanChanged)
	text, err = verb(t, on(otto, "show", c.ID)...)
	require.NoError(t, err)
	require.Contains(t, text, "void since")
	require.Contains(t, text, "0 of 2")
	require.NotContains(t, text, "Zzyzx")
}
