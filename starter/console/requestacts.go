package console

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"time"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
)

// An order carries out one form of a request's page.
type order func(ctx context.Context, v *visit, key, id string) (starter.Case, error)

// newKey is an idempotency key for the forms of one page.
func newKey() string { return rand.Text() }

// requestActs are the forms of a request's page and what is told when they did
// something.
func (s *server) requestActs(mux *http.ServeMux) {
	add := func(path, word string, do order) {
		mux.Handle("POST /h/{hotel}/requests/{id}/"+path, s.act(s.order(word, do)))
	}
	add("approve", "approved", func(ctx context.Context, v *visit, key, id string) (starter.Case, error) {
		return s.Cases.Approve(ctx, v.hotel.ID, v.who(), key, id, starter.ApproveRequest{PlanHash: field(v, "plan")})
	})
	add("withdraw", "withdrawn", func(ctx context.Context, v *visit, key, id string) (starter.Case, error) {
		return s.Cases.Withdraw(ctx, v.hotel.ID, v.who(), key, id)
	})
	add("code", "code-sent", func(ctx context.Context, v *visit, key, id string) (starter.Case, error) {
		return s.Cases.Verify(ctx, v.hotel.ID, v.who(), key, id, starter.VerifyRequest{Send: true})
	})
	add("verify", "verified", func(ctx context.Context, v *visit, key, id string) (starter.Case, error) {
		code := field(v, "code")
		if code == "" {
			return starter.Case{}, starter.InvalidRequest.In("/code", "Type the code as the person told it.")
		}
		return s.Cases.Verify(ctx, v.hotel.ID, v.who(), key, id, starter.VerifyRequest{Code: code})
	})
	add("vouch", "vouched", func(ctx context.Context, v *visit, key, id string) (starter.Case, error) {
		return s.Cases.Verify(ctx, v.hotel.ID, v.who(), key, id, starter.VerifyRequest{Manual: true})
	})
	add("task", "task-done", s.doTask)
	add("extend", "extended", func(ctx context.Context, v *visit, key, id string) (starter.Case, error) {
		return s.Cases.Extend(ctx, v.hotel.ID, v.who(), key, id, starter.ExtendRequest{Reasons: v.form["reason"], Note: field(v, "note"), Told: field(v, "told") != ""})
	})
	add("refuse", "refused", func(ctx context.Context, v *visit, key, id string) (starter.Case, error) {
		return s.Cases.Refuse(ctx, v.hotel.ID, v.who(), key, id, starter.RefuseRequest{Reasons: v.form["reason"], Explanation: field(v, "explanation"), Told: field(v, "told") != ""})
	})
}

// doTask does a task or adds one. A guest is named by any booking number.
func (s *server) doTask(ctx context.Context, v *visit, key, id string) (starter.Case, error) {
	t := starter.TaskRequest{Task: field(v, "task"), Note: field(v, "note")}
	if number := field(v, "number"); number != "" {
		scope, err := s.scopeOf(ctx, v.hotel.ID, number)
		if err != nil {
			return starter.Case{}, err
		}
		t.Scope = scope
	}
	return s.Cases.Task(ctx, v.hotel.ID, v.who(), key, id, t)
}

// order makes a page of an order: what it did is told on the request's page, and
// so is what was wrong with the form.
func (s *server) order(word string, do order) page {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		id := r.PathValue("id")
		c, err := do(r.Context(), v, field(v, "once"), id)
		wrong, err := faultOf(err)
		if err != nil {
			return err
		}
		if wrong.Field != "code" {
			wrong.Field = "" // the page has several forms
		}
		if !wrong.Is() && c.Problem != "" {
			wrong = fault{Status: http.StatusConflict, Text: problemTexts[c.Problem]}
		}
		if !wrong.Is() {
			told := word
			if c.Pending {
				told = "pending"
			}
			s.done(w, r, v, "/requests/"+id, told)
			return nil
		}
		if c, err = s.Cases.Show(r.Context(), v.hotel.ID, id); err != nil {
			return err
		}
		return s.writeRequest(w, r, v, c, requestPage{Fault: wrong})
	}
}

// problemTexts tell why a check of identity led to nothing.
var problemTexts = map[string]string{
	"code_wrong":     "The code is wrong. Ask the person to read it out again.",
	"code_over":      "The code is over: it was wrong too often, or too old. Send a new one.",
	"no_address":     "There is no address on file that a code could go to. Check who it is by hand, two of you.",
	"codes_over":     "The request has had all the codes that it gets. Check who it is by hand, two of you.",
	"too_many_codes": "Too many codes were sent. Check who it is by hand, two of you.",
}

