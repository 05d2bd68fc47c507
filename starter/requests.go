package starter

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/registry"
)

// CaseDesk is the way to data-subject requests, for the API, the console and
// the command line. *Requests is one. key is an idempotency key, subject who
// asks as the API knows them. Errors are *Problem.
type CaseDesk interface {
	Open(ctx context.Context, hotel, subject, key string, channel rights.Channel, r OpenRequest) (c Case, fresh bool, err error)
	List(ctx context.Context, hotel string, q CaseQuery) ([]Case, error)
	Show(ctx context.Context, hotel, id string) (Case, error)
	Words(ctx context.Context, hotel, subject, id string) (CaseWords, error)
	Verify(ctx context.Context, hotel, subject, key, id string, r VerifyRequest) (Case, error)
	Task(ctx context.Context, hotel, subject, key, id string, r TaskRequest) (Case, error)
	Approve(ctx context.Context, hotel, subject, key, id string, r ApproveRequest) (Case, error)
	Extend(ctx context.Context, hotel, subject, key, id string, r ExtendRequest) (Case, error)
	Refuse(ctx context.Context, hotel, subject, key, id string, r RefuseRequest) (Case, error)
	Withdraw(ctx context.Context, hotel, subject, key, id string) (Case, error)
}

// CaseKeys makes a case's scope and digests. *keys.Ring is one.
type CaseKeys interface {
	Macer
	Create(ctx context.Context, tenant string) (keys.Scope, error)
}

// CaseCalls reads calls that a request was found in. *calls.Store is one.
type CaseCalls interface {
	Call(ctx context.Context, tenant, id string) (calls.Call, error)
}

// ErasurePlans tells what an erasure would do; *erasure.Office is one.
type ErasurePlans interface {
	Plan(ctx context.Context, hotel, request string) (erasure.Plan, error)
}

// RequestParts are the parts of Requests; all but Logger, Patience, Procedures
// and Plans are needed.
type RequestParts struct {
	Hotels   Hotels
	Desk     SubjectDesk
	Cases    *rights.Store
	Calls    CaseCalls
	Keys     CaseKeys
	Temporal client.Client
	// Procedures tells who knows the written procedure; without it nobody is
	// asked.
	Procedures Procedures
	// Plans are what officers see of erasures; without it they see none.
	Plans ErasurePlans
	// Horizon is how old the oldest backup of keys can be: erased keys are gone
	// for good that long after.
	Horizon time.Duration
	Logger  *slog.Logger
	// Patience is how long an act is waited for before it is pending; 15 seconds
	// when zero.
	Patience time.Duration
}

// Requests opens and steers data-subject requests. It is safe for concurrent
// use.
type Requests struct {
	RequestParts
	now func() time.Time
}

// NewRequests returns it on the given parts.
func NewRequests(p RequestParts) *Requests {
	if p.Logger == nil {
		p.Logger = slog.Default()
	}
	p.Patience = orDefault(p.Patience, 15*time.Second)
	return &Requests{RequestParts: p, now: time.Now}
}

// place is a hotel with its zone.
func (q *Requests) place(ctx context.Context, hotel string) (registry.Hotel, *time.Location, error) {
	h, err := (&Client{Options: Options{Hotels: q.Hotels}}).hotel(ctx, hotel)
	if err != nil {
		return h, nil, err
	}
	zone, err := h.Location()
	if err != nil {
		return h, nil, Internal.With("the hotel's time zone is not known here").because(err)
	}
	return h, zone, nil
}

// digests are those of an idempotency key and of what it came with.
func (q *Requests) digests(ctx context.Context, hotel, key string, body ...any) (ofKey, ofBody []byte, err error) {
	if key == "" {
		return nil, nil, MissingKey.With("Send a fresh random Idempotency-Key with each new request, and the same one with a retry.")
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, nil, Internal.With("the request cannot be encoded").because(err)
	}
	defer clear(text)
	if ofKey, err = q.Keys.MAC(ctx, hotel, "dsar/key", []byte(key)); err == nil {
		ofBody, err = q.Keys.MAC(ctx, hotel, "dsar/body", text)
	}
	if err != nil {
		return nil, nil, keysAway("The hotel's key cannot be read now.", err)
	}
	return ofKey, ofBody, nil
}

// requestProblem is the one place where refusals of a case become problems.
func requestProblem(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, rights.ErrNotFound):
		return UnknownRequest.With("Look for it: `voicehive dsar list`, or GET /v1/hotels/{hotel}/dsars.")
	case errors.Is(err, rights.ErrReused):
		return KeyReused.With("Use a fresh Idempotency-Key for another request.")
	case errors.Is(err, rights.ErrInvalid):
		// The store's words name what is missing, and quote nothing of it.
		return InvalidRequest.With(err.Error())
	case errors.Is(err, rights.ErrForgotten), errors.Is(err, rights.ErrState):
		return RequestState.With("The request is closed.")
	case errors.Is(err, subjects.ErrTooMany):
		return subjectProblem(err)
	}
	return problemOf(err)
}
