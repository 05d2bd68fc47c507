package credentials

import (
	"context"
	"errors"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// refresh does what is due about what the caller saw: gets something in its
// place, or looks whether it still is the newest. A caller that was slow to get
// here finds that another one did it.
func (a *Account) refresh(ctx context.Context, seen *held) (*held, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	a.mu.Lock()
	h, unwanted, now := a.held, a.unwanted, time.Now()
	a.mu.Unlock()
	switch {
	case h == nil:
		return a.obtain(ctx, unwanted)
	case !h.usable(now):
		return a.obtain(ctx, h.token)
	case seen == nil || seen.number != h.number:
		return h, nil
	case h.stale(now):
		return a.renew(ctx, h, h.token)
	case now.Before(h.checkAt):
		return h, nil
	}
	return a.check(ctx, h)
}

// check looks whether the entry was changed since, and takes up what is new.
func (a *Account) check(ctx context.Context, h *held) (*held, error) {
	keeper, ok := a.tokens.store.(Keeper)
	if !ok {
		if h.token.IsZero() {
			return a.renew(ctx, h, Secret{})
		}
		return a.postpone(h, a.tokens.recheck), nil
	}
	a.saveLate(ctx, keeper)
	version, err := keeper.Version(ctx, a.ref)
	switch {
	case errors.Is(err, ErrNotFound):
		// Taken away: then it is not used any more either.
		a.mu.Lock()
		a.held = nil
		a.mu.Unlock()
		return nil, a.storeFailure(err)
	case err != nil || version == h.version:
		return a.postpone(h, a.tokens.recheck), nil
	}
	return a.renew(ctx, h, Secret{})
}

// renew replaces what still holds; when that fails, it is kept for now.
func (a *Account) renew(ctx context.Context, h *held, unwanted Secret) (*held, error) {
	next, err := a.obtain(ctx, unwanted)
	if err == nil {
		return next, nil
	}
	pause := renewalPause
	var failure *pms.Error
	if errors.As(err, &failure) {
		pause = max(pause, failure.RetryAfter)
	}
	return a.postpone(h, pause), nil
}

// postpone keeps what holds and looks after it later.
func (a *Account) postpone(h *held, pause time.Duration) *held {
	later := *h
	now := time.Now()
	later.checkAt = now.Add(pause)
	if h.stale(now) {
		later.renewAt = later.checkAt
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held != nil && a.held.number == h.number {
		a.held = &later
	}
	return &later
}

// obtain gets credentials anew: from the store, and where the kind has tokens,
// from the identity server. A token equal to unwanted is of no use.
func (a *Account) obtain(ctx context.Context, unwanted Secret) (*held, error) {
	if err := a.remembered(func(r *refusal) bool { return r.any }); err != nil {
		return nil, err
	}
	entry, err := a.entry(ctx)
	if err != nil {
		return nil, a.storeFailure(err)
	}
	c := entry.Credentials
	if err := errors.Join(c.Validate(a.ref), a.scheme.refuse(a.ref, c)); err != nil {
		return nil, a.storeFailure(err)
	}
	if err := a.remembered(func(r *refusal) bool { return r.version == entry.Version }); err != nil {
		return nil, err
	}
	h := &held{header: make(map[string]Secret), version: entry.Version}
	switch c.kind() {
	case APIKey:
		h.header[a.scheme.KeyHeader] = c.Key
	case BodyTokens:
		h.fields = c.Tokens
	default:
		granted, version, err := a.token(ctx, entry, unwanted)
		if err != nil {
			return nil, a.remember(err, entry.Version)
		}
		h.hold(granted, time.Now())
		h.version = version
	}
	a.scheme.apply(c, false, func(name string, value Secret) { h.header[name] = value })
	return a.keep(h), nil
}

// entry reads the store. One that keeps no versions has the empty one.
func (a *Account) entry(ctx context.Context) (Entry, error) {
	if keeper, ok := a.tokens.store.(Keeper); ok {
		return keeper.Entry(ctx, a.ref)
	}
	c, err := a.tokens.store.Credentials(ctx, a.ref)
	return Entry{Credentials: c}, err
}

// hold takes a token. It is renewed a minute, or a tenth of its life, before
// its end, whichever is less, so no caller waits for a renewal; the last
// seconds are not used at all, for the vendor's clock may be ahead of ours.
func (h *held) hold(granted Access, now time.Time) {
	h.token, h.scopes = granted.Token, granted.Scopes
	h.header["Authorization"] = NewSecret("Bearer " + h.token.Reveal())
	if granted.EndsAt.IsZero() {
		return // then a 401 tells its end
	}
	life := granted.EndsAt.Sub(now)
	h.renewAt = granted.EndsAt.Add(-min(time.Minute, life/10))
	h.endsAt = granted.EndsAt.Add(-min(5*time.Second, life/20))
}

// keep makes h what is put on requests, unless the vendor refused it while it
// was being got.
func (a *Account) keep(h *held) *held {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.isUnwanted(h) {
		return h
	}
	a.count++
	h.number = a.count
	h.checkAt = time.Now().Add(a.tokens.recheck)
	if a.unsaved != nil {
		h.checkAt = time.Now().Add(renewalPause)
	}
	a.held, a.unwanted, a.refused = h, Secret{}, nil
	return h
}

// remember keeps a refusal in mind for some time, and passes it on.
func (a *Account) remember(err error, version Version) error {
	var failure *pms.Error
	if !errors.As(err, &failure) {
		return err
	}
	said := &refusal{err: err, version: version}
	switch failure.Kind {
	case pms.ErrRateLimited:
		said.any, said.until = true, time.Now().Add(failure.RetryAfter)
	case pms.ErrAuthentication, pms.ErrPermission:
		said.until = time.Now().Add(refusalPause)
	default:
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused = said
	return err
}

// remembered is a refusal that still counts and that applies.
func (a *Account) remembered(applies func(*refusal) bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refused != nil && time.Now().Before(a.refused.until) && applies(a.refused) {
		return a.refused.err
	}
	return nil
}
