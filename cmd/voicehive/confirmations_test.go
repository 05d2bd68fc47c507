//go:build full && linux

package main

import (
	"context"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/sink"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// A valve stands in front of a mail relay. Shut, it takes connections and passes
// nothing on.
type valve struct {
	net.Listener
	to   string
	held chan struct{} // one for each connection that it took while shut

	mu    sync.Mutex
	shut  bool
	conns []net.Conn
}

func newValve(t *testing.T, relay string) *valve {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	u, err := url.Parse(relay)
	require.NoError(t, err)
	g := &valve{Listener: listener, to: u.Host, held: make(chan struct{}, 100)}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			g.take(conn)
		}
	}()
	return g
}

func (g *valve) take(conn net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		g.conns = append(g.conns, conn)
		g.held <- struct{}{}
		return
	}
	relay, err := net.Dial("tcp", g.to)
	if err != nil {
		_ = conn.Close()
		return
	}
	for _, way := range [][2]net.Conn{{conn, relay}, {relay, conn}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
		}()
	}
}

func (g *valve) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
}

// open lets what comes pass, and drops what it held.
func (g *valve) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = false
	for _, conn := range g.conns {
		_ = conn.Close()
	}
	g.conns = nil
}

// TestAGuestIsToldOnceWhateverDies: a worker claims the confirmation and is
// killed (SIGKILL) before the relay has it. The caller has the booking all the
// same, and the guest hears of it once, and of what follows, in order.
func TestAGuestIsToldOnceWhateverDies(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	mailbox, settings, err := openMailbox(t.TempDir())
	require.NoError(t, err)
	defer mailbox.Close()
	relay := newValve(t, mailbox.MailURL())
	for i, pair := range settings {
		settings[i] = strings.Replace(pair, mailbox.MailURL(), "smtp://"+relay.Addr().String(), 1)
	}
	h := raiseForTest(ctx, t, stack.Options{Env: settings})
	s, err := newStory(h, io.Discard, time.Now())
	require.NoError(t, err)
	guest := ada
	guest.Language = "fr"

	relay.close()
	quote, err := s.quote(ctx, apaleo.Double, apaleo.Flexible(apaleo.Double), s.arrival, 2)
	require.NoError(t, err)
	booked, err := s.api.Book(ctx, h.Hotel.ID, client.NewKey(), starter.BookRequest{Quote: quote.ID, Guest: guest})
	require.NoError(t, err)
	require.Equal(t, ledger.Confirmed, booked.State, "a relay that hangs is no matter of the caller")
	<-relay.held
	h.Workers()[0].Kill()
	_, err = h.StartWorker(ctx)
	require.NoError(t, err)
	relay.open()
	received := awaitLetters(ctx, t, mailbox, 1)
	require.Equal(t, "fr", received[0].Language)
	require.Contains(t, received[0].Subject, booked.Confirmation)

	change, err := s.api.Quote(ctx, h.Hotel.ID, starter.QuoteRequest{Reservation: booked.ID, Changes: []starter.ChangedStay{{
		RoomType: apaleo.Family, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Family)), Arrival: s.arrival, Departure: s.arrival.AddDays(3),
	}}})
	require.NoError(t, err)
	_, err = s.settled(ctx, func(ctx context.Context, key string) (starter.Reservation, error) {
		return s.api.Modify(ctx, h.Hotel.ID, booked.ID, key, change.ID)
	})
	require.NoError(t, err)
	awaitLetters(ctx, t, mailbox, 2)
	_, err = s.settled(ctx, func(ctx context.Context, key string) (starter.Reservation, error) {
		return s.api.Cancel(ctx, h.Hotel.ID, booked.ID, key)
	})
	require.NoError(t, err)
	received = awaitLetters(ctx, t, mailbox, 3)
	for _, letter := range received {
		require.False(t, letter.Copy)
		require.Equal(t, notify.Email, letter.Channel)
		require.Equal(t, []string{guest.Email}, letter.To)
	}
	b := openBooks(ctx, t, h)
	require.Equal(t, 3, b.count(ctx, "message where state = 'sent'"))
	require.Equal(t, 3, b.count(ctx, "message"))
	require.Zero(t, b.count(ctx, "operator_task"))
}

// awaitLetters waits until the mailbox has so many letters, and not one more.
func awaitLetters(ctx context.Context, t *testing.T, mailbox *sink.Sink, n int) []sink.Received {
	t.Helper()
	require.Eventually(t, func() bool { return ctx.Err() != nil || len(mailbox.Messages()) >= n }, 2*time.Minute, 20*time.Millisecond)
	received := mailbox.Messages()
	require.Len(t, received, n)
	return slices.Clone(received)
}
