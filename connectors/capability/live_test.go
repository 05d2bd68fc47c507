package capability_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// override is an operator's file with a matrix in force over it. It is looked
// at when a test says so, unless every says otherwise.
type override struct {
	path    string
	metrics *prometheus.Registry
	log     *journal
	changed []string
	live    *capability.Live
}

// journal is a log that may be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func put(t *testing.T, path, content string) {
	t.Helper()
	// As an editor does it: the file is whole at every moment.
	require.NoError(t, os.WriteFile(path+".new", []byte(content), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}

func open(t *testing.T, content string, every time.Duration) *override {
	t.Helper()
	o := &override{path: filepath.Join(t.TempDir(), "mine.yaml"), metrics: prometheus.NewRegistry(), log: new(journal)}
	put(t, o.path, content)
	live, err := capability.Open(o.path, capability.Options{
		Registerer: o.metrics, Logger: slog.New(slog.NewTextHandler(o.log, nil)), Every: every,
		Changed: func(m *capability.Matrix) { o.changed = append(o.changed, m.Version()) },
	})
	require.NoError(t, err)
	t.Cleanup(live.Close)
	o.live = live
	return o
}

// counts holds the metrics: how often a file was applied and refused, and
// which version is shown as in force.
func (o *override) counts(t *testing.T, applied, refused float64) {
	t.Helper()
	families, err := o.metrics.Gather()
	require.NoError(t, err)
	shown := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			shown[family.GetName()+" "+metric.GetLabel()[0].GetValue()] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	require.Equal(t, map[string]float64{
		"voicehive_capability_matrix_reloads_total applied":              applied,
		"voicehive_capability_matrix_reloads_total refused":              refused,
		"voicehive_capability_matrix_info " + o.live.Current().Version(): 1,
	}, shown)
}

const never = 1000 * time.Hour

func TestAFileReplacesItsVendorsAndNoOthers(t *testing.T) {
	t.Parallel()
	o := open(t, change(t, entry(t, "mews"), "per_second: 5, burst: 50", "per_second: 2, burst: 4"), never)
	require.Equal(t, transport.Rate{PerSecond: 2, Burst: 4, ReadShare: 0.6}, o.live.Current().Limits("mews"))
	require.Equal(t, capability.Default().Vendors(), o.live.Current().Vendors())
	require.Equal(t, capability.Default().Limits("apaleo"), o.live.Current().Limits("apaleo"))
	require.Equal(t, transport.Rate{PerSecond: 5, Burst: 50, ReadShare: 0.6}, capability.Default().Limits("mews"), "the program's own stays as it is")
	require.NotEqual(t, capability.Default().Version(), o.live.Current().Version())
}

func TestANewFileRulesAtOnce(t *testing.T) {
	t.Parallel()
	first := entry(t, "mews")
	o := open(t, first, never)
	guard := capability.Guard(behind, o.live.Capabilities("mews"))
	require.Equal(t, "mews", call(t, guard, "NoShow").Vendor, "the vendor cannot record one")
	before := o.live.Current()

	put(t, o.path, change(t, first, "support: \"no\"\n        source: \"mews-connector-api-reservations-openapi.yml: no such operation\"",
		"support: \"yes\"\n        prose: [\"POST /api/connector/v1/reservations/noShow\"]\n        unconfirmed: true\n        note: a new call"))
	require.NoError(t, o.live.Reload())
	require.Equal(t, "behind", call(t, guard, "NoShow").Vendor)
	require.False(t, before.Capabilities("mews").Can(pms.OpNoShow), "a matrix that was read is never changed")
	o.counts(t, 2, 0)
	require.Contains(t, o.log.String(), "version="+o.live.Current().Version())

	require.NoError(t, o.live.Reload())
	o.counts(t, 2, 0)
	require.Equal(t, []string{capability.Default().Version(), before.Version(), o.live.Current().Version()}, o.changed)
}

func TestABrokenFileIsRefused(t *testing.T) {
	t.Parallel()
	good := entry(t, "mews")
	o := open(t, good, never)
	version := o.live.Current().Version()

	put(t, o.path, change(t, good, "value: 367", "value: long"))
	require.ErrorIs(t, o.live.Reload(), capability.ErrInvalid)
	require.Equal(t, version, o.live.Current().Version())
	require.NoError(t, o.live.Reload(), "the same fault is told once")
	o.counts(t, 1, 1)
	require.Equal(t, 1, strings.Count(o.log.String(), "refused"))
	require.Contains(t, o.log.String(), "constraints.max_nights.value")

	require.NoError(t, os.Remove(o.path))
	require.ErrorIs(t, o.live.Reload(), os.ErrNotExist)
	require.Equal(t, version, o.live.Current().Version(), "a file that is gone for a moment does not loosen the rules")

	put(t, o.path, good)
	require.NoError(t, o.live.Reload())
	require.Equal(t, version, o.live.Current().Version())
	o.counts(t, 2, 2)
}

func TestTheFileIsWatched(t *testing.T) {
	t.Parallel()
	first := entry(t, "mews")
	o := open(t, first, time.Millisecond)
	put(t, o.path, change(t, first, "burst: 50", "burst: 7"))
	require.Eventually(t, func() bool { return o.live.Current().Limits("mews").Burst == 7 }, time.Minute, time.Millisecond)
	put(t, o.path, "broken")
	require.Eventually(t, func() bool { return strings.Contains(o.log.String(), "refused") }, time.Minute, time.Millisecond)
	require.Equal(t, 7, o.live.Current().Limits("mews").Burst)
	o.live.Close()
	put(t, o.path, first)
	require.Equal(t, 7, o.live.Current().Limits("mews").Burst, "nobody looks any more")
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := capability.Open(filepath.Join(dir, "none.yaml"), capability.Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = capability.Open(dir, capability.Options{})
	require.ErrorContains(t, err, "is not a file")

	broken := filepath.Join(dir, "broken.yaml")
	put(t, broken, "version: 1")
	_, err = capability.Open(broken, capability.Options{})
	require.ErrorIs(t, err, capability.ErrInvalid)
	require.ErrorContains(t, err, broken)

	taken := prometheus.NewRegistry()
	taken.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "voicehive_capability_matrix_info", Help: "x"}))
	_, err = capability.Open("", capability.Options{Registerer: taken})
	require.ErrorContains(t, err, "metrics")
}

