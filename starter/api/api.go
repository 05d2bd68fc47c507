package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// Starter is what the API is in front of. Its errors are *starter.Problem. A
// write answers when its outcome is settled, or with a pending reservation
// when ctx ends first.
type Starter interface {
	Availability(ctx context.Context, hotel string, q starter.AvailabilityQuery) ([]pms.Offer, error)
	Quote(ctx context.Context, hotel string, r starter.QuoteRequest) (starter.Quote, error)
	Book(ctx context.Context, hotel, key string, r starter.BookRequest) (starter.Reservation, error)
	Confirm(ctx context.Context, hotel, id, key string) (starter.Reservation, error)
	Modify(ctx context.Context, hotel, id, key, quote string) (starter.Reservation, error)
	Cancel(ctx context.Context, hotel, id, key string) (starter.Reservation, error)
	Reservation(ctx context.Context, hotel, id string) (starter.Reservation, error)
	Adopt(ctx context.Context, hotel string, r starter.AdoptRequest) (starter.Reservation, error)
	// Status tells where the hotel's connection stands, from memory.
	Status(ctx context.Context, hotel string) (connectors.Status, error)
	// Extras lists what can be added to the stays of a reservation.
	Extras(ctx context.Context, hotel, id string) ([]starter.StayExtras, error)
	// Receive takes a vendor's events. Whoever has no secret for the address is
	// answered as if there were none.
	Receive(ctx context.Context, w starter.Webhook) error
}

// Authenticator tells who calls from the value of an Authorization header. Its
// errors are *starter.Problem.
type Authenticator interface {
	Authenticate(ctx context.Context, authorization string) (auth.Caller, error)
}

// Options are the parts of the API. Starter and Auth are required.
type Options struct {
	Starter Starter
	Auth    Authenticator
	// Consents keeps what guests agreed to; without it there are no such routes.
	Consents Consents
	// Subjects tells who is who; without it there are no such routes.
	Subjects Subjects
	// Requests opens and steers data-subject requests; without it there are no
	// such routes.
	Requests starter.CaseDesk
	// Procedure tells how requests are handled; without it there are no such
	// routes.
	Procedure starter.ProcedureDesk
	// Holds keeps legal holds, Retention erases what has had its time; without
	// them there are no such routes.
	Holds     Holds
	Retention Retention
	// Packs keeps packs of evidence; without it there are no such routes.
	Packs Packs
	// Exports hands out packs by one-time links; without it there is no address
	// for them.
	Exports Exports
	// Members tells, by role, which subjects a hotel's entry binds to it, over
	// and above what their tokens say. An unknown hotel binds nobody.
	Members func(ctx context.Context, hotel string) (map[string][]string, error)
	Logger  *slog.Logger // slog.Default when nil
	// Registerer gets the metrics of the API; they go nowhere when nil.
	Registerer prometheus.Registerer
	// Metrics answers /metrics, to anybody; without it there is no such page.
	Metrics http.Handler
	// Ready answers /readyz, to anybody; without it there is no such page.
	Ready http.Handler
	// Tracer makes a span of each request; nil makes none.
	Tracer trace.TracerProvider
	// Version is the product's, for the OpenAPI document.
	Version string
	// Mount adds handlers by http.ServeMux pattern, such as "/console/". They
	// get request ids, logs and metrics, and must check their callers
	// themselves.
	Mount map[string]http.Handler
}

// server is the handler that New returns.
type server struct {
	starter  Starter
	auth     Authenticator
	members  func(ctx context.Context, hotel string) (map[string][]string, error)
	log      *slog.Logger
	mux      *http.ServeMux
	huma     huma.API
	routes   []route
	duration *prometheus.HistogramVec
	tracer   trace.Tracer
}

// New returns the API's handler.
func New(o Options) (http.Handler, error) {
	if o.Starter == nil || o.Auth == nil {
		return nil, errors.New("api: a starter and an authenticator are needed")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Tracer == nil {
		o.Tracer = noop.NewTracerProvider()
	}
	duration, err := newDuration(o.Registerer)
	if err != nil {
		return nil, err
	}
	s := &server{starter: o.Starter, auth: o.Auth, members: o.Members, log: o.Logger, mux: http.NewServeMux(), duration: duration, tracer: o.Tracer.Tracer(tracerName)}
	s.huma = humago.New(s.mux, config(o.Version))
	s.registerReads()
	s.registerStatus()
	s.registerWrites()
	s.registerConsents(o.Consents)
	s.registerSubjects(o.Subjects)
	s.registerRequests(o.Requests)
	s.registerProcedure(o.Procedure)
	s.registerHolds(o.Holds)
	s.registerRetention(o.Retention)
	s.registerPacks(o.Packs)
	annotate(s.huma.OpenAPI().Components.Schemas)
	if err := s.addPages(); err != nil {
		return nil, err
	}
	s.mux.HandleFunc("POST "+webhookPath, s.webhook)
	if err := s.registerExports(o.Exports); err != nil {
		return nil, err
	}
	s.mux.HandleFunc("GET /healthz", alive)
	if o.Ready != nil {
		s.mux.Handle("GET /readyz", o.Ready)
	}
	if o.Metrics != nil {
		s.mux.Handle("GET /metrics", o.Metrics)
	}
	for pattern, handler := range o.Mount {
		s.mux.Handle(pattern, handler)
	}
	s.mux.HandleFunc("/", s.unmatched)
	return s, nil
}

// config turns off what huma does on its own: its pages load scripts from
// elsewhere, and its links to schemas would fill every answer.
func config(version string) huma.Config {
	c := huma.DefaultConfig("VoiceHive", version)
	c.CreateHooks, c.DocsPath, c.SchemasPath, c.OpenAPIPath = nil, "", "", ""
	c.RejectUnknownQueryParameters = true
	c.Formats = map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()}
	c.Transformers = []huma.Transformer{transform}
	c.Info.Description = "Bookings for a hotel's AI receptionist: look up rooms, quote, book, change and cancel while the caller waits."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "An OpenID Connect token, or an API key (vhk_...)."},
	}
	c.Security = []map[string][]string{{"bearer": {}}}
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.Schemas = schemas
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	schemas.RegisterTypeAlias(reflect.TypeFor[pms.Date](), reflect.TypeFor[dateSchema]())
	return c
}

// schemaName names a schema by its type; two types of one name in two packages
// are two schemas.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[evidence.Kept]() {
		return "KeptPack"
	}
	return huma.DefaultSchemaNamer(t, hint)
}

func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{\"status\":\"ok\"}\n")
}

// unmatched answers what no route took: 405 when another method would have
// been, else 404.
func (s *server) unmatched(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range methods {
		probe := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := s.mux.Handler(probe); pattern != "/" && pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		s.refuse(w, r, starter.NotFound.With("See /docs for the addresses that there are."))
		return
	}
	for _, method := range allowed {
		w.Header().Add("Allow", method)
	}
	s.refuse(w, r, MethodNotAllowed.With("See the Allow header for the methods of this address."))
}
