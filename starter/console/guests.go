package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
)

// People finds guests. *starter.Subjects is one; it writes each look-up down,
// and counts them.
type People interface {
	Find(ctx context.Context, hotel, subject string, q starter.PersonQuery) (starter.People, error)
	Show(ctx context.Context, hotel, subject string, who starter.WhoQuery) (starter.Profile, error)
}

// Consents tells what guests agreed to. *consent.Store is one.
type Consents interface {
	List(ctx context.Context, tenant string, q consent.Query) ([]consent.Event, error)
	AllowedAcross(ctx context.Context, tenant string, scopes []string, purpose consent.Purpose, at time.Time) (consent.Standing, error)
}

// Bookings finds a reservation by the hotel system's number. *ledger.Ledger is
// one.
type Bookings interface {
	ByVendor(ctx context.Context, hotel string, vendorBooking pms.ReservationID) (string, error)
}

const (
	// maxNumber bounds a booking number of any vendor.
	maxNumber = 100
	// mostEvents bounds the consent events of one page, and mostScopes the
	// bookings and calls that are asked for them.
	mostEvents = 200
	mostScopes = 50
	// localForm is how <input type="datetime-local"> writes a moment.
	localForm = "2006-01-02T15:04"
)

// Whom a page is about is asked by POST, so that neither a name nor the number
// that joins a person's bookings stands in an address, a log or the browser's
// history.
func (s *server) guestRoutes(mux *http.ServeMux) {
	mux.Handle("GET /h/{hotel}/guests", s.at(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		return s.show(w, v, http.StatusOK, "guests", "Guests and consents", guestSearch{})
	}))
	mux.Handle("POST /h/{hotel}/guests", s.act(s.findGuests))
	mux.Handle("POST /h/{hotel}/guest", s.act(s.showGuest))
}

// A guestSearch is what guests.html shows.
type guestSearch struct {
	Asked  guestQuery
	Fault  fault
	Looked bool
	Found  starter.People
}

type guestQuery struct{ Number, FirstName, LastName, Email, Phone string }

// findGuests looks for people by what an officer typed.
func (s *server) findGuests(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := guestQuery{Number: field(v, "number"), FirstName: field(v, "first_name"), LastName: field(v, "last_name"), Email: field(v, "email"), Phone: field(v, "phone")}
	page := guestSearch{Asked: q, Looked: true}
	var err error
	page.Found, err = s.lookFor(r.Context(), v, q)
	if page.Fault, err = faultOf(err); err != nil {
		return err
	}
	if page.Fault.Is() {
		page.Looked = false
		return s.show(w, v, page.Fault.Status, "guests", "Guests and consents", page)
	}
	return s.show(w, v, http.StatusOK, "guests", "Guests and consents", page)
}

// lookFor takes a booking number before anything else, for it names one person.
func (s *server) lookFor(ctx context.Context, v *visit, q guestQuery) (starter.People, error) {
	if q.Number == "" {
		return s.People.Find(ctx, v.hotel.ID, v.who(), starter.PersonQuery{FirstName: q.FirstName, LastName: q.LastName, Email: q.Email, Phone: q.Phone})
	}
	scope, err := s.scopeOf(ctx, v.hotel.ID, q.Number)
	if err != nil {
		return starter.People{}, err
	}
	profile, err := s.People.Show(ctx, v.hotel.ID, v.who(), starter.WhoQuery{Scope: scope})
	if err != nil {
		return starter.People{}, err
	}
	return starter.People{People: []starter.Person{{Subject: profile.Subject, Scopes: profile.Scopes}}, Truncated: profile.Truncated}, nil
}

// scopeOf reads our own number or the hotel system's.
func (s *server) scopeOf(ctx context.Context, hotel, number string) (string, error) {
	if len(number) > maxNumber {
		return "", starter.InvalidRequest.In("/number", "A booking number has at most 100 characters.")
	}
	if id, err := ulid.ParseStrict(strings.ToUpper(number)); err == nil {
		return id.String(), nil
	}
	unknown := starter.UnknownReservation.In("/number", "No booking of this hotel has that number. Check it, or look for the guest by phone, e-mail or name.")
	if s.Bookings == nil {
		return "", unknown
	}
	id, err := s.Bookings.ByVendor(ctx, hotel, pms.ReservationID(number))
	if errors.Is(err, ledger.ErrNotFound) {
		return "", unknown
	}
	return id, err
}

// A guestPage is what guest.html shows of one person: numbers, and what was
// allowed.
type guestPage struct {
	Profile starter.Profile
	// At is the moment that is asked for, as its field has it.
	At       string
	Moment   time.Time
	Fault    fault
	Standing []allowance
	Events   []consent.Event
	// Cut tells that there are more events or bookings than are shown.
	Cut bool
}

// An allowance is what was allowed of one purpose at the moment.
type allowance struct {
	Purpose  consent.Purpose
	Standing consent.Standing
}

// showGuest tells what a person allowed, at a moment and over time.
func (s *server) showGuest(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := guestPage{At: field(v, "at"), Moment: v.now}
	if page.At != "" {
		at, err := time.ParseInLocation(localForm, page.At, v.zone)
		if err != nil {
			page.Fault = fault{Status: http.StatusUnprocessableEntity, Field: "at", Text: "Write a date and a time such as 2027-03-01T14:05."}
		} else {
			page.Moment = at
		}
	}
	page.At = page.Moment.In(v.zone).Format(localForm)
	var err error
	if page.Profile, err = s.People.Show(r.Context(), v.hotel.ID, v.who(), starter.WhoQuery{Subject: field(v, "subject")}); err != nil {
		return err
	}
	if err := s.remember(r.Context(), v.session.caller(), v.hotel.ID, KindConsentSeen, map[string]any{"scopes": len(page.Profile.Scopes), "at": page.Moment.UTC()}); err != nil {
		return err
	}
	if err := s.readConsents(r.Context(), v.hotel.ID, &page); err != nil {
		return err
	}
	status := http.StatusOK
	if page.Fault.Is() {
		status = page.Fault.Status
	}
	return s.show(w, v, status, "guest", "Consents of a guest", page)
}

func (s *server) readConsents(ctx context.Context, hotel string, page *guestPage) error {
	scopes := page.Profile.Scopes
	page.Cut = page.Profile.Truncated || len(scopes) > mostScopes
	for _, purpose := range consent.Purposes() {
		standing, err := s.Consents.AllowedAcross(ctx, hotel, scopes, purpose, page.Moment)
		if err != nil {
			return err
		}
		page.Standing = append(page.Standing, allowance{purpose, standing})
	}
	for _, scope := range scopes[:min(len(scopes), mostScopes)] {
		events, err := s.Consents.List(ctx, hotel, consent.Query{Scope: scope, Most: mostEvents})
		if err != nil {
			return err
		}
		page.Events = append(page.Events, events...)
	}
	slices.SortFunc(page.Events, func(a, b consent.Event) int { return b.At.Compare(a.At) })
	if len(page.Events) > mostEvents {
		page.Events, page.Cut = page.Events[:mostEvents], true
	}
	return nil
}
