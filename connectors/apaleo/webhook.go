package apaleo

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// topics are what a hotel's ledger must hear of. Apaleo publishes no
// machine-readable contract of its webhooks.
var topics = []string{
	"reservation/created", "reservation/amended", "reservation/changed", "reservation/canceled",
	"reservation/checked-in", "reservation/check-in-reverted", "reservation/checked-out",
	"reservation/set-to-no-show", "reservation/deleted",
}

type subscription struct {
	ID         pms.SubscriptionID `json:"id,omitempty"`
	URL        string             `json:"endpointUrl"`
	Events     []string           `json:"events"`
	Properties []string           `json:"propertyIds,omitempty"`
}

// Subscribe implements pms.Connector. Apaleo posts a health check to the URL
// and waits for its answer before it answers itself.
func (c *Connector) Subscribe(ctx context.Context, r pms.SubscribeRequest) (pms.Subscription, error) {
	wanted := subscription{URL: r.URL, Events: topics, Properties: []string{c.o.Property}}
	var made mapping.Identified
	err := c.webhooks(ctx, pms.OpSubscribe, transport.Call{Method: http.MethodPost, Body: mapping.JSON(wanted), Out: &made})
	if err != nil {
		return pms.Subscription{}, err
	}
	wanted.ID = pms.SubscriptionID(made.ID)
	return wanted.pms(), nil
}

// Subscriptions implements pms.Connector: those of the whole account that the
// app made.
func (c *Connector) Subscriptions(ctx context.Context) ([]pms.Subscription, error) {
	var list []subscription
	err := c.webhooks(ctx, pms.OpSubscriptions, transport.Call{Effect: transport.Read, Method: http.MethodGet, Out: &list})
	return mapping.Each(list, subscription.pms), err
}

// Unsubscribe implements pms.Connector.
func (c *Connector) Unsubscribe(ctx context.Context, id pms.SubscriptionID) error {
	err := c.webhooks(ctx, pms.OpUnsubscribe, transport.Call{Method: http.MethodDelete}, string(id))
	if errors.Is(err, pms.ErrNotFound) {
		return nil
	}
	return err
}

// webhooks calls Apaleo's other host.
func (c *Connector) webhooks(ctx context.Context, o pms.Operation, call transport.Call, id ...string) error {
	if c.o.Webhooks == nil {
		return c.failed(o, mapping.Refused(pms.ErrUnsupported, "endpoints.webhook", "the hotel's entry names no host for webhooks"))
	}
	return c.call(ctx, c.o.Webhooks, o, append(mapping.Path{"/v1/subscriptions"}, id...), call)
}

func (s subscription) pms() pms.Subscription {
	return pms.Subscription{ID: s.ID, URL: s.URL, Properties: s.Properties}
}

// maxWebhook bounds an event in bytes; Apaleo's have a few hundred.
const maxWebhook = 64 << 10

// maxWebhookID bounds the ids in an event, which others store.
const maxWebhookID = 128

// kinds are the types of events that say what happened to the stay itself.
var kinds = map[string]pms.EventKind{
	"created":  pms.EventCreated,
	"amended":  pms.EventAmended,
	"canceled": pms.EventCancelled,
}

type webhook struct {
	Topic      string               `json:"topic"`
	Type       string               `json:"type"`
	ID         string               `json:"id"`
	PropertyID string               `json:"propertyId"`
	Timestamp  mapping.Milliseconds `json:"timestamp"`
	Data       struct {
		EntityID string `json:"entityId"`
	} `json:"data"`
}

// ParseWebhook implements pms.Connector. Apaleo signs nothing: an event is a
// hint, and the caller must know by a secret in its URL who sent it.
func (c *Connector) ParseWebhook(_ http.Header, body []byte) ([]pms.Event, error) {
	invalid := c.failed(pms.OpWebhook, mapping.Invalid("body", "this is no event of Apaleo"))
	var w webhook
	if len(body) > maxWebhook || json.Unmarshal(body, &w) != nil || w.Topic == "" || w.Type == "" || max(len(w.ID), len(w.PropertyID)) > maxWebhookID {
		return nil, invalid
	}
	event := pms.Event{ID: w.ID, Kind: pms.EventOther, Property: w.PropertyID, At: w.Timestamp.Time}
	topic, kind, entity := strings.ToLower(w.Topic), strings.ToLower(w.Type), w.Data.EntityID
	switch {
	case topic == "system" && kind == "healthcheck":
		event.Kind = pms.EventHealth
	case entity != "" && !mapping.ValidID(entity):
		return nil, invalid
	case topic == "reservation":
		event.Kind, event.StayID = cmp.Or(kinds[kind], pms.EventOther), pms.StayID(entity)
		// A stay's id is its booking's id with a number.
		if at := strings.LastIndexByte(entity, '-'); at > 0 {
			event.ReservationID = pms.ReservationID(entity[:at])
		}
	case topic == "booking":
		event.ReservationID = pms.ReservationID(entity)
	}
	return []pms.Event{event}, nil
}
