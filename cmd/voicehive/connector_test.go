//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/contracttest"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
)

// TestBehavioursByName runs the suite on Apaleo's simulator: what is named runs,
// in whatever mixture of names, and what did not run is not called good.
func TestBehavioursByName(t *testing.T) {
	t.Parallel()
	text, err := verb(t, "connector", "test", "apaleo", "--behaviour", "faults/amend/drip,health/names_the_property", "--behaviour", "cancel/twice")
	require.NoError(t, err, text)
	require.Regexp(t, `health +names_the_property +passed`, text)
	require.Regexp(t, `cancel +twice +passed`, text)
	require.Contains(t, text, " cells, 1 played: 0 wrong")
	require.Regexp(t, `behaviours +2 +0 `, text)
	require.Regexp(t, `fault matrix +1 +0 `, text)
	require.NotRegexp(t, `cancel +\S+ +FAILED`, text)

	// Apaleo can hold rooms, so nothing can be seen of how it would say that it
	// cannot.
	text, err = verb(t, "connector", "test", "apaleo", "--json", "--behaviour", "hold/unsupported", "--behaviour", "health/names_the_property")
	require.ErrorContains(t, err, "hold/unsupported")
	require.NotContains(t, err.Error(), "names_the_property")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	var said struct {
		Passed bool
		NotRun []string `json:"not_run"`
	}
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &said), text)
	require.False(t, said.Passed)
	require.Equal(t, []string{"hold/unsupported"}, said.NotRun)
}

// TestNoContractTest: a folder of the floor that is no vendor's has no suite, and
// a run without tests is not a good one.
func TestNoContractTest(t *testing.T) {
	t.Parallel()
	text, err := verb(t, "connector", "test", "mapping")
	require.ErrorContains(t, err, "nothing was tested", text)
}

func TestPatternOfBehaviours(t *testing.T) {
	t.Parallel()
	require.Equal(t, "^TestContract$", runPattern(nil))
	require.Equal(t, "^TestContract$/^a$/^b$|^TestContract$/^faults$/^c$/^d$", runPattern([]string{"a/b", "faults/c/d"}))
}

// TestComplaintsHaveNames: a test that runs beside others is announced when it
// goes on, and what it says then is shown with its name.
func TestComplaintsHaveNames(t *testing.T) {
	t.Parallel()
	var shown bytes.Buffer
	ended := passTests(strings.NewReader(`=== RUN   TestContract
=== RUN   TestContract/read
=== PAUSE TestContract/read
=== RUN   TestContract/create
    create.go:1: said while it begins
=== CONT  TestContract/read
    read.go:7: the stay is gone
        and more of it
=== NAME  TestContract/create
    create.go:9: twice
=== CONT  TestContract/silent
--- FAIL: TestContract (0.10s)
    --- FAIL: TestContract/read (0.10s)
    --- PASS: TestContract/create (0.10s)
    --- SKIP: TestContract/later (0.00s)
FAIL
`), &shown)
	require.Equal(t, `TestContract/create:
    create.go:1: said while it begins
TestContract/read:
    read.go:7: the stay is gone
        and more of it
TestContract/create:
    create.go:9: twice
--- FAIL: TestContract (0.10s)
    --- FAIL: TestContract/read (0.10s)
FAIL
`, shown.String())
	require.True(t, ended["TestContract/read"] && ended["TestContract/create"] && ended["TestContract"])
	require.False(t, ended["TestContract/later"] || ended["TestContract/silent"])
}

func TestSumOfAnAccount(t *testing.T) {
	t.Parallel()
	rows, sum := onAccount([]contracttest.Result{
		{Name: "health/a"}, {Name: "read/b", Failures: []string{"Error: it is gone"}}, {Name: "hold/c", Missing: "unsupported: hold"},
		{Name: "hold/d", Missing: "unsupported: hold"}, {Name: "faults/read/slow", Missing: "-"},
	})
	require.Equal(t, accountSum{Passed: 1, Failed: 1, Missing: 2}, sum)
	require.Equal(t, []string{"read/b", "FAILED: it is gone"}, rows[2])
	require.Len(t, rows, 5, "a real vendor plays no faults")
}

// silent is a vendor that lacks some operations.
type silent struct {
	pms.Connector
	operations map[pms.Operation]pms.Support
}

func (s silent) Capabilities() pms.Capabilities { return pms.Capabilities{Operations: s.operations} }

func TestDoctorOnWebhooks(t *testing.T) {
	t.Parallel()
	none := (&parts{}).examineWebhooks(t.Context(), registry.Hotel{}, silent{})
	require.True(t, none.Healthy)
	require.Contains(t, none.Finding, "posts no events")
	hidden := (&parts{}).examineWebhooks(t.Context(), registry.Hotel{}, silent{operations: map[pms.Operation]pms.Support{pms.OpWebhook: pms.Supported}})
	require.True(t, hidden.Healthy)
	require.Contains(t, hidden.Finding, "cannot be read")
}

// TestNewerConnector: a connector that this program was built without is no
// riddle.
func TestNewerConnector(t *testing.T) {
	t.Parallel()
	require.Contains(t, remedy(fmt.Errorf("hotel: %w", connectors.ErrUnknownVendor)), "make voicehive")
}
