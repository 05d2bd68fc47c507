package console_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/rights/procedure"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/console"
)

// knowing is who confirmed the procedure.
type knowing struct{ subject string }

func (k *knowing) Procedure(_ context.Context, _, subject string) (starter.Procedure, error) {
	p := starter.Procedure{Version: procedure.Version(), Text: procedure.Text}
	if subject == k.subject {
		p.ConfirmedAt = time.Now()
	}
	return p, nil
}

func (k *knowing) ConfirmProcedure(ctx context.Context, hotel, subject string, r starter.ProcedureConfirmation) (starter.Procedure, error) {
	if r.Version != procedure.Version() {
		return starter.Procedure{}, starter.InvalidRequest.In("/version", "Another version is in force.")
	}
	k.subject = subject
	return k.Procedure(ctx, hotel, subject)
}

// TestTheProcedure: an officer reads the whole text and confirms it; a form of
// an older text confirms nothing.
func TestTheProcedure(t *testing.T) {
	t.Parallel()
	known := &knowing{}
	r := newRig(t, func(o *console.Options) { o.Procedure = known })
	olive := r.loggedIn("olive")
	page := olive.get("/h/" + aurora + "/procedure")
	require.Equal(t, http.StatusOK, page.StatusCode)
	for _, text := range []string{"Write every request down the day it comes", "Erase means erase", "voicehive erasure plan", "not confirmed this version", "In doubt, ask"} {
		require.Contains(t, page.body, text)
	}
	require.NotContains(t, page.body, "**")
	stale := olive.post("/h/"+aurora+"/procedure", olive.with("version", "0123456789ab"))
	require.Equal(t, http.StatusUnprocessableEntity, stale.StatusCode)
	require.Contains(t, stale.body, "Another version is in force")
	require.Empty(t, known.subject)
	done := olive.post("/h/"+aurora+"/procedure", olive.with("version", procedure.Version()))
	require.Equal(t, http.StatusSeeOther, done.StatusCode)
	require.NotEmpty(t, known.subject)
	require.Contains(t, olive.get("/h/"+aurora+"/procedure").body, "You confirmed this version")
}
