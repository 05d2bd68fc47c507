package starter_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/starter"
)

// TestProcessesTellEachOther what changed, over the database.
func TestProcessesTellEachOther(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	pool := d.Database.Pool(t)
	one := d.client(starter.Options{OffersLife: time.Hour, News: pool.Channel("hotels")})
	other := d.client(starter.Options{OffersLife: time.Hour, News: pool.Channel("hotels")})
	heard := prometheus.NewRegistry()
	require.NoError(t, other.Register(heard))
	why := func() map[string]float64 { return counters(t, heard, "voicehive_availability_invalidations_total") }
	d.attend(one)
	d.attend(other)
	require.Eventually(t, func() bool { return why()["unheard"] == 1 }, 30*time.Second, 5*time.Millisecond, "it listens")
	before := rooms(t, other, sandbox.Suite)
	booked, err := one.Book(t.Context(), d.Hotel.ID, key(), request(d.quote(sandbox.Suite)))
	require.NoError(t, err)
	require.Equal(t, ledger.Confirmed, booked.State)
	require.Eventually(t, func() bool { return why()["news"] > 0 }, 30*time.Second, 5*time.Millisecond)
	require.Less(t, rooms(t, other, sandbox.Suite), before)

	// A listener that was cut off may have missed something: it forgets all.
	asked := d.Requests("offers")
	d.Database.Admin(t, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'")
	require.Eventually(t, func() bool { return why()["unheard"] == 2 }, 30*time.Second, 5*time.Millisecond)
	rooms(t, other, sandbox.Suite)
	require.Equal(t, asked+1, d.Requests("offers"))
}

// attend looks after a client's doors until the test ends.
func (d *desk) attend(c *starter.Client) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.Attend(ctx, starter.Attending{Every: 20 * time.Millisecond, Batch: 2})
	}()
	d.t.Cleanup(func() { cancel(); <-ended })
}

// newsboy lets a test say the news.
type newsboy struct {
	opened chan func()
	hear   chan func(string)
}

func (newsboy) Send(context.Context, ...string) error { return nil }

func (n newsboy) Receive(ctx context.Context, opened func(), hear func(string)) error {
	n.opened <- opened
	n.hear <- hear
	<-ctx.Done()
	return ctx.Err()
}

// TestAnAnswerThatChangedOnItsWay is given to who asked before the change, and
// to nobody after it.
func TestAnAnswerThatChangedOnItsWay(t *testing.T) {
	t.Parallel()
	d := openAlone(t, sandbox.Options{})
	news := newsboy{opened: make(chan func(), 1), hear: make(chan func(string), 1)}
	c := d.client(starter.Options{OffersLife: time.Hour, News: news})
	d.attend(c)
	opened, hear := <-news.opened, <-news.hear
	for name, tell := range map[string]func(){"one hotel": func() { hear(d.Hotel.ID) }, "any hotel": opened} {
		tell() // whatever is remembered from the round before
		d.Fault(t, sandbox.Fault{Kind: sandbox.HoldAfter, Operation: "offers", Count: 1})
		asked := d.Requests("offers")
		answered := make(chan error, 1)
		go func() {
			_, err := c.Availability(context.WithoutCancel(t.Context()), d.Hotel.ID, query())
			answered <- err
		}()
		_, err := d.Vendor.AwaitHeld(t.Context(), 1)
		require.NoError(t, err)
		tell()
		d.Vendor.Release("")
		require.NoError(t, <-answered, name)
		rooms(t, c, sandbox.Double)
		require.Equal(t, asked+2, d.Requests("offers"), name)
	}
}

// silent is news that cannot be told at first.
type silent struct {
	starter.News
	mu    sync.Mutex
	fails int
	told  [][]string
}

func (s *silent) Send(ctx context.Context, hotels ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails > 0 {
		s.fails--
		return errors.New("away")
	}
	s.told = append(s.told, hotels)
	return nil
}

func (s *silent) Receive(ctx context.Context, opened func(), _ func(string)) error {
	opened()
	<-ctx.Done()
	return ctx.Err()
}

func TestNewsIsToldUntilItIsHeard(t *testing.T) {
	t.Parallel()
	d := open(t, sandbox.Options{})
	news := &silent{fails: 1}
	c := d.client(starter.Options{News: news})
	d.attend(c)
	_, err := c.Book(t.Context(), d.Hotel.ID, key(), request(d.quote(sandbox.Double)))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		news.mu.Lock()
		defer news.mu.Unlock()
		return len(news.told) == 1 && news.told[0][0] == d.Hotel.ID
	}, 30*time.Second, 10*time.Millisecond)
}
