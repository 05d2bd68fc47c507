//go:build unix

package erasure_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/erasure/erasuretest"
)

// Every store is read back, not only the keys: whatever comes back after its
// step, by a mistake of ours or by somebody's hand, stops the certificate.
func TestWhatComesBackIsFound(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"guest", "guest_index", "turn"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			h := erasuretest.New(t)
			booking, call := h.Stayed(aurora, ada()), said(t, h)
			request := h.Case(booking, call)
			h.Database.Admin(t, "create table before_"+table+" as select * from "+table)
			require.Positive(t, h.Count(`select count(*) from before_`+table), "there is something to bring back")
			plan, err := h.Office.Prepare(t.Context(), aurora, request, "")
			require.NoError(t, err)
			for _, step := range h.Steps(aurora, request, plan) {
				require.NoError(t, step(t.Context()))
			}
			_, left, err := h.Office.Check(t.Context(), aurora, request, plan.Hash())
			require.NoError(t, err)
			require.Equal(t, erasure.ReadBack{}, left)

			h.Database.Admin(t, "set session_replication_role = replica", "insert into "+table+" select * from before_"+table+" on conflict do nothing")
			_, left, err = h.Office.Check(t.Context(), aurora, request, plan.Hash())
			require.ErrorIs(t, err, erasure.ErrLeft)
			require.Positive(t, left.Rows)
			_, err = h.Office.Certify(t.Context(), aurora, request, plan.Hash())
			require.ErrorIs(t, err, erasure.ErrLeft)
		})
	}
}
