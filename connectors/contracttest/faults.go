package contracttest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A rule says what an operation may answer while a fault is played.
type rule struct {
	kind Kind
	// works: it may do its whole job in spite of the fault.
	works bool
	// read and write are the errors that it may answer otherwise.
	read, write []error
	// like tells whether a read may answer so; nil wants the true answer.
	like func(good, answer string) bool
}

// nothingThere: the true answer or an empty one.
func nothingThere(good, answer string) bool {
	return answer == good || answer == "null" || answer == "[]"
}

func anyAnswer(_, answer string) bool { return answer != "null" }

var (
	unavailable = []error{pms.ErrUnavailable}
	// A write that got no trustworthy answer is unknown. That nothing happened
	// may be said only where nothing did, which the matrix looks at.
	unknown   = []error{pms.ErrOutcomeUnknown, pms.ErrUnavailable}
	slowDown  = []error{pms.ErrRateLimited}
	noRight   = []error{pms.ErrPermission}
	badSecret = []error{pms.ErrAuthentication}
)

// rules are the columns of the fault matrix.
func rules() []rule {
	damaged := func(kind Kind) rule { return rule{kind: kind, works: true, read: unavailable, write: unknown} }
	return []rule{
		{kind: Slow, works: true},
		{kind: CutBefore, read: unavailable, write: unknown},
		{kind: CutAfter, read: unavailable, write: unknown},
		{kind: LateCommit, read: unavailable, write: unknown},
		{kind: Silence, read: unavailable, write: unknown},
		{kind: ErrorBefore, read: unavailable, write: unknown},
		{kind: ErrorAfter, read: unavailable, write: unknown},
		{kind: BadGateway, read: unavailable, write: unknown},
		{kind: GatewayLate, read: unavailable, write: unknown},
		{kind: RateLimited, read: slowDown, write: slowDown},
		{kind: Forbidden, read: noRight, write: noRight},
		{kind: TokenRevoked, works: true},
		{kind: TokenRefused, read: badSecret, write: badSecret},
		{kind: NoToken, read: unavailable, write: unavailable},
		damaged(NotJSON), damaged(Truncated), damaged(HTML), damaged(Huge), damaged(Empty),
		damaged(TextNumbers), damaged(OtherDates), damaged(WrongType), damaged(Drip),
		// Some vendors say that there is nothing by saying that there is none.
		{kind: NoContent, works: true, read: []error{pms.ErrUnavailable, pms.ErrNotFound, pms.ErrSoldOut}, write: unknown, like: nothingThere},
		// New words are no failure; what they stand in may differ.
		{kind: NovelValues, works: true, write: unknown, like: anyAnswer},
	}
}

// A cell is what came of one operation under one kind of fault.
type cell struct {
	operation pms.Operation
	kind      Kind
	said      string // for the table
	failures  []string
}

// unplayed tells that there is nothing to look at; one that was not asked for
// says nothing.
func (l cell) unplayed() bool { return slices.Contains([]string{"", "n.a.", "-", "no call"}, l.said) }

// FaultMatrix plays every kind of fault on every operation, as subtests named
// operation/kind, and prints what came of each.
func FaultMatrix(t *testing.T, target Target) {
	t.Helper()
	faultMatrix(t, target, func(Result) {})
}

// faultMatrix hands what came of each cell to keep. Of cells that "go test -run"
// leaves out nothing is told.
func faultMatrix(t *testing.T, target Target, keep func(Result)) {
	t.Helper()
	p := newProbe(t, target)
	all := cells()
	var asked []int
	playable := 0
	for i := range all {
		l := &all[i]
		if l.said = p.unplayed(l.operation, exercises()[l.operation], l.kind); l.said != "" {
			continue
		}
		playable++
		t.Run(string(l.operation)+"/"+string(l.kind), func(t *testing.T) {
			asked = append(asked, i)
			t.Parallel() // waits until those that were asked for have been played, many at once
			for _, failure := range l.failures {
				t.Error(failure)
			}
		})
	}
	atOnce(manyWorkers, len(asked), func(k int) { all[asked[k]].play(t.Context(), target, p, ruleOf(asked[k])) })
	for _, l := range all {
		if !l.unplayed() || playable == len(asked) {
			keep(l.told())
		}
	}
	t.Cleanup(func() { t.Logf("%s", matrix(all)) })
}

// cells are all of the matrix, row by row.
func cells() (all []cell) {
	for _, o := range pms.Operations() {
		for _, r := range rules() {
			all = append(all, cell{operation: o, kind: r.kind})
		}
	}
	return all
}

// ruleOf is the rule of a cell's column.
func ruleOf(cell int) rule { return rules()[cell%len(rules())] }

// String is the cell's name as a subtest of Run.
func (l cell) String() string { return "faults/" + string(l.operation) + "/" + string(l.kind) }

