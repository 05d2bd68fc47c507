package postgres

import (
	"context"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A DialFunc connects to host:port, or to a Unix socket.
type DialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// WithDial makes the pool connect through dial, which resolves the host's name
// itself; without it the pool connects to any host.
func WithDial(dial DialFunc) Option {
	return func(o *options) { o.dial = dial }
}

// MigrateThrough makes Migrate connect through dial, as WithDial a pool.
func MigrateThrough(dial DialFunc) MigrateOption {
	return func(o *migrateOptions) { o.dial = dial }
}

// dialThrough leaves the name to dial: the driver would resolve it, and hand
// over addresses that nobody can tell the owner of.
func dialThrough(config *pgx.ConnConfig, dial DialFunc) {
	if dial == nil {
		return
	}
	config.DialFunc = pgconn.DialFunc(dial)
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
}
