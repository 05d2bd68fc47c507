package console

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/starter"
)

// Holds are the legal holds. *starter.Holds is one. Its errors are
// *starter.Problem.
type Holds interface {
	List(ctx context.Context, hotel string, ended bool) (starter.HoldList, error)
	Show(ctx context.Context, hotel, id string) (holds.Hold, error)
	Place(ctx context.Context, hotel, subject string, r starter.HoldRequest) (holds.Hold, error)
	Approve(ctx context.Context, hotel, subject, id string) (holds.Hold, error)
	Review(ctx context.Context, hotel, subject, id string, r starter.HoldReview) (holds.Hold, error)
	Release(ctx context.Context, hotel, subject, id string, r starter.HoldRelease) (holds.Hold, error)
}

func (s *server) holdRoutes(mux *http.ServeMux) {
	mux.Handle("GET /h/{hotel}/holds", s.at(s.listHolds))
	mux.Handle("GET /h/{hotel}/holds/new", s.at(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		return s.show(w, v, http.StatusOK, "newhold", "Place a hold", holdForm{Once: newKey(), Typed: map[string]string{"kind": string(holds.Subject)}})
	}))
	mux.Handle("POST /h/{hotel}/holds/new", s.act(s.placeHold))
	mux.Handle("GET /h/{hotel}/holds/{id}", s.at(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		return s.writeHold(w, r, v, fault{})
	}))
	for path, act := range s.holdActs() {
		mux.Handle("POST /h/{hotel}/holds/{id}/"+path, s.act(s.onHold(act)))
	}
}

// A holdAct is a form on the page of a hold.
type holdAct struct {
	word string // what is told when it did something
	do   func(ctx context.Context, v *visit, id string) error
	// did tells whether the officer's own form did it before: sent twice it says
	// the same twice.
	did func(v *visit, h holds.Hold, me string) bool
}

func (s *server) holdActs() map[string]holdAct {
	return map[string]holdAct{
		"approve": {"hold-approved", func(ctx context.Context, v *visit, id string) error {
			_, err := s.Holds.Approve(ctx, v.hotel.ID, v.who(), id)
			return err
		}, func(_ *visit, h holds.Hold, me string) bool { return h.ApprovedBy == me }},
		"review": {"hold-reviewed", func(ctx context.Context, v *visit, id string) error {
			next, err := dayOf(v, "review")
			if err == nil {
				_, err = s.Holds.Review(ctx, v.hotel.ID, v.who(), id, starter.HoldReview{ReviewAt: next})
			}
			return err
		}, nil},
		"release": {"hold-released", func(ctx context.Context, v *visit, id string) error {
			_, err := s.Holds.Release(ctx, v.hotel.ID, v.who(), id, starter.HoldRelease{})
			return err
		}, func(v *visit, h holds.Hold, me string) bool {
			// The form says whether it was the first or the second word.
			switch field(v, "word") {
			case "first":
				return h.AskedBy == me
			case "second":
				return h.ReleasedBy == me
			}
			return false
		}},
	}
}

// A holdList is what holds.html shows.
type holdList struct {
	starter.HoldList
	Ended bool // those that bind no more are among them
}

func (s *server) listHolds(w http.ResponseWriter, r *http.Request, v *visit) (err error) {
	page := holdList{Ended: r.URL.Query().Get("ended") != ""}
	if page.HoldList, err = s.Holds.List(r.Context(), v.hotel.ID, page.Ended); err != nil {
		return err
	}
	return s.showDone(w, r, v, "holds", "Legal holds", page)
}

// A holdPage is what hold.html shows.
type holdPage struct {
	holds.Hold
	Me    string // how the hold names the officer who looks
	Fault fault
	// Review is the day that is proposed for the next review.
	Review string
	Grace  time.Duration
}

// Placed and Asked tell whether the officer who looks did it: then another has
// to do what comes next.
func (p holdPage) Placed() bool { return p.PlacedBy == p.Me }
func (p holdPage) Asked() bool  { return p.AskedBy == p.Me }

// Ended tells that it binds no more, or not for long.
func (p holdPage) Ended() bool {
	return slices.Contains([]holds.State{holds.Released, holds.Lapsed, holds.Grace}, p.State)
}

func (s *server) writeHold(w http.ResponseWriter, r *http.Request, v *visit, wrong fault) error {
	h, err := s.Holds.Show(r.Context(), v.hotel.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	page := holdPage{Hold: h, Fault: wrong, Review: v.now.In(v.zone).AddDate(0, 3, 0).Format(time.DateOnly), Grace: holds.GraceTime}
	if page.Me, err = s.pseudonym(r.Context(), v.hotel.ID, v.who()); err != nil {
		return err
	}
	p := s.pageFor(v, "hold", "Hold "+h.Matter)
	p.Done, p.Body = doneTexts[r.URL.Query().Get("done")], page
	status := http.StatusOK
	if wrong.Is() {
		status = wrong.Status
	}
	s.write(w, status, p)
	return nil
}

// holdFault is faultOf with the names that our fields have.
func holdFault(err error) (fault, error) {
	wrong, err := faultOf(err)
	if name := map[string]string{"scope": "number", "review_at": "review"}[wrong.Field]; name != "" {
		wrong.Field = name
	}
	return wrong, err
}

// onHold makes a page of an act on a hold.
func (s *server) onHold(act holdAct) page {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		id := r.PathValue("id")
		wrong, err := holdFault(act.do(r.Context(), v, id))
		if err != nil {
			return err
		}
		if wrong.Is() && act.did != nil {
			if did, err := s.didOnHold(r.Context(), v, id, act); err != nil {
				return err
			} else if did {
				wrong = fault{}
			}
		}
		if wrong.Is() {
			return s.writeHold(w, r, v, wrong)
		}
		s.done(w, r, v, "/holds/"+id, act.word)
		return nil
	}
}

