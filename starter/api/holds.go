package api

import (
	"context"
	"net/http"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// Holds places and steers legal holds, for compliance officers. *starter.Holds
// is one. Its errors are *starter.Problem.
type Holds interface {
	Place(ctx context.Context, hotel, subject string, r starter.HoldRequest) (holds.Hold, error)
	Approve(ctx context.Context, hotel, subject, id string) (holds.Hold, error)
	Review(ctx context.Context, hotel, subject, id string, r starter.HoldReview) (holds.Hold, error)
	Release(ctx context.Context, hotel, subject, id string, r starter.HoldRelease) (holds.Hold, error)
	Show(ctx context.Context, hotel, id string) (holds.Hold, error)
	List(ctx context.Context, hotel string, ended bool) (starter.HoldList, error)
}

const holdsBase = "/v1/hotels/{hotel}/holds"

// HoldPath names a hold in an address.
type HoldPath struct {
	HotelPath
	Hold string `path:"hold" minLength:"26" maxLength:"26" doc:"The hold's id"`
}

// onHold is an act on a hold with a body.
type onHold[B any] struct {
	HoldPath
	Body B
}

type holdsInput struct {
	HotelPath
	Ended bool `query:"ended" doc:"Those that bind no more, too"`
}

// registerHolds adds the routes of legal holds when somebody keeps them.
func (s *server) registerHolds(desk Holds) {
	if desk == nil {
		return
	}
	officers := []auth.Role{auth.RoleCompliance}
	registerAsked(s, route{
		method: http.MethodPost, path: holdsBase, id: "place-hold", roles: officers, person: true, status: http.StatusCreated,
		summary: "Place a legal hold",
		description: "Keeps what a dispute needs from being erased, from the moment of the answer. It waits for a second person for seven days, " +
			"binding all the while, and lapses when nobody approves it.",
		request: exampleHoldRequest, answer: exampleHold,
		problems: []starter.Kind{starter.UnknownSubject, starter.PersonNeeded},
	}, desk.Place)
	register(s, route{
		method: http.MethodGet, path: holdsBase, id: "holds", roles: officers,
		summary: "List legal holds", description: "The holds of a hotel, the newest first, and how many reviews are overdue.", answer: exampleHolds,
	}, func(ctx context.Context, in *holdsInput) (*told[starter.HoldList], error) {
		return answered(ctx, func(ctx context.Context) (starter.HoldList, error) { return desk.List(ctx, in.Hotel, in.Ended) })
	})
	register(s, route{
		method: http.MethodGet, path: holdsBase + "/{hold}", id: "hold", roles: officers,
		summary: "Show a legal hold", description: "A hold with the reservations and calls that it keeps.", answer: exampleHold,
		problems: []starter.Kind{starter.UnknownHold},
	}, func(ctx context.Context, in *HoldPath) (*told[holds.Hold], error) {
		return answered(ctx, func(ctx context.Context) (holds.Hold, error) { return desk.Show(ctx, in.Hotel, in.Hold) })
	})
	s.registerHoldActs(desk, officers)
}

func (s *server) registerHoldActs(desk Holds, officers []auth.Role) {
	problems := []starter.Kind{starter.UnknownHold, starter.HoldState, starter.SamePerson, starter.PersonNeeded, starter.OtherProvider}
	register(s, route{
		method: http.MethodPost, path: holdsBase + "/{hold}/approve", id: "approve-hold", roles: officers, person: true,
		summary: "Approve a legal hold", description: "Another person than the one who placed it says that it is right.", answer: exampleHold, problems: problems,
	}, func(ctx context.Context, in *HoldPath) (*told[holds.Hold], error) {
		return answered(ctx, func(ctx context.Context) (holds.Hold, error) {
			return desk.Approve(ctx, in.Hotel, exchangeOf(ctx).subject, in.Hold)
		})
	})
	register(s, route{
		method: http.MethodPost, path: holdsBase + "/{hold}/review", id: "review-hold", roles: officers,
		summary: "Review a legal hold", description: "Says that it is still needed, and when to ask again.",
		request: `{"review_at": "2027-06-01T00:00:00Z"}`, answer: exampleHold, problems: problems,
	}, func(ctx context.Context, in *onHold[starter.HoldReview]) (*told[holds.Hold], error) {
		return answered(ctx, func(ctx context.Context) (holds.Hold, error) {
			return desk.Review(ctx, in.Hotel, exchangeOf(ctx).subject, in.Hold, in.Body)
		})
	})
	register(s, route{
		method: http.MethodPost, path: holdsBase + "/{hold}/release", id: "release-hold", roles: officers, person: true,
		summary:     "Release a legal hold",
		description: "One person asks for the release; when another one does so too, the hold is released and binds until its grace is over.",
		request:     `{"grace_days": 30}`, answer: exampleHold, problems: problems,
	}, func(ctx context.Context, in *onHold[starter.HoldRelease]) (*told[holds.Hold], error) {
		return answered(ctx, func(ctx context.Context) (holds.Hold, error) {
			return desk.Release(ctx, in.Hotel, exchangeOf(ctx).subject, in.Hold, in.Body)
		})
	})
}

// Examples for the documentation.
const (
	exampleHoldRequest = `{"matter": "2026-17/B", "reason": "litigation", "kind": "booking", "scope": "01JD3Z8Q4X0000000000000000", "review_at": "2027-03-01T00:00:00Z"}`
	exampleHold        = `{
  "hold": "01JD3ZG0000000000000000000", "matter": "2026-17/B", "reason": "litigation", "kind": "booking", "scopes": ["01JD3Z8Q4X0000000000000000"], "state": "proposed",
  "placed_by": "compliance:0123456789abcdef", "placed_at": "2026-11-23T09:00:00Z", "lapses_at": "2026-11-30T09:00:00Z", "review_at": "2027-03-01T00:00:00Z"
}`
	exampleHolds = `{"holds": [{
  "hold": "01JD3ZG0000000000000000000", "matter": "2026-17/B", "reason": "litigation", "kind": "booking", "state": "active",
  "placed_by": "compliance:0123456789abcdef", "placed_at": "2026-11-23T09:00:00Z", "lapses_at": "2026-11-30T09:00:00Z",
  "approved_by": "compliance:fedcba9876543210", "approved_at": "2026-11-23T10:00:00Z", "review_at": "2027-03-01T00:00:00Z"
}], "reviews_overdue": 0}`
)
