package contracttest

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"strings"
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
	require.Regexp(t, `faults +cancel/cut_after +FAILED`, text)
	require.Regexp(t, `behaviours +1 +1 +1\n`, text)
	require.Regexp(t, `fault matrix +0 +1 +1\n`, text)
	require.Regexp(t, `in all +1 +2 +2\n`, text, "a wrong cell is a failure like another")
}

// TestOneCellAlone: a cell that is asked for by name is played, counted and
// shown, and no other.
func TestOneCellAlone(t *testing.T) {
	t.Parallel()
	output, err := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run", "^TestReference$/^faults$/^amend$/^drip$").CombinedOutput()
	text := string(output)
	require.NoError(t, err, text)
	require.Contains(t, text, "--- PASS: TestReference/faults/amend/drip")
	require.NotContains(t, text, "faults/amend/slow")
	require.Contains(t, text, fmt.Sprintf("%d cells, 1 played: 0 wrong", len(cells())))
	require.Regexp(t, `in all +1 +0 +0\n`, text)
	require.Regexp(t, `(?m)^ *amend +unknown, resolved`, text)
	require.NotRegexp(t, `(?m)^ *cancel `, text, "rows without it are left out")
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

// TestFilteredAwayIsHinted: an answer that is missing where the vendor uses a
// new word says what may have become of it.
func TestFilteredAwayIsHinted(t *testing.T) {
	t.Parallel()
	shy := reference(nil, func(h *house, good pms.Connector) pms.Connector {
		return bent{Connector: good, arrivals: func(ctx context.Context, day pms.Date) iter.Seq2[pms.Stay, error] {
			h.mu.Lock()
			defer h.mu.Unlock()
			if _, novel := h.draw(pms.OpArrivals, NovelValues); novel {
				return func(func(pms.Stay, error) bool) {}
			}
			return good.Arrivals(ctx, day)
		}}
	})
	results := Check(t.Context(), shy, "faults/arrivals/novel_values")
	require.Len(t, results, 1)
	require.Contains(t, strings.Join(results[0].Failures, "\n"), "pms.StatusUnknown")
}

// TestVendorThatTellsLittle: a country that is not told is none that is wrong,
// and of a vendor that knows promotions no company's code is asked.
func TestVendorThatTellsLittle(t *testing.T) {
	t.Parallel()
	spelt := reference(nil, func(_ *house, good pms.Connector) pms.Connector { return abroad{bent{Connector: good}, "Germany"} })
	require.NotEmpty(t, Check(t.Context(), spelt, "catalog/describes_the_property")[0].Failures, "a country has two letters")
	quiet := func(kept func(Bench) Bench, refuse func(pms.AvailabilityQuery) bool) Target {
		target := reference(nil, func(_ *house, good pms.Connector) pms.Connector {
			return abroad{bent{Connector: good, availability: func(ctx context.Context, q pms.AvailabilityQuery) ([]pms.Offer, error) {
				if refuse(q) {
					return nil, failed(pms.OpAvailability, pms.ErrUnsupported, 0)
				}
				return good.Availability(ctx, q)
			}}, ""}
		})
		full := target.New
		target.New = func(t T, o Options) Bench { return kept(full(t, o)) }
		return target
	}
	for name, target := range map[string]Target{
		"promotion_code": quiet(func(b Bench) Bench { b.CorporateCode = ""; return b }, func(q pms.AvailabilityQuery) bool { return q.CorporateCode != "" }),
		"corporate_code": quiet(func(b Bench) Bench { b.PromoCode = ""; return b }, func(q pms.AvailabilityQuery) bool { return q.PromoCode != "" }),
	} {
		results := Check(t.Context(), target, "availability/"+name, "quote/"+name, "create/"+name, "catalog/describes_the_property")
		require.Len(t, results, 4)
		for _, r := range results {
			require.Empty(t, r.Missing, r.Name)
			require.Empty(t, r.Failures, r.Name)
		}
	}
}

// abroad tells another country than its house.
type abroad struct {
	bent
	country string
}

func (a abroad) Catalog(ctx context.Context) (pms.Catalog, error) {
	c, err := a.bent.Catalog(ctx)
	c.Country = a.country
	return c, err
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