// result plays a cell and tells what came of it.
func (l cell) result(ctx context.Context, target Target, p probe, r rule) Result {
	l.play(ctx, target, p, r)
	return l.told()
}

func (l cell) told() Result {
	told := Result{Name: l.String(), Failures: l.failures}
	if l.unplayed() {
		told.Missing = l.said
	}
	return told
}

// play fills a cell.
func (l *cell) play(ctx context.Context, target Target, p probe, r rule) {
	e := exercises()[l.operation]
	if l.said = p.unplayed(l.operation, e, r.kind); l.said != "" {
		return
	}
	l.failures = record(ctx, func(t T) {
		c := newCheck(t, target, Options{})
		l.said = c.under(l.operation, e, r)
		c.quiet()
	})
	if l.failures != nil {
		l.said = "WRONG"
	}
}

// unplayed tells why there is no such cell.
func (p probe) unplayed(o pms.Operation, e exercise, kind Kind) string {
	switch {
	case e.prepare == nil:
		return "no call"
	case !p.caps.Can(o) || slices.ContainsFunc(e.with, func(w pms.Operation) bool { return !p.caps.Can(w) }):
		return "n.a."
	case !slices.Contains(p.plays, kind):
		return "-"
	}
	return ""
}

// under calls an operation under a fault and tells what came of it.
func (c *check) under(o pms.Operation, e exercise, r rule) string {
	c.Helper()
	a := e.prepare(c)
	var good any
	if !o.Writes() {
		var err error
		good, err = a.call(c.Context())
		require.NoError(c, err, "%s works without the fault", o)
	}
	c.play(faultOf(r.kind, o))
	answer, err := c.call(r.kind, a)
	// Looking at the vendor must not be hit by the fault itself.
	c.Sandbox.Clear()
	var said string
	switch {
	case err == nil:
		require.True(c, r.works, "%s claims to have worked under %s", o, r.kind)
		said = "works"
		if !o.Writes() {
			c.trueAnswer(o, r, c.text(good), c.text(answer))
		} else if a.effects != nil {
			require.Equal(c, 1, a.effects(), "%s says done under %s", o, r.kind)
		}
	case !o.Writes():
		c.judge(c.fails(err, o, r.read...), r)
		said = pms.KindName(err)
	default:
		c.judge(c.fails(err, o, r.write...), r)
		c.truthful(o, a, r, err)
		said = pms.KindName(err)
	}
	c.settled(o, a)
	if errors.Is(err, pms.ErrOutcomeUnknown) {
		said = "unknown, resolved"
	}
	return said
}

// trueAnswer: an answer in spite of a fault is a true one.
func (c *check) trueAnswer(o pms.Operation, r rule, good, answer string) {
	c.Helper()
	if r.like == nil {
		require.Equal(c, good, answer, "under %s, %s answers what is not so", r.kind, o)
		return
	}
	hint := ""
	if r.kind == NovelValues {
		hint = "; what has a word that is not known belongs in the answer, as pms.StatusUnknown, and may have been filtered away"
	}
	require.True(c, r.like(good, answer), "under %s, %s answers what is not so: %s%s", r.kind, o, answer, hint)
}

// judge looks at what an error of a fault must tell beside its kind.
func (c *check) judge(failure *pms.Error, r rule) {
	c.Helper()
	require.NotEmpty(c, failure.Hotel, "the error names the hotel")
	if r.kind == TextNumbers || r.kind == OtherDates {
		require.NotEmpty(c, failure.Field, "the error names the field that cannot be read")
	}
	if r.kind == RateLimited {
		require.Positive(c, failure.RetryAfter, "a rate limit tells when to come back")
	}
}

// truthful: who says that nothing happened must be right.
func (c *check) truthful(o pms.Operation, a attempt, r rule, err error) {
	c.Helper()
	if a.effects == nil || errors.Is(err, pms.ErrOutcomeUnknown) {
		return
	}
	require.Zero(c, a.effects(), "under %s, %s says that nothing happened (%s)", r.kind, o, pms.KindName(err))
	c.visible()
	require.Zero(c, a.effects(), "under %s, %s says that nothing happened (%s), and later it did", r.kind, o, pms.KindName(err))
}

// call calls under a fault, with a context that ends soon where no answer
// would ever come.
func (c *check) call(kind Kind, a attempt) (answer any, err error) {
	c.Helper()
	if kind == Silence {
		return c.hangUp(a)
	}
	ctx := c.Context()
	if kind == Drip {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
	}
	err = c.within(30*time.Second, func() error {
		answer, err = a.call(ctx)
		return err
	})
	return answer, err
}

func faultOf(kind Kind, o pms.Operation) Fault {
	f := Fault{Kind: kind, Operation: o}
	switch kind {
	case Slow:
		f.Wait = 20 * time.Millisecond
	case LateCommit:
		f.Wait = 20 * time.Second
	case RateLimited:
		f.Wait = 7 * time.Second
	case TokenRevoked:
		f.Times = 1
	}
	return f
}
