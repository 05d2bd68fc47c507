package keys

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Forget takes away whose the scopes were. It is for scopes whose keys are
// destroyed: what joined a person's bookings must not outlive them.
func (s *Subjects) Forget(ctx context.Context, tenant string, scopes ...Scope) error {
	ids, err := owned(tenant, scopes)
	if err != nil {
		return fmt.Errorf("forget scopes: %w", err)
	}
	return s.do(ctx, "forget scopes", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `delete from scope_subject where tenant = $1 and scope = any($2)`, tenant, ids)
		return err
	})
}
