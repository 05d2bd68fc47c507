package temporalkeys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys/temporalkeys"
	"github.com/voicehive/voicehive/internal/temporal"
)

var (
	_ temporal.Keys    = (*temporalkeys.Source)(nil)
	_ temporal.ScopeOf = temporalkeys.ScopeOf
)

func TestScopeOfAWorkflow(t *testing.T) {
	t.Parallel()
	const id = "01JD8Z3V5QK7M2N4P6R8S0T1WX"
	for workflowID, scope := range map[string]string{
		"booking/seaview/" + id:         "seaview/" + id,
		"call/seaview/" + id:            "seaview/" + id,
		"dsar/seaview/" + id:            "seaview/" + id,
		"system/seaview/retention":      "seaview/00000000000000000000000000",
		"system/seaview/retention/2026": "seaview/00000000000000000000000000",
		"":                              "",
		"booking":                       "",
		"booking/seaview":               "",
		"booking/seaview/" + id + "/x":  "",
		"booking/seaview/guest-42":      "",
		"booking/seaview/00000000000000000000000000": "",
		"booking//" + id:                       "",
		"Booking/seaview/" + id:                "",
		"system/seaview":                       "",
		"system/seaview/":                      "",
		"system/Sea View/retention":            "",
		"other/seaview/" + id:                  "",
		"4a5f8c1e-9d0b-4a52-8b44-0d2d1c7b9f10": "",
	} {
		got, err := temporalkeys.ScopeOf(workflowID)
		require.Equal(t, scope == "", err != nil, workflowID)
		require.Equal(t, scope, got, workflowID)
	}
}
