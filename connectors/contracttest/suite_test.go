package contracttest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// TestReference runs the suite on a connector that keeps the contract.
func TestReference(t *testing.T) { Run(t, reference(nil, nil)) }

// TestReferenceWithLittle runs it on a vendor that remembers no keys and lacks
// half of the operations.
func TestReferenceWithLittle(t *testing.T) {
	Run(t, reference(func(h *house) {
		h.caps.KeyWindow, h.caps.MaxStays = 0, 1
		h.caps.Operations[pms.OpAmend] = pms.ByRebooking
		for _, o := range []pms.Operation{
			pms.OpHold, pms.OpConfirm, pms.OpRelease, pms.OpQuoteChange, pms.OpEdit, pms.OpNoShow, pms.OpExtras, pms.OpAddExtra,
			pms.OpSearchGuests, pms.OpGuest, pms.OpUpsertGuest, pms.OpEraseGuest, pms.OpSubscribe, pms.OpSubscriptions, pms.OpUnsubscribe,
		} {
			delete(h.caps.Operations, o)
		}
	}, nil))
}

// TestReferenceWithNothing: every operation answers that it is not there.
func TestReferenceWithNothing(t *testing.T) {
	Run(t, reference(func(h *house) { clear(h.caps.Operations) }, nil))
}

// TestReferenceAsRealAccount runs what can be run without a sandbox.
func TestReferenceAsRealAccount(t *testing.T) {
	// Without a sandbox the suite goes by the real time.
	target := reference(func(h *house) { h.offset = time.Since(start) }, nil)
	simulated := target.New
	target.New = func(t T, o Options) Bench {
		bench := simulated(t, o)
		bench.Sandbox, bench.Log, bench.Elsewhere, bench.Arrives, bench.Raw, bench.AsksReceivers = nil, nil, nil, nil, nil, false
		return bench
	}
	Run(t, target)
	ran := 0
	for _, r := range Check(t.Context(), target) {
		require.Empty(t, r.Failures, r.Name)
		if r.Missing == "" {
			ran++
		}
	}
	require.Greater(t, ran, 25)
}

// TestReferenceWithoutPages runs it on a zone that changes no clocks, and a
// connector that does not page.
func TestReferenceWithoutPages(t *testing.T) {
	target := reference(func(h *house) {
		zone, err := time.LoadLocation("Asia/Tokyo")
		require.NoError(t, err)
		h.zone, h.caps.ListLag, h.currency = zone, 0, "JPY"
	}, nil)
	simulated := target.New
	target.New = func(t T, o Options) Bench {
		bench := simulated(t, o)
		bench.PageSize, bench.PromoCode, bench.CorporateCode, bench.Closed, bench.Arrives, bench.Raw = 0, "", "", pms.Date{}, nil, nil
		return bench
	}
	target.Currencies = nil
	Run(t, target)
}

// TestCheckTells: what cannot be started or fails is told, and printed.
func TestCheckTells(t *testing.T) {
	t.Parallel()
	silent := Target{Vendor: referenceName, New: func(t T, _ Options) Bench {
		t.Helper()
		t.Logf("no house today")
		require.Fail(t, "the house does not open")
		return Bench{}
	}}
	results := Check(t.Context(), silent)
	require.Len(t, results, 1)
	require.Contains(t, results[0].Failures[0], "the house does not open")

	broken := reference(nil, func(_ *house, good pms.Connector) pms.Connector {
		return bent{Connector: good, cancel: func(context.Context, pms.StayID) error { return nil }}
	})
	byName := map[string]Result{}
	for _, r := range Check(t.Context(), broken, "cancel/twice", "cancel/unsupported", "read/not_found", "faults/cancel/cut_after", "faults/webhook/slow") {
		byName[r.Name] = r
	}
	require.Len(t, byName, 5)
	require.NotEmpty(t, byName["cancel/twice"].Failures)
	require.NotEmpty(t, byName["faults/cancel/cut_after"].Failures)
	require.Equal(t, "no call", byName["faults/webhook/slow"].Missing)
	text := table(byName)
	require.Regexp(t, `cancel +twice +FAILED`, text)
	require.Regexp(t, `cancel +unsupported +n\.a\. \(supported\)`, text)
	require.Regexp(t, `read +not_found +passed`, text)
	require.NotContains(t, text, "sold_out", "what was not asked for is left out")
	require.Contains(t, text, "1 passed, 1 failed, 1 n.a.")
}

// TestMatrixTells: a wrong cell is counted and shown.
func TestMatrixTells(t *testing.T) {
	t.Parallel()
	all := cells()
	for i := range all {
		all[i].said = "works"
	}
	all[0].said, all[1].said, all[2].said = "WRONG", "unknown, resolved", "-"
	text := matrix(all)
	require.Contains(t, text, fmt.Sprintf("%d cells, %d played: 1 wrong; 1 times", len(all), len(all)-1))
	require.Regexp(t, `health +WRONG +unknown, resolved +-`, text)
}

// TestNames keeps the names what commands and notes refer to: unique, and of
// known operations.
func TestNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	covered := map[pms.Operation]int{}
	for _, b := range behaviours() {
		require.False(t, seen[b.String()], "%s twice", b)
		seen[b.String()] = true
		require.True(t, b.operation.Known())
		require.Regexp(t, `^[a-z]+[a-zA-Z_]*$`, b.name)
		covered[b.operation]++
	}
	for _, o := range pms.Operations() {
		require.Greater(t, covered[o], 1, "%s has no behaviour of its own", o)
	}
	require.Len(t, Names(), len(seen)+len(cells()))
}
