package api

import (
	"context"
	"net/http"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// Subjects tells who is who, for compliance officers. *starter.Subjects is one.
// Its errors are *starter.Problem.
type Subjects interface {
	Find(ctx context.Context, hotel, subject string, q starter.PersonQuery) (starter.People, error)
	Show(ctx context.Context, hotel, subject string, who starter.WhoQuery) (starter.Profile, error)
	Merge(ctx context.Context, hotel, subject string, r starter.MergeRequest) (starter.Decided, error)
	Split(ctx context.Context, hotel, subject string, r starter.SplitRequest) (starter.Decided, error)
	Undo(ctx context.Context, hotel, subject, decision string, c starter.DecisionCause) (starter.Decided, error)
}

// asked is a question about people. It comes in a body: addresses stand in logs.
type asked[Q any] struct {
	HotelPath
	Body Q
}

type undoInput struct {
	HotelPath
	Decision string `path:"decision" minLength:"26" maxLength:"26" doc:"The decision to take back"`
	Body     starter.DecisionCause
}

type told[A any] struct{ Body A }

const subjectsBase = "/v1/hotels/{hotel}/subjects"

// registerSubjects adds the routes of who is who when somebody can tell.
func (s *server) registerSubjects(desk Subjects) {
	if desk == nil {
		return
	}
	officers := []auth.Role{auth.RoleCompliance}
	registerAsked(s, route{
		method: http.MethodPost, path: subjectsBase + "/lookups", id: "find-subjects", roles: officers,
		summary: "Look for people",
		description: "Finds the people of whom any part matches, by digests: nothing that tells who they are is answered. " +
			"Reservations that nobody resolved yet are resolved now. Each look-up stands in the audit log, and they are counted.",
		request: examplePersonQuery, answer: examplePeople,
		problems: []starter.Kind{starter.TooMany},
	}, desk.Find)
	registerAsked(s, route{
		method: http.MethodPost, path: subjectsBase + "/profiles", id: "show-subject", roles: officers,
		summary:     "Show what belongs to one person",
		description: "The reservations and calls of one person, who else may be the same, and what was decided about them. It stands in the audit log.",
		request:     exampleWho, answer: exampleProfile,
		problems: []starter.Kind{starter.UnknownSubject, starter.AmbiguousSubject, starter.AlreadyMerged, starter.TooMany},
	}, desk.Show)
	registerAsked(s, route{
		method: http.MethodPost, path: subjectsBase + "/merges", id: "merge-subjects", roles: officers, status: http.StatusCreated,
		summary:     "Make two people one",
		description: "All reservations and calls of one person become another's. The decision stands in the audit log, with who took it.",
		request:     exampleMerge, answer: exampleDecided,
		problems: []starter.Kind{starter.UnknownSubject, starter.AlreadyMerged},
	}, desk.Merge)
	registerAsked(s, route{
		method: http.MethodPost, path: subjectsBase + "/splits", id: "split-subject", roles: officers, status: http.StatusCreated,
		summary:     "Tell two people apart",
		description: "Some reservations and calls of one person become somebody new's. No machine joins again what was split.",
		request:     exampleSplit, answer: exampleDecided,
		problems: []starter.Kind{starter.UnknownSubject, starter.AlreadyMerged, starter.ImpossibleSplit},
	}, desk.Split)
	register(s, route{
		method: http.MethodPost, path: subjectsBase + "/decisions/{decision}/undo", id: "undo-decision", roles: officers, status: http.StatusCreated,
		summary:     "Take a decision back",
		description: "What the decision moved, and nobody moved since, returns to where it was. A decision can be undone once.",
		request:     exampleCause, answer: exampleDecided,
		problems: []starter.Kind{starter.UnknownDecision},
	}, func(ctx context.Context, in *undoInput) (*told[starter.Decided], error) {
		return answered(ctx, func(ctx context.Context) (starter.Decided, error) {
			return desk.Undo(ctx, in.Hotel, exchangeOf(ctx).subject, in.Decision, in.Body)
		})
	})
}

// registerAsked adds a route whose body is the whole question.
func registerAsked[Q, A any](s *server, r route, ask func(ctx context.Context, hotel, subject string, q Q) (A, error)) {
	register(s, r, func(ctx context.Context, in *asked[Q]) (*told[A], error) {
		return answered(ctx, func(ctx context.Context) (A, error) { return ask(ctx, in.Hotel, exchangeOf(ctx).subject, in.Body) })
	})
}

func answered[A any](ctx context.Context, ask func(context.Context) (A, error)) (*told[A], error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	answer, err := ask(ctx)
	if err != nil {
		return nil, err
	}
	return &told[A]{answer}, nil
}

// Examples for the documentation.
const (
	examplePersonQuery = `{"last_name": "Example", "phone": "+49 30 1234567"}`
	examplePeople      = `{"people": [{"subject": "6f1d2c3b-0a1e-4b5c-8d7e-9f0a1b2c3d4e", "scopes": ["01JD3Z8Q4X0000000000000000"], "because": ["phone", "surname"]}], "truncated": false}`
	exampleWho         = `{"scope": "01JD3Z8Q4X0000000000000000"}`
	exampleProfile     = `{
  "subject": "6f1d2c3b-0a1e-4b5c-8d7e-9f0a1b2c3d4e", "scopes": ["01JD3Z8Q4X0000000000000000"], "truncated": false,
  "candidates": [{"subject": "0c9d8e7f-6a5b-4c3d-8e1f-0a9b8c7d6e5f", "scopes": ["01JD3ZC5P80000000000000000"], "because": ["phone"]}],
  "decisions": [], "more_candidates": false, "more_decisions": false
}`
	exampleMerge   = `{"from": "01JD3ZC5P80000000000000000", "into": "01JD3Z8Q4X0000000000000000", "reason": "guest_confirmed"}`
	exampleSplit   = `{"scopes": ["01JD3ZC5P80000000000000000"], "reason": "shared_contact"}`
	exampleCause   = `{"reason": "mistaken_identity"}`
	exampleDecided = `{"decision": "01JD3ZG0000000000000000000", "subject": "6f1d2c3b-0a1e-4b5c-8d7e-9f0a1b2c3d4e"}`
)
