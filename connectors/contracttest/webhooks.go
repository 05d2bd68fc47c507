package contracttest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func subscriptionBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpSubscribe, name: "is_listed", with: []pms.Operation{pms.OpSubscriptions}, run: func(c *check) {
			address := c.receiver()
			s, err := c.Connector.Subscribe(c.Context(), pms.SubscribeRequest{URL: address})
			require.NoError(c, err)
			require.NotEmpty(c, s.ID)
			require.Equal(c, address, s.URL)
			require.Contains(c, s.Properties, c.Property)
			all, err := c.Connector.Subscriptions(c.Context())
			require.NoError(c, err)
			require.Contains(c, all, s)
			c.secretKept()
		}},
		{operation: pms.OpSubscribe, name: "deaf_receiver_refused", run: func(c *check) {
			for _, address := range []string{"", "nonsense", "ftp://example.org/" + hookSecret} {
				_, err := c.Connector.Subscribe(c.Context(), pms.SubscribeRequest{URL: address})
				failure := c.fails(err, pms.OpSubscribe, pms.ErrValidation)
				require.NotContains(c, fmt.Sprintf("%+v", *failure), hookSecret, "the address holds a secret")
			}
			c.secretKept()
		}},
		{operation: pms.OpSubscriptions, name: "empty", run: func(c *check) {
			all, err := c.Connector.Subscriptions(c.Context())
			require.NoError(c, err, "none is no error")
			require.Empty(c, all)
		}},
		{operation: pms.OpUnsubscribe, name: "twice", with: []pms.Operation{pms.OpSubscribe, pms.OpSubscriptions}, run: func(c *check) {
			address := c.receiver()
			s, err := c.Connector.Subscribe(c.Context(), pms.SubscribeRequest{URL: address})
			require.NoError(c, err)
			for range 2 {
				require.NoError(c, c.Connector.Unsubscribe(c.Context(), s.ID), "ending one that is gone is no error")
				require.Zero(c, c.subscribed(address))
			}
		}},
	}
}

// secretKept: the secret in an address must not be logged.
func (c *check) secretKept() {
	c.Helper()
	if c.Log != nil {
		require.NotContains(c, c.Log(), hookSecret, "the log holds the secret of an address")
	}
}

func webhookBehaviours() []behaviour {
	return []behaviour{
		{operation: pms.OpWebhook, name: "names_what_changed", with: toBookIn, run: namesWhatChanged},
		{operation: pms.OpWebhook, name: "vendors_own_question", when: func(p probe) string {
			if !p.AsksReceivers {
				return "the vendor asks nothing"
			}
			return ""
		}, run: func(c *check) {
			box := c.listen()
			for _, e := range box.parse(box.next()) {
				require.Equal(c, pms.EventHealth, e.Kind, "a question is no event of a stay")
				require.Empty(c, string(e.ReservationID)+string(e.StayID))
			}
		}},
		{operation: pms.OpWebhook, name: "duplicates_share_an_id", with: toBookIn, plays: []Kind{TwiceEvents}, run: func(c *check) {
			box := c.listen()
			c.play(Fault{Kind: TwiceEvents})
			c.book("", 1)
			events := box.await(2)
			require.Equal(c, events[0].ID, events[1].ID, "by which the second is dropped")
			require.NotEmpty(c, events[0].ID)
			require.Equal(c, events[0], events[1])
		}},
		{operation: pms.OpWebhook, name: "disorder_is_harmless", with: toBookIn, plays: []Kind{MixedEvents}, run: func(c *check) {
			box := c.listen()
			c.play(Fault{Kind: MixedEvents, Times: 1})
			made := c.book("", 1).Stays[0]
			require.NoError(c, c.Sandbox.Staff(made.ID, Deed{Status: pms.StatusCancelled}))
			events := box.await(2)
			for _, e := range events {
				require.Equal(c, pms.StatusCancelled, c.read(e.ReservationID).Status, "whichever comes first, what is fetched is the latest")
			}
			require.NotEqual(c, events[0].ID, events[1].ID)
		}},
		{operation: pms.OpWebhook, name: "before_our_own_answer", with: toBookIn, plays: []Kind{Silence}, run: beforeOurAnswer},
		{operation: pms.OpWebhook, name: "malformed", real: true, run: func(c *check) {
			for _, body := range []string{
				"", " ", "null", "[]", "{}", "0", `"` + Marker + `"`, "<html>" + Marker + "</html>", `{"`, "\x00\xff", `{"a":{"a":{"a":1}}}`,
			} {
				c.unasked(func() {
					_, err := c.Connector.ParseWebhook(http.Header{}, []byte(body))
					c.fails(err, pms.OpWebhook, pms.ErrValidation)
				})
			}
		}},
		{operation: pms.OpWebhook, name: "huge", with: toBookIn, run: hugeEvent},
		{operation: pms.OpWebhook, name: "damaged", with: toBookIn, run: damagedEvents},
	}
}

// A box takes what the vendor posts.
type box struct {
	c     *check
	posts chan post
}

type post struct {
	header http.Header
	body   []byte
}

