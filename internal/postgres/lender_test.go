//go:build unix

package postgres_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// A lender makes logins that end, as Vault does. Its leases are short, so the
// tests here wait for them by the clock.
type lender struct {
	t        *testing.T
	database *postgrestest.Database
	ttl, max time.Duration

	mu     sync.Mutex
	away   error
	over   bool                 // nothing prolongs what is lent now
	lastOf map[string]time.Time // the end of a login's longest life
	gone   []string
}

func newLender(t *testing.T, ttl, max time.Duration) *lender {
	l := &lender{t: t, database: postgrestest.New(t, postgres.Migrations), ttl: ttl, max: max, lastOf: map[string]time.Time{}}
	t.Cleanup(func() {
		for user := range l.lastOf {
			l.drop(user)
		}
	})
	return l
}

func (l *lender) Lease(context.Context) (postgres.Lease, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away != nil {
		return postgres.Lease{}, l.away
	}
	user, password := "v-test-"+strings.ToLower(rand.Text()), rand.Text()
	l.database.Admin(l.t, fmt.Sprintf(`create role %q login noinherit password '%s' in role voicehive_login`, user, password))
	l.lastOf[user] = time.Now().Add(l.max)
	return postgres.Lease{User: user, Password: password, TTL: l.ttl}, nil
}

func (l *lender) Renew(_ context.Context, lease postgres.Lease) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, ok := l.lastOf[lease.User]
	switch {
	case l.away != nil:
		return 0, l.away
	case !ok || l.over:
		l.over = false
		return 0, postgres.ErrLeaseOver
	}
	return min(l.ttl, time.Until(last)), nil
}

func (l *lender) Revoke(_ context.Context, lease postgres.Lease) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.lastOf[lease.User]; ok {
		l.drop(lease.User)
	}
	return nil
}

// drop ends a login and its connections.
func (l *lender) drop(user string) {
	delete(l.lastOf, user)
	l.gone = append(l.gone, user)
	l.database.Admin(l.t, fmt.Sprintf(`alter role %q nologin`, user),
		fmt.Sprintf(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '%s'`, user), fmt.Sprintf(`drop role %q`, user))
}

func (l *lender) users() (alive, gone int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lastOf), len(l.gone)
}

func (l *lender) leave(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = err
}

// url is the database's without a login, and with quick connections.
func (l *lender) url() string {
	config, err := pgx.ParseConfig(l.database.URL)
	require.NoError(l.t, err)
	return fmt.Sprintf("postgres://%s:%d/%s?sslmode=disable&connect_timeout=1", config.Host, config.Port, config.Database)
}

func (l *lender) open(opts ...postgres.Option) *postgres.Pool {
	pool, err := postgres.Open(l.t.Context(), l.url(), append(opts, postgres.WithCredentials(l))...)
	require.NoError(l.t, err)
	l.t.Cleanup(pool.Close)
	return pool
}
