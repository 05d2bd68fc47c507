package apaleo

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// maxWebhook bounds an event in bytes; Apaleo's have a few hundred.
const maxWebhook = 64 << 10

// maxWebhookID bounds the ids in an event, which others store.
const maxWebhookID = 128

type webhook struct {
	Topic      string      `json:"topic"`
	Type       string      `json:"type"`
	ID         string      `json:"id"`
	PropertyID string      `json:"propertyId"`
	Timestamp  json.Number `json:"timestamp"`
	Data       struct {
		EntityID string `json:"entityId"`
	} `json:"data"`
}

// ParseWebhook implements pms.Connector. Apaleo signs nothing: an event is a
// hint, and the caller must know by a secret in its URL who sent it.
func (c *Connector) ParseWebhook(_ http.Header, body []byte) ([]pms.Event, error) {
	invalid := failure("webhook", pms.ErrValidation, "body", "this is no event of Apaleo")
	var w webhook
	if len(body) > maxWebhook || json.Unmarshal(body, &w) != nil || w.Topic == "" || w.Type == "" || max(len(w.ID), len(w.PropertyID)) > maxWebhookID {
		return nil, invalid
	}
	event := pms.Event{ID: w.ID, Property: w.PropertyID, At: milliseconds(w.Timestamp)}
	topic, kind := strings.ToLower(w.Topic), strings.ToLower(w.Type)
	if topic == "system" && kind == "healthcheck" {
		event.Kind = pms.EventHealth
		return []pms.Event{event}, nil
	}
	if w.Data.EntityID != "" && !validID(w.Data.EntityID) {
		return nil, invalid
	}
	event.Kind = pms.EventOther
	switch topic {
	case "reservation":
		event.Kind = reservationEvent(kind)
		event.StayID = pms.StayID(w.Data.EntityID)
		// A stay's id is its booking's id with a number.
		if at := strings.LastIndexByte(w.Data.EntityID, '-'); at > 0 {
			event.ReservationID = pms.ReservationID(w.Data.EntityID[:at])
		}
	case "booking":
		event.ReservationID = pms.ReservationID(w.Data.EntityID)
	}
	return []pms.Event{event}, nil
}

// reservationEvent maps the types that say what happened to the stay itself.
func reservationEvent(kind string) pms.EventKind {
	switch kind {
	case "created":
		return pms.EventCreated
	case "amended":
		return pms.EventAmended
	case "canceled":
		return pms.EventCancelled
	}
	return pms.EventOther
}

// milliseconds reads Apaleo's time of an event; zero when it is none, for an
// event counts all the same.
func milliseconds(n json.Number) time.Time {
	ms, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil || ms <= 0 || ms > time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
