package api

import (
	"context"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

const dsarsBase = "/v1/hotels/{hotel}/dsars"

// actTime bounds an act, a little longer than the starter waits for its outcome.
const actTime = 25 * time.Second

// KeyHeader is the one of every write.
type KeyHeader struct {
	Key string `header:"Idempotency-Key" required:"true" pattern:"^[!-~]{1,255}$" doc:"A fresh random text for each new request; the same one when you repeat a request"`
}

// CasePath names a request in an address.
type CasePath struct {
	HotelPath
	Case string `path:"case" minLength:"26" maxLength:"26" doc:"The request's id"`
}

type openCaseInput struct {
	HotelPath
	KeyHeader
	Body starter.OpenRequest
}

type caseOutput struct {
	Status   int
	Location string `header:"Location"`
	Body     starter.Case
}

type casesInput struct {
	HotelPath
	State     rights.State `query:"state" enum:"received,verifying,open,waiting,deciding,carrying_out,completed,refused,withdrawn,joined" doc:"Requests in this state only"`
	Kind      rights.Kind  `query:"kind" enum:"access,erasure,rectification,restriction,portability,objection" doc:"Requests of this kind only"`
	Open      bool         `query:"open" doc:"Leave closed ones out"`
	DueBefore time.Time    `query:"due_before" doc:"Those whose internal_at lies before this moment only"`
	After     string       `query:"after" maxLength:"26" doc:"The last id of the page before"`
	Limit     int          `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most"`
}

// CaseList is a page of requests, the newest first.
type CaseList struct {
	Requests []starter.Case `json:"requests" nullable:"false"`
	Next     string         `json:"next,omitempty" doc:"Ask for more with this as after; absent on the last page"`
}

type casesOutput struct{ Body CaseList }

type wordsOutput struct{ Body starter.CaseWords }

// ordered is an act with a body.
type ordered[B any] struct {
	CasePath
	KeyHeader
	Body B
}

// bare is an act without one.
type bare struct {
	CasePath
	KeyHeader
}

// registerRequests adds the routes of data-subject requests when there is
// somebody to carry them out.
func (s *server) registerRequests(desk starter.CaseDesk) {
	if desk == nil {
		return
	}
	officers := []auth.Role{auth.RoleCompliance}
	register(s, route{
		method: http.MethodPost, path: dsarsBase, id: "open-dsar", roles: officers, status: http.StatusCreated,
		summary: "Open a data-subject request",
		description: "Keeps a request of a guest and starts its clock: the calendar month of Article 12(3) GDPR, at most 30 days. " +
			"201 when it is new, 200 when it came before under its Idempotency-Key, 202 when it is kept and will be started in a moment. " +
			"Where nobody or several people match it is kept all the same, with a task to look. The same person's second request for the same is joined to the first.",
		request: exampleOpenCase, answer: exampleCase,
		problems: []starter.Kind{starter.MissingKey, starter.KeyReused, starter.UnknownScope, starter.TooMany},
	}, func(ctx context.Context, in *openCaseInput) (*caseOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, actTime)
		defer cancel()
		c, fresh, err := desk.Open(ctx, in.Hotel, exchangeOf(ctx).subject, in.Key, rights.ByAPI, in.Body)
		if err != nil {
			return nil, err
		}
		return caseAnswer(in.Hotel, c, fresh), nil
	})
	s.registerHeard(desk)
	s.registerCaseReads(desk, officers)
	s.registerActs(desk, officers)
}

func caseAnswer(hotel string, c starter.Case, fresh bool) *caseOutput {
	out := &caseOutput{Status: http.StatusOK, Body: c}
	switch {
	case c.Pending:
		out.Status = http.StatusAccepted
	case fresh:
		out.Status = http.StatusCreated
	}
	if fresh || c.Pending {
		out.Location = "/v1/hotels/" + hotel + "/dsars/" + c.ID
	}
	return out
}

