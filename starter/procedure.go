package starter

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/rights/procedure"
)

// Procedures keeps who confirmed the written procedure for requests.
// *procedure.Store is one.
type Procedures interface {
	Confirm(ctx context.Context, hotel, actor, version string) error
	Confirmed(ctx context.Context, hotel, actor string) (time.Time, error)
}

// ProcedureDesk is the way to the written procedure, for the API, the console
// and the command line. *Requests is one. Errors are *Problem.
type ProcedureDesk interface {
	Procedure(ctx context.Context, hotel, subject string) (Procedure, error)
	ConfirmProcedure(ctx context.Context, hotel, subject string, r ProcedureConfirmation) (Procedure, error)
}

// A Procedure is what somebody has to know before they decide about a request.
type Procedure struct {
	Version     string    `json:"version" doc:"Names the text of today"`
	Text        string    `json:"text" doc:"What is to be read, in Markdown"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero" doc:"When you confirmed this version; absent when you still have to"`
}

// ProcedureConfirmation says that somebody has read the procedure.
type ProcedureConfirmation struct {
	Version string `json:"version" minLength:"12" maxLength:"12" doc:"The version that you read"`
}

// decisions are the acts that nobody does who does not know the procedure: those
// that judge who somebody is, or what becomes of a request.
var decisions = []rights.ActKind{rights.ActVouched, rights.ActApproved, rights.ActExtended, rights.ActRefused}

// instructed refuses a decision of whoever has not confirmed today's procedure.
func (q *Requests) instructed(ctx context.Context, hotel, actor string, kind rights.ActKind) error {
	if q.Procedures == nil || !slices.Contains(decisions, kind) {
		return nil
	}
	at, err := q.Procedures.Confirmed(ctx, hotel, actor)
	switch {
	case err != nil:
		return problemOf(err)
	case at.IsZero():
		return ProcedureUnread.With("Read it and confirm that you have, once a year and whenever it changes: `voicehive dsar procedure`, /v1/hotels/{hotel}/procedure, or the console's page Procedure. Then send this again.")
	}
	return nil
}

// Procedure is what is to be read, and when the one who asks last confirmed it.
func (q *Requests) Procedure(ctx context.Context, hotel, subject string) (Procedure, error) {
	p := Procedure{Version: procedure.Version(), Text: procedure.Text}
	actor, err := q.reader(ctx, hotel, subject)
	if err != nil {
		return p, err
	}
	if p.ConfirmedAt, err = q.Procedures.Confirmed(ctx, hotel, actor); err != nil {
		return p, problemOf(err)
	}
	return p, nil
}

// ConfirmProcedure notes that the one who asks has read it.
func (q *Requests) ConfirmProcedure(ctx context.Context, hotel, subject string, r ProcedureConfirmation) (Procedure, error) {
	actor, err := q.reader(ctx, hotel, subject)
	if err != nil {
		return Procedure{}, err
	}
	err = q.Procedures.Confirm(ctx, hotel, actor, r.Version)
	if errors.Is(err, procedure.ErrVersion) {
		return Procedure{}, InvalidRequest.In("/version", "Another version is in force. Read it and confirm that one.")
	}
	if err != nil {
		return Procedure{}, problemOf(err)
	}
	return q.Procedure(ctx, hotel, subject)
}

// reader checks the hotel and says who reads.
func (q *Requests) reader(ctx context.Context, hotel, subject string) (string, error) {
	if q.Procedures == nil {
		return "", NotFound.With("No procedure is kept here.")
	}
	if _, _, err := q.place(ctx, hotel); err != nil {
		return "", err
	}
	return Pseudonym(ctx, q.Keys, hotel, "compliance", subject)
}
