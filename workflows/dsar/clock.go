package dsar

import (
	"time"

	"go.temporal.io/sdk/workflow"

	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/rights"
)

// watch keeps the clock: at each mark somebody is reminded, and at the last one
// called. The timers are Temporal's, so they outlive every worker.
func (d *dsar) watch(ctx workflow.Context) {
	workflow.GoNamed(ctx, "clock", func(ctx workflow.Context) {
		for d.state.End == nil {
			extended := d.state.Extended
			mark, left := d.mark()
			over := func() bool { return d.state.End != nil || d.state.Extended != extended }
			if !left {
				if workflow.Await(ctx, over) != nil {
					return
				}
				continue
			}
			changed, err := d.until(ctx, mark.At, over)
			switch {
			case err != nil:
				return
			case changed:
				continue
			}
			m := activities.Mark{Ref: d.ref(), Percent: mark.Percent, Due: d.state.Clock.InternalNow(extended)}
			if workflow.ExecuteActivity(d.withCase(ctx, "the clock runs"), activities.MarkActivity, m).Get(ctx, nil) != nil {
				return
			}
			if d.state.Extended == extended {
				d.state.Marks++
			}
		}
	})
}

// mark is the next one of the clock that counts.
func (d *dsar) mark() (m rights.Mark, left bool) {
	marks := d.state.Clock.MarksNow(d.state.Extended)
	if d.state.Marks >= len(marks) {
		return m, false
	}
	return marks[d.state.Marks], true
}

// until waits for a moment, and tells whether something came before it.
func (d *dsar) until(ctx workflow.Context, at time.Time, over func() bool) (changed bool, err error) {
	wait := at.Sub(workflow.Now(ctx))
	if wait <= 0 {
		return over(), nil
	}
	return workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: wait, TimerOptions: workflow.TimerOptions{Summary: "next mark of the clock"},
	}, over)
}

// restart has the clock of an extended case run: the marks that lie behind are
// passed over.
func (d *dsar) restart(now time.Time) {
	d.state.Extended, d.state.Marks = true, 0
	for mark, left := d.mark(); left && !mark.At.After(now); mark, left = d.mark() {
		d.state.Marks++
	}
}
