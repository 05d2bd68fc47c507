package api

import (
	"context"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
)

type heardCaseInput struct {
	HotelPath
	KeyHeader
	Call           string `path:"call" minLength:"26" maxLength:"26" doc:"The id of the call in which the caller said it"`
	AcceptLanguage string `header:"Accept-Language" maxLength:"200" doc:"The caller's, for what to say"`
	Body           HeardRequest
}

// HeardRequest is a data-subject request that a caller made on the phone. Whom
// it is about follows from the call, and from nothing that a session could
// name: so nobody asks for another guest's rights here.
type HeardRequest struct {
	Kind     rights.Kind         `json:"kind" enum:"access,erasure,rectification,restriction,portability,objection" doc:"The right that the caller makes use of"`
	Language string              `json:"language,omitempty" maxLength:"35" doc:"In which the caller wants to be written to, such as de"`
	Email    string              `json:"email,omitempty" maxLength:"254" doc:"Where the receipt goes, if the caller gave one; what tells of the guest goes to the address on file"`
	Words    string              `json:"words,omitempty" maxLength:"8000" doc:"What the caller said, in their own words. It lies sealed"`
	Purposes []string            `json:"purposes,omitempty" maxItems:"3" enum:"direct_marketing,profiling,legitimate_interests" doc:"For an objection: what it is against"`
	Ground   string              `json:"ground,omitempty" enum:"accuracy,unlawful,claims,objection" doc:"For a restriction: why (Article 18(1) GDPR)"`
	Correct  *starter.Correction `json:"correct,omitempty" doc:"For a rectification: what the details are to be"`
}

// HeardCase is all that a call session learns of a request: that it is kept, and
// not whether anybody is known.
type HeardCase struct {
	ID         string      `json:"id" doc:"The request's id, which the caller may quote"`
	Kind       rights.Kind `json:"kind"`
	ReceivedAt time.Time   `json:"received_at" doc:"The clock runs from then: the start of the call"`
	Say        string      `json:"say" doc:"A sentence to say to the caller, in the best language of Accept-Language"`
}

type heardCaseOutput struct {
	Status int
	Vary   string `header:"Vary"`
	Body   HeardCase
}

// registerHeard adds the route by which a call session hands in what a caller
// asked for.
func (s *server) registerHeard(desk starter.CaseDesk) {
	register(s, route{
		method: http.MethodPost, path: "/v1/hotels/{hotel}/calls/{call}/dsars", id: "hear-dsar", roles: agents(), status: http.StatusCreated,
		summary: "Hand in a data-subject request that a caller made",
		description: "No form is required for it, so what a caller says on the phone counts, and the clock runs from the start of the call. " +
			"Whom it is about follows from the call; officers check who it is. 200 when it came before under its Idempotency-Key, " +
			"202 when it is kept and will be started in a moment. The answer tells nothing of any guest.",
		request: exampleHeard, answer: exampleHeardCase,
		problems: []starter.Kind{starter.MissingKey, starter.KeyReused, starter.UnknownScope, starter.TooMany},
	}, func(ctx context.Context, in *heardCaseInput) (*heardCaseOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, actTime)
		defer cancel()
		c, fresh, err := desk.Open(ctx, in.Hotel, exchangeOf(ctx).subject, in.Key, rights.FoundInCall, starter.OpenRequest{
			Kind: in.Body.Kind, Call: in.Call, Language: in.Body.Language, Email: in.Body.Email, Words: in.Body.Words,
			Purposes: in.Body.Purposes, Ground: in.Body.Ground, Correct: in.Body.Correct,
		})
		if err != nil {
			return nil, err
		}
		return &heardCaseOutput{
			Status: caseAnswer(in.Hotel, c, fresh).Status, Vary: "Accept-Language",
			Body: HeardCase{ID: c.ID, Kind: c.Kind, ReceivedAt: c.Clock.Received, Say: phraseHeard[chosen(in.AcceptLanguage)]},
		}, nil
	})
}

// phraseHeard tells a caller that a request is kept. It promises what every
// request gets and nothing about what comes of it.
var phraseHeard = phrase{
	"I have noted your request. The hotel will check who you are and answer you within one month.",
	"Ich habe Ihr Anliegen aufgenommen. Das Hotel prüft Ihre Identität und antwortet Ihnen innerhalb eines Monats.",
	"J'ai bien noté votre demande. L'hôtel vérifiera votre identité et vous répondra dans un délai d'un mois.",
	"He anotado su solicitud. El hotel comprobará su identidad y le responderá en el plazo de un mes.",
	"Ho registrato la sua richiesta. L'hotel verificherà la sua identità e le risponderà entro un mese.",
	"Ik heb uw verzoek genoteerd. Het hotel controleert wie u bent en antwoordt u binnen een maand.",
	"Prośba została zapisana. Hotel sprawdzi tożsamość i odpowie w ciągu miesiąca.",
}

const (
	exampleHeard = `{
  "kind": "erasure", "language": "de", "words": "Please delete all that you have about me."
}`
	exampleHeardCase = `{
  "id": "01JD4A0000000000000000000A", "kind": "erasure", "received_at": "2027-01-31T09:12:00Z",
  "say": "I have noted your request. The hotel will check who you are and answer you within one month."
}`
)
