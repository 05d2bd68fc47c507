package api

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
)

// Examples for the documentation. The tests send those of requests.
const (
	exampleOffer = `{
  "room_type": {"id": "DBL", "code": "DBL", "name": "Double room"},
  "rate_plan": {"id": "FLEX", "code": "FLEX", "name": "Flexible with breakfast"},
  "arrival": "2027-05-14", "departure": "2027-05-16",
  "occupancy": {"adults": 2},
  "available": 3,
  "nights": [
    {"date": "2027-05-14", "room_type_id": "DBL", "rate_plan_id": "FLEX", "total": {"amount": 12000, "currency": "EUR"}},
    {"date": "2027-05-15", "room_type_id": "DBL", "rate_plan_id": "FLEX", "total": {"amount": 12000, "currency": "EUR"}}
  ],
  "total": {"amount": 24000, "currency": "EUR"},
  "charges": [{"code": "CITYTAX", "name": "City tax", "amount": {"amount": 600, "currency": "EUR"}, "included": false}],
  "payable_total": {"amount": 24600, "currency": "EUR"},
  "guarantee": "none",
  "cancellation": {"name": "Free until the day before", "free_until": "2027-05-13T16:00:00Z", "fee": {"amount": 12000, "currency": "EUR"}, "no_show_fee": {"amount": 24000, "currency": "EUR"}}
}`
	exampleOffers       = `{"offers": [` + exampleOffer + `]}`
	exampleQuoteRequest = `{
  "stays": [
    {"room_type": "DBL", "rate_plan": "FLEX", "arrival": "2027-05-14", "departure": "2027-05-16", "occupancy": {"adults": 2}}
  ]
}`
	exampleQuote = `{
  "quote_id": "01JD3Z7W2M0000000000000000",
  "offers": [` + exampleOffer + `],
  "total": {"amount": 24600, "currency": "EUR"},
  "expires_at": "2027-03-01T10:10:00Z"
}`
	exampleBookRequest = `{
  "quote_id": "01JD3Z7W2M0000000000000000",
  "guest": {"first_name": "Ada", "last_name": "Example", "email": "ada@example.com", "phone": "+49 30 1234567", "language": "de"},
  "comment": "Late arrival, about 22:00"
}`
	exampleModifyRequest = `{"quote_id": "01JD3ZC5P80000000000000000"}`
	exampleAdoptRequest  = `{"confirmation": "XKCD-7", "last_name": "Example"}`
	exampleReservation   = `{
  "id": "01JD3Z8Q4X0000000000000000",
  "state": "confirmed",
  "confirmation": "XKCD-7",
  "arrival": "2027-05-14", "departure": "2027-05-16",
  "stays": [{
    "id": "XKCD-7-1", "reservation_id": "XKCD-7", "status": "confirmed",
    "room_type": {"id": "DBL", "code": "DBL", "name": "Double room"},
    "rate_plan": {"id": "FLEX", "code": "FLEX", "name": "Flexible with breakfast"},
    "arrival": "2027-05-14", "departure": "2027-05-16", "occupancy": {"adults": 2},
    "total": {"amount": 24000, "currency": "EUR"},
    "cancellation": {"free_until": "2027-05-13T16:00:00Z", "fee": {"amount": 12000, "currency": "EUR"}, "no_show_fee": {"amount": 24000, "currency": "EUR"}}
  }],
  "total": {"amount": 24000, "currency": "EUR"},
  "payable_total": {"amount": 24600, "currency": "EUR"},
  "version": 2,
  "updated_at": "2027-03-01T10:02:31Z"
}`
	exampleStatus = `{
  "state": "degraded",
  "since": "2027-03-01T10:00:00Z",
  "reason": "unavailable",
  "checked_at": "2027-03-01T10:02:00Z",
  "say": "The hotel's booking system is having trouble at the moment, so this may take a little longer."
}`
	exampleExtras = `{
  "stays": [
    {"stay": "XKCD-7-1", "extras": [{"id": "BREAKFAST", "name": "Breakfast", "price": {"amount": 3600, "currency": "EUR"}}]}
  ]
}`
)

// example is the value of a JSON text of this file.
func example(text string) any {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil
	}
	return v
}

// dateSchema stands for pms.Date in schemas.
type dateSchema struct{}

// Schema says that a pms.Date is a date without a time.
func (dateSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"2027-05-14"}}
}

// annotate adds to the schemas what the types, which know nothing of HTTP, do
// not say of themselves.
func annotate(schemas huma.Registry) {
	all := schemas.Map()
	// A stay's guest is never answered.
	delete(all["Stay"].Properties, "guest")
	all["Reservation"].Properties["state"].Enum = []any{"pending", "held", "confirmed", "cancelled", "rejected", "released", "unknown"}
	for name, texts := range fieldTexts() {
		for field, text := range texts {
			if p := all[name].Properties[field]; p != nil && p.Description == "" {
				p.Description = text
			}
		}
	}
}

func fieldTexts() map[string]map[string]string {
	return map[string]map[string]string{
		"AdoptRequest": {
			"confirmation": "The number that the guest has from the hotel",
			"last_name":    "Of the guest or of who booked; it shows that the caller knows whose reservation it is",
		},
		"BookRequest": {
			"quote_id": "What to book",
			"hold":     "Keep the rooms without confirming, where the hotel can",
			"comment":  "The caller's wish, for the hotel's staff",
		},
		"CancellationPolicy": {
			"free_until": "Last moment at which cancelling costs nothing; absent when it always costs the fee or the fee is nothing",
		},
		"ChangedStay": {
			"stay":      "Which stay; may be left out when there is one",
			"room_type": "Leave out what stays as it is",
		},
		"Charge": {"included": "Whether the amount is part of the room's total already"},
		"Guest": {
			"id":       "The guest's profile at the hotel, if known",
			"language": "Such as de",
			"country":  "ISO 3166, such as DE",
		},
		"Quote": {
			"quote_id":    "Book with it, or PATCH a reservation with it",
			"reservation": "The reservation that it would change",
			"expires_at":  "Quote again after this",
		},
		"QuoteRequest": {
			"stays":       "The rooms of a new booking",
			"reservation": "The reservation to change, instead of stays",
			"changes":     "How its stays should become",
		},
		"Reservation": {
			"id":           "Ours; see confirmation for the hotel's number",
			"state":        "pending: asked for and safe, outcome not known yet. held: kept until hold_until. confirmed. cancelled. rejected: the hotel refused. released: the hold was given back. unknown: the hotel's answer was lost and its staff must look",
			"confirmation": "The number to tell the guest",
			"hold_until":   "With held: confirm before this",
			"problem":      "Why it was rejected or a change was refused",
			"version":      "Grows with each change",
		},
		"Extra": {"count": "How many the stay has; absent in a list of what can be added"},
		"StayRequest": {
			"room_type": "An offer's room_type.id",
			"rate_plan": "An offer's rate_plan.id",
		},
	}
}
