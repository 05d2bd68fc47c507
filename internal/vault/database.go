package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
)

// A Database is a mount of Vault's database engine, which makes logins that
// end by themselves.
type Database struct {
	client *Client
	mount  string
}

// Database returns the engine that is mounted there. It makes no call.
func (c *Client) Database(mount string) *Database { return &Database{client: c, mount: mount} }

// A Lease is a login that ends when its time is over, when it is revoked, or
// with the token that asked for it. It prints without its password.
type Lease struct {
	Username string
	Password string        `json:"-"`
	ID       string        // for Renew and Revoke
	TTL      time.Duration // from now, in whole seconds

	session *session
}

// Format implements fmt.Formatter.
func (l Lease) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "login "+l.Username) }

// Lease asks for a login of a role of the engine. A role that is not there is
// ErrRefused.
func (d *Database) Lease(ctx context.Context, role string) (Lease, error) {
	const op = "lease a login of"
	path := d.mount + "/creds/" + role
	if !keyName.MatchString(role) {
		return Lease{}, &Error{Kind: ErrRefused, Op: op, Path: d.mount + "/creds/?", Detail: "a role's name is 1 to 128 of letters, digits, dot, dash and underscore"}
	}
	var lease Lease
	err := d.client.doAs(ctx, op, path, func(ctx context.Context, s *session) error {
		answer, err := s.api.Logical().ReadWithContext(ctx, path)
		if err != nil {
			return databaseFailure(op, path, err)
		}
		if answer == nil {
			return &Error{Kind: ErrRefused, Op: op, Path: path, Detail: "check the mount of the database engine"}
		}
		lease = Lease{ID: answer.LeaseID, TTL: time.Duration(answer.LeaseDuration) * time.Second, session: s}
		lease.Username, _ = answer.Data["username"].(string)
		lease.Password, _ = answer.Data["password"].(string)
		if !strings.HasPrefix(lease.ID, path+"/") || lease.TTL <= 0 || lease.Username == "" || lease.Password == "" {
			return odd(op, path)
		}
		return nil
	})
	if err != nil {
		return Lease{}, err
	}
	return lease, nil
}

// Renew prolongs a lease and tells what time it has left: less than was asked
// for when its longest life comes near. A lease that ended, or that ends with a
// token which this client has replaced, is ErrNotFound: ask for a new one.
func (d *Database) Renew(ctx context.Context, lease Lease, increment time.Duration) (left time.Duration, err error) {
	const op, path = "renew a lease", "sys/leases/renew"
	err = d.client.doAs(ctx, op, path, func(ctx context.Context, s *session) error {
		if lease.session != nil && lease.session.api.Token() != s.api.Token() {
			return &Error{Kind: ErrNotFound, Op: op, Path: path, Detail: "it ends with a token that was replaced; ask for a new one"}
		}
		// With the id in the path a policy can name the roles whose leases it is for.
		answer, err := s.api.Logical().WriteWithContext(ctx, path+"/"+lease.ID, map[string]any{"increment": int(increment / time.Second)})
		if err != nil {
			return databaseFailure(op, path, err)
		}
		if answer == nil || answer.LeaseDuration <= 0 {
			return odd(op, path)
		}
		left = time.Duration(answer.LeaseDuration) * time.Second
		return nil
	})
	return left, err
}

// Revoke ends a lease: Vault drops its login at once. One that ended already is
// no error.
func (d *Database) Revoke(ctx context.Context, lease Lease) error {
	const op, path = "revoke a lease", "sys/leases/revoke"
	err := d.client.do(ctx, op, path, func(ctx context.Context, client *api.Client) error {
		return databaseFailure(op, path, client.Sys().RevokeWithOptionsWithContext(ctx, &api.RevokeOptions{LeaseID: lease.ID, Sync: true}))
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// leaseIsOver are Vault's words for a lease that nothing prolongs.
var leaseIsOver = []string{"lease not found", "lease expired", "lease is expired", "lease is not renewable", "past the max TTL"}

// databaseFailure knows what the leases mean by 400, and that a database which
// does not answer its Vault is answered with 500.
func databaseFailure(op, path string, err error) error {
	var answered *api.ResponseError
	if !errors.As(err, &answered) || answered.RawError {
		return err
	}
	words := strings.Join(answered.Errors, "\n")
	over := func(sign string) bool { return strings.Contains(words, sign) }
	f := &Error{Op: op, Path: path, Status: answered.StatusCode}
	switch {
	case answered.StatusCode == http.StatusBadRequest && slices.ContainsFunc(leaseIsOver, over):
		f.Kind, f.Detail = ErrNotFound, "the lease ended; ask for a new one"
	case answered.StatusCode == http.StatusBadRequest || answered.StatusCode == http.StatusNotFound:
		f.Kind, f.Detail = ErrRefused, "check the mount and the role of the database engine"
	case answered.StatusCode == http.StatusInternalServerError:
		f.Kind, f.Detail = ErrUnavailable, "Vault could not do it in the database: check its connection and the role's statements"
	default:
		return err
	}
	return f
}
