package codec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// decode answers POST /decode, the one call of a codec server that there is.
// Nothing of a body is read before its sender is known and has a turn, which
// lasts until the answer is written: a reader who is slow takes their own time.
func (s *server) decode(w http.ResponseWriter, r *http.Request) {
	caller, err := s.known(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	done, err := s.turns.take(r.Context(), caller.Subject)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer done()
	answer, err := s.answer(w, r, caller)
	// Not every writer has deadlines; the server's own hold for those.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer) // a caller that is gone needs no answer
}

// known tells who asks, when they may ask at all.
func (s *server) known(r *http.Request) (auth.Caller, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return auth.Caller{}, unsupportedMedia.With("Send the payloads as Content-Type: application/json.")
	}
	caller, err := s.caller(r)
	if err != nil {
		return auth.Caller{}, err
	}
	if r.Header.Get("X-Namespace") != s.Namespace {
		return auth.Caller{}, starter.Forbidden.With("The header X-Namespace must name the namespace that this server is for.")
	}
	return caller, s.limits.take(caller.Subject, 1)
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, caller auth.Caller) ([]byte, error) {
	payloads, err := body(w, r)
	if err != nil {
		return nil, err
	}
	if err := s.limits.take(caller.Subject, max(0, len(payloads)-1)); err != nil {
		return nil, err
	}
	// Who hangs up has asked all the same: what is begun is written down.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), workTime)
	defer cancel()
	return s.openAll(ctx, &rights{server: s, caller: caller, at: map[string]standing{}}, payloads)
}

// body reads the payloads, bounded in length, number and time.
func body(w http.ResponseWriter, r *http.Request) ([]*commonpb.Payload, error) {
	// Not every writer has deadlines; the server's own hold for those.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTime))
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, starter.TooLarge.With(fmt.Sprintf("A body has at most %d MiB; ask for fewer payloads at once.", MaxBody>>20))
	case err != nil:
		return nil, starter.MalformedRequest.With("The body ended early or came too slowly; send it again.")
	}
	var all commonpb.Payloads
	// What a later Web UI adds to its request is no reason to refuse it.
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, &all); err != nil {
		// The cause quotes the body.
		return nil, starter.MalformedRequest.With(`The body must be JSON of the form {"payloads":[...]}, as Temporal's own tools send it.`)
	}
	if len(all.Payloads) > MaxPayloads {
		return nil, starter.TooLarge.With(fmt.Sprintf("A request has at most %d payloads; ask for fewer at once.", MaxPayloads))
	}
	return all.Payloads, nil
}

// openAll opens what may be opened, writes down who saw what, and only then
// makes the answer.
func (s *server) openAll(ctx context.Context, has *rights, payloads []*commonpb.Payload) ([]byte, error) {
	if err := has.admit(ctx, payloads); err != nil {
		return nil, err
	}
	found := s.Opener.Open(ctx, payloads, func(id string) bool { return has.standing(ctx, hotelOf(id)).right == read })
	seen, out := newReading(has), make([]*commonpb.Payload, len(payloads))
	for i, o := range found {
		what := outcome(o, has.standing(ctx, hotelOf(o.KeyID)).right > none)
		seen.add(o.KeyID, what)
		out[i] = answerTo(payloads[i], o, what)
	}
	if err := seen.record(ctx, s); err != nil {
		return nil, err
	}
	if seen.onlyUnavailable() {
		return nil, later("The keys cannot be reached just now, so nothing can be opened; ask again in a moment.")
	}
	text, err := protojson.Marshal(&commonpb.Payloads{Payloads: out})
	if err != nil {
		return nil, fmt.Errorf("codec: writing the answer: %w", err)
	}
	return text, nil
}

// later is a failure on our side that passes.
func later(detail string) *starter.Problem {
	p := starter.Unavailable.With(detail)
	p.RetryAfter = 5 * time.Second
	return p
}
