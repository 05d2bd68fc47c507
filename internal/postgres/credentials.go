package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// ErrNoLogin: the login that was leased has ended, and no other could be had.
// Connections that are open go on.
var ErrNoLogin = errors.New("postgres: there is no login to connect with; see to the Vault that lends them")

// ErrLeaseOver is what Credentials answer for a lease that nothing prolongs.
var ErrLeaseOver = errors.New("postgres: the lease is over")

// A Lease is a login that ends. It prints without its password.
type Lease struct {
	User     string
	Password string        `json:"-"`
	TTL      time.Duration // how long it lives unless it is renewed
	// Origin is for the Credentials it came from.
	Origin any `json:"-"`
}

// Format implements fmt.Formatter.
func (l Lease) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "login "+l.User) }

// Credentials lend the logins of a pool, as Vault's database engine does.
type Credentials interface {
	// Lease makes a new login.
	Lease(ctx context.Context) (Lease, error)
	// Renew prolongs a lease by its TTL and tells what it has left, or fails with
	// ErrLeaseOver.
	Renew(ctx context.Context, lease Lease) (left time.Duration, err error)
	// Revoke drops the login. One that is gone is no error.
	Revoke(ctx context.Context, lease Lease) error
}

// WithCredentials connects with leased logins instead of the user and password
// of the URL, which must hold no password. A lease is renewed while the pool is
// open. Before it cannot be renewed any more a new one takes its place: new
// connections use that, the old ones are closed when their transaction is
// over, and then the old lease is given back. Close gives the last one back.
//
// While the lender is away open connections go on, and new ones are made for
// as long as the login lives.
func WithCredentials(c Credentials) Option {
	return func(o *options) { o.credentials = c }
}