func (s *server) registerCaseReads(desk starter.CaseDesk, officers []auth.Role) {
	register(s, route{
		method: http.MethodGet, path: dsarsBase, id: "dsars", roles: officers,
		summary:     "List data-subject requests",
		description: "The requests of a hotel with their clocks, the newest first, without their tasks and acts. Nothing tells who asked.",
		answer:      exampleCases,
	}, func(ctx context.Context, in *casesInput) (*casesOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		// One more than asked for tells whether there is more.
		found, err := desk.List(ctx, in.Hotel, starter.CaseQuery{
			State: in.State, Kind: in.Kind, Open: in.Open, DueBefore: in.DueBefore, After: in.After, Most: min(in.Limit+1, 500),
		})
		if err != nil {
			return nil, err
		}
		out := &casesOutput{CaseList{Requests: found}}
		if len(found) > in.Limit {
			out.Body.Requests, out.Body.Next = found[:in.Limit], found[in.Limit-1].ID
		}
		return out, nil
	})
	register(s, route{
		method: http.MethodGet, path: dsarsBase + "/{case}", id: "dsar", roles: officers,
		summary:     "Show a data-subject request",
		description: "Where it stands, its clock, what people have to do and what they did; of an open erasure the plan with its hash. Nothing tells who asked.",
		answer:      exampleCase, problems: []starter.Kind{starter.UnknownRequest},
	}, func(ctx context.Context, in *CasePath) (*told[starter.Case], error) {
		return answered(ctx, func(ctx context.Context) (starter.Case, error) { return desk.Show(ctx, in.Hotel, in.Case) })
	})
	register(s, route{
		method: http.MethodGet, path: dsarsBase + "/{case}/words", id: "dsar-words", roles: officers,
		summary:     "Read what a requester said",
		description: "The requester's own words, how to reach them and what they want. That somebody read it stands in the audit log.",
		answer:      exampleCaseWords, problems: []starter.Kind{starter.UnknownRequest},
	}, func(ctx context.Context, in *CasePath) (*wordsOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		words, err := desk.Words(ctx, in.Hotel, exchangeOf(ctx).subject, in.Case)
		return &wordsOutput{words}, err
	})
}

// acted are the problems of every act.
func acted(more ...starter.Kind) []starter.Kind {
	return append(more, starter.UnknownRequest, starter.RequestState, starter.MissingKey, starter.KeyReused)
}

func (s *server) registerActs(desk starter.CaseDesk, officers []auth.Role) {
	registerAct(s, route{
		path: "/verify", id: "verify-dsar", roles: officers,
		summary: "Check who the requester is",
		description: "Sends a one-time code to the address on file, checks the code that the person told, or counts your word for who it is, which needs a second person's. " +
			"A code that is wrong or over answers 200 with a problem in the body. A voice proves nothing.",
		request: exampleVerify, problems: acted(starter.SamePerson, starter.PersonNeeded, starter.OtherProvider),
	}, func(ctx context.Context, hotel, subject, key, id string, body starter.VerifyRequest) (starter.Case, error) {
		if x := exchangeOf(ctx); body.Manual && x.machine {
			return starter.Case{}, noPerson()
		}
		return desk.Verify(ctx, hotel, subject, key, id, body)
	})
	registerAct(s, route{
		path: "/tasks", id: "task-dsar", roles: officers,
		summary:     "Do a task of a request, or add one",
		description: "Marks a task as done; one that looks for the guest names any reservation or call of theirs. Without a task it adds one, which holds the request up until it is done.",
		request:     exampleTask, problems: acted(starter.UnknownTask),
	}, desk.Task)
	registerAct(s, route{
		path: "/approve", id: "approve-dsar", roles: officers, person: true,
		summary: "Agree to carry a request out",
		description: "Counts your agreement. What does not come back needs two different people of one identity provider; the same person twice is refused, and so is an API key. " +
			"An erasure is approved with the hash of its plan, as the request shows it. Your approval is void when there is more to erase than that plan had.",
		request: exampleApprove, problems: acted(starter.SamePerson, starter.PlanChanged, starter.PersonNeeded, starter.OtherProvider),
	}, func(ctx context.Context, hotel, subject, key, id string, body *starter.ApproveRequest) (starter.Case, error) {
		if body == nil { // most requests need none
			body = &starter.ApproveRequest{}
		}
		return desk.Approve(ctx, hotel, subject, key, id, *body)
	})
	registerAct(s, route{
		path: "/extend", id: "extend-dsar", roles: officers,
		summary: "Take two more months",
		description: "Tells the requester why, and then extends the request: once, and only before its due date. " +
			"202 while the letter is on its way; the extension counts when it went.",
		request: exampleExtend, problems: acted(starter.RequestLate, starter.AlreadyExtended, starter.RequesterNotTold),
	}, desk.Extend)
	registerAct(s, route{
		path: "/refuse", id: "refuse-dsar", roles: officers,
		summary:     "Refuse a request",
		description: "Tells the requester the reasons and how to complain, and then closes the request. After its due date it is late, and the audit log says so. 202 while the letter is on its way.",
		request:     exampleRefuse, problems: acted(starter.RequesterNotTold),
	}, desk.Refuse)
	registerBare(s, route{
		path: "/withdraw", id: "withdraw-dsar", roles: officers,
		summary:     "End a request that was taken back",
		description: "Closes the request, for the requester took it back.",
		problems:    acted(),
	}, desk.Withdraw)
}

