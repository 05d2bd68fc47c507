package apaleo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// An event is what the vendor posts: that something changed, never what.
type event struct {
	Topic      string         `json:"topic"`
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	AccountID  string         `json:"accountId"`
	PropertyID string         `json:"propertyId,omitempty"`
	Timestamp  int64          `json:"timestamp"` // milliseconds
	ClientID   string         `json:"clientId,omitempty"`
	SubjectID  string         `json:"subjectId,omitempty"`
	Data       map[string]any `json:"data,omitempty"`
}

// WebhookCounts tell what became of events.
type WebhookCounts struct {
	Delivered int `json:"delivered"` // answered with 2xx, duplicates included
	Failed    int `json:"failed"`    // given up
	Waiting   int `json:"waiting"`   // queued or kept back
}

// emit notes an event; it is sent once the lock is gone. The caller holds mu.
func (s *Sandbox) emit(kind string, r *reservation) {
	s.outbox = append(s.outbox, event{
		Topic: "Reservation", Type: kind, ID: fmt.Sprintf("%016x%016x", s.random.Uint64(), s.random.Uint64()),
		AccountID: accountID, PropertyID: r.property().id, Timestamp: s.now().UnixMilli(),
		ClientID: s.actor, SubjectID: s.actor, Data: map[string]any{"entityId": r.id},
	})
}

type delivery struct {
	endpoint string
	event    event
}

// webhooks delivers events to subscribers, one at a time and in order unless
// a fault says otherwise.
type webhooks struct {
	client  *http.Client
	backoff time.Duration
	faults  *faultSet
	ctx     context.Context
	stop    context.CancelFunc
	wake    chan struct{}
	ended   chan struct{}
	quiet   chan struct{} // closed and replaced when nothing is left to deliver

	mu      sync.Mutex
	next    int
	subs    []Subscription
	queue   []delivery
	kept    []delivery // held back by reordering
	busy    int
	results WebhookCounts
}

func newWebhooks(client *http.Client, backoff time.Duration, faults *faultSet) *webhooks {
	if client == nil {
		client = &http.Client{
			Timeout:       hookWait,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	h := &webhooks{
		client: client, backoff: cmp.Or(backoff, time.Second), faults: faults,
		ctx: ctx, stop: stop, wake: make(chan struct{}, 1), ended: make(chan struct{}), quiet: make(chan struct{}),
	}
	go h.loop()
	return h
}

func (h *webhooks) close() {
	h.stop()
	<-h.ended
}

func (h *webhooks) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs, h.queue, h.kept, h.results = nil, nil, nil, WebhookCounts{}
}

func (h *webhooks) counts() WebhookCounts {
	h.mu.Lock()
	defer h.mu.Unlock()
	counts := h.results
	counts.Waiting = len(h.queue) + len(h.kept) + h.busy
	return counts
}

// send queues events for those who subscribed to them.
func (h *webhooks) send(events []event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		name := "reservation/" + e.Type
		for _, sub := range h.subs {
			if !slices.Contains(sub.Events, name) || !within(sub.PropertyIDs, e.PropertyID) || len(h.queue) >= hookQueue {
				continue
			}
			d := delivery{sub.EndpointURL, e}
			if h.faults.drawEvent(ReorderWebhooks, name) {
				h.kept = append(h.kept, d)
				continue
			}
			h.queue = append(h.queue, d)
			if h.faults.drawEvent(DuplicateWebhooks, name) {
				h.queue = append(h.queue, d)
			}
			h.queue, h.kept = append(h.queue, h.kept...), nil
		}
	}
	h.nudge()
}

// FlushWebhooks queues the events that a reorder fault still keeps back.
func (s *Sandbox) FlushWebhooks() {
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queue, h.kept = append(h.queue, h.kept...), nil
	h.nudge()
}

func (h *webhooks) nudge() {
	select {
	case h.wake <- struct{}{}:
	default: // the loop will look anyway
	}
}

func (h *webhooks) loop() {
	defer close(h.ended)
	for {
		d, ok := h.pop()
		if !ok {
			select {
			case <-h.wake:
				continue
			case <-h.ctx.Done():
				return
			}
		}
		delivered := h.deliver(d)
		h.mu.Lock()
		h.busy--
		if delivered {
			h.results.Delivered++
		} else {
			h.results.Failed++
		}
		if len(h.queue) == 0 {
			close(h.quiet)
			h.quiet = make(chan struct{})
		}
		h.mu.Unlock()
	}
}

// drained waits until every event is delivered or given up, or for as long as
// one delivery may take.
func (h *webhooks) drained(ctx context.Context) {
	h.mu.Lock()
	quiet, waiting := h.quiet, len(h.queue)+h.busy
	h.mu.Unlock()
	if waiting == 0 {
		return
	}
	ctx, stop := context.WithTimeout(ctx, hookWait)
	defer stop()
	select {
	case <-quiet:
	case <-ctx.Done():
	}
}

func (h *webhooks) pop() (delivery, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.queue) == 0 || h.ctx.Err() != nil {
		return delivery{}, false
	}
	d := h.queue[0]
	h.queue = h.queue[1:]
	h.busy++
	return d, true
}

// deliver posts an event, a few times when the receiver does not take it. The
// vendor's own schedule is unconfirmed.
func (h *webhooks) deliver(d delivery) bool {
	for try := range hookTries {
		if try > 0 {
			timer := time.NewTimer(h.backoff << (try - 1))
			select {
			case <-timer.C:
			case <-h.ctx.Done():
				timer.Stop()
				return false
			}
		}
		if h.post(h.ctx, d) == nil {
			return true
		}
	}
	return false
}

func (h *webhooks) post(ctx context.Context, d delivery) error {
	body, err := json.Marshal(d.event)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", jsonType)
	req.Header.Set(hookHeads, d.event.ID)
	resp, err := h.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody)) // only the status matters
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the endpoint answered %d", resp.StatusCode)
	}
	return nil
}
