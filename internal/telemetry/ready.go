package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// readyTime bounds an answer of /readyz: whoever asks has other work.
const readyTime = 2 * time.Second

// A Part is something else that a process works with.
type Part struct {
	Name string
	// Ask returns nil when all is well. Only a Reason's word is shown.
	Ask func(context.Context) error
	// Spared: without it the process goes on, in a worse way, and must not be
	// taken out of service for it.
	Spared bool
}

// Because is an error with a word for everybody, such as "is sealed". The cause,
// which may be nil, is for the log.
func Because(word string, cause error) error { return reason{word, cause} }

type reason struct {
	word  string
	cause error
}

func (r reason) Error() string {
	if r.cause == nil {
		return r.word
	}
	return r.word + ": " + r.cause.Error()
}

func (r reason) Unwrap() error { return r.cause }

// What /readyz says of a part.
const (
	partWell   = "ok"
	partSilent = "no answer in time"
	partAway   = "does not answer"
)

// readiness is what /readyz answers.
type readiness struct {
	// Status is ready; degraded when something is wrong that the process goes on
	// without; or unavailable, with status 503.
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts"`
}

// A Readiness answers /readyz. All parts are asked at once, within two seconds,
// and one round serves all who ask meanwhile: anybody may ask.
type Readiness struct {
	parts  []Part
	log    *slog.Logger
	flight singleflight.Group

	mu   sync.Mutex
	last map[string]string // what was said last, to log a change only
}

// NewReadiness returns the handler of /readyz. What is wrong, and why, it tells
// the log when it begins and when it ends.
func NewReadiness(log *slog.Logger, parts ...Part) *Readiness {
	return &Readiness{parts: parts, log: log, last: map[string]string{}}
}

// ServeHTTP implements http.Handler.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	ctx := context.WithoutCancel(request.Context()) // the round is not this asker's alone
	answer, _, _ := r.flight.Do("", func() (any, error) { return r.ask(ctx), nil })
	found := answer.(readiness)
	w.Header().Set("Content-Type", "application/json")
	if found.Status == "unavailable" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(found)
}

// ask asks all parts and waits for none that does not keep to its time.
func (r *Readiness) ask(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	type answer struct {
		part int
		err  error
	}
	answers := make(chan answer, len(r.parts))
	for i, part := range r.parts {
		go func() { answers <- answer{i, part.Ask(ctx)} }()
	}
	errs := make([]error, len(r.parts))
	for i := range errs {
		errs[i] = context.DeadlineExceeded
	}
	for range r.parts {
		select {
		case a := <-answers:
			errs[a.part] = a.err
		case <-ctx.Done():
			return r.told(ctx, errs)
		}
	}
	return r.told(ctx, errs)
}

func (r *Readiness) told(ctx context.Context, errs []error) readiness {
	found := readiness{Status: "ready", Parts: map[string]string{}}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, part := range r.parts {
		word := wordOf(errs[i])
		found.Parts[part.Name] = word
		switch {
		case word == partWell:
		case !part.Spared:
			found.Status = "unavailable"
		case found.Status == "ready":
			found.Status = "degraded"
		}
		before, known := r.last[part.Name]
		r.last[part.Name] = word
		switch {
		case word == before:
		case word != partWell:
			r.log.WarnContext(ctx, "A part that this process works with is not well.", "part", part.Name, "word", word, "error", errs[i])
		case known:
			r.log.InfoContext(ctx, "A part is well again.", "part", part.Name)
		}
	}
	return found
}

func wordOf(err error) string {
	var known reason
	switch {
	case err == nil:
		return partWell
	case errors.As(err, &known):
		return known.word
	case errors.Is(err, context.DeadlineExceeded):
		return partSilent
	}
	return partAway
}
