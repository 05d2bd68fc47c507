package api

import (
	"context"
	"net/http"

	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// Consents keeps what guests agreed to. *starter.Consents is one. Its errors
// are *starter.Problem.
type Consents interface {
	Record(ctx context.Context, hotel, subject string, r starter.ConsentRequest) (kept starter.Consent, fresh bool, err error)
	List(ctx context.Context, hotel string, q starter.ConsentQuery) ([]starter.Consent, error)
	Wordings(ctx context.Context, hotel, language string) (starter.Wordings, error)
}

type consentInput struct {
	HotelPath
	Body starter.ConsentRequest
}

type consentOutput struct {
	Status int
	Body   starter.Consent
}

type consentsInput struct {
	HotelPath
	Scope   string          `query:"scope" maxLength:"26" doc:"Events of this call or reservation only"`
	Purpose consent.Purpose `query:"purpose" enum:"recording,transcription,marketing,profile" doc:"Events of this purpose only"`
	After   string          `query:"after" maxLength:"26" doc:"The last event_id of the page before"`
	Limit   int             `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most"`
}

// ConsentList is a page of events in the order in which they came.
type ConsentList struct {
	Consents []starter.Consent `json:"consents" nullable:"false"`
	Next     string            `json:"next,omitempty" doc:"Ask for more with this as after; absent on the last page"`
}

type consentsOutput struct{ Body ConsentList }

type wordingsInput struct {
	HotelPath
	Language string `query:"language" required:"true" enum:"en,de,fr,es,it,nl,pl" doc:"In which the guest is spoken to"`
}

type wordingsOutput struct{ Body starter.Wordings }

// registerConsents adds the routes of consents when there is somebody to keep
// them.
func (s *server) registerConsents(c Consents) {
	if c == nil {
		return
	}
	register(s, route{
		method: http.MethodPost, path: "/v1/hotels/{hotel}/consents", id: "record-consent",
		summary: "Record a consent, a refusal or a withdrawal",
		description: "Adds one event. Events are never changed: a withdrawal is one more, it needs no more than giving, and it counts at once. " +
			"201 when the event is new; 200 when it came before under its event_id. Nothing may be recorded or written down on a consent that was refused here.",
		roles: agents(), status: http.StatusCreated, request: exampleConsentRequest, answer: exampleConsent,
		problems: []starter.Kind{starter.UnknownScope, starter.ImpossibleConsent, starter.ConsentReused, starter.GuestErased},
	}, func(ctx context.Context, in *consentInput) (*consentOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		kept, fresh, err := c.Record(ctx, in.Hotel, exchangeOf(ctx).subject, in.Body)
		if err != nil {
			return nil, err
		}
		out := &consentOutput{Status: http.StatusOK, Body: kept}
		if fresh {
			out.Status = http.StatusCreated
		}
		return out, nil
	})
	register(s, route{
		method: http.MethodGet, path: "/v1/hotels/{hotel}/consents", id: "consents",
		summary:     "List consent events",
		description: "What guests agreed to, refused and took back, the oldest first, without the notes, which are sealed.",
		roles:       []auth.Role{auth.RoleCompliance, auth.RoleAdmin},
		answer:      exampleConsents,
	}, func(ctx context.Context, in *consentsInput) (*consentsOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		// One more than asked for tells whether there is more.
		found, err := c.List(ctx, in.Hotel, starter.ConsentQuery{Scope: in.Scope, Purpose: in.Purpose, After: in.After, Most: in.Limit + 1})
		if err != nil {
			return nil, err
		}
		out := &consentsOutput{ConsentList{Consents: found}}
		if len(found) > in.Limit {
			out.Body.Consents, out.Body.Next = found[:in.Limit], found[in.Limit-1].EventID
		}
		return out, nil
	})
	register(s, route{
		method: http.MethodGet, path: "/v1/hotels/{hotel}/wordings", id: "wordings",
		summary:     "The exact words to say",
		description: "The notice that comes before anything else, and how to ask for each consent, with the hashes that prove the words.",
		roles:       []auth.Role{auth.RoleAgent, auth.RoleCompliance, auth.RoleAdmin},
		answer:      exampleWordings,
	}, func(ctx context.Context, in *wordingsInput) (*wordingsOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		words, err := c.Wordings(ctx, in.Hotel, in.Language)
		return &wordingsOutput{words}, err
	})
}

// Examples for the documentation.
const (
	exampleConsentRequest = `{
  "event_id": "01JD3Z8Q4X0000000000000001", "scope": "01JD3Z8Q4X0000000000000000",
  "purpose": "recording", "action": "given", "wording_version": "2026-10", "language": "de",
  "channel": "voice", "method": "spoken", "call_id": "01JD3Z8Q4X0000000000000000", "audio_offset_ms": 14250,
  "event_time": "2027-03-01T10:00:14.25Z"
}`
	exampleConsent = `{
  "event_id": "01JD3Z8Q4X0000000000000001", "scope": "01JD3Z8Q4X0000000000000000",
  "purpose": "recording", "action": "given", "wording_version": "2026-10",
  "wording_sha256": "7d2c0f3a0d1fdb0f0a9f2c9b1f8c1d8f5b9a7e0c4e6b2a1d3c5f7e9a8b6c4d2e", "language": "de",
  "channel": "voice", "method": "spoken", "call_id": "01JD3Z8Q4X0000000000000000", "audio_offset_ms": 14250,
  "event_time": "2027-03-01T10:00:14.25Z", "recorded_at": "2027-03-01T10:00:14.9Z", "actor": "agent:4f02a1b2c3d4e5f6"
}`
	exampleConsents = `{"consents": [` + exampleConsent + `]}`
	exampleWordings = `{
  "language": "en",
  "notice": {"version": "2026-10", "text": "Hello. You are speaking with an automated assistant ...", "sha256": "7d2c0f3a0d1fdb0f0a9f2c9b1f8c1d8f5b9a7e0c4e6b2a1d3c5f7e9a8b6c4d2e"},
  "questions": [{"purpose": "recording", "version": "2026-10", "text": "May we record this call ...", "sha256": "7d2c0f3a0d1fdb0f0a9f2c9b1f8c1d8f5b9a7e0c4e6b2a1d3c5f7e9a8b6c4d2e"}]
}`
)
