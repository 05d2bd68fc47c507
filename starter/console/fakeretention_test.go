package console_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/starter"
)

// retained is retention in memory, with the rules that pages depend on.
type retained struct {
	mu   sync.Mutex
	all  []retention.Run // the newest first
	name func(subject string) string
}

func planOf(day string, rows ...int64) retention.Plan {
	p := retention.Plan{Hotel: aurora, AsOf: day}
	for i, store := range []string{"booking", "message", "turn"} {
		if rows[i] == 0 {
			continue
		}
		p.Parts = append(p.Parts, retention.Part{
			Store: store, Class: register.Class(store), Act: retention.Shred, Rows: rows[i], Bytes: rows[i] * 700, Held: int64(i),
			Rules: map[string]int64{"voicehive-" + store: rows[i]},
		})
		p.Rows, p.Held = p.Rows+rows[i], p.Held+int64(i)
	}
	return p
}

// add keeps a run.
func (d *retained) add(state retention.State, by string, plan retention.Plan) retention.Run {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := retention.Run{ID: ulid.Make().String(), State: state, Plan: plan, PlanHash: "cafe", StartedBy: by, CreatedAt: time.Now()}
	if state == retention.Done {
		left := int64(0)
		r.Erased, r.Overdue, r.FinishedAt, r.Certificate = plan.Rows, &left, time.Now(), []byte(`{"payload":""}`)
	}
	if state == retention.Waiting {
		r.Because = []string{retention.UnusualVolume}
	}
	d.all = slices.Insert(d.all, 0, r)
	return r
}

func (d *retained) Policy(context.Context, string, register.Class) (starter.RetentionPolicy, error) {
	term := func(text string) retention.Period {
		p, _ := retention.ParsePeriod(text)
		return p
	}
	return starter.RetentionPolicy{Country: "DE", Rules: []retention.Rule{
		{ID: "de-invoice", Class: "invoice", Anchor: retention.CalendarYearEnd, Period: term("P8Y"), Bound: retention.Min, Action: retention.Restrict, Statute: "§ 147 AO", Source: "https://www.gesetze-im-internet.de/ao_1977/__147.html"},
		{ID: "voicehive-recording", Class: "recording", Anchor: retention.CallEnd, Period: term("P30D"), Bound: retention.Default, Action: retention.Shred, ReviewedBy: "counsel of the house"},
	}, Settings: []retention.Setting{{Class: "recording", Period: term("P14D")}}}, nil
}

func (d *retained) DryRun(context.Context, string) (retention.Plan, error) {
	return planOf("2026-11-23", 12, 0, 900), nil
}

func (d *retained) Run(_ context.Context, _, subject string) (retention.Run, error) {
	return d.add(retention.Waiting, d.name(subject), planOf("2026-11-23", 12, 0, 900)), nil
}

func (d *retained) Runs(context.Context, string) (starter.RetentionRuns, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return starter.RetentionRuns{Runs: slices.Clone(d.all)}, nil
}

func (d *retained) Show(_ context.Context, _, id string) (retention.Run, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.all, func(r retention.Run) bool { return r.ID == id })
	if i < 0 {
		return retention.Run{}, starter.UnknownRetention.With("Look at the hotel's runs.")
	}
	return d.all[i], nil
}

func (d *retained) Decide(_ context.Context, _, subject, id string, o starter.RetentionDecision) (retention.Run, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, actor := &d.all[slices.IndexFunc(d.all, func(r retention.Run) bool { return r.ID == id })], d.name(subject)
	switch {
	case r.State != retention.Waiting:
		return *r, starter.RetentionState.With("The run waits for no decision.")
	case !o.Refuse && r.StartedBy == actor:
		return *r, starter.SamePerson.With("A run is approved by another person than the one who started it.")
	case !o.Refuse && o.PlanHash != r.PlanHash:
		return *r, starter.PlanChanged.With("Look at the run again.")
	}
	r.State, r.ApprovedBy = retention.Running, actor
	if o.Refuse {
		r.State, r.ApprovedBy, r.RefusedBy = retention.Refused, "", actor
	}
	return *r, nil
}
