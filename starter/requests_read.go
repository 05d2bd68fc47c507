package starter

import (
	"context"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// List lists a hotel's requests, the newest first, without their tasks and acts.
func (q *Requests) List(ctx context.Context, hotel string, query CaseQuery) ([]Case, error) {
	_, zone, err := q.place(ctx, hotel)
	if err != nil {
		return nil, err
	}
	found, err := q.Cases.List(ctx, hotel, rights.Filter(query))
	if err != nil {
		return nil, requestProblem(err)
	}
	all := make([]Case, len(found))
	for i, c := range found {
		all[i] = q.caseOf(c, zone)
	}
	return all, nil
}

// Show reads one request.
func (q *Requests) Show(ctx context.Context, hotel, id string) (Case, error) {
	_, zone, err := q.place(ctx, hotel)
	if err != nil {
		return Case{}, err
	}
	c, err := q.Cases.Read(ctx, hotel, id)
	if err != nil {
		return Case{}, requestProblem(err)
	}
	return q.caseOf(c, zone), nil
}

// Words reads what a requester said and wants. That it was read stands in the
// audit log before it is.
func (q *Requests) Words(ctx context.Context, hotel, subject, id string) (CaseWords, error) {
	if _, _, err := q.place(ctx, hotel); err != nil {
		return CaseWords{}, err
	}
	actor, err := pseudonym(ctx, q.Keys, hotel, "compliance", subject)
	if err != nil {
		return CaseWords{}, err
	}
	if err := q.Cases.NoteRead(ctx, hotel, id, actor); err != nil {
		return CaseWords{}, requestProblem(err)
	}
	w, err := q.Cases.Wish(ctx, hotel, id)
	if err != nil {
		return CaseWords{}, requestProblem(err)
	}
	out := CaseWords{
		Words: w.Words, Email: w.Contact.Email, Phone: w.Contact.Phone, Purposes: w.Purposes, Ground: w.Ground, Lift: w.Lift,
	}
	if p := w.Person; p != (subjects.Person{}) {
		out.Person = &PersonQuery{FirstName: p.FirstName, LastName: p.LastName, Email: p.Email, Phone: p.Phone}
	}
	if !w.Correct.IsZero() {
		correct := Correction(w.Correct)
		out.Correct = &correct
	}
	return out, nil
}

// caseOf is what is told of a case.
func (q *Requests) caseOf(c rights.Case, zone *time.Location) Case {
	out := Case{
		ID: c.ID, Kind: c.Kind, State: c.State, Tier: c.Tier(), Channel: c.Channel, Call: c.Call, Language: c.Language, Match: c.Match,
		Proof: c.Proof, ProvenAt: c.ProvenAt, Clock: q.clockOf(c, zone), WaitUntil: c.WaitUntil, JoinedTo: c.JoinedTo, Outcome: c.Outcome,
		Certificate: c.Certificate, Approvals: c.Approvals(), Needs: c.Tier().Approvals(), OpenedBy: c.OpenedBy, OpenedAt: c.OpenedAt,
		ClosedAt: c.ClosedAt, Tasks: make([]CaseTask, len(c.Tasks)), Acts: make([]CaseAct, len(c.Acts)),
	}
	for i, t := range c.Tasks {
		out.Tasks[i] = CaseTask{ID: t.ID, Kind: t.Kind, Blocks: t.Kind.Blocks(), At: t.At, DoneAt: t.DoneAt, DoneBy: t.DoneBy}
	}
	for i, a := range c.Acts {
		out.Acts[i] = CaseAct(a)
	}
	return out
}

func (q *Requests) clockOf(c rights.Case, zone *time.Location) CaseClock {
	extended := !c.ExtendedAt.IsZero()
	year, month, day := rights.LastDay(c.Due(), zone)
	out := CaseClock{
		Received: c.Clock.Received, Due: c.Due(), DueDay: fmt.Sprintf("%04d-%02d-%02d", year, month, day), Internal: c.Internal(), Extended: c.ExtendedAt,
	}
	until := q.now()
	if !c.ClosedAt.IsZero() {
		until = c.ClosedAt
	}
	if whole := c.Internal().Sub(c.Clock.Received); whole > 0 {
		out.Passed = int(max(0, until.Sub(c.Clock.Received)) * 100 / whole)
	}
	for _, m := range c.Clock.MarksNow(extended) {
		out.Marks = append(out.Marks, CaseMark(m))
	}
	return out
}
