package apaleo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Held is a request that took effect and whose answer is being kept back.
type Held struct {
	ID        string    `json:"id"`
	Operation string    `json:"operation"`
	Since     time.Time `json:"since"`
}

// holdSet keeps answers back until somebody releases them.
type holdSet struct {
	mu      sync.Mutex
	next    int
	all     []hold
	changed chan struct{} // closed and replaced when all changes
}

type hold struct {
	Held
	done chan bool // true: send the answer; false: drop it
}

func newHoldSet() *holdSet { return &holdSet{changed: make(chan struct{})} }

// wait blocks until the answer is released; false when it must be dropped or
// the client is gone.
func (h *holdSet) wait(ctx context.Context, operation string, now time.Time) bool {
	h.mu.Lock()
	h.next++
	entry := hold{Held{fmt.Sprintf("held-%d", h.next), operation, now}, make(chan bool, 1)}
	h.all = append(h.all, entry)
	h.signal()
	h.mu.Unlock()

	select {
	case send := <-entry.done:
		return send
	case <-ctx.Done():
		h.mu.Lock()
		h.all = slices.DeleteFunc(h.all, func(e hold) bool { return e.ID == entry.ID })
		h.signal()
		h.mu.Unlock()
		return false
	}
}

// release ends the hold with the id, or all for ""; it counts them.
func (h *holdSet) release(id string, drop bool) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := len(h.all)
	h.all = slices.DeleteFunc(h.all, func(e hold) bool {
		if id != "" && id != e.ID {
			return false
		}
		e.done <- !drop
		return true
	})
	h.signal()
	return before - len(h.all)
}

// await waits until n answers at least are held.
func (h *holdSet) await(ctx context.Context, n int) ([]Held, error) {
	for {
		h.mu.Lock()
		held, changed := h.list(), h.changed
		h.mu.Unlock()
		if len(held) >= n {
			return held, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return held, fmt.Errorf("%d of %d answers are held: %w", len(held), n, ctx.Err())
		}
	}
}

func (h *holdSet) list() []Held {
	held := make([]Held, len(h.all))
	for i, e := range h.all {
		held[i] = e.Held
	}
	return held
}

func (h *holdSet) signal() {
	close(h.changed)
	h.changed = make(chan struct{})
}
