package client_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api"
	"github.com/voicehive/voicehive/starter/api/client"
	"github.com/voicehive/voicehive/starter/auth"
)

const id = "01JD3Z8Q4X0000000000000000"

// The client is tested against the real API, so that the two agree; behind it
// stands a starter that notes and answers.
type backend struct {
	mu     sync.Mutex
	got    []any
	wait   time.Duration
	states []ledger.State // answered in turn; the last one stays
	err    error
	seen   func() // called with each request, when set
}

func (b *backend) note(ctx context.Context, what ...any) (starter.Reservation, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = what
	if b.seen != nil {
		b.seen()
	}
	if until, ok := ctx.Deadline(); ok {
		b.wait = time.Until(until)
	}
	state := ledger.Confirmed
	if len(b.states) > 0 {
		state = b.states[0]
		if len(b.states) > 1 {
			b.states = b.states[1:]
		}
	}
	return starter.Reservation{ID: id, State: state, Arrival: pms.MustParseDate("2027-05-14")}, b.err
}

func offers() []pms.Offer {
	return []pms.Offer{{RoomType: pms.Named{ID: "DBL", Name: "Double"}, Total: pms.Money{Amount: 24000, Currency: "EUR"}, Available: 2}}
}

func (b *backend) Availability(ctx context.Context, hotel string, q starter.AvailabilityQuery) ([]pms.Offer, error) {
	_, err := b.note(ctx, "availability", hotel, q)
	return offers(), err
}

func (b *backend) Quote(ctx context.Context, hotel string, r starter.QuoteRequest) (starter.Quote, error) {
	_, err := b.note(ctx, "quote", hotel, r)
	return starter.Quote{ID: "q1", Total: pms.Money{Amount: 24600, Currency: "EUR"}}, err
}

func (b *backend) Book(ctx context.Context, hotel, key string, r starter.BookRequest) (starter.Reservation, error) {
	return b.note(ctx, "book", hotel, key, r)
}

func (b *backend) Confirm(ctx context.Context, hotel, id, key string) (starter.Reservation, error) {
	return b.note(ctx, "confirm", hotel, id, key)
}

func (b *backend) Modify(ctx context.Context, hotel, id, key, quote string) (starter.Reservation, error) {
	return b.note(ctx, "modify", hotel, id, key, quote)
}

func (b *backend) Cancel(ctx context.Context, hotel, id, key string) (starter.Reservation, error) {
	return b.note(ctx, "cancel", hotel, id, key)
}

func (b *backend) Reservation(ctx context.Context, hotel, id string) (starter.Reservation, error) {
	return b.note(ctx, "reservation", hotel, id)
}

func (b *backend) Adopt(ctx context.Context, hotel string, r starter.AdoptRequest) (starter.Reservation, error) {
	return b.note(ctx, "adopt", hotel, r)
}

func (b *backend) Status(ctx context.Context, hotel string) (connectors.Status, error) {
	return connectors.Status{State: connectors.Available}, nil
}

func (b *backend) Extras(ctx context.Context, hotel, id string) ([]starter.StayExtras, error) {
	_, err := b.note(ctx, "extras", hotel, id)
	return []starter.StayExtras{{Stay: "S1", Extras: []pms.Extra{{ID: "BREAKFAST"}}}}, err
}

func (b *backend) Receive(ctx context.Context, w starter.Webhook) error {
	_, err := b.note(ctx, "webhook", w.Hotel)
	return err
}

func (b *backend) Ready(context.Context) error { return nil }

func (b *backend) Authenticate(_ context.Context, authorization string) (auth.Caller, error) {
	if authorization != "Bearer sentinel-token" {
		return auth.Caller{}, starter.Unauthenticated.With("Send a token.")
	}
	return auth.Caller{Subject: "s", Roles: []auth.Role{auth.RoleAgent}, Hotels: []string{"alpha"}}, nil
}