// A requestForm is what newrequest.html shows.
type requestForm struct {
	Kind rights.Kind // "" to choose one first
	Once string
	// Typed is what the form had when it came back.
	Typed     map[string]string
	Purposes  []string
	Fault     fault
	Languages []string
}

// Text is what was typed into a field.
func (f requestForm) Text(name string) string { return f.Typed[name] }

// Chosen tells whether a box was ticked.
func (f requestForm) Chosen(purpose string) bool { return slices.Contains(f.Purposes, purpose) }

func (s *server) newRequest(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := requestForm{Kind: rights.Kind(r.URL.Query().Get("kind")), Once: newKey(), Languages: v.hotel.Languages}
	if !form.Kind.Known() {
		form.Kind = ""
	}
	return s.show(w, v, http.StatusOK, "newrequest", "New request", form)
}

// requestFields are the lines of newrequest.html.
var requestFields = []string{
	"received", "number", "phone", "email", "first_name", "last_name", "contact_email", "contact_phone", "language", "words",
	"correct_first_name", "correct_last_name", "correct_email", "correct_phone", "ground", "lift",
}

func (s *server) openRequest(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := requestForm{Kind: rights.Kind(field(v, "kind")), Once: field(v, "once"), Typed: map[string]string{}, Purposes: v.form["purpose"], Languages: v.hotel.Languages}
	for _, name := range requestFields {
		form.Typed[name] = field(v, name)
	}
	order, err := s.requestOf(r.Context(), v, form)
	var c starter.Case
	if err == nil {
		c, _, err = s.Cases.Open(r.Context(), v.hotel.ID, v.who(), form.Once, rights.ByConsole, order)
	}
	if form.Fault, err = faultOf(err); err != nil {
		return err
	}
	if form.Fault.Is() {
		form.Fault.Field = ourFields[form.Fault.Field]
		// What was wrong was not kept, so the next try is another request.
		form.Once = newKey()
		return s.show(w, v, form.Fault.Status, "newrequest", "New request", form)
	}
	s.done(w, r, v, "/requests/"+c.ID, "opened")
	return nil
}

// ourFields are the form's names for fields that a problem names.
var ourFields = map[string]string{
	"number": "number", "scope": "number", "person": "number", "person_phone": "phone", "person_email": "email", "person_first_name": "first_name", "person_last_name": "last_name",
	"received": "received", "received_at": "received", "email": "contact_email", "phone": "contact_phone", "language": "language", "words": "words",
	"correct": "correct_first_name", "correct_email": "correct_email", "correct_phone": "correct_phone", "purposes": "purposes", "ground": "ground",
}

// requestOf reads the form.
func (s *server) requestOf(ctx context.Context, v *visit, f requestForm) (o starter.OpenRequest, err error) {
	o = starter.OpenRequest{
		Kind: f.Kind, Language: f.Text("language"), Email: f.Text("contact_email"), Phone: f.Text("contact_phone"), Words: f.Text("words"),
	}
	if at := f.Text("received"); at != "" {
		if o.ReceivedAt, err = time.ParseInLocation(localForm, at, v.zone); err != nil {
			return o, starter.InvalidRequest.In("/received", "Write a date and a time such as 2027-03-01T14:05.")
		}
	}
	if number := f.Text("number"); number != "" {
		if o.Scope, err = s.scopeOf(ctx, v.hotel.ID, number); err != nil {
			return o, err
		}
	} else if person := (starter.PersonQuery{FirstName: f.Text("first_name"), LastName: f.Text("last_name"), Email: f.Text("email"), Phone: f.Text("phone")}); person != (starter.PersonQuery{}) {
		o.Person = &person
	}
	switch f.Kind {
	case rights.Rectification:
		o.Correct = &starter.Correction{FirstName: f.Text("correct_first_name"), LastName: f.Text("correct_last_name"), Email: f.Text("correct_email"), Phone: f.Text("correct_phone")}
	case rights.Objection:
		o.Purposes = f.Purposes
	case rights.Restriction:
		o.Ground, o.Lift = f.Text("ground"), f.Text("lift") != ""
	}
	return o, nil
}
