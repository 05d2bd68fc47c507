package console

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Ended remembers the sessions that were logged out of, for every process that
// serves the console: a cookie that was kept aside is worth nothing anywhere.
// *EndedSessions is one.
type Ended interface {
	// End ends a session; until is when it would have ended by itself.
	End(ctx context.Context, session string, until time.Time) error
	Has(ctx context.Context, session string) (bool, error)
}

// EndedSessions is the Ended in the main database. It holds few rows: each goes
// once its session would have ended by itself.
type EndedSessions struct{ Pool *postgres.Pool }

// named is how a session stands there: who reads the table can take none over.
func named(session string) []byte {
	sum := sha256.Sum256([]byte(session))
	return sum[:]
}

// End implements Ended.
func (e *EndedSessions) End(ctx context.Context, session string, until time.Time) error {
	_, err := e.Pool.Tenant(audit.HouseTenant).Exec(ctx, `
		with over as (delete from console_ended where hotel = $1 and ends_at < now())
		insert into console_ended (hotel, session, ends_at) values ($1, $2, $3) on conflict do nothing`, audit.HouseTenant, named(session), until)
	if err != nil {
		return fmt.Errorf("console: end a session: %w", err)
	}
	return nil
}

// Has implements Ended.
func (e *EndedSessions) Has(ctx context.Context, session string) (ended bool, err error) {
	err = e.Pool.Tenant(audit.HouseTenant).QueryRow(ctx, `select exists (select from console_ended where hotel = $1 and session = $2)`, audit.HouseTenant, named(session)).Scan(&ended)
	if err != nil {
		return false, fmt.Errorf("console: look for an ended session: %w", err)
	}
	return ended, nil
}
