package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

const (
	hotel = "/v1/hotels/alpha"
	id    = "01JD3Z8Q4X0000000000000000"
)

var _ Starter = (*starter.Client)(nil)

// fakeStarter notes what arrives and answers what it is told to. What the real
// one does is tested where it is.
type fakeStarter struct {
	mu       sync.Mutex
	calls    []string
	query    starter.AvailabilityQuery
	booked   starter.BookRequest
	quoted   starter.QuoteRequest
	key      string
	deadline time.Duration
	offers   []pms.Offer
	answer   starter.Reservation
	status   connectors.Status
	extras   []starter.StayExtras
	err      error
	// statusErr fails the question for the status only.
	statusErr error
	panics    any
}

func (f *fakeStarter) note(ctx context.Context, call, key string) (starter.Reservation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
	f.key = key
	if until, ok := ctx.Deadline(); ok {
		f.deadline = time.Until(until)
	}
	if f.panics != nil {
		panic(f.panics)
	}
	return f.answer, f.err
}

func (f *fakeStarter) Availability(ctx context.Context, hotel string, q starter.AvailabilityQuery) ([]pms.Offer, error) {
	_, err := f.note(ctx, "availability "+hotel, "")
	f.query = q
	return f.offers, err
}

func (f *fakeStarter) Quote(ctx context.Context, hotel string, r starter.QuoteRequest) (starter.Quote, error) {
	_, err := f.note(ctx, "quote "+hotel, "")
	f.quoted = r
	return starter.Quote{ID: "q1", Offers: f.offers}, err
}

func (f *fakeStarter) Book(ctx context.Context, hotel, key string, r starter.BookRequest) (starter.Reservation, error) {
	f.booked = r
	return f.note(ctx, "book "+hotel+" "+r.Quote, key)
}

func (f *fakeStarter) Confirm(ctx context.Context, hotel, id, key string) (starter.Reservation, error) {
	return f.note(ctx, "confirm "+hotel+" "+id, key)
}

func (f *fakeStarter) Modify(ctx context.Context, hotel, id, key, quote string) (starter.Reservation, error) {
	return f.note(ctx, "modify "+hotel+" "+id+" "+quote, key)
}

func (f *fakeStarter) Cancel(ctx context.Context, hotel, id, key string) (starter.Reservation, error) {
	return f.note(ctx, "cancel "+hotel+" "+id, key)
}

func (f *fakeStarter) Reservation(ctx context.Context, hotel, id string) (starter.Reservation, error) {
	return f.note(ctx, "reservation "+hotel+" "+id, "")
}

func (f *fakeStarter) Adopt(ctx context.Context, hotel string, r starter.AdoptRequest) (starter.Reservation, error) {
	return f.note(ctx, "adopt "+hotel+" "+r.Confirmation+" "+r.LastName, "")
}

func (f *fakeStarter) Status(context.Context, string) (connectors.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status, f.statusErr
}

func (f *fakeStarter) Extras(ctx context.Context, hotel, id string) ([]starter.StayExtras, error) {
	_, err := f.note(ctx, "extras "+hotel+" "+id, "")
	return f.extras, err
}

func (f *fakeStarter) Receive(ctx context.Context, w starter.Webhook) error {
	_, err := f.note(ctx, "webhook "+w.Vendor+" "+w.Hotel+" "+w.Secret.Reveal(), "")
	return err
}

// fakeAuth knows callers by their role: Bearer agent, Bearer ops and so on are
// bound to the hotel alpha, and Bearer star is an admin of every hotel.
type fakeAuth struct{}

func (fakeAuth) Authenticate(_ context.Context, authorization string) (auth.Caller, error) {
	name, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok {
		return auth.Caller{}, starter.Unauthenticated.With("Send a token.")
	}
	if name == "star" {
		return auth.Caller{Subject: "subject-star", Roles: []auth.Role{auth.RoleAdmin}, Hotels: []string{auth.AllHotels}}, nil
	}
	return auth.Caller{Subject: "subject-" + name, Roles: []auth.Role{auth.Role(name)}, Hotels: []string{"alpha"}}, nil
}