func newClient(t *testing.T, b *backend, opts ...client.Option) *client.Client {
	t.Helper()
	handler, err := api.New(api.Options{Starter: b, Auth: b, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL, "sentinel-token", opts...)
	require.NoError(t, err)
	return c
}

func TestCallsArriveWhole(t *testing.T) {
	t.Parallel()
	query := starter.AvailabilityQuery{
		Arrival: pms.MustParseDate("2027-05-14"), Departure: pms.MustParseDate("2027-05-16"),
		Occupancy: pms.Occupancy{Adults: 2, ChildrenAges: []int{4, 9}}, Restricted: true,
		PromoCode: "SPRING 27", CorporateCode: "ACME-1",
	}
	quote := starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: "DBL", RatePlan: "FLEX", Arrival: query.Arrival, Departure: query.Departure, Occupancy: query.Occupancy,
	}}}
	change := starter.QuoteRequest{Reservation: id, Changes: []starter.ChangedStay{{Departure: query.Departure}}}
	book := starter.BookRequest{Quote: "q1", Guest: pms.Guest{FirstName: "Ada", LastName: "Żółć & Söhne", Email: "ada@example.com"}, Hold: true, Comment: "late"}
	adopt := starter.AdoptRequest{Confirmation: "C1", LastName: "Example"}

	cases := map[string]struct {
		call func(context.Context, *client.Client) (any, error)
		got  []any
	}{
		"availability": {func(ctx context.Context, c *client.Client) (any, error) { return c.Availability(ctx, "alpha", query) }, []any{"availability", "alpha", query}},
		"quote":        {func(ctx context.Context, c *client.Client) (any, error) { return c.Quote(ctx, "alpha", quote) }, []any{"quote", "alpha", quote}},
		"a change":     {func(ctx context.Context, c *client.Client) (any, error) { return c.Quote(ctx, "alpha", change) }, []any{"quote", "alpha", change}},
		"book":         {func(ctx context.Context, c *client.Client) (any, error) { return c.Book(ctx, "alpha", "k1", book) }, []any{"book", "alpha", "k1", book}},
		"extras":       {func(ctx context.Context, c *client.Client) (any, error) { return c.Extras(ctx, "alpha", id) }, []any{"extras", "alpha", id}},
		"confirm":      {func(ctx context.Context, c *client.Client) (any, error) { return c.Confirm(ctx, "alpha", id, "k1") }, []any{"confirm", "alpha", id, "k1"}},
		"modify": {func(ctx context.Context, c *client.Client) (any, error) {
			return c.Modify(ctx, "alpha", id, "k1", "q2")
		}, []any{"modify", "alpha", id, "k1", "q2"}},
		"cancel":      {func(ctx context.Context, c *client.Client) (any, error) { return c.Cancel(ctx, "alpha", id, "k1") }, []any{"cancel", "alpha", id, "k1"}},
		"reservation": {func(ctx context.Context, c *client.Client) (any, error) { return c.Reservation(ctx, "alpha", id) }, []any{"reservation", "alpha", id}},
		"adopt":       {func(ctx context.Context, c *client.Client) (any, error) { return c.Adopt(ctx, "alpha", adopt) }, []any{"adopt", "alpha", adopt}},
	}
	for name, call := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &backend{}
			answer, err := call.call(t.Context(), newClient(t, b, client.WithWait(20*time.Second)))
			require.NoError(t, err)
			require.Equal(t, call.got, b.got)
			switch answer := answer.(type) {
			case []pms.Offer:
				require.Equal(t, offers(), answer)
			case starter.Quote:
				require.Equal(t, "q1", answer.ID)
				require.Equal(t, pms.Money{Amount: 24600, Currency: "EUR"}, answer.Total)
			case starter.Reservation:
				require.Equal(t, id, answer.ID)
				require.Equal(t, ledger.Confirmed, answer.State)
				require.Equal(t, "2027-05-14", answer.Arrival.String())
			}
		})
	}
}

func TestWaitIsAskedFor(t *testing.T) {
	t.Parallel()
	b := &backend{}
	_, err := newClient(t, b, client.WithWait(40*time.Second)).Cancel(t.Context(), "alpha", id, "k")
	require.NoError(t, err)
	require.Greater(t, b.wait, 30*time.Second)
}

