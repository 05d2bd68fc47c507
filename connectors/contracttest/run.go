package contracttest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A behaviour is one thing that an operation must do.
type behaviour struct {
	operation pms.Operation
	name      string
	// with are the other operations that it takes to see it.
	with []pms.Operation
	// plays are the faults that the sandbox must be able to play.
	plays []Kind
	// real tells that it needs no sandbox.
	real bool
	// when tells in a few words why it does not apply; "" when it does.
	when func(p probe) string
	// options of its Bench.
	options Options
	run     func(c *check)
}

// String is the behaviour's name as a subtest.
func (b behaviour) String() string { return string(b.operation) + "/" + b.name }

// A probe is what decides which behaviours apply.
type probe struct {
	Bench
	target Target
	caps   pms.Capabilities
	plays  []Kind
}

func newProbe(t T, target Target) probe {
	t.Helper()
	bench := target.New(t, Options{})
	p := probe{Bench: bench, target: target, caps: bench.Connector.Capabilities()}
	if bench.Sandbox != nil {
		p.plays = bench.Sandbox.Plays()
	}
	return p
}

// lacks tells why a behaviour does not apply, "" when it does.
func (p probe) lacks(b behaviour) string {
	if b.name == unsupportedName {
		if p.caps.Can(b.operation) {
			return "supported"
		}
	} else {
		for _, o := range append([]pms.Operation{b.operation}, b.with...) {
			if !p.caps.Can(o) {
				return "unsupported: " + string(o)
			}
		}
	}
	if why := p.target.excuse(b); why != "" {
		return why
	}
	if p.Sandbox == nil && !b.real {
		return "needs a sandbox"
	}
	for _, kind := range b.plays {
		if !slices.Contains(p.plays, kind) {
			return "the sandbox cannot play " + string(kind)
		}
	}
	if b.when != nil {
		return b.when(p)
	}
	return ""
}

// behaviours lists the whole suite apart from the fault matrix.
func behaviours() []behaviour {
	return slices.Concat(
		generalBehaviours(), inventoryBehaviours(), offerBehaviours(), changeQuoteBehaviours(), codeBehaviours(), clockBehaviours(), moneyBehaviours(),
		draftBehaviours(), createBehaviours(), lostBehaviours(), raceBehaviours(), holdBehaviours(), readBehaviours(), referenceBehaviours(), elsewhereBehaviours(),
		amendBehaviours(), editBehaviours(), cancelBehaviours(), extraBehaviours(), guestBehaviours(),
		listBehaviours(), subscriptionBehaviours(), webhookBehaviours(),
	)
}

// Names lists the names of all behaviours and cells, in the suite's order.
func Names() []string {
	var names []string
	for _, b := range behaviours() {
		names = append(names, b.String())
	}
	for _, l := range cells() {
		names = append(names, l.String())
	}
	return names
}

// A Result is what came of one behaviour.
type Result struct {
	Name string
	// Missing is why it does not apply; "" when it was run.
	Missing string
	// Failures are what it complained about.
	Failures []string
}

// Run runs the whole suite, the fault matrix included, as subtests.
func Run(t *testing.T, target Target) {
	t.Helper()
	p := newProbe(t, target)
	var mu sync.Mutex
	results := map[string]Result{}
	keep := func(r Result) {
		mu.Lock()
		defer mu.Unlock()
		results[r.Name] = r
	}
	t.Cleanup(func() { t.Logf("%s", table(results)) })
	byOperation := map[pms.Operation][]behaviour{}
	for _, b := range behaviours() {
		byOperation[b.operation] = append(byOperation[b.operation], b)
	}
	for _, o := range pms.Operations() {
		t.Run(string(o), func(t *testing.T) {
			t.Parallel()
			for _, b := range byOperation[o] {
				if why := p.lacks(b); why != "" {
					keep(Result{Name: b.String(), Missing: why})
					continue
				}
				t.Run(b.name, func(t *testing.T) {
					t.Parallel()
					watched := &watch{T: t}
					defer func() { keep(Result{Name: b.String(), Failures: watched.failures}) }()
					b.play(watched, target)
				})
			}
		})
	}
	t.Run("faults", func(t *testing.T) {
		t.Parallel()
		faultMatrix(t, target, keep)
	})
}

// Check runs the suite without the testing package's runner, several at once,
// and tells what came of each behaviour and each cell of the fault matrix. With
// names it runs those only.
func Check(ctx context.Context, target Target, names ...string) []Result {
	start := newRecorder(ctx)
	var p probe
	start.do(func() { p = newProbe(start, target) })
	defer start.end()
	if failures := start.complaints(); failures != nil {
		return []Result{{Name: "start", Failures: failures}}
	}
	wanted := func(name string) bool { return len(names) == 0 || slices.Contains(names, name) }
	var todo []func() Result
	for _, b := range behaviours() {
		if wanted(b.String()) {
			todo = append(todo, func() Result { return b.result(ctx, target, p) })
		}
	}
	for i, l := range cells() {
		if wanted(l.String()) {
			todo = append(todo, func() Result { return l.result(ctx, target, p, ruleOf(i)) })
		}
	}
	workers := manyWorkers
	if p.Sandbox == nil {
		workers = 1 // one account, whose limits and rooms all of them share
	}
	results := make([]Result, len(todo))
	atOnce(workers, len(todo), func(i int) { results[i] = todo[i]() })
	return results
}

// result runs a behaviour that may fail without failing a test.
func (b behaviour) result(ctx context.Context, target Target, p probe) Result {
	r := Result{Name: b.String(), Missing: p.lacks(b)}
	if r.Missing == "" {
		r.Failures = record(ctx, func(t T) { b.play(t, target) })
	}
	return r
}

// play runs a behaviour on a fresh bench.
func (b behaviour) play(t T, target Target) {
	t.Helper()
	c := newCheck(t, target, b.options)
	b.run(c)
	c.quiet()
}

// manyWorkers is how many run at once outside the testing package's runner;
// many, for most of their time they wait.
const manyWorkers = 16

func atOnce(workers, n int, do func(i int)) {
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(n, workers) {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}

// A watch is a test that also remembers what it complained about.
type watch struct {
	*testing.T
	mu       sync.Mutex
	failures []string
}

// Errorf implements T.
func (w *watch) Errorf(format string, args ...any) {
	w.T.Helper()
	w.mu.Lock()
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
	w.mu.Unlock()
	w.T.Errorf(format, args...)
}

// A recorder is a T that fails nobody.
type recorder struct {
	ctx  context.Context
	stop context.CancelFunc

	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func newRecorder(ctx context.Context) *recorder {
	ctx, stop := context.WithCancel(ctx)
	return &recorder{ctx: ctx, stop: stop}
}

// record runs f and returns what it complained about.
func record(ctx context.Context, f func(t T)) []string {
	r := newRecorder(ctx)
	r.do(func() { f(r) })
	r.end()
	return r.complaints()
}

// do runs f where FailNow may end the goroutine; a panic is a failure.
func (r *recorder) do(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
		}()
		f()
	}()
	<-done
}

func (r *recorder) end() {
	r.stop()
	for _, f := range slices.Backward(r.cleanups) {
		r.do(f)
	}
}

func (r *recorder) complaints() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.failures)
}

// Helper implements T.
func (r *recorder) Helper() {}

// Errorf implements T.
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// FailNow implements T.
func (r *recorder) FailNow() {
	r.Errorf("stopped here")
	runtime.Goexit()
}

// Logf implements T.
func (r *recorder) Logf(string, ...any) {}

// Cleanup implements T.
func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

// Context implements T.
func (r *recorder) Context() context.Context { return r.ctx }
