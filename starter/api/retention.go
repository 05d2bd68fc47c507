package api

import (
	"context"
	"net/http"

	data "github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// Retention steers what is erased when it has had its time, for compliance
// officers. *starter.Retention is one. Its errors are *starter.Problem.
type Retention interface {
	DryRun(ctx context.Context, hotel string) (retention.Plan, error)
	Run(ctx context.Context, hotel, subject string) (retention.Run, error)
	Runs(ctx context.Context, hotel string) (starter.RetentionRuns, error)
	Show(ctx context.Context, hotel, id string) (retention.Run, error)
	Decide(ctx context.Context, hotel, subject, id string, d starter.RetentionDecision) (retention.Run, error)
	Explain(ctx context.Context, hotel string, q starter.RetentionQuestion) (retention.Verdict, error)
	Policy(ctx context.Context, hotel string, class data.Class) (starter.RetentionPolicy, error)
	Set(ctx context.Context, hotel, subject string, class data.Class, t starter.RetentionTerm) (starter.RetentionPolicy, error)
}

const retentionBase = "/v1/hotels/{hotel}/retention"

// RetentionRunPath names a run in an address.
type RetentionRunPath struct {
	HotelPath
	Run string `path:"run" minLength:"26" maxLength:"26" doc:"The run's id"`
}

type decisionInput struct {
	RetentionRunPath
	Body starter.RetentionDecision
}

type policyInput struct {
	HotelPath
	Class string `query:"class" maxLength:"40" doc:"One class of data; all when left out"`
}

type termInput struct {
	HotelPath
	Class string `path:"class" maxLength:"40" doc:"The class of data"`
	Body  starter.RetentionTerm
}

// registerRetention adds the routes of retention when somebody does it.
func (s *server) registerRetention(desk Retention) {
	if desk == nil {
		return
	}
	officers := []auth.Role{auth.RoleCompliance}
	s.registerRuns(desk, officers)
	register(s, route{
		method: http.MethodGet, path: retentionBase + "/policy", id: "retention-policy", roles: officers,
		summary: "Show how long data is kept", description: "The rules for the hotel's country, each with its statute and source, and what the hotel set itself.", answer: examplePolicy,
	}, func(ctx context.Context, in *policyInput) (*told[starter.RetentionPolicy], error) {
		return answered(ctx, func(ctx context.Context) (starter.RetentionPolicy, error) {
			return desk.Policy(ctx, in.Hotel, data.Class(in.Class))
		})
	})
	register(s, route{
		method: http.MethodPatch, path: retentionBase + "/policy/{class}", id: "set-retention", roles: officers, person: true,
		summary:     "Set the hotel's own term",
		description: "A hotel may shorten a default, and go over it as far as a country's maximum only. Without a period the default counts again.",
		request:     `{"period": "P30D"}`, answer: examplePolicy, problems: []starter.Kind{starter.PersonNeeded},
	}, func(ctx context.Context, in *termInput) (*told[starter.RetentionPolicy], error) {
		return answered(ctx, func(ctx context.Context) (starter.RetentionPolicy, error) {
			return desk.Set(ctx, in.Hotel, exchangeOf(ctx).subject, data.Class(in.Class), in.Body)
		})
	})
	registerAsked(s, route{
		method: http.MethodPost, path: retentionBase + "/verdicts", id: "explain-retention", roles: officers,
		summary: "Ask what becomes of a record", description: "The verdict on one record, with the chain of rules that led to it.",
		request: `{"class": "guest", "scope": "01JD3Z8Q4X0000000000000000"}`, answer: exampleVerdict,
	}, func(ctx context.Context, hotel, _ string, q starter.RetentionQuestion) (retention.Verdict, error) {
		return desk.Explain(ctx, hotel, q)
	})
}

func (s *server) registerRuns(desk Retention, officers []auth.Role) {
	register(s, route{
		method: http.MethodPost, path: retentionBase + "/dry-runs", id: "retention-dry-run", roles: officers,
		summary: "See what a run would erase", description: "Counts what has had its time, by class and rule, with samples by pseudonym, and changes nothing.", answer: examplePlan,
	}, func(ctx context.Context, in *HotelPath) (*told[retention.Plan], error) {
		return answered(ctx, func(ctx context.Context) (retention.Plan, error) { return desk.DryRun(ctx, in.Hotel) })
	})
	register(s, route{
		method: http.MethodPost, path: retentionBase + "/runs", id: "start-retention", roles: officers, person: true, status: http.StatusCreated,
		summary:     "Start a run",
		description: "Plans a run and starts it. One that would erase much, or more than usual, waits for a second person for two weeks.",
		answer:      exampleRun, problems: []starter.Kind{starter.RetentionState, starter.PersonNeeded},
	}, func(ctx context.Context, in *HotelPath) (*told[retention.Run], error) {
		ctx, cancel := context.WithTimeout(ctx, actTime)
		defer cancel()
		run, err := desk.Run(ctx, in.Hotel, exchangeOf(ctx).subject)
		if err != nil {
			return nil, err
		}
		return &told[retention.Run]{run}, nil
	})
	register(s, route{
		method: http.MethodGet, path: retentionBase + "/runs", id: "retention-runs", roles: officers,
		summary: "List runs", description: "The runs of a hotel, the newest first.", answer: `{"runs": [` + exampleRun + `]}`,
	}, func(ctx context.Context, in *HotelPath) (*told[starter.RetentionRuns], error) {
		return answered(ctx, func(ctx context.Context) (starter.RetentionRuns, error) { return desk.Runs(ctx, in.Hotel) })
	})
	register(s, route{
		method: http.MethodGet, path: retentionBase + "/runs/{run}", id: "retention-run", roles: officers,
		summary: "Show a run", description: "A run with its plan, and its signed certificate once it is done.", answer: exampleRun,
		problems: []starter.Kind{starter.UnknownRetention},
	}, func(ctx context.Context, in *RetentionRunPath) (*told[retention.Run], error) {
		return answered(ctx, func(ctx context.Context) (retention.Run, error) { return desk.Show(ctx, in.Hotel, in.Run) })
	})
	register(s, route{
		method: http.MethodPost, path: retentionBase + "/runs/{run}/decision", id: "decide-retention", roles: officers, person: true,
		summary: "Approve or refuse a run", description: "Another person than the one who started it says yes to the plan that they saw, or no.",
		request: exampleDecision, answer: exampleRun,
		problems: []starter.Kind{starter.UnknownRetention, starter.RetentionState, starter.SamePerson, starter.PlanChanged, starter.PersonNeeded, starter.OtherProvider},
	}, func(ctx context.Context, in *decisionInput) (*told[retention.Run], error) {
		ctx, cancel := context.WithTimeout(ctx, actTime)
		defer cancel()
		run, err := desk.Decide(ctx, in.Hotel, exchangeOf(ctx).subject, in.Run, in.Body)
		if err != nil {
			return nil, err
		}
		return &told[retention.Run]{run}, nil
	})
}

// Examples for the documentation.
const (
	examplePlan = `{
  "hotel": "hotel-aurora", "as_of": "2026-11-23", "policy": "5f0c0000000000000000000000000000000000000000000000000000000000aa", "settings": {"turn": "P14D"},
  "parts": [{"store": "turn", "class": "turn", "act": "delete", "rows": 120, "bytes": 48000, "held": 3, "rules": {"turn": 120},
    "root": "9b1d0000000000000000000000000000000000000000000000000000000000cc", "samples": ["0123456789abcdef"]}],
  "rows": 120, "bytes": 48000, "held": 3
}`
	exampleRun = `{
  "run": "01JD3ZG0000000000000000000", "state": "waiting", "plan": ` + examplePlan + `,
  "plan_hash": "7a3e0000000000000000000000000000000000000000000000000000000000bb", "started_by": "schedule", "created_at": "2026-11-23T03:00:00Z",
  "erased": 0, "because": ["first_run"]
}`
	exampleDecision = `{"plan_hash": "7a3e0000000000000000000000000000000000000000000000000000000000bb"}`
	examplePolicy   = `{"country": "DE", "rules": [{"rule": "guest", "class": "guest", "purpose": "stay", "legal_basis": "GDPR Art. 6(1)(b)", "anchor": "departure",
  "period": "P90D", "bound": "default", "action": "shred", "owner": "compliance"}],
  "settings": [{"class": "turn", "period": "P14D", "set_by": "compliance:0123456789abcdef", "set_at": "2026-11-01T09:00:00Z"}]}`
	exampleVerdict = `{"action": "keep", "how": "shred", "until": "2027-02-22T23:00:00Z", "rule": "guest", "why": ["guest: until 2027-02-22", "guest decides"]}`
)
