package apaleo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A Subscription is an endpoint that wants events.
type Subscription struct {
	ID          string   `json:"id"`
	EndpointURL string   `json:"endpointUrl"`
	Events      []string `json:"events"`
	PropertyIDs []string `json:"propertyIds,omitempty"`
}

// reservationEvents are the types that the vendor's own client of 2026 knows.
var reservationEvents = []string{
	"created", "amended", "changed", "canceled", "checked-in", "check-in-reverted", "checked-out", "set-to-no-show",
	"unit-assigned", "unit-unassigned", "deleted", "payment-account-set", "payment-account-removed",
}

// ReservationEvents lists the event types about reservations; a subscription
// names them as reservation/<type>.
func ReservationEvents() []string { return slices.Clone(reservationEvents) }

// Subscriptions lists who wants events. Their URLs may hold secrets.
func (s *Sandbox) Subscriptions() []Subscription {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	return slices.Clone(s.hooks.subs)
}

// subscribe is POST /v1/subscriptions: the endpoint must answer a health check
// first.
func (s *Sandbox) subscribe(c *call) answer {
	sub, refusal := s.wanted(c)
	if refusal != nil {
		return *refusal
	}
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next++
	sub.ID = fmt.Sprintf("sub-%d", h.next)
	h.subs = append(h.subs, sub)
	return answer{
		status: http.StatusCreated, body: map[string]string{"id": sub.ID},
		header: map[string]string{"Location": "/v1/subscriptions/" + sub.ID},
	}
}

// resubscribe is PUT /v1/subscriptions/{id}, with the same rules. Its answer
// is unconfirmed.
func (s *Sandbox) resubscribe(c *call) answer {
	if s.readSubscription(c).status == http.StatusNotFound {
		return status(http.StatusNotFound)
	}
	sub, refusal := s.wanted(c)
	if refusal != nil {
		return *refusal
	}
	sub.ID = c.PathValue("id")
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.subs, func(old Subscription) bool { return old.ID == sub.ID })
	if i < 0 {
		return status(http.StatusNotFound)
	}
	h.subs[i] = sub
	return status(http.StatusNoContent)
}

// wanted reads and checks a subscription and asks its endpoint whether it is
// well; the answer is the refusal, nil for none.
func (s *Sandbox) wanted(c *call) (Subscription, *answer) {
	var sub Subscription
	if refusal, ok := c.decode(&sub); !ok {
		return sub, &refusal
	}
	if message := s.checkSubscription(sub); message != "" {
		refusal := refused(message)
		return sub, &refusal
	}
	check := event{
		Topic: "system", Type: "healthcheck", ID: fmt.Sprintf("healthcheck-%d", s.Now().UnixNano()),
		AccountID: accountID, Timestamp: s.Now().UnixMilli(),
	}
	// The request may be a late commit, whose client is gone.
	ctx, stop := context.WithTimeout(context.WithoutCancel(c.Context()), hookWait)
	defer stop()
	if err := s.hooks.post(ctx, delivery{sub.EndpointURL, check}); err != nil {
		refusal := refused("endpointUrl: the health check was not answered with 2xx.")
		return sub, &refusal
	}
	return sub, nil
}

// checkSubscription tells what is wrong with a subscription; "" when nothing.
// Topics beside reservation exist and are taken, but nothing is sent for them.
func (s *Sandbox) checkSubscription(sub Subscription) string {
	target, err := url.Parse(sub.EndpointURL)
	if err != nil || (target.Scheme != "http" && target.Scheme != "https") || target.Host == "" {
		return "endpointUrl: must be an http or https URL."
	}
	if len(sub.Events) == 0 {
		return "events: at least one is required."
	}
	for _, name := range sub.Events {
		topic, kind, ok := strings.Cut(name, "/")
		if !ok || topic == "" || kind == "" || (topic == "reservation" && !slices.Contains(reservationEvents, kind)) {
			return "events: one of them is not known."
		}
	}
	for _, id := range sub.PropertyIDs {
		if !slices.ContainsFunc(houses(), func(p *property) bool { return p.id == id }) {
			return "propertyIds: one of them does not exist."
		}
	}
	return ""
}

func (s *Sandbox) listSubscriptions(*call) answer {
	all := s.Subscriptions()
	if len(all) == 0 {
		return status(http.StatusNoContent)
	}
	return answer{status: http.StatusOK, body: all}
}

func (s *Sandbox) readSubscription(c *call) answer {
	for _, sub := range s.Subscriptions() {
		if sub.ID == c.PathValue("id") {
			return answer{status: http.StatusOK, body: sub}
		}
	}
	return status(http.StatusNotFound)
}

func (s *Sandbox) unsubscribe(c *call) answer {
	h := s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	before := len(h.subs)
	h.subs = slices.DeleteFunc(h.subs, func(sub Subscription) bool { return sub.ID == c.PathValue("id") })
	if len(h.subs) == before {
		return status(http.StatusNotFound)
	}
	return status(http.StatusNoContent)
}
