package console

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/voicehive/voicehive/starter"
)

// policy lets the pages use our own style sheet and post to us, and nothing
// else: no script runs, not even one of ours.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded sets what every answer has, here and not only in the API, because the
// console also runs alone; and refuses forms of other sites.
func (s *server) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	// A proxy may pass another Host on than the browser has.
	if err := cross.AddTrustedOrigin(s.login.origin()); err != nil {
		s.Logger.Warn("the console's own origin is no origin", "error", err)
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, starter.Forbidden.With("The form came from another site than the console. Nothing was done. Open the console itself and try there."))
	}))
	checked := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if s.login.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		checked.ServeHTTP(w, r)
	})
}

// askLogin asks for a login, and leads back to the page that was wanted.
func (s *server) askLogin(w http.ResponseWriter, r *http.Request) {
	p := s.blank("welcome", "Log in")
	p.Done = doneTexts[r.URL.Query().Get("done")]
	next := "/"
	if r.Method == http.MethodGet {
		next = r.URL.Path
		// Of the query only what a list is filtered by; a message is not for later.
		if query := r.URL.Query(); len(query) > 0 {
			query.Del("done")
			if rest := query.Encode(); rest != "" {
				next += "?" + rest
			}
		}
	}
	p.Body = welcome{Lost: r.Method != http.MethodGet && r.Method != http.MethodHead, Login: s.login.base + "/login?next=" + url.QueryEscape(nextOf(next))}
	s.write(w, http.StatusUnauthorized, p)
}

// A welcome is what welcome.html shows.
type welcome struct {
	// Lost tells that a form came too late.
	Lost  bool
	Login string
}

// refuse shows a problem to somebody who may not be logged in.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.refuseTo(w, r, nil, err)
}

// refuseTo shows a problem. What is no *starter.Problem tells nothing.
func (s *server) refuseTo(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	problem := s.problemOf(r, err)
	if problem.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(problem.RetryAfter.Seconds()))))
	}
	p := s.pageFor(v, "problem", problem.Title)
	p.Body = problem
	s.write(w, problem.Status, p)
}

// problemOf is what an officer may read of an error; the rest is for the log.
func (s *server) problemOf(r *http.Request, err error) *starter.Problem {
	var p *starter.Problem
	if !errors.As(err, &p) {
		p = starter.Internal.With("Try again. The error is in our log.")
	}
	if p.Status >= http.StatusInternalServerError {
		// Not the path: it is the officer's matter which request they look at.
		s.Logger.ErrorContext(r.Context(), "a page of the console failed", "problem", p.Code, "error", err)
	}
	return p
}

func (s *server) unmatched(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/login") || strings.HasSuffix(r.URL.Path, "/callback") {
		s.refuse(w, r, starter.NotFound.With("Log in from the console's first page."))
		return
	}
	s.refuse(w, r, starter.NotFound.With("The console has no such page, or it takes no form there. Begin at its first page."))
}