// A bench is an API with what is around it.
type bench struct {
	http.Handler
	starter  *fakeStarter
	log      *bytes.Buffer
	registry *prometheus.Registry
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{starter: &fakeStarter{answer: confirmed()}, log: &bytes.Buffer{}, registry: prometheus.NewRegistry()}
	handler, err := New(Options{
		Starter: b.starter, Auth: fakeAuth{}, Registerer: b.registry, Version: "1.2.3",
		Logger:  slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "metrics") }),
		Ready: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if b.starter.err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			_, _ = io.WriteString(w, "ready")
		}),
		Mount: map[string]http.Handler{"/extra/": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "extra")
		})},
	})
	require.NoError(t, err)
	b.Handler = handler
	return b
}

func confirmed() starter.Reservation {
	return starter.Reservation{
		ID: id, State: ledger.Confirmed, Confirmation: "C1", Version: 2,
		Arrival: pms.MustParseDate("2027-05-14"), Departure: pms.MustParseDate("2027-05-16"),
		Stays: []pms.Stay{{ID: "S1", Guest: &pms.Guest{LastName: "Sentinel-Guest"}}},
	}
}

// A request is what a test sends.
type request struct {
	method, path, body string
	header             map[string]string
	as                 string // the role; agent when empty, nobody when "-"
}

func (b *bench) send(t *testing.T, q request) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(q.method, q.path, strings.NewReader(q.body))
	if q.as != "-" {
		r.Header.Set("Authorization", "Bearer "+cmpOr(q.as, "agent"))
	}
	if q.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// requireProblem checks everything that each problem must have.
func requireProblem(t *testing.T, w *httptest.ResponseRecorder, kind starter.Kind) Problem {
	t.Helper()
	require.Equal(t, kind.Status, w.Code, w.Body.String())
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	var p Problem
	decoder := json.NewDecoder(w.Body)
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&p))
	require.Equal(t, "/problems/"+kind.Code, p.Type)
	require.Equal(t, kind.Title, p.Title)
	require.Equal(t, kind.Status, p.Status)
	require.NotEmpty(t, p.Detail)
	require.NotEmpty(t, p.Say)
	require.Equal(t, w.Header().Get("X-Request-Id"), p.Instance)
	require.NotEmpty(t, p.Instance)
	return p
}

var keyed = map[string]string{"Idempotency-Key": "k-1"}

func TestRoutesReachTheStarter(t *testing.T) {
	t.Parallel()
	one := hotel + "/reservations/" + id
	cases := map[string]struct {
		request request
		call    string
		status  int
	}{
		"availability": {request{method: "GET", path: hotel + "/availability?arrival=2027-05-14&departure=2027-05-16&adults=2"}, "availability alpha", 200},
		"quote":        {request{method: "POST", path: hotel + "/quotes", body: exampleQuoteRequest}, "quote alpha", 200},
		"book":         {request{method: "POST", path: hotel + "/reservations", body: exampleBookRequest, header: keyed}, "book alpha 01JD3Z7W2M0000000000000000", 201},
		"read":         {request{method: "GET", path: one}, "reservation alpha " + id, 200},
		"read by ops":  {request{method: "GET", path: one, as: "ops"}, "reservation alpha " + id, 200},
		"modify":       {request{method: "PATCH", path: one, body: exampleModifyRequest, header: keyed}, "modify alpha " + id + " 01JD3ZC5P80000000000000000", 200},
		"cancel":       {request{method: "DELETE", path: one, header: keyed}, "cancel alpha " + id, 200},
		"confirm":      {request{method: "POST", path: one + "/confirm", header: keyed}, "confirm alpha " + id, 200},
		"adopt":        {request{method: "POST", path: hotel + "/reservations/adopt", body: exampleAdoptRequest}, "adopt alpha XKCD-7 Example", 200},
		"extras":       {request{method: "GET", path: one + "/extras"}, "extras alpha " + id, 200},
		"by an admin":  {request{method: "DELETE", path: one, header: keyed, as: "star"}, "cancel alpha " + id, 200},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			w := b.send(t, c.request)
			require.Equal(t, c.status, w.Code, w.Body.String())
			require.Equal(t, []string{c.call}, b.starter.calls)
			require.Equal(t, "application/json", w.Header().Get("Content-Type"))
			if c.request.header != nil {
				require.Equal(t, "k-1", b.starter.key)
			}
			require.NotContains(t, w.Body.String(), "Sentinel-Guest")
			require.NotContains(t, b.log.String(), "Example")
		})
	}
}

