package credentials

import (
	"context"
	"errors"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Many identity servers hand out a new refresh token with each token and
// forget the old one: two processes that renew at once would shut each other
// out for good. So the token of an AuthorizationCode is kept in the store, for
// the whole fleet, and renewed like this:
//
//   - Whoever wants to renew writes a claim into the entry, at the version it
//     saw. Of several, one gets through; the others wait for its token.
//   - Only then it shows the refresh token. The answer replaces the old one in
//     the store before anybody uses it; the store refuses an older version.
//   - A claim ends by itself, for its owner may have died. If it died between
//     the answer and the store, the refresh token is lost, and the hotel must
//     connect again: that window is the price of servers that forget at once.
const (
	// claimTime is longer than all that is done under a claim.
	claimTime = 20 * time.Second
	// exchangeTimeout bounds the request under a claim, saveTimeout what follows.
	exchangeTimeout = 8 * time.Second
	saveTimeout     = 3 * time.Second
	// claimPoll is how often those who wait look for the owner's token.
	claimPoll = 100 * time.Millisecond
)

// unsaved is what an exchange brought and the store did not take yet.
type unsaved struct {
	old  Secret // the refresh token that was used up
	next Credentials
}

// shared returns the entry with a token that holds and is not the unwanted
// one: that of the store, or a new one.
func (a *Account) shared(ctx context.Context, unwanted Secret) (Entry, error) {
	keeper, ok := a.tokens.store.(Keeper)
	if !ok {
		return Entry{}, a.failure(pms.ErrAuthentication, "this store cannot keep refresh tokens that change", nil)
	}
	a.saveLate(ctx, keeper)
	for {
		entry, err := keeper.Entry(ctx, a.ref)
		if err != nil {
			return Entry{}, a.storeFailure(err)
		}
		c, now := entry.Credentials, time.Now()
		switch {
		case c.Access.holds(now) && c.Access.Token.Reveal() != unwanted.Reveal():
			return entry, nil
		case c.RefreshToken.IsZero():
			return Entry{}, a.storeFailure(&FieldError{Ref: a.ref, Field: "refresh_token", Reason: "is missing; let the hotel connect first"})
		case now.Before(c.Access.ClaimedUntil):
			if err := pause(ctx, claimPoll); err != nil {
				return Entry{}, a.failure(pms.ErrUnavailable, "no token came in time", err)
			}
			continue
		}
		c.Access.ClaimedUntil = now.Add(claimTime)
		claim, err := keeper.Replace(ctx, a.ref, c, entry.Version)
		switch {
		case errors.Is(err, ErrConflict): // somebody was faster
		case err != nil:
			return Entry{}, a.storeFailure(err)
		default:
			return a.exchange(ctx, keeper, Entry{c, claim})
		}
	}
}

// exchange shows the refresh token of a claimed entry, and stores what comes.
func (a *Account) exchange(ctx context.Context, keeper Keeper, claimed Entry) (Entry, error) {
	// What was begun is brought to its end: the old token may be used up.
	ctx = context.WithoutCancel(ctx)
	asking, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	access, refresh, refused := a.grant(asking, claimed.Credentials)
	saving, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	next := claimed.Credentials
	next.Access.ClaimedUntil = time.Time{}
	if refused != nil {
		// The claim is given back; if not, it ends by itself.
		_, _ = keeper.Replace(saving, a.ref, next, claimed.Version)
		return Entry{}, refused
	}
	next.Access = access
	if !refresh.IsZero() {
		next.RefreshToken = refresh
	}
	late := unsaved{old: claimed.Credentials.RefreshToken, next: next}
	version, err := late.save(saving, keeper, a.ref, claimed.Version)
	if err != nil {
		// The token is good all the same, and the new refresh token is not
		// forgotten: it is stored as soon as the store can be had.
		a.mu.Lock()
		a.unsaved = &late
		a.mu.Unlock()
	}
	return Entry{next, version}, nil
}

// savePause is the time between two tries to store a refresh token.
const savePause = 200 * time.Millisecond

// save stores what an exchange brought. It tries until ctx ends, for a refresh
// token that is lost shuts the hotel out.
func (u unsaved) save(ctx context.Context, keeper Keeper, ref string, seen Version) (Version, error) {
	next := u.next
	for {
		version, err := keeper.Replace(ctx, ref, next, seen)
		if err == nil {
			return version, nil
		}
		if !errors.Is(err, ErrConflict) {
			if pause(ctx, savePause) != nil {
				return "", err
			}
		}
		// Somebody wrote, or our own write was not answered: look what is there.
		entry, err := keeper.Entry(ctx, ref)
		switch {
		case errors.Is(err, ErrNotFound), errors.Is(err, ErrInvalid):
			return "", nil // taken away meanwhile: not ours to bring back
		case err != nil:
			if ctx.Err() != nil {
				return "", err
			}
			continue
		}
		found := entry.Credentials
		switch {
		case found.Access.Token.Reveal() == next.Access.Token.Reveal():
			return entry.Version, nil // it did arrive
		case found.RefreshToken.Reveal() != u.old.Reveal():
			return entry.Version, nil // the hotel connected anew: that is better
		}
		// An operator changed another field, or the claim ran out and was taken.
		found.RefreshToken, found.Access = next.RefreshToken, next.Access
		next, seen = found, entry.Version
	}
}

// saveLate tries once more to store what could not be stored.
func (a *Account) saveLate(ctx context.Context, keeper Keeper) {
	a.mu.Lock()
	late := a.unsaved
	a.mu.Unlock()
	if late == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, savePause)
	defer cancel()
	entry, err := keeper.Entry(ctx, a.ref)
	if err != nil {
		return
	}
	if entry.Credentials.RefreshToken.Reveal() == late.old.Reveal() {
		if _, err := late.save(ctx, keeper, a.ref, "unseen"); err != nil {
			return
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.unsaved == late {
		a.unsaved = nil
	}
}

// holds tells whether a token can still be handed to a caller.
func (t Access) holds(now time.Time) bool {
	return !t.Token.IsZero() && (t.EndsAt.IsZero() || now.Before(t.EndsAt.Add(-5*time.Second)))
}

// pause waits, or fails when ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
