package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/starter/auth/authdb"
)

// ErrUnknownKey: there is no such API key, or it is revoked already.
var ErrUnknownKey = errors.New("auth: there is no such key, or it is revoked already; list the keys to see their ids")

// keyPrefix makes an API key known to people and to scanners of leaked secrets.
const keyPrefix = "vhk_"

// A Key is an API key without its secret.
type Key struct {
	ID        string
	Name      string
	Hotels    []string
	Roles     []Role
	CreatedAt time.Time
	ExpiresAt time.Time // zero when it never expires
	RevokedAt time.Time // zero when it is not revoked
}

// A KeyRequest asks for a new API key.
type KeyRequest struct {
	Name   string // who will use it, for people: 1 to 100 characters
	Hotels []string
	Roles  []Role
	// ExpiresAt ends the key; zero never does.
	ExpiresAt time.Time
}

// Keys are the API keys in Postgres. It is safe for concurrent use.
type Keys struct {
	pool    *postgres.Pool
	cache   *cache
	now     func() time.Time
	auditor Auditor // nil tells nobody
}

// NewKeys returns the API keys in the main database.
func NewKeys(pool *postgres.Pool, options ...Option) *Keys {
	k := &Keys{pool: pool, cache: newCache(), now: time.Now}
	for _, option := range options {
		option(k)
	}
	return k
}

// Issue makes a key. The secret is told here and never again.
func (k *Keys) Issue(ctx context.Context, r KeyRequest) (secret string, key Key, err error) {
	if err := k.check(r); err != nil {
		return "", Key{}, err
	}
	secret = keyPrefix + rand.Text()
	hash := sha256.Sum256([]byte(secret))
	key = Key{ID: ulid.Make().String(), Name: r.Name, Hotels: r.Hotels, Roles: r.Roles, ExpiresAt: r.ExpiresAt}
	also, err := k.entries(ctx, EventIssued, toldKey{
		Key: key.ID, Name: key.Name, Hotels: key.Hotels, Roles: texts(key.Roles), ExpiresAt: key.ExpiresAt,
	})
	if err != nil {
		return "", Key{}, err
	}
	err = k.pool.AsRole(ctx, postgres.RoleRegistrar, func(tx pgx.Tx) error {
		created, err := authdb.New(tx).InsertKey(ctx, authdb.InsertKeyParams{
			ID: key.ID, Hash: hash[:], Name: key.Name, Hotels: key.Hotels, Roles: texts(key.Roles),
			ExpiresAt: pgtype.Timestamptz{Time: key.ExpiresAt, Valid: !key.ExpiresAt.IsZero()},
		})
		key.CreatedAt = created.Time
		if err != nil {
			return err
		}
		return postgres.Along(ctx, tx, also...)
	})
	if err != nil {
		return "", Key{}, fmt.Errorf("auth: storing a key: %w", err)
	}
	return secret, key, nil
}

func (k *Keys) check(r KeyRequest) error {
	admin := slices.Contains(r.Roles, RoleAdmin)
	switch {
	case strings.TrimSpace(r.Name) == "" || len(r.Name) > 100:
		return errors.New("auth: a key needs a name of at most 100 characters, telling who uses it")
	case len(r.Roles) == 0 || len(known(texts(r.Roles))) != len(r.Roles):
		return fmt.Errorf("auth: a key needs one or more roles, each once, of %q", Roles())
	case len(r.Hotels) == 0 || len(r.Hotels) > 200:
		return errors.New("auth: a key needs 1 to 200 hotels")
	case !r.ExpiresAt.IsZero() && !r.ExpiresAt.After(k.now()):
		return errors.New("auth: a key must expire in the future")
	}
	for _, hotel := range r.Hotels {
		if hotel == AllHotels && !admin {
			return errors.New(`auth: only a key with the role admin can be for all hotels ("*"); name the hotels`)
		}
		if hotel != AllHotels && !hotelPattern.MatchString(hotel) {
			return errors.New("auth: a hotel's id is 2 to 63 of a-z, 0-9 and -")
		}
	}
	return nil
}

// Revoke ends a key: here at once, and in other processes when they have
// forgotten it, which takes up to 30 seconds.
func (k *Keys) Revoke(ctx context.Context, id string) error {
	also, err := k.revocation(ctx, id)
	if err != nil {
		return err
	}
	var revoked int64
	err = k.pool.AsRole(ctx, postgres.RoleRegistrar, func(tx pgx.Tx) (err error) {
		if revoked, err = authdb.New(tx).RevokeKey(ctx, id); err != nil || revoked == 0 {
			return err
		}
		return postgres.Along(ctx, tx, also...)
	})
	// Even a failed commit may have revoked it.
	k.cache.clear()
	if err != nil {
		return fmt.Errorf("auth: revoking a key: %w", err)
	}
	if revoked == 0 {
		return ErrUnknownKey
	}
	return nil
}

// List returns the newest 500 keys, newest first.
func (k *Keys) List(ctx context.Context) ([]Key, error) {
	var rows []authdb.KeysRow
	err := k.pool.AsRole(ctx, postgres.RoleRegistrar, func(tx pgx.Tx) (err error) {
		rows, err = authdb.New(tx).Keys(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("auth: listing the keys: %w", err)
	}
	keys := make([]Key, len(rows))
	for i, r := range rows {
		keys[i] = Key{
			ID: r.ID, Name: r.Name, Hotels: r.Hotels, Roles: known(r.Roles),
			CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time, RevokedAt: r.RevokedAt.Time,
		}
	}
	return keys, nil
}

// caller returns whose key the secret is; false when it is nobody's.
func (k *Keys) caller(ctx context.Context, secret string) (Caller, bool, error) {
	hash := sha256.Sum256([]byte(secret))
	now := k.now()
	seen := k.cache.generation()
	if caller, ok := k.cache.get(hash, now); ok {
		return caller, true, nil
	}
	var row authdb.KeyByHashRow
	err := k.pool.AsRole(ctx, postgres.RoleGate, func(tx pgx.Tx) (err error) {
		row, err = authdb.New(tx).KeyByHash(ctx, hash[:])
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Caller{}, false, nil
	}
	if err != nil {
		return Caller{}, false, fmt.Errorf("auth: looking up a key: %w", err)
	}
	caller := Caller{Subject: keyActor + row.ID, Roles: known(row.Roles), Hotels: row.Hotels}
	until := now.Add(cacheLife)
	if row.ExpiresAt.Valid && row.ExpiresAt.Time.Before(until) {
		until = row.ExpiresAt.Time
	}
	k.cache.put(hash, caller, until, seen)
	return caller, true, nil
}

func texts(roles []Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}