func (s *server) didOnHold(ctx context.Context, v *visit, id string, act holdAct) (bool, error) {
	h, err := s.Holds.Show(ctx, v.hotel.ID, id)
	if err != nil {
		return false, err
	}
	me, err := s.pseudonym(ctx, v.hotel.ID, v.who())
	return err == nil && act.did(v, h, me), err
}

// dayOf reads a day of a form as its end at the hotel.
func dayOf(v *visit, name string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, field(v, name), v.zone)
	if err != nil {
		return day, starter.InvalidRequest.In("/"+name, "Write a day such as 2027-03-01.")
	}
	return day.AddDate(0, 0, 1).Add(-time.Second), nil
}

// A holdForm is what newhold.html shows.
type holdForm struct {
	Typed   map[string]string
	Once    string // the idempotency key: sent twice it places one hold
	Classes []string
	Fault   fault
}

// Text is what was typed into a field.
func (f holdForm) Text(name string) string { return f.Typed[name] }

// keyPattern is what newKey makes.
var keyPattern = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Chosen tells whether a class was ticked.
func (f holdForm) Chosen(class register.Class) bool { return slices.Contains(f.Classes, string(class)) }

func (s *server) placeHold(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := holdForm{Typed: map[string]string{}, Once: field(v, "once"), Classes: v.form["class"]}
	for _, name := range []string{"matter", "reason", "kind", "number", "review"} {
		form.Typed[name] = field(v, name)
	}
	placed, err := s.place(r.Context(), v, form)
	if form.Fault, err = holdFault(err); err != nil {
		return err
	}
	if form.Fault.Is() {
		return s.show(w, v, form.Fault.Status, "newhold", "Place a hold", form)
	}
	s.done(w, r, v, "/holds/"+placed.ID, "hold-placed")
	return nil
}

func (s *server) place(ctx context.Context, v *visit, f holdForm) (h holds.Hold, err error) {
	if !keyPattern.MatchString(f.Once) {
		return h, starter.InvalidRequest.With("The form is not whole. Open it anew from the list of holds.")
	}
	order := starter.HoldRequest{Matter: f.Text("matter"), Reason: holds.Reason(f.Text("reason")), Kind: holds.Kind(f.Text("kind")), Key: f.Once}
	for _, class := range f.Classes {
		order.Classes = append(order.Classes, register.Class(class))
	}
	if order.ReviewAt, err = dayOf(v, "review"); err != nil {
		return h, err
	}
	if number := f.Text("number"); number != "" {
		if order.Scope, err = s.scopeOf(ctx, v.hotel.ID, number); err != nil {
			return h, err
		}
	}
	return s.Holds.Place(ctx, v.hotel.ID, v.who(), order)
}

// holdBadge colours a hold's state; the word beside it says the same.
func holdBadge(state holds.State) string {
	switch state {
	case holds.Active:
		return "good"
	case holds.Proposed, holds.Leaving:
		return "warn"
	case holds.Grace:
		return "info"
	}
	return ""
}

// holdTexts say what a state means.
var holdTexts = map[holds.State]string{
	holds.Proposed: "Binds already, and waits for a second person", holds.Active: "Binds", holds.Leaving: "Binds until a second person releases it too",
	holds.Grace: "Released, and binds until its grace is over", holds.Released: "Ended", holds.Lapsed: "Ended: nobody approved it in time",
}

func (s *server) holdTile(ctx context.Context, v *visit, page *overviewPage) (tile, error) {
	all, err := s.Holds.List(ctx, v.hotel.ID, false)
	if err != nil {
		return tile{}, err
	}
	t, waiting := tile{Count: fmt.Sprint(len(all.Holds)), Text: "bind just now"}, 0
	for _, h := range all.Holds {
		d := due{What: "Legal hold " + h.Matter, Step: "Ask whether it is still needed", Href: s.hotelPath(v.hotel.ID, "/holds/"+h.ID), At: h.ReviewAt, Yours: true}
		switch h.State {
		case holds.Proposed:
			waiting++
			d.Step, d.At = "A second person approves it, or it lapses", h.LapsesAt
		case holds.Leaving:
			waiting++
		case holds.Grace:
			continue // it ends by itself
		}
		page.name(v, d)
	}
	switch {
	case all.Overdue > 0:
		t.Cue = plural(all.Overdue, "review is", "reviews are") + " overdue"
	case waiting > 0:
		t.Cue = plural(waiting, "waits", "wait") + " for a second person"
	}
	return t, nil
}
