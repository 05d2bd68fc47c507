package apaleo

import (
	"cmp"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A lateCommit is a request that the vendor still has in hand although its
// connection is gone.
type lateCommit struct {
	due  time.Time
	op   operation
	call *call
}

// inject runs an admitted request under a fault. Faulted answers carry a
// header, so that a spec check in front can tell them from real ones.
func (s *Sandbox) inject(w http.ResponseWriter, c *call, op operation, fault Fault) {
	if fault.Kind != "" && !slices.Contains(honest, fault.Kind) {
		w.Header().Set(faultSign, string(fault.Kind))
	}
	switch fault.Kind {
	case ResetBefore:
		cut(w)
	case ErrorBefore:
		write(w, fault.failure(http.StatusServiceUnavailable))
	case BadGateway:
		garble(w, cmp.Or(fault.Status, http.StatusBadGateway), "text/html", proxyPage)
	case RateLimited:
		write(w, s.rateLimited(fault))
	case Forbidden:
		write(w, status(http.StatusForbidden))
	case LateCommit:
		s.postpone(op, c, fault.Delay)
		if fault.Withhold {
			<-c.Context().Done()
		}
		cut(w)
	default:
		s.reply(w, c, op, fault, s.run(op, c))
	}
}

// proxyPage is what a proxy in front of the vendor answers for it.
const proxyPage = "<!doctype html><title>Please wait</title><p>The service is busy.</p>"

// reply sends what is left of the answer after the operation took effect.
func (s *Sandbox) reply(w http.ResponseWriter, c *call, op operation, fault Fault, result answer) {
	switch fault.Kind {
	case ResetAfter:
		cut(w)
	case ErrorAfter:
		write(w, fault.failure(http.StatusInternalServerError))
	case GatewayTimeout:
		garble(w, cmp.Or(fault.Status, http.StatusGatewayTimeout), "text/html", proxyPage)
	case HoldAfter:
		s.hold(w, c, op, result)
	case WebhookFirst:
		s.hooks.drained(c.Context())
		write(w, result)
	case MalformedJSON:
		garble(w, result.status, jsonType, `{"id": "XP`+"\x01"+`", reservationIds: [}`)
	case HTMLAnswer:
		garble(w, cmp.Or(fault.Status, http.StatusOK), "text/html", proxyPage)
	case TruncatedJSON:
		truncate(w, result)
	case EmptyAnswer:
		write(w, status(http.StatusOK))
	case NoContent:
		write(w, status(http.StatusNoContent))
	case OversizedBody:
		write(w, stuffed(result))
	case SlowBody:
		drip(w, c, result, fault.Delay)
	case WrongMedia:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		write(w, result)
	case NumberAsText, OtherDates, UnknownValues:
		write(w, damaged(result, damages[fault.Kind]))
	default:
		write(w, result)
	}
}

// hold keeps the answer until somebody releases or drops it.
func (s *Sandbox) hold(w http.ResponseWriter, c *call, op operation, result answer) {
	if s.holds.wait(c.Context(), op.name, s.Now()) {
		write(w, result)
		return
	}
	s.lost()
	w.Header().Set(faultSign, string(HoldAfter))
	cut(w)
}

// withBody is the status of an answer that gets a body it should not have.
func withBody(code int) int {
	if code == http.StatusNoContent {
		return http.StatusOK
	}
	return code
}

func (f Fault) failure(code int) answer {
	a := status(cmp.Or(f.Status, code))
	if f.RetryAfter > 0 {
		a.header = map[string]string{"Retry-After": strconv.Itoa(seconds(f.RetryAfter))}
	}
	return a
}

func (s *Sandbox) rateLimited(f Fault) answer {
	a := f.failure(http.StatusTooManyRequests)
	a.status = http.StatusTooManyRequests
	if a.header == nil {
		a.header = map[string]string{}
	}
	a.header["x-rate-limit-limit"] = "10m"
	a.header["x-rate-limit-remaining"] = "0"
	a.header["x-rate-limit-reset"] = s.Now().UTC().Add(max(f.RetryAfter, time.Second)).Format(time.RFC3339)
	return a
}

// cut drops the connection with a reset where it can, so that the client sees
// neither an answer nor a clean end.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's own way to drop a connection
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the client sees an orderly end
	}
	_ = conn.Close() // nothing to do about a connection that is gone already
}

func garble(w http.ResponseWriter, code int, contentType, body string) {
	w.Header().Set("Content-Type", contentType+"; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body)) // a client that hung up cannot be told
}

// truncate announces the whole answer, sends half and hangs up.
func truncate(w http.ResponseWriter, result answer) {
	data, err := result.encode()
	if err != nil || len(data) == 0 {
		cut(w)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(result.status)
	_, _ = w.Write(data[:len(data)/2])
	_ = http.NewResponseController(w).Flush() // best effort: half must be under way
	panic(http.ErrAbortHandler)               // net/http's own way to drop a connection
}

// postpone lets a request take effect later, on the sandbox's clock.
func (s *Sandbox) postpone(op operation, c *call, delay time.Duration) {
	s.mu.Lock()
	s.late = append(s.late, lateCommit{due: s.now().Add(delay), op: op, call: c})
	s.mu.Unlock()
	// The timer is for those who watch webhooks; anybody who asks the sandbox
	// settles what is due first.
	time.AfterFunc(delay+time.Millisecond, s.settle)
}

// settle lets the late commits that are due happen, in order.
func (s *Sandbox) settle() {
	for {
		s.mu.Lock()
		if len(s.late) == 0 {
			s.mu.Unlock()
			return
		}
		first := 0
		for i := range s.late {
			if s.late[i].due.Before(s.late[first].due) {
				first = i
			}
		}
		next := s.late[first]
		if next.due.After(s.now()) {
			s.mu.Unlock()
			return
		}
		s.late = append(s.late[:first:first], s.late[first+1:]...)
		s.counters.LateCommits++
		s.mu.Unlock()
		s.run(next.op, next.call)
	}
}
