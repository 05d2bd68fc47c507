package auth

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/starter"
)

// clock is a time that the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newTestKeys(t *testing.T) (*Keys, *clock, *postgrestest.Database) {
	t.Helper()
	db := postgrestest.New(t, postgres.Migrations)
	c := newClock()
	keys := NewKeys(db.Pool(t))
	keys.now = c.now
	return keys, c, db
}

func authenticator(t *testing.T, keys *Keys) *Authenticator {
	t.Helper()
	a, err := New(Options{Keys: keys})
	require.NoError(t, err)
	return a
}

func agentOf(hotel string) KeyRequest {
	return KeyRequest{Name: "call platform", Hotels: []string{hotel}, Roles: []Role{RoleAgent}}
}

func requireProblem(t *testing.T, err error, kind starter.Kind) {
	t.Helper()
	var problem *starter.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, kind.Code, problem.Code)
}

func TestKeyLetsItsCallerIn(t *testing.T) {
	t.Parallel()
	keys, _, _ := newTestKeys(t)
	ctx := context.Background()
	secret, key, err := keys.Issue(ctx, KeyRequest{Name: "call platform", Hotels: []string{"alpha", "beta"}, Roles: []Role{RoleOps, RoleAgent}})
	require.NoError(t, err)
	require.Regexp(t, `^vhk_[A-Z2-7]{26,}$`, secret)
	require.False(t, key.CreatedAt.IsZero())

	caller, err := authenticator(t, keys).Authenticate(ctx, "Bearer "+secret)
	require.NoError(t, err)
	require.Equal(t, Caller{Subject: "key:" + key.ID, Roles: []Role{RoleAgent, RoleOps}, Hotels: []string{"alpha", "beta"}}, caller)
	_, err = authenticator(t, keys).Authenticate(ctx, "bearer  "+secret)
	require.NoError(t, err, "the scheme's letter case and extra blanks do not matter")
}

func TestKeyIsStoredAsHashOnly(t *testing.T) {
	t.Parallel()
	keys, _, db := newTestKeys(t)
	ctx := context.Background()
	secret, key, err := keys.Issue(ctx, agentOf("alpha"))
	require.NoError(t, err)

	conn, err := pgx.Connect(ctx, db.AdminURL)
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()
	var hash []byte
	var row string
	require.NoError(t, conn.QueryRow(ctx, "select hash, api_key::text from api_key where id = $1", key.ID).Scan(&hash, &row))
	want := sha256.Sum256([]byte(secret))
	require.Equal(t, want[:], hash)
	require.NotContains(t, row, strings.TrimPrefix(secret, keyPrefix))
}

func TestKeyRequestsRefused(t *testing.T) {
	t.Parallel()
	keys, c, _ := newTestKeys(t)
	cases := map[string]func(*KeyRequest){
		"no name":           func(r *KeyRequest) { r.Name = " " },
		"a long name":       func(r *KeyRequest) { r.Name = strings.Repeat("x", 101) },
		"no roles":          func(r *KeyRequest) { r.Roles = nil },
		"an unknown role":   func(r *KeyRequest) { r.Roles = []Role{"root"} },
		"a role twice":      func(r *KeyRequest) { r.Roles = []Role{RoleAgent, RoleAgent} },
		"no hotels":         func(r *KeyRequest) { r.Hotels = nil },
		"a malformed hotel": func(r *KeyRequest) { r.Hotels = []string{"Alpha!"} },
		"a star for agents": func(r *KeyRequest) { r.Hotels = []string{AllHotels} },
		"an expiry in past": func(r *KeyRequest) { r.ExpiresAt = c.now() },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			r := agentOf("alpha")
			change(&r)
			_, _, err := keys.Issue(context.Background(), r)
			require.Error(t, err)
		})
	}
	list, err := keys.List(context.Background())
	require.NoError(t, err)
	require.Empty(t, list, "a refused request stores nothing")
}

func TestRevokedKeyIsOutAtOnce(t *testing.T) {
	t.Parallel()
	keys, _, _ := newTestKeys(t)
	ctx := context.Background()
	a := authenticator(t, keys)
	secret, key, err := keys.Issue(ctx, agentOf("alpha"))
	require.NoError(t, err)
	_, err = a.Authenticate(ctx, "Bearer "+secret)
	require.NoError(t, err)

	require.NoError(t, keys.Revoke(ctx, key.ID))
	_, err = a.Authenticate(ctx, "Bearer "+secret)
	requireProblem(t, err, starter.Unauthenticated)
	require.ErrorIs(t, keys.Revoke(ctx, key.ID), ErrUnknownKey)
	require.ErrorIs(t, keys.Revoke(ctx, "none"), ErrUnknownKey)

	list, err := keys.List(ctx)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.False(t, list[0].RevokedAt.IsZero())
	require.Equal(t, "call platform", list[0].Name)
}

