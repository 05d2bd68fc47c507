package console

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/voicehive/voicehive/starter"
)

// leave is the form to log out. Sent twice it says the same twice: who has no
// session any more is logged out.
func (s *server) leave(w http.ResponseWriter, r *http.Request) {
	if _, err := s.session(r); errors.Is(err, errNoSession) {
		s.loggedOut(w, r)
		return
	}
	s.own(s.logout).ServeHTTP(w, r)
}

// logout ends the session, at every process. The provider's own goes on; the
// page says so.
func (s *server) logout(w http.ResponseWriter, r *http.Request, v *visit) error {
	// Whatever becomes of the rest, this browser forgets it.
	s.jar.drop(w, sessionCookie)
	if err := s.Ended.End(r.Context(), v.session.ID, v.session.Ends); err != nil {
		return fmt.Errorf("%w: %w", starter.Unavailable.With("This browser has forgotten the session, but the others could not be told. A copy of its cookie counts until it is idle. Close the browser."), err)
	}
	if err := s.remember(r.Context(), v.session.caller(), "", KindLoggedOut, nil); err != nil {
		s.Logger.WarnContext(r.Context(), "a logout is not in the audit log", "error", err)
	}
	s.loggedOut(w, r)
	return nil
}

// loggedOut tells that it is so. What the browser kept of the pages goes, and
// going back shows none.
func (s *server) loggedOut(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, s.login.base+"/?done=logged-out", http.StatusSeeOther)
}
