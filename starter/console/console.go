package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

const (
	// maxForm is the longest form that is read, in bytes.
	maxForm = 64 << 10
	// readTime bounds how long a form may take to arrive, workTime what follows,
	// and longTime what reads the whole of a log or builds a pack. Of the latter
	// one waits at most patience for another.
	readTime = 10 * time.Second
	workTime = 15 * time.Second
	longTime = 60 * time.Second
	patience = 10 * time.Second
)

// Authenticator tells who asks from the value of an Authorization header. Its
// errors are *starter.Problem.
type Authenticator interface {
	Authenticate(ctx context.Context, authorization string) (auth.Caller, error)
}

// Hotels are the registry's entries.
type Hotels interface {
	Hotel(ctx context.Context, id string) (registry.Hotel, error)
	List(ctx context.Context) ([]registry.Hotel, error)
}

// Keys seal the cookies. *keys.Ring is one.
type Keys interface {
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
	MAC(ctx context.Context, tenant, purpose string, data ...[]byte) ([]byte, error)
}

// Journal writes to the audit log. When it returns nil the event is durable.
type Journal interface {
	Record(ctx context.Context, e audit.Event) error
}

// Options are the parts of the console. Those up to Ended are required; each of
// the others adds its pages.
type Options struct {
	Login  Login
	Auth   Authenticator
	Hotels Hotels
	Keys   Keys
	// Members tells, by role, which subjects a hotel's entry binds to it, over
	// and above what their tokens say. An unknown hotel binds nobody.
	Members func(ctx context.Context, hotel string) (map[string][]string, error)
	Journal Journal
	// Ended are the sessions that were logged out of.
	Ended Ended

	// People and Consents together show what a guest allowed.
	People   People
	Consents Consents
	// Bookings find a reservation by the hotel system's own number; without
	// them our own numbers are all that finds one.
	Bookings Bookings
	// Log is the audit log.
	Log Log
	// Cases are the data-subject requests, Erasures the verdicts and certificates
	// of those that erase.
	Cases    starter.CaseDesk
	Erasures Erasures
	// Procedure is how requests are handled, and who knows it.
	Procedure starter.ProcedureDesk
	// Holds are the legal holds.
	Holds Holds
	// Retention is what is erased when it has had its time.
	Retention Retention
	// Evidence makes packs for auditors; Packs keeps them, where there is one.
	Evidence Evidence
	Packs    Packs

	// TemporalUI is the address of Temporal's Web UI, for links to runs in
	// Namespace; "" for none.
	TemporalUI, Namespace string
	// Idle and Life end a session: without a page in between, and in any case.
	// 30 minutes and 8 hours when zero.
	Idle, Life time.Duration
	Logger     *slog.Logger     // slog.Default when nil
	Now        func() time.Time // time.Now when nil
}

type server struct {
	Options
	login *login
	jar   jar
	pages map[string]*view
	long  chan struct{} // held by what takes longTime: one at a time
}

// New returns the handler. Its routes are relative to where it is mounted: use
// http.StripPrefix.
func New(o Options) (http.Handler, error) {
	if o.Auth == nil || o.Hotels == nil || o.Keys == nil || o.Members == nil || o.Journal == nil || o.Ended == nil {
		return nil, errors.New("console: Auth, Hotels, Keys, Members, Journal and Ended are required")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Idle, o.Life = orDefault(o.Idle, 30*time.Minute), orDefault(o.Life, 8*time.Hour)
	s := &server{Options: o, long: make(chan struct{}, 1)}
	var err error
	if s.login, err = newLogin(o.Login); err != nil {
		return nil, err
	}
	s.jar = jar{keys: o.Keys, secure: s.login.secure}
	if s.pages, err = parsePages(); err != nil {
		return nil, err
	}
	return s.guarded(s.routes()), nil
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d <= 0 {
		return fallback
	}
	return d
}

func (s *server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /style.css", serveFile)
	mux.HandleFunc("GET /icon.svg", serveFile)
	mux.HandleFunc("GET /login", s.beginLogin)
	mux.HandleFunc("GET /callback", s.endLogin)
	mux.HandleFunc("POST /logout", s.leave)
	mux.Handle("GET /{$}", s.known(s.chooseHotel))
	mux.Handle("GET /h/{hotel}/{$}", s.at(s.overview))
	if s.Cases != nil {
		s.requestRoutes(mux)
	}
	if s.Procedure != nil {
		s.procedureRoutes(mux)
	}
	if s.Retention != nil {
		s.retentionRoutes(mux)
	}
	if s.Holds != nil {
		s.holdRoutes(mux)
	}
	if s.People != nil && s.Consents != nil {
		s.guestRoutes(mux)
	}
	if s.Evidence != nil {
		s.evidenceRoutes(mux)
	}
	if s.Log != nil {
		s.auditRoutes(mux)
	}
	mux.HandleFunc("/", s.unmatched)
	return mux
}
