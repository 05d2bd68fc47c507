package webhooks

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/time/rate"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/webhooks/webhooksdb"
	"github.com/voicehive/voicehive/internal/postgres"
)

var (
	// ErrNotSubscribed: no secret is in use for the hotel and vendor.
	ErrNotSubscribed = errors.New("webhooks: the hotel has no subscription; make one with `voicehive hotel subscribe`")
	// ErrBusy: more unknown secrets came than are worth a look. Try again.
	ErrBusy = errors.New("webhooks: too many unknown secrets at once; try again later")
)

const (
	// secretBytes are 256 bits.
	secretBytes = 32
	// prepared is how long a secret is valid whose subscription is not made.
	prepared = time.Hour
	// grace is how long a secret that was replaced stays valid: a vendor
	// repeats what it posted to the old address.
	grace = 24 * time.Hour
	// known is how long a hotel's secrets are believed without a look.
	known     = 10 * time.Second
	cacheSize = 4096
	// looks bounds how often a second the database is asked about secrets that
	// are not known here, whoever sends them.
	looks = 200
)

// A Store keeps secrets and deliveries in the main database. It is safe for
// concurrent use. A secret that another process ended is believed for 10 s
// more.
type Store struct {
	pool  *postgres.Pool
	cache *lru.Cache[address, remembered]
	looks *rate.Limiter
	lease time.Duration
	now   func() time.Time
}

type address struct{ hotel, vendor string }

type remembered struct {
	hashes [][]byte
	until  time.Time
}

// New returns the store in the database of pool.
func New(pool *postgres.Pool) (*Store, error) {
	cache, err := lru.New[address, remembered](cacheSize)
	if err != nil {
		return nil, fmt.Errorf("webhooks: making the cache: %w", err)
	}
	return &Store{pool: pool, cache: cache, looks: rate.NewLimiter(looks, looks), lease: lease, now: time.Now}, nil
}

// A Subscription is the one in use.
type Subscription struct {
	ID    pms.SubscriptionID
	Since time.Time
	// Replacing tells until when the secret before it is valid; zero when none is.
	Replacing time.Time
}

// Prepare makes a secret that is valid from now on, for the vendor checks the
// address while it subscribes. Keep it, or Drop it; left alone it ends within
// the hour. A secret that was replaced before ends now, so that two are valid
// at most.
func (s *Store) Prepare(ctx context.Context, hotel, vendor string) (credentials.Secret, error) {
	raw := make([]byte, secretBytes)
	_, _ = rand.Read(raw) // never fails: see crypto/rand
	secret := base64.RawURLEncoding.EncodeToString(raw)
	err := s.registrar(ctx, func(db *webhooksdb.Queries) error {
		if err := db.DeleteRetired(ctx, webhooksdb.DeleteRetiredParams{Hotel: hotel, Vendor: vendor}); err != nil {
			return err
		}
		return db.InsertSecret(ctx, webhooksdb.InsertSecretParams{
			Hotel: hotel, Vendor: vendor, Hash: hashOf(secret), ExpiresAt: stamp(s.now().Add(prepared)),
		})
	})
	if err != nil {
		return credentials.Secret{}, fmt.Errorf("webhooks: storing a secret of hotel %s: %w", hotel, err)
	}
	return credentials.NewSecret(secret), nil
}

