package quota

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/connectors/transport"
	"github.com/voicehive/voicehive/internal/postgres"
)

// A database is the ledger of the fleet. Its functions are in the migration of
// the table quota.
type database struct {
	postgres.Statements
	clock func() time.Time // for tests; nil is the server's own
}

// now is what the database is told about the time: nothing, or a test's.
func (d database) now() *int64 {
	if d.clock == nil {
		return nil
	}
	now := d.clock().UnixNano()
	return &now
}

func (d database) lease(ctx context.Context, a ask) (reply, error) {
	const lease = "select granted, pause, closed from quota_lease($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
	var r reply
	var pause int64
	err := d.QueryRow(ctx, lease, a.key[:], a.vendor, int64(a.spacing), a.burst, a.readShare,
		a.effect == transport.Read, a.wanted, a.waiting, a.spent, int64(a.patience), d.now()).Scan(&r.granted, &pause, &r.closed)
	if err != nil {
		return reply{}, fmt.Errorf("quota: leasing requests: %w", err)
	}
	r.pause = time.Duration(pause)
	return r, nil
}

func (d database) close(ctx context.Context, key [sha256.Size]byte, vendor string, spacing, lasting time.Duration) (time.Duration, error) {
	const closing = "select quota_close($1, $2, $3, $4, $5)"
	var pause int64
	if err := d.QueryRow(ctx, closing, key[:], vendor, int64(spacing), int64(lasting), d.now()).Scan(&pause); err != nil {
		return 0, fmt.Errorf("quota: closing a credential: %w", err)
	}
	return time.Duration(pause), nil
}
