package starter

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/voicehive/voicehive/compliance/subjects"
)

// SubjectDesk tells whose bookings and calls are whose. *subjects.Desk is one.
type SubjectDesk interface {
	Find(ctx context.Context, tenant, actor string, p subjects.Person) (people []subjects.Candidate, truncated bool, err error)
	Identify(ctx context.Context, tenant, actor string, p subjects.Person) (subjects.Ref, error)
	Of(ctx context.Context, tenant, scope string) (subjects.Ref, error)
	Show(ctx context.Context, tenant, actor string, subject subjects.Ref) (subjects.Profile, error)
	Merge(ctx context.Context, tenant string, from, into subjects.Ref, why subjects.Cause) (id string, err error)
	Split(ctx context.Context, tenant string, subject subjects.Ref, scopes []string, why subjects.Cause) (fresh subjects.Ref, id string, err error)
	Undo(ctx context.Context, tenant, id string, why subjects.Cause) (undoing string, err error)
}

// Subjects is the way to who is who, for compliance officers. It answers random
// numbers and ids and never a name. It is safe for concurrent use.
type Subjects struct {
	hotels Hotels
	desk   SubjectDesk
	macs   Macer
}

// NewSubjects returns it on the given parts.
func NewSubjects(h Hotels, d SubjectDesk, m Macer) *Subjects {
	return &Subjects{hotels: h, desk: d, macs: m}
}

// Find finds people. subject is who asks, as the API knows them.
func (s *Subjects) Find(ctx context.Context, hotel, subject string, q PersonQuery) (People, error) {
	actor, person, err := s.asks(ctx, hotel, subject, q)
	if err != nil {
		return People{}, err
	}
	found, truncated, err := s.desk.Find(ctx, hotel, actor, person)
	if err != nil {
		return People{}, subjectProblem(err)
	}
	return People{People: peopleOf(found), Truncated: truncated}, nil
}

// Show tells what is known of one person.
func (s *Subjects) Show(ctx context.Context, hotel, subject string, who WhoQuery) (Profile, error) {
	query := PersonQuery{}
	if who.Person != nil {
		query = *who.Person
	}
	actor, person, err := s.asks(ctx, hotel, subject, query)
	if err != nil {
		return Profile{}, err
	}
	var ref subjects.Ref
	switch {
	case who.Subject != "" && who.Scope == "" && who.Person == nil:
		ref, err = s.named(ctx, hotel, "/subject", who.Subject)
	case who.Scope != "" && who.Subject == "" && who.Person == nil:
		ref, err = s.named(ctx, hotel, "/scope", who.Scope)
	case who.Person != nil && who.Subject == "" && who.Scope == "":
		ref, err = s.desk.Identify(ctx, hotel, actor, person)
	default:
		return Profile{}, InvalidRequest.With("Name one person: by subject, by scope, or by what is known of them.")
	}
	if err != nil {
		return Profile{}, subjectProblem(err)
	}
	p, err := s.desk.Show(ctx, hotel, actor, ref)
	if err != nil {
		return Profile{}, subjectProblem(err)
	}
	return profileOf(p), nil
}

// Merge makes two people one.
func (s *Subjects) Merge(ctx context.Context, hotel, subject string, r MergeRequest) (Decided, error) {
	why, err := s.cause(ctx, hotel, subject, r.DecisionCause)
	if err != nil {
		return Decided{}, err
	}
	from, err := s.named(ctx, hotel, "/from", r.From)
	if err != nil {
		return Decided{}, err
	}
	into, err := s.named(ctx, hotel, "/into", r.Into)
	if err != nil {
		return Decided{}, err
	}
	id, err := s.desk.Merge(ctx, hotel, from, into, why)
	return Decided{Decision: id, Subject: into.UUID().String()}, subjectProblem(err)
}

// Split tells two people apart.
func (s *Subjects) Split(ctx context.Context, hotel, subject string, r SplitRequest) (Decided, error) {
	why, err := s.cause(ctx, hotel, subject, r.DecisionCause)
	if err != nil {
		return Decided{}, err
	}
	if len(r.Scopes) == 0 || len(r.Scopes) > 200 {
		return Decided{}, InvalidRequest.In("/scopes", "1 to 200 ids of reservations and calls.")
	}
	whose, err := s.named(ctx, hotel, "/scopes/0", r.Scopes[0])
	if err != nil {
		return Decided{}, err
	}
	fresh, id, err := s.desk.Split(ctx, hotel, whose, r.Scopes, why)
	if err != nil {
		return Decided{}, subjectProblem(err)
	}
	return Decided{Decision: id, Subject: fresh.UUID().String()}, nil
}

