package vault

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/hashicorp/vault/api"
)

// A session is one token and what is known of its life. It never changes.
type session struct {
	api       *api.Client // with the token
	ours      bool        // it came from a login of ours, so we may revoke it
	renewable bool
	life      time.Duration // as Vault gave it at the login
	renewAt   time.Time     // zero: it need not be renewed
	endsAt    time.Time     // zero: it has no end
}

// newSession is a session from the answer to a login that was asked for then.
func newSession(client *api.Client, auth *api.SecretAuth, ours bool, asked time.Time) *session {
	s := &session{api: client, ours: ours, renewable: auth.Renewable, life: time.Duration(auth.LeaseDuration) * time.Second}
	return s.prolonged(s.life, asked)
}

// prolonged is the session with a new end. It is due when two thirds of its
// time are over, less some chance, so that a fleet does not come at once.
func (s *session) prolonged(left time.Duration, now time.Time) *session {
	next := *s
	next.renewAt, next.endsAt = time.Time{}, time.Time{}
	if left > 0 {
		next.endsAt = now.Add(left)
		next.renewAt = now.Add(left/2 + rand.N(left/6+1))
	}
	return &next
}

// postponed is the session, to be renewed later.
func (s *session) postponed(at time.Time) *session {
	next := *s
	next.renewAt = at
	return &next
}

func (s *session) holds(now time.Time) bool { return s.endsAt.IsZero() || now.Before(s.endsAt) }

// current returns a session that holds, and logs in when there is none. One
// login serves all who wait, so it does not end with the first of them.
func (c *Client) current(ctx context.Context) (*session, error) {
	c.mu.Lock()
	s := c.session
	c.mu.Unlock()
	if s != nil && s.holds(c.clock()) {
		return s, nil
	}
	result := c.flight.DoChan("", func() (any, error) { return c.logIn() })
	select {
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*session), nil
	case <-ctx.Done():
		return nil, &Error{Kind: ErrUnavailable, Op: "log in", Path: c.login.path(), Cause: ctx.Err()}
	}
}

// logIn starts a new session in place of any that is there.
func (c *Client) logIn() (*session, error) {
	ctx, cancel := context.WithTimeout(c.closing, c.timeout)
	defer cancel()
	client, err := c.api.CloneWithHeaders() // the namespace is a header
	if err != nil {
		return nil, failure("log in", c.login.path(), err)
	}
	asked := c.clock() // its time may count from then on
	auth, err := c.login.logIn(ctx, client)
	if err != nil {
		return nil, refusedLogin(failure("log in", c.login.path(), err))
	}
	client.SetToken(auth.ClientToken)
	s := newSession(client, auth, c.login.ours(), asked)
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
	select {
	case c.changed <- struct{}{}:
	default: // the keeper will look anyway
	}
	return s, nil
}

// refusedLogin: Vault answers a wrong role or secret with 400, as if the
// request were ill-formed.
func refusedLogin(err error) error {
	var f *Error
	if errors.As(err, &f) && (f.Kind == ErrRefused || f.Kind == ErrDenied && f.Status != 0) {
		f.Kind, f.Detail = ErrDenied, "check the login's role and secret, and that its auth method is mounted there"
	}
	return err
}

// forget drops a dead session; another one may be there already.
func (c *Client) forget(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil && c.session.api.Token() == s.api.Token() {
		c.session = nil
	}
}

// keep renews the session before it ends, until Close.
func (c *Client) keep() {
	failures := 0
	for {
		c.mu.Lock()
		s := c.session
		c.mu.Unlock()
		var due <-chan time.Time
		if s != nil && !s.renewAt.IsZero() {
			due = time.After(s.renewAt.Sub(c.clock()))
		}
		select {
		case <-c.closing.Done():
			return
		case <-c.changed:
		case <-due:
			if err := c.renew(s); err == nil {
				failures = 0
			} else {
				failures = min(failures+1, 5)
				wait := time.Second << failures / 2
				c.log.Warn("Vault's token could not be renewed.", "error", err, "again_in", wait)
				c.replace(s, s.postponed(c.clock().Add(wait)))
			}
		}
	}
}

// renew prolongs a session, or logs in again when that is not possible any
// more: a token has a longest life, after which Vault cuts what it grants.
func (c *Client) renew(s *session) error {
	if s.renewable {
		ctx, cancel := context.WithTimeout(c.closing, c.timeout)
		defer cancel()
		asked := c.clock()
		answer, err := s.api.Auth().Token().RenewSelfWithContext(ctx, int(s.life/time.Second))
		if err == nil && answer != nil && answer.Auth != nil {
			left := time.Duration(answer.Auth.LeaseDuration) * time.Second
			if left > s.life/2 {
				c.replace(s, s.prolonged(left, asked))
				return nil
			}
		}
	}
	_, err, _ := c.flight.Do("", func() (any, error) { return c.logIn() })
	return err
}

// replace puts a session in place of one that is still the current one.
func (c *Client) replace(old, next *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == old {
		c.session = next
	}
}