// listen has the vendor post its events to a box.
func (c *check) listen() *box {
	c.Helper()
	b := &box{c: c, posts: make(chan post, 64)}
	require.NoError(c, c.Sandbox.Listen(c, func(h http.Header, body []byte) {
		select {
		case b.posts <- post{h, body}:
		default: // more than any behaviour waits for
		}
	}))
	return b
}

// await waits for n events of stays.
func (b *box) await(n int) []pms.Event {
	b.c.Helper()
	var events []pms.Event
	for len(events) < n {
		for _, e := range b.parse(b.next()) {
			if e.Kind != pms.EventHealth {
				events = append(events, e)
			}
		}
	}
	return events
}

func (b *box) next() post {
	b.c.Helper()
	timer := time.NewTimer(10 * time.Second)
	defer timer.Stop()
	select {
	case p := <-b.posts:
		return p
	case <-timer.C:
		require.Fail(b.c, "the vendor posts no event")
		return post{}
	}
}

func (b *box) parse(p post) (events []pms.Event) {
	b.c.Helper()
	b.c.unasked(func() {
		var err error
		events, err = b.c.Connector.ParseWebhook(p.header, p.body)
		require.NoError(b.c, err)
		require.NotEmpty(b.c, events)
	})
	return events
}

// namesWhatChanged follows a stay through its life: each event leads to it.
func namesWhatChanged(c *check) {
	box := c.listen()
	made := c.book("", 2)
	stay := made.Stays[0]
	c.follow(box, made, pms.EventCreated)
	require.NoError(c, c.Sandbox.Staff(stay.ID, Deed{Departure: stay.Departure.AddDays(1)}))
	c.follow(box, made, pms.EventAmended)
	require.NoError(c, c.Sandbox.Staff(stay.ID, Deed{Status: pms.StatusCancelled}))
	c.follow(box, made, pms.EventCancelled)
}

func (c *check) follow(box *box, made pms.Reservation, kind pms.EventKind) {
	c.Helper()
	e := box.await(1)[0]
	require.Equal(c, kind, e.Kind)
	require.NotEmpty(c, e.ID)
	require.Equal(c, c.Property, e.Property)
	require.Equal(c, made.ID, e.ReservationID)
	require.Contains(c, []pms.StayID{"", made.Stays[0].ID}, e.StayID)
	require.WithinDuration(c, c.now(), e.At, 24*time.Hour)
	c.silent("an event", c.text(e))
	c.read(e.ReservationID)
}

// beforeOurAnswer: the event of our own booking comes while its answer is
// still under way, and leads to our reference.
func beforeOurAnswer(c *check) {
	box := c.listen()
	d := c.draft(c.reference(""), c.offer(c.arrival(), 1, couple))
	c.play(Fault{Kind: Silence, Operation: pms.OpCreate})
	ctx, cancel := context.WithCancel(c.Context())
	answered := make(chan error, 1)
	go func() {
		_, err := c.Connector.Create(ctx, d)
		answered <- err
	}()
	e := box.await(1)[0]
	require.Equal(c, d.Reference, c.read(e.ReservationID).Reference, "the event is of our own booking")
	cancel()
	c.fails(c.within(promptly, func() error { return <-answered }), pms.OpCreate, pms.ErrOutcomeUnknown)
	c.Sandbox.Clear()
	require.Equal(c, 1, c.living(d.Reference))
}

// event waits for the first post about a stay.
func (b *box) event() post {
	b.c.Helper()
	for {
		if p := b.next(); !isHealth(b.parse(p)) {
			return p
		}
	}
}

// hugeEvent stuffs a true event: the receiver of events is open to the world.
func hugeEvent(c *check) {
	box := c.listen()
	c.book("", 1)
	p := box.event()
	stuffed := append([]byte(`{"stuffing":"`+strings.Repeat(Marker, 10<<20/len(Marker))+`",`), bytes.TrimPrefix(bytes.TrimSpace(p.body), []byte("{"))...)
	err := c.within(promptly, func() error {
		_, err := c.Connector.ParseWebhook(p.header, stuffed)
		return err
	})
	c.fails(err, pms.OpWebhook, pms.ErrValidation)
}

// damagedEvents cuts and bends a true event in every place: it is refused, or
// read as something that names no path and holds no guest.
func damagedEvents(c *check) {
	box := c.listen()
	c.book("", 1)
	p := box.event()
	for i := range p.body {
		for _, bent := range [][]byte{
			p.body[:i],
			append(append(append([]byte{}, p.body[:i]...), '/'), p.body[i:]...),
			append(append(append([]byte{}, p.body[:i]...), '9'), p.body[i+1:]...),
		} {
			events, err := c.Connector.ParseWebhook(p.header, bent)
			if err != nil {
				c.fails(err, pms.OpWebhook, pms.ErrValidation)
			}
			for _, e := range events {
				require.NotEmpty(c, e.Kind)
				require.False(c, strings.ContainsAny(string(e.StayID)+string(e.ReservationID), "/?#% \x00"), "ids go into paths")
				require.LessOrEqual(c, len(e.ID)+len(e.Property)+len(e.ReservationID)+len(e.StayID), 1024, "others store the ids")
			}
		}
	}
}

func isHealth(events []pms.Event) bool {
	for _, e := range events {
		if e.Kind == pms.EventHealth {
			return true
		}
	}
	return false
}