// Keep makes a prepared secret the one in use. The one before it stays valid
// for a day. It returns the subscriptions that are no longer needed.
func (s *Store) Keep(ctx context.Context, hotel, vendor string, secret credentials.Secret, id pms.SubscriptionID) (old []pms.SubscriptionID, err error) {
	hash := hashOf(secret.Reveal())
	err = s.registrar(ctx, func(db *webhooksdb.Queries) error {
		kept, err := db.KeepSecret(ctx, webhooksdb.KeepSecretParams{
			Hotel: hotel, Vendor: vendor, Hash: hash, Subscription: pgtype.Text{String: string(id), Valid: id != ""},
		})
		if err != nil {
			return err
		}
		if kept == 0 {
			return errors.New("the secret is gone; somebody else subscribes too: try again")
		}
		retired, err := db.RetireSecrets(ctx, webhooksdb.RetireSecretsParams{
			Hotel: hotel, Vendor: vendor, Hash: hash, ExpiresAt: stamp(s.now().Add(grace)),
		})
		for _, subscription := range retired {
			if subscription.Valid {
				old = append(old, pms.SubscriptionID(subscription.String))
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("webhooks: keeping a secret of hotel %s: %w", hotel, err)
	}
	return old, nil
}

// Drop ends a prepared secret whose subscription was not made.
func (s *Store) Drop(ctx context.Context, hotel, vendor string, secret credentials.Secret) error {
	err := s.registrar(ctx, func(db *webhooksdb.Queries) error {
		return db.DeleteSecret(ctx, webhooksdb.DeleteSecretParams{Hotel: hotel, Vendor: vendor, Hash: hashOf(secret.Reveal())})
	})
	if err != nil {
		return fmt.Errorf("webhooks: dropping a secret of hotel %s: %w", hotel, err)
	}
	return nil
}

// End ends all secrets of the hotel at the vendor.
func (s *Store) End(ctx context.Context, hotel, vendor string) error {
	err := s.registrar(ctx, func(db *webhooksdb.Queries) error {
		return db.DeleteSecrets(ctx, webhooksdb.DeleteSecretsParams{Hotel: hotel, Vendor: vendor})
	})
	if err != nil {
		return fmt.Errorf("webhooks: ending the secrets of hotel %s: %w", hotel, err)
	}
	s.cache.Remove(address{hotel, vendor})
	return nil
}

// Subscription returns the one in use, or ErrNotSubscribed.
func (s *Store) Subscription(ctx context.Context, hotel, vendor string) (Subscription, error) {
	rows, err := s.secrets(ctx, hotel, vendor)
	if err != nil {
		return Subscription{}, err
	}
	var found Subscription
	for _, row := range rows {
		switch {
		case !row.ExpiresAt.Valid:
			found.ID, found.Since = pms.SubscriptionID(row.Subscription.String), row.CreatedAt.Time
		case row.Subscription.Valid:
			found.Replacing = row.ExpiresAt.Time
		}
	}
	if found.ID == "" {
		return Subscription{}, ErrNotSubscribed
	}
	return found, nil
}

// Known reports whether the secret is one of the hotel's at the vendor. A hotel
// that does not exist has none, and that takes as long to find out. ErrBusy
// when so many unknown secrets come that nobody looks any more; the known ones
// are still let in.
func (s *Store) Known(ctx context.Context, hotel, vendor string, secret credentials.Secret) (bool, error) {
	hash, at := hashOf(secret.Reveal()), address{hotel, vendor}
	if found, ok := s.cache.Get(at); ok && s.now().Before(found.until) && among(found.hashes, hash) {
		return true, nil
	}
	// What is remembered may be older than a secret that was made just now.
	if !s.looks.AllowN(s.now(), 1) {
		return false, ErrBusy
	}
	rows, err := s.secrets(ctx, hotel, vendor)
	if err != nil {
		return false, err
	}
	hashes := make([][]byte, len(rows))
	for i, row := range rows {
		hashes[i] = row.Hash
	}
	if !among(hashes, hash) {
		return false, nil
	}
	s.cache.Add(at, remembered{hashes, s.now().Add(known)})
	return true, nil
}

func (s *Store) secrets(ctx context.Context, hotel, vendor string) ([]webhooksdb.SecretsRow, error) {
	rows, err := webhooksdb.New(s.pool.Tenant(hotel)).Secrets(ctx, webhooksdb.SecretsParams{Hotel: hotel, Vendor: vendor})
	if errors.Is(err, postgres.ErrTenant) {
		return nil, nil // no hotel has such a name
	}
	if err != nil {
		return nil, fmt.Errorf("webhooks: reading the secrets of a hotel: %w", err)
	}
	return rows, nil
}

func (s *Store) registrar(ctx context.Context, fn func(*webhooksdb.Queries) error) error {
	return s.pool.AsRole(ctx, postgres.RoleRegistrar, func(tx pgx.Tx) error { return fn(webhooksdb.New(tx)) })
}

// among compares with every hash, in a time that does not tell how much of one
// is right.
func among(hashes [][]byte, hash []byte) bool {
	found := 0
	for _, h := range hashes {
		found |= subtle.ConstantTimeCompare(h, hash)
	}
	return found == 1
}

func hashOf(secret string) []byte {
	hash := sha256.Sum256([]byte(secret))
	return hash[:]
}

func stamp(t time.Time) pgtype.Timestamptz { return pgtype.Timestamptz{Time: t, Valid: true} }