func TestAvailabilityAsksWhatTheQuerySays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.starter.offers = []pms.Offer{{RoomType: pms.Named{ID: "DBL"}, Vendor: json.RawMessage(`"sentinel-vendor"`)}}
	w := b.send(t, request{method: "GET", path: hotel + "/availability?arrival=2027-05-14&departure=2027-05-16&adults=3&children_ages=4,9&restricted=true&promo_code=SPRING&corporate_code=ACME-1"})
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Equal(t, starter.AvailabilityQuery{
		Arrival: pms.MustParseDate("2027-05-14"), Departure: pms.MustParseDate("2027-05-16"),
		Occupancy: pms.Occupancy{Adults: 3, ChildrenAges: []int{4, 9}}, Restricted: true,
		PromoCode: "SPRING", CorporateCode: "ACME-1",
	}, b.starter.query)
	require.Contains(t, w.Body.String(), `"DBL"`)
	require.NotContains(t, w.Body.String(), "vendor")
	require.NotNil(t, b.starter.offers[0].Vendor, "the starter's own list, which others share, stays as it is")
}

func TestEmptyAvailabilityIsAList(t *testing.T) {
	t.Parallel()
	w := newBench(t).send(t, request{method: "GET", path: hotel + "/availability?arrival=2027-05-14&departure=2027-05-16&adults=2"})
	require.JSONEq(t, `{"offers":[]}`, w.Body.String())
}

func TestOutcomesOfAWrite(t *testing.T) {
	t.Parallel()
	book := request{method: "POST", path: hotel + "/reservations", body: exampleBookRequest, header: keyed}
	cancel := request{method: "DELETE", path: hotel + "/reservations/" + id, header: keyed}
	cases := map[string]struct {
		request request
		state   ledger.State
		status  int
		retry   string
	}{
		"booked":                 {book, ledger.Confirmed, 201, ""},
		"held":                   {book, ledger.Held, 201, ""},
		"booking pending":        {book, ledger.Pending, 202, "2"},
		"booking unknown":        {book, ledger.Unknown, 202, ""},
		"booked, then cancelled": {book, ledger.Cancelled, 200, ""},
		"cancelled":              {cancel, ledger.Cancelled, 200, ""},
		"cancelling pending":     {cancel, ledger.Pending, 202, "2"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.starter.answer.State = c.state
			w := b.send(t, c.request)
			require.Equal(t, c.status, w.Code)
			require.Equal(t, hotel+"/reservations/"+id, w.Header().Get("Location"))
			require.Equal(t, c.retry, w.Header().Get("Retry-After"))
		})
	}
}

func TestPreferSetsTheDeadline(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		prefer  string
		wait    time.Duration
		applied string
	}{
		"none":             {"", 10 * time.Second, ""},
		"short":            {"wait=3", 3 * time.Second, "wait=3"},
		"too long":         {"wait=600", 60 * time.Second, "wait=60"},
		"not at all":       {"wait=0", time.Second, "wait=1"},
		"among others":     {`respond-async, Wait = "20"; strict`, 20 * time.Second, "wait=20"},
		"malformed":        {"wait=soon", 10 * time.Second, ""},
		"negative":         {"wait=-1", 10 * time.Second, ""},
		"beyond a number":  {"wait=99999999999999999999", 10 * time.Second, ""},
		"something else":   {"return=minimal", 10 * time.Second, ""},
		"a longer keyword": {"waiting=5", 10 * time.Second, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			w := b.send(t, request{
				method: "POST", path: hotel + "/reservations", body: exampleBookRequest,
				header: map[string]string{"Idempotency-Key": "k", "Prefer": c.prefer},
			})
			require.Equal(t, 201, w.Code)
			require.Equal(t, c.applied, w.Header().Get("Preference-Applied"))
			require.LessOrEqual(t, b.starter.deadline, c.wait)
			require.Greater(t, b.starter.deadline, c.wait/3)
		})
	}
}

func TestReservationPendingTellsWhenToAskAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.starter.answer.State = ledger.Pending
	w := b.send(t, request{method: "GET", path: hotel + "/reservations/" + id})
	require.Equal(t, 200, w.Code)
	require.Equal(t, "2", w.Header().Get("Retry-After"))
}