func TestProblemArrivesWhole(t *testing.T) {
	t.Parallel()
	refused := starter.SoldOut.In("/quote_id", "Offer an alternative.")
	refused.RetryAfter = 3 * time.Second
	refused.Alternatives = offers()
	_, err := newClient(t, &backend{err: refused}, client.WithLanguage("nl")).Book(t.Context(), "alpha", client.NewKey(), starter.BookRequest{Quote: "q", Guest: pms.Guest{LastName: "Sentinel"}})
	var problem *client.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, "sold-out", problem.Code())
	require.Equal(t, 409, problem.Status)
	require.Equal(t, starter.SoldOut.Title, problem.Title)
	require.Equal(t, "/quote_id", problem.Field)
	require.Equal(t, 3, problem.RetryAfter)
	require.Contains(t, problem.Say, "In plaats daarvan")
	require.Equal(t, offers(), problem.Alternatives)
	require.NotEmpty(t, problem.Instance)
	require.Equal(t, "sold-out: Offer an alternative. (/quote_id)", problem.Error())
}

func TestAwaitOutlastsPendingAndTrouble(t *testing.T) {
	t.Parallel()
	b := &backend{states: []ledger.State{ledger.Pending, ledger.Pending, ledger.Held}}
	got, err := newClient(t, b, client.WithPoll(time.Millisecond)).Await(t.Context(), "alpha", id)
	require.NoError(t, err)
	require.Equal(t, ledger.Held, got.State)

	var asked atomic.Int32
	shaky := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch asked.Add(1) {
		case 1:
			w.WriteHeader(http.StatusBadGateway)
		case 2:
			panic(http.ErrAbortHandler)
		default:
			_ = json.NewEncoder(w).Encode(starter.Reservation{ID: id, State: ledger.Cancelled})
		}
	}))
	t.Cleanup(shaky.Close)
	c, err := client.New(shaky.URL, "t", client.WithPoll(time.Millisecond))
	require.NoError(t, err)
	got, err = c.Await(t.Context(), "alpha", id)
	require.NoError(t, err)
	require.Equal(t, ledger.Cancelled, got.State)
}

func TestAwaitEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b := &backend{states: []ledger.State{ledger.Pending}}
	asked := 0
	b.seen = func() {
		// By the second question the first has been answered.
		if asked++; asked == 2 {
			cancel()
		}
	}
	got, err := newClient(t, b, client.WithPoll(time.Millisecond)).Await(ctx, "alpha", id)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, ledger.Pending, got.State, "what it last saw")

	b = &backend{err: starter.UnknownReservation.With("Check the id.")}
	_, err = newClient(t, b, client.WithPoll(time.Hour)).Await(t.Context(), "alpha", id)
	var problem *client.Problem
	require.ErrorAs(t, err, &problem, "what will not pass is told at once")
	require.Equal(t, "unknown-reservation", problem.Code())
}

func TestOtherAnswersAreErrorsWithoutSecrets(t *testing.T) {
	t.Parallel()
	query := starter.AvailabilityQuery{Arrival: pms.MustParseDate("2027-05-14"), Departure: pms.MustParseDate("2027-05-16")}
	wandered := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(wandered.Close)
	for name, handler := range map[string]http.HandlerFunc{
		"a proxy's page": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>sentinel-body", http.StatusBadGateway)
		},
		"not JSON":        func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("sentinel-body")) },
		"a cut answer":    func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "100") },
		"no answer":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a redirect":      func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, wandered.URL, http.StatusFound) },
		"an endless body": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat("[", 9<<20))) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			c, err := client.New(server.URL, "sentinel-token")
			require.NoError(t, err)
			_, err = c.Availability(t.Context(), "alpha", query)
			require.Error(t, err)
			for _, secret := range []string{"sentinel", "2027-05-14", server.URL} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

func TestAddressesRefused(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "127.0.0.1:8080", "ftp://host", "http://", "://"} {
		_, err := client.New(base, "t")
		require.Error(t, err, base)
	}
	require.NotEqual(t, client.NewKey(), client.NewKey())
}

func TestPathsCannotBeEscaped(t *testing.T) {
	t.Parallel()
	b := &backend{}
	_, err := newClient(t, b).Reservation(t.Context(), "alpha", "../../beta/reservations/"+id+"?x=y")
	require.Error(t, err)
	require.Empty(t, b.got)
}
