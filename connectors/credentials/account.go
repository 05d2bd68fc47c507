package credentials

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

const (
	// fetchTimeout bounds how long one caller's token may take, with the store.
	fetchTimeout = 15 * time.Second
	// renewalPause is the least time between two tries of a renewal, while the
	// token that is there still holds.
	renewalPause = time.Second
	// refusalPause is how long a refused secret is not shown again: vendors lock
	// accounts that keep on trying. A change in the store ends it.
	refusalPause = 5 * time.Second
)

// An Account puts one account's credentials on requests. It is the
// transport.Authorizer of every kind of credentials.
type Account struct {
	tokens *Tokens
	ref    string
	scheme Scheme
	flight singleflight.Group

	mu       sync.Mutex
	held     *held    // nil: nothing that holds
	unwanted Secret   // a token that the vendor refused
	refused  *refusal // the identity server's last word, while it counts
	unsaved  *unsaved // what the store could not take yet
	count    int      // of what was held so far
}

var _ transport.Authorizer = (*Account)(nil)

// held is what goes on requests. It never changes. All of it is Secret, for
// some verbs of fmt print what pointers point to.
type held struct {
	number  int // tells it from others; a postponed one keeps it
	header  map[string]Secret
	fields  map[string]Secret // of the body
	token   Secret            // zero for kinds without
	scopes  []string          // as granted
	version Version
	checkAt time.Time // from here on the store is asked for a newer version
	renewAt time.Time // from here on it is renewed in the background; zero: never
	endsAt  time.Time // from here on callers wait for the next; zero: no end told
}

// A refusal is remembered for some time.
type refusal struct {
	err     error
	version Version // the secret that was refused
	any     bool    // whatever the secret
	until   time.Time
}

func (h *held) usable(now time.Time) bool { return h.endsAt.IsZero() || now.Before(h.endsAt) }
func (h *held) stale(now time.Time) bool  { return !h.renewAt.IsZero() && !now.Before(h.renewAt) }

// Format prints the reference alone: what an Account holds is nobody's to see.
func (a *Account) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "credentials.Account(%s)", a.ref)
}

// Authorize puts the credentials on a request, and gets them first when there
// are none that hold. Errors are *pms.Error: ErrAuthentication when the entry
// is missing or wrong or the identity server refused it, ErrPermission when it
// refused the scopes, ErrRateLimited, and ErrUnavailable when the store or the
// identity server could not be asked.
func (a *Account) Authorize(ctx context.Context, r *transport.Outgoing) error {
	h, err := a.current(ctx)
	if err != nil {
		return err
	}
	for name, value := range h.header {
		r.Header.Set(name, value.Reveal())
	}
	for name, value := range h.fields {
		if err := r.SetField(name, value.Reveal()); err != nil {
			return a.failure(pms.ErrValidation, "the credentials find no place in the body", err)
		}
	}
	r.Used = h
	return nil
}

// Refused forgets the credentials of a request that the vendor answered with
// 401. Only those: another caller may have got the next ones already.
func (a *Account) Refused(r *transport.Outgoing) {
	used, ok := r.Used.(*held)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held != nil && a.held.same(used) {
		a.held, a.unwanted = nil, used.token
	}
}

// same tells whether the vendor sees no difference: another version of the
// entry can come with the same token.
func (h *held) same(other *held) bool {
	return h.number == other.number || !h.token.IsZero() && h.token.Reveal() == other.token.Reveal()
}

// current returns what holds. What was being got while the vendor refused it
// does not hold, so it is got once more.
func (a *Account) current(ctx context.Context) (*held, error) {
	h, err := a.await(ctx)
	if err == nil && a.refusedMeanwhile(h) {
		return a.await(ctx)
	}
	return h, err
}

func (a *Account) refusedMeanwhile(h *held) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.isUnwanted(h)
}

// isUnwanted tells whether the vendor refused what h holds. The caller has mu.
func (a *Account) isUnwanted(h *held) bool {
	return !a.unwanted.IsZero() && h.token.Reveal() == a.unwanted.Reveal()
}

// await waits only when there is nothing that holds.
func (a *Account) await(ctx context.Context) (*held, error) {
	now := time.Now()
	a.mu.Lock()
	h := a.held
	a.mu.Unlock()
	usable := h != nil && h.usable(now)
	if usable && !h.stale(now) && now.Before(h.checkAt) {
		return h, nil
	}
	// The work serves all who wait, so it must not end with the first caller.
	done := a.flight.DoChan("", func() (any, error) { return a.refresh(context.WithoutCancel(ctx), h) })
	if usable {
		return h, nil
	}
	select {
	case result := <-done:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*held), nil
	case <-ctx.Done():
		return nil, a.failure(pms.ErrUnavailable, "no token came in time", ctx.Err())
	}
}