// registerAct adds a route that does something about a request.
func registerAct[B any](s *server, r route, do func(ctx context.Context, hotel, subject, key, id string, body B) (starter.Case, error)) {
	r.method, r.path, r.answer = http.MethodPost, dsarsBase+"/{case}"+r.path, exampleCase
	register(s, r, func(ctx context.Context, in *ordered[B]) (*caseOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, actTime)
		defer cancel()
		c, err := do(ctx, in.Hotel, exchangeOf(ctx).subject, in.Key, in.Case, in.Body)
		if err != nil {
			return nil, err
		}
		return caseAnswer(in.Hotel, c, false), nil
	})
}

// registerBare is registerAct for what needs no body.
func registerBare(s *server, r route, do func(ctx context.Context, hotel, subject, key, id string) (starter.Case, error)) {
	r.method, r.path, r.answer = http.MethodPost, dsarsBase+"/{case}"+r.path, exampleCase
	register(s, r, func(ctx context.Context, in *bare) (*caseOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, actTime)
		defer cancel()
		c, err := do(ctx, in.Hotel, exchangeOf(ctx).subject, in.Key, in.Case)
		if err != nil {
			return nil, err
		}
		return caseAnswer(in.Hotel, c, false), nil
	})
}

// Examples for the documentation.
const (
	exampleOpenCase = `{
  "kind": "erasure", "scope": "01JD3Z8Q4X0000000000000000", "language": "de", "email": "guest@example.org",
  "words": "Please delete all that you have about me."
}`
	exampleCase = `{
  "id": "01JD4A0000000000000000000A", "kind": "erasure", "state": "verifying", "tier": "high", "channel": "api", "language": "de", "match": "known",
  "clock": {
    "received_at": "2027-01-31T09:12:00Z", "due_at": "2027-02-28T23:00:00Z", "due_day": "2027-02-28", "internal_at": "2027-02-21T23:00:00Z", "passed_percent": 0,
    "marks": [{"percent": 50, "at": "2027-02-11T04:06:00Z"}, {"percent": 75, "at": "2027-02-16T13:33:00Z"}, {"percent": 90, "at": "2027-02-19T19:13:12Z"}, {"percent": 95, "at": "2027-02-20T21:06:36Z"}]
  },
  "approvals": 0, "approvals_needed": 2, "opened_by": "compliance:4f02a1b2c3d4e5f6", "opened_at": "2027-01-31T09:12:01Z", "tasks": [], "acts": []
}`
	exampleCases     = `{"requests": [` + exampleCase + `]}`
	exampleCaseWords = `{"words": "Please delete all that you have about me.", "email": "guest@example.org"}`
	exampleVerify    = `{"send_code": true}`
	exampleApprove   = `{"plan_hash": "7a3e0000000000000000000000000000000000000000000000000000000000bb"}`
	exampleTask      = `{"task": "01JD4A0000000000000000000A", "scope": "01JD3Z8Q4X0000000000000000"}`
	exampleExtend    = `{"reasons": ["complexity"]}`
	exampleRefuse    = `{"reasons": ["identity"], "explanation": "Nobody answered our code."}`
)
