package starter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/voicehive/voicehive/compliance/erasure"
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

// Show reads one request, of an open erasure with its plan.
func (q *Requests) Show(ctx context.Context, hotel, id string) (Case, error) {
	c, err := q.show(ctx, hotel, id)
	if err == nil {
		c.Plan = q.planOf(ctx, hotel, c)
	}
	return c, err
}

// show is Show without the plan, which takes a look at every store.
func (q *Requests) show(ctx context.Context, hotel, id string) (Case, error) {
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

// planOf is what would become of the records of an erasure that is open; nil
// where nobody can tell now: the rest of the case is worth reading without it.
func (q *Requests) planOf(ctx context.Context, hotel string, c Case) *CasePlan {
	if q.Plans == nil || c.Kind != rights.Erasure || c.State.Final() || c.Match != rights.KnownPerson {
		return nil
	}
	p, err := q.Plans.Plan(ctx, hotel, c.ID)
	switch {
	case errors.Is(err, erasure.ErrNobody):
		return nil // what is the person's is gathered once they have proven who they are
	case err != nil:
		q.Logger.WarnContext(ctx, "The plan of an erasure cannot be shown.", "hotel", hotel, "case", c.ID, "error", err)
		return nil
	}
	return &CasePlan{Hash: p.Terms().Hash(), Scopes: len(p.Scopes), Verdicts: verdictsOf(p)}
}

// verdictsOf adds up the lines of a plan: by class and verdict, and of no scope.
func verdictsOf(p erasure.Plan) []erasure.Kept {
	at := map[erasure.Kept]int{}
	for _, l := range p.Lines {
		verdict := l.Verdict
		verdict.Until = verdict.Until.UTC()
		at[erasure.Kept{Class: l.Class, Verdict: verdict}] += l.Records
	}
	all := make([]erasure.Kept, 0, len(at))
	for k, n := range at {
		k.Records = n
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b erasure.Kept) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Rule, b.Rule), a.Until.Compare(b.Until))
	})
	return all
}

// Words reads what a requester said and wants, and what officers wrote of it.
// That it was read stands in the audit log before it is.
func (q *Requests) Words(ctx context.Context, hotel, subject, id string) (CaseWords, error) {
	if _, _, err := q.place(ctx, hotel); err != nil {
		return CaseWords{}, err
	}
	actor, err := Pseudonym(ctx, q.Keys, hotel, "compliance", subject)
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
	out.Notes, err = q.notes(ctx, hotel, id)
	return out, err
}

// notes are what officers wrote with their acts: another officer has to see what
// is to be looked into, and a supervisory authority why something was refused.
func (q *Requests) notes(ctx context.Context, hotel, id string) (all []CaseNote, err error) {
	c, err := q.Cases.Read(ctx, hotel, id)
	if err != nil {
		return nil, requestProblem(err)
	}
	for _, act := range c.Acts {
		if !slices.Contains([]rights.ActKind{rights.ActTaskAdded, rights.ActTaskDone, rights.ActExtended, rights.ActRefused}, act.Kind) {
			continue
		}
		note, err := q.Cases.Note(ctx, hotel, id, act.ID)
		if err != nil {
			return nil, requestProblem(err)
		}
		if note.Text != "" || len(note.Reasons) > 0 {
			all = append(all, CaseNote{Act: act.ID, Kind: act.Kind, Actor: act.Actor, At: act.At, Reasons: note.Reasons, Text: note.Text})
		}
	}
	slices.SortFunc(all, func(a, b CaseNote) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Act, b.Act)) })
	return all, nil
}

// caseOf is what is told of a case.
func (q *Requests) caseOf(c rights.Case, zone *time.Location) Case {
	out := Case{
		ID: c.ID, Kind: c.Kind, State: c.State, Tier: c.Tier(), Channel: c.Channel, Call: c.Call, Language: c.Language, Match: c.Match,
		Proof: c.Proof, ProvenAt: c.ProvenAt, Clock: q.clockOf(c, zone), WaitUntil: c.WaitUntil, JoinedTo: c.JoinedTo, Outcome: c.Outcome,
		Certificate: c.Certificate, Approvals: c.Approvals(), Needs: c.Tier().Approvals(), OpenedBy: c.OpenedBy, OpenedAt: c.OpenedAt,
		ClosedAt: c.ClosedAt, Tasks: make([]CaseTask, len(c.Tasks)), Acts: make([]CaseAct, len(c.Acts)+len(c.Void)),
	}
	for i, t := range c.Tasks {
		out.Tasks[i] = CaseTask{ID: t.ID, Kind: t.Kind, Blocks: t.Kind.Blocks(), At: t.At, DoneAt: t.DoneAt, DoneBy: t.DoneBy}
	}
	for i, a := range slices.SortedFunc(slices.Values(slices.Concat(c.Acts, c.Void)), func(a, b rights.Act) int { return a.At.Compare(b.At) }) {
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