func TestWithoutAFileTheProgramsOwnIsInForce(t *testing.T) {
	t.Parallel()
	live, err := capability.Open("", capability.Options{})
	require.NoError(t, err)
	require.NoError(t, live.Reload())
	require.Same(t, capability.Default(), live.Current())
	live.Close()
}

func TestAVendorThatIsNotInTheMatrixCanDoNothing(t *testing.T) {
	t.Parallel()
	matrix := capability.Default()
	require.Equal(t, pms.Capabilities{Vendor: "other", Operations: map[pms.Operation]pms.Support{}}, matrix.Capabilities("other"))
	require.Equal(t, transport.Rate{PerSecond: 1, Burst: 1, ReadShare: 0.5}, matrix.Limits("other"))
	require.InDelta(t, 1.0, matrix.QueueRate("other"), 0)
	require.Zero(t, matrix.Tuning("other", "availability"))
	_, ok := matrix.Vendor("other")
	require.False(t, ok)
}

// TestWhatWorkflowsRelyOn holds the numbers that the rules of writes are made
// of, where a slip of the pen books twice.
func TestWhatWorkflowsRelyOn(t *testing.T) {
	t.Parallel()
	apaleo := capability.Default().Capabilities("apaleo")
	require.Equal(t, 24*time.Hour, apaleo.KeyWindow)
	require.Equal(t, time.Minute, apaleo.WriteTimeout)
	require.Equal(t, 30*time.Second, apaleo.ListLag)
	require.Equal(t, 2*time.Second, apaleo.HedgeAfter)
	require.Equal(t, transport.Tuning{HedgeAfter: 2 * time.Second}, capability.Default().Tuning("apaleo", "availability"))
	require.Zero(t, capability.Default().Tuning("apaleo", "read"))
	require.Zero(t, capability.Default().Tuning("cloudbeds", "availability"), "a second request could cost the credentials")
	require.Equal(t, 10, apaleo.MaxStays)
	require.Equal(t, 1826, apaleo.MaxNights)
	require.Zero(t, apaleo.MaxAhead)
	require.True(t, apaleo.PartialAmend)
	for _, o := range pms.Operations() {
		require.True(t, apaleo.Can(o), o)
	}
	for _, vendor := range []string{"cloudbeds", "mews", "opera", "siteminder"} {
		caps := capability.Default().Capabilities(vendor)
		require.Zero(t, caps.KeyWindow, "%s knows no idempotency keys", vendor)
		require.Positive(t, caps.WriteTimeout, vendor)
		require.Positive(t, caps.ListLag, vendor)
	}
	minder := capability.Default().Capabilities("siteminder")
	require.Equal(t, pms.ByRebooking, minder.Operations[pms.OpAmend])
	require.False(t, minder.Can(pms.OpAmend))
	require.Equal(t, 90, capability.Default().Capabilities("opera").MaxNights)
}
