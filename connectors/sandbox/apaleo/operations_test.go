package apaleo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo/apaleospec"
)

// TestEveryOperationHasASpec keeps the sandbox from growing operations that
// the vendor does not have.
func TestEveryOperationHasASpec(t *testing.T) {
	t.Parallel()
	spec := apaleospec.Require(t)
	known := map[string]bool{}
	for _, op := range spec.Operations() {
		known[op.Method+" "+op.Path] = op.Prose
	}
	byProse := 0
	for _, op := range operations() {
		prose, ok := known[op.method+" "+op.path]
		if spec.Vendor() {
			require.True(t, ok, "%s %s", op.method, op.path)
		}
		if prose {
			byProse++
		}
	}
	require.Equal(t, 8, byProse, "token, rate plans, availability and five of subscriptions")
}

// TestFaultMatching covers names, patterns and wildcards.
func TestFaultMatching(t *testing.T) {
	t.Parallel()
	const amend = "PUT /booking/v1/reservation-actions/{id}/amend"
	for _, tc := range []struct {
		operation, name, route string
		want                   bool
	}{
		{"", "amend", amend, true},
		{"", "token", "POST /connect/token", false},
		{"*", "token", "POST /connect/token", true},
		{"amend", "amend", amend, true},
		{amend, "amend", amend, true},
		{"PUT /booking/v1/reservation-actions/*/*", "amend", amend, true},
		{"patch*", "amend", amend, false},
		{"patch*", "patchBooking", "PATCH /booking/v1/bookings/{id}", true},
	} {
		f := Fault{Operation: tc.operation}
		require.Equal(t, tc.want, f.matches(tc.name, tc.route), "%q on %s", tc.operation, tc.name)
	}
}
