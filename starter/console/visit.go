package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// A visit is one request of an officer.
type visit struct {
	session *session
	// hotel is the one that the page is about; its zero value is none.
	hotel registry.Hotel
	zone  *time.Location
	now   time.Time
	form  url.Values // of a POST
	// role is why the officer is let in.
	role auth.Role
}

// who is the officer, as the parts that act know people.
func (v *visit) who() string { return v.session.Subject }

// A page answers a visit. Its error is shown to the officer.
type page func(w http.ResponseWriter, r *http.Request, v *visit) error

// known lets in whoever is logged in.
func (s *server) known(next page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.enter(w, r, func(ctx context.Context, v *visit) error { return next(w, r.WithContext(ctx), v) })
	})
}

// own is known for forms.
func (s *server) own(next page) http.Handler {
	return s.known(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		if err := readForm(w, r, v); err != nil {
			return err
		}
		return next(w, r, v)
	})
}

// at lets in the compliance officers of the hotel in the path.
func (s *server) at(next page) http.Handler {
	return s.known(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		if err := s.admit(r.Context(), r.PathValue("hotel"), v); err != nil {
			return err
		}
		return next(w, r, v)
	})
}

// act is at for forms. Nothing of a form is read before its sender is known.
func (s *server) act(next page) http.Handler {
	return s.at(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		if err := readForm(w, r, v); err != nil {
			return err
		}
		return next(w, r, v)
	})
}

// enter finds the session and bounds the work.
func (s *server) enter(w http.ResponseWriter, r *http.Request, do func(context.Context, *visit) error) {
	n, err := s.session(r)
	if errors.Is(err, errNoSession) {
		s.askLogin(w, r)
		return
	}
	if err == nil && s.Now().Sub(n.Seen) >= seenEvery {
		err = s.keep(w, r, n)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), workTime)
	defer cancel()
	v := &visit{session: n, now: s.Now(), zone: time.UTC}
	if err := do(ctx, v); err != nil {
		s.refuseTo(w, r, v, err)
	}
}

// readForm reads a form and refuses one that is not the session's own.
func readForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	// Not every writer has deadlines; the server's own hold for those.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTime))
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return starter.TooLarge.With("The form has too much text. Shorten it and send it again.")
	case err != nil:
		return starter.MalformedRequest.With("The form ended early or came too slowly. Send it again.")
	case !v.session.owns(r.PostForm.Get("token")):
		return starter.Forbidden.With("The form is not one of this session: perhaps you logged in again since it was opened. Nothing was done. Open the page anew and send the form again.")
	}
	v.form = r.PostForm
	return nil
}

// admit refuses whoever is no compliance officer of the hotel. An unknown hotel
// and one of others get the same answer.
func (s *server) admit(ctx context.Context, hotel string, v *visit) error {
	ok, err := s.serves(ctx, v.session.caller(), hotel)
	if err != nil {
		return err
	}
	if !ok {
		s.Logger.WarnContext(ctx, "somebody without the role was refused in the console", "hotel", hotel)
		return starter.Forbidden.With("These pages are for the compliance officers of the hotel. Ask an administrator for the role compliance, or log out and in again as somebody who has it.")
	}
	if v.hotel, err = s.Hotels.Hotel(ctx, hotel); errors.Is(err, registry.ErrUnknownHotel) {
		return starter.UnknownHotel.With("The registry has no hotel of that name any more.")
	} else if err != nil {
		return err
	}
	v.role = auth.RoleCompliance
	v.zone, err = v.hotel.Location()
	return err
}

// serves tells whether somebody is a compliance officer of the hotel, by their
// token or by the hotel's entry.
func (s *server) serves(ctx context.Context, c auth.Caller, hotel string) (bool, error) {
	if auth.Authorize(c, hotel, auth.RoleCompliance) == nil {
		return true, nil
	}
	members, err := s.Members(ctx, hotel)
	if err != nil {
		return false, err
	}
	return auth.Authorize(auth.BoundAt(c.Subject, hotel, members), hotel, auth.RoleCompliance) == nil, nil
}

// hotelsOf are the hotels where somebody is a compliance officer.
func (s *server) hotelsOf(ctx context.Context, c auth.Caller) ([]registry.Hotel, error) {
	all, err := s.Hotels.List(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(h registry.Hotel) bool {
		ok, served := s.serves(ctx, c, h.ID)
		err = errors.Join(err, served)
		return !ok
	}), err
}

// chooseHotel is the first page: the only hotel, or the list of them.
func (s *server) chooseHotel(w http.ResponseWriter, r *http.Request, v *visit) error {
	hotels, err := s.hotelsOf(r.Context(), v.session.caller())
	if err != nil {
		return err
	}
	switch len(hotels) {
	case 0:
		return starter.Forbidden.With("You are logged in, but no hotel has you as its compliance officer. Ask an administrator for the role compliance, or log out and in again as somebody who has it.")
	case 1:
		http.Redirect(w, r, s.hotelPath(hotels[0].ID, "/"), http.StatusSeeOther)
		return nil
	}
	return s.show(w, v, http.StatusOK, "hotels", "Choose a hotel", hotels)
}

// hotelPath is the address of a hotel's page.
func (s *server) hotelPath(hotel, path string) string {
	return s.login.base + "/h/" + url.PathEscape(hotel) + path
}

// done sends the browser on after an act, so that loading the page again
// repeats nothing. word names a text of doneTexts.
func (s *server) done(w http.ResponseWriter, r *http.Request, v *visit, path, word string) {
	http.Redirect(w, r, s.hotelPath(v.hotel.ID, path)+"?done="+url.QueryEscape(word), http.StatusSeeOther)
}
