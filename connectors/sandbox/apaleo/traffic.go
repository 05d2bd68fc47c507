package apaleo

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is a request that the sandbox has in hand, or had in hand when its
// client went away.
type Request struct {
	ID        int       `json:"id"`
	Operation string    `json:"operation"`
	Peer      string    `json:"peer"` // the client's address, which tells its process
	Since     time.Time `json:"since"`
}

// maxAbandoned is how many abandoned requests are remembered.
const maxAbandoned = 256

// traffic follows requests from their arrival to their answer, so that a test
// can prove that killing a client interrupted one.
type traffic struct {
	mu        sync.Mutex
	next      int
	open      map[int]Request
	abandoned []Request // the latest last
	lost      int
}

// begin notes a request; end, called when the sandbox is done with it, notes
// whether its client waited so long.
func (t *traffic) begin(r *http.Request, operation string, now time.Time) (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next++
	request := Request{ID: t.next, Operation: operation, Peer: r.RemoteAddr, Since: now}
	if t.open == nil {
		t.open = map[int]Request{}
	}
	t.open[request.ID] = request
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.open, request.ID)
		// The server ends the context when the client hangs up; a connection
		// that a fault has cut does not count.
		if r.Context().Err() == nil {
			return
		}
		t.lost++
		t.abandoned = append(t.abandoned, request)
		if extra := len(t.abandoned) - maxAbandoned; extra > 0 {
			t.abandoned = slices.Delete(t.abandoned, 0, extra)
		}
	}
}

// picture returns the open requests, oldest first, the latest abandoned ones
// and how many were abandoned in all.
func (t *traffic) picture() (open, abandoned []Request, lost int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	open = make([]Request, 0, len(t.open))
	for _, r := range t.open {
		open = append(open, r)
	}
	slices.SortFunc(open, func(a, b Request) int { return cmp.Compare(a.ID, b.ID) })
	return open, slices.Clone(t.abandoned), t.lost
}

// clear forgets what was abandoned; open requests stay open.
func (t *traffic) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.abandoned, t.lost = nil, 0
}
