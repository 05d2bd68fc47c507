// Package leased lends the logins of a database pool from Vault's database
// engine. It stands between internal/postgres, which knows nothing of Vault, and
// internal/vault, which knows nothing of pools.
package leased

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/vault"
)

type source struct {
	database *vault.Database
	role     string
}

// From returns credentials for postgres.WithCredentials: leases of a role of
// Vault's database engine.
func From(database *vault.Database, role string) postgres.Credentials { return source{database, role} }

// Lease implements postgres.Credentials.
func (s source) Lease(ctx context.Context) (postgres.Lease, error) {
	lease, err := s.database.Lease(ctx, s.role)
	if err != nil {
		return postgres.Lease{}, err
	}
	return postgres.Lease{User: lease.Username, Password: lease.Password, TTL: lease.TTL, Origin: lease}, nil
}

// Renew implements postgres.Credentials.
func (s source) Renew(ctx context.Context, lease postgres.Lease) (time.Duration, error) {
	origin, _ := lease.Origin.(vault.Lease)
	left, err := s.database.Renew(ctx, origin, origin.TTL)
	if errors.Is(err, vault.ErrNotFound) {
		return 0, fmt.Errorf("%w: %w", postgres.ErrLeaseOver, err)
	}
	return left, err
}

// Revoke implements postgres.Credentials.
func (s source) Revoke(ctx context.Context, lease postgres.Lease) error {
	origin, _ := lease.Origin.(vault.Lease)
	return s.database.Revoke(ctx, origin)
}