// Undo takes a decision back.
func (s *Subjects) Undo(ctx context.Context, hotel, subject, decision string, c DecisionCause) (Decided, error) {
	why, err := s.cause(ctx, hotel, subject, c)
	if err != nil {
		return Decided{}, err
	}
	id, err := s.desk.Undo(ctx, hotel, decision, why)
	return Decided{Decision: id}, subjectProblem(err)
}

// asks checks a question and says who asks it.
func (s *Subjects) asks(ctx context.Context, hotel, subject string, q PersonQuery) (actor string, p subjects.Person, err error) {
	h, err := (&Client{Options: Options{Hotels: s.hotels}}).hotel(ctx, hotel)
	if err != nil {
		return "", p, err
	}
	p = subjects.Person{FirstName: q.FirstName, LastName: q.LastName, Email: q.Email, Phone: q.Phone, Country: h.Country}
	for field, text := range map[string]string{"/first_name": q.FirstName, "/last_name": q.LastName, "/email": q.Email, "/phone": q.Phone} {
		if len(text) > 400 || strings.ContainsFunc(text, unicode.IsControl) {
			return "", p, InvalidRequest.In(field, "A line of text, as the person gave it.")
		}
	}
	actor, err = Pseudonym(ctx, s.macs, hotel, "compliance", subject)
	return actor, p, err
}

func (s *Subjects) cause(ctx context.Context, hotel, subject string, c DecisionCause) (subjects.Cause, error) {
	actor, _, err := s.asks(ctx, hotel, subject, PersonQuery{})
	return subjects.Cause{Actor: actor, Reason: c.Reason, Note: c.Note}, err
}

// named finds a person by a number, or by the id of a reservation or call.
func (s *Subjects) named(ctx context.Context, hotel, field, id string) (subjects.Ref, error) {
	if number, err := uuid.Parse(id); err == nil && len(id) == 36 {
		return subjects.Ref(number), nil
	}
	if !ulidPattern.MatchString(id) {
		return subjects.Ref{}, InvalidRequest.In(field, "An id looks like 01JD3Z8Q4X0000000000000000, a subject's number like 6f1d2c3b-0a1e-4b5c-8d7e-9f0a1b2c3d4e.")
	}
	ref, err := s.desk.Of(ctx, hotel, id)
	return ref, subjectProblem(err)
}

func numberOf(ref subjects.Ref) string {
	if ref.IsZero() {
		return ""
	}
	return ref.UUID().String()
}

func peopleOf(found []subjects.Candidate) []Person {
	all := make([]Person, len(found))
	for i, c := range found {
		all[i] = Person{Subject: numberOf(c.Subject), Scopes: c.Scopes, Because: c.Because}
	}
	return all
}

func profileOf(p subjects.Profile) Profile {
	out := Profile{
		Subject: numberOf(p.Subject), Scopes: p.Scopes, Truncated: p.Truncated, Candidates: peopleOf(p.Candidates), Decisions: make([]Decision, len(p.Decisions)),
		MoreCandidates: p.MoreCandidates, MoreDecisions: p.MoreDecisions,
	}
	for i, d := range p.Decisions {
		out.Decisions[i] = Decision{
			ID: d.ID, Kind: d.Kind, From: numberOf(d.From), Into: numberOf(d.Into), Scopes: d.Scopes, Reason: d.Reason, Actor: d.Actor, At: d.At, Undone: d.Undone,
		}
	}
	return out
}

// subjectProblem is the one place where refusals of the desk become problems.
func subjectProblem(err error) error {
	switch {
	case errors.Is(err, subjects.ErrMerged):
		return AlreadyMerged.With("The two are one person already; look for them by one of their reservations.")
	case errors.Is(err, subjects.ErrUnknownSubject):
		return UnknownSubject.With("Nothing of this hotel belongs to that person. Look for them by phone, e-mail or name.")
	case errors.Is(err, subjects.ErrAmbiguous):
		return AmbiguousSubject.With("More than one person matches. Look for them, and name one by the id of a reservation.")
	case errors.Is(err, subjects.ErrUnknownDecision):
		return UnknownDecision.With("The hotel has no such decision that stands. A machine's join is taken back by a split.")
	case errors.Is(err, subjects.ErrScopes):
		return ImpossibleSplit.In("/scopes", "Name reservations and calls of one person, and not all of them.")
	case errors.Is(err, subjects.ErrNothingToFind):
		return InvalidRequest.With("Give a phone, an e-mail or a last name to look for.")
	case errors.Is(err, subjects.ErrReason):
		return InvalidRequest.In("/reason", "One of the known reasons.")
	case errors.Is(err, subjects.ErrTooMany):
		p := TooMany.With("People are looked for too often just now.")
		p.RetryAfter = time.Minute
		return p
	}
	return problemOf(err)
}