func TestKeyRevokedElsewhereIsOutWhenForgotten(t *testing.T) {
	t.Parallel()
	here, c, db := newTestKeys(t)
	elsewhere := NewKeys(db.Pool(t))
	ctx := context.Background()
	a := authenticator(t, here)
	secret, key, err := here.Issue(ctx, agentOf("alpha"))
	require.NoError(t, err)
	_, err = a.Authenticate(ctx, "Bearer "+secret)
	require.NoError(t, err)
	require.NoError(t, elsewhere.Revoke(ctx, key.ID))

	c.advance(cacheLife - time.Millisecond)
	_, err = a.Authenticate(ctx, "Bearer "+secret)
	require.NoError(t, err, "the cache spares the database")
	c.advance(time.Millisecond)
	_, err = a.Authenticate(ctx, "Bearer "+secret)
	requireProblem(t, err, starter.Unauthenticated)
}

func TestExpiredKeyIsOutThoughRemembered(t *testing.T) {
	t.Parallel()
	keys, c, _ := newTestKeys(t)
	ctx := context.Background()
	a := authenticator(t, keys)
	r := agentOf("alpha")
	r.ExpiresAt = c.now().Add(10 * time.Second)
	secret, _, err := keys.Issue(ctx, r)
	require.NoError(t, err)
	_, err = a.Authenticate(ctx, "Bearer "+secret)
	require.NoError(t, err)

	entry := keys.cache.entries[sha256.Sum256([]byte(secret))]
	require.WithinDuration(t, r.ExpiresAt, entry.until, time.Millisecond, "it is not remembered beyond its end")
	c.advance(11 * time.Second)
	_, ok := keys.cache.get(sha256.Sum256([]byte(secret)), c.now())
	require.False(t, ok)
}

func TestExpiredKeyIsNotFound(t *testing.T) {
	t.Parallel()
	keys, _, db := newTestKeys(t)
	ctx := context.Background()
	secret, _, err := keys.Issue(ctx, agentOf("alpha"))
	require.NoError(t, err)
	db.Admin(t, "update api_key set expires_at = now() - interval '1 second'")
	_, err = authenticator(t, keys).Authenticate(ctx, "Bearer "+secret)
	requireProblem(t, err, starter.Unauthenticated)
}

func TestBadCredentials(t *testing.T) {
	t.Parallel()
	keys, _, _ := newTestKeys(t)
	secret, _, err := keys.Issue(context.Background(), agentOf("alpha"))
	require.NoError(t, err)
	for name, header := range map[string]string{
		"nothing":         "",
		"no scheme":       secret,
		"another scheme":  "Basic " + secret,
		"no credential":   "Bearer ",
		"an unknown key":  "Bearer vhk_" + strings.Repeat("A", 26),
		"a cut key":       "Bearer " + secret[:len(secret)-1],
		"a lower case":    "Bearer " + keyPrefix + strings.ToLower(strings.TrimPrefix(secret, keyPrefix)),
		"an endless one":  "Bearer vhk_" + strings.Repeat("A", maxCredential),
		"a foreign token": "Bearer a.b.c",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := authenticator(t, keys).Authenticate(context.Background(), header)
			requireProblem(t, err, starter.Unauthenticated)
			require.NotContains(t, err.Error(), strings.TrimPrefix(secret, keyPrefix))
		})
	}
}

func TestDatabaseDownIsNotUnauthenticated(t *testing.T) {
	t.Parallel()
	keys, _, _ := newTestKeys(t)
	secret, _, err := keys.Issue(context.Background(), agentOf("alpha"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = authenticator(t, keys).Authenticate(ctx, "Bearer "+secret)
	requireProblem(t, err, starter.Unavailable)
	require.NotContains(t, err.Error(), secret)
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache()
	now := time.Now()
	for i := range 3 * cacheSize {
		c.put(sha256.Sum256(fmt.Append(nil, i)), Caller{}, now.Add(cacheLife), c.generation())
	}
	require.LessOrEqual(t, len(c.entries), cacheSize)
}

// A look-up that was under way while the key was revoked must not bring it
// back.
func TestCacheForgetsAnswersFromBeforeAClear(t *testing.T) {
	t.Parallel()
	c := newCache()
	seen := c.generation()
	c.clear()
	c.put(hash{}, Caller{Subject: "revoked"}, time.Now().Add(cacheLife), seen)
	_, ok := c.get(hash{}, time.Now())
	require.False(t, ok)
}
