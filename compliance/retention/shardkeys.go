package retention

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// shredShards destroys the audit keys of scopes whose details went with a year,
// unless something still needs the scope: its next event would find no key.
func (e *Engine) shredShards(ctx context.Context, run string, beat func() error) (destroyed int, err error) {
	var last audit.Doomed
	for {
		page, err := e.Shards.Doomed(ctx, last, keysAtOnce)
		if err != nil || len(page) == 0 {
			return destroyed, err
		}
		last = page[len(page)-1]
		var gone []audit.Doomed
		n := 0
		for _, d := range page {
			destroys, did, err := e.shredScope(ctx, keys.Scope{Tenant: d.Tenant, ID: d.Scope})
			if err != nil {
				return destroyed, err
			}
			if n += destroys; did {
				gone = append(gone, d)
			}
		}
		if len(gone) > 0 {
			if err := e.struckOut(ctx, run, n, gone); err != nil {
				return destroyed, err
			}
		}
		if destroyed += n; len(page) < keysAtOnce {
			return destroyed, nil
		}
		if err := beat(); err != nil {
			return destroyed, err
		}
	}
}

// shredScope destroys a scope's audit key when none of its other keys lives. A
// hotel's own scope has no end of its own.
func (e *Engine) shredScope(ctx context.Context, scope keys.Scope) (n int, done bool, err error) {
	if scope.IsTenant() {
		return 0, true, nil
	}
	for _, purpose := range keys.Purposes() {
		if purpose == keys.Audit {
			continue
		}
		_, err := e.Ring.Loaded(ctx, scope, purpose)
		switch {
		case err == nil:
			return 0, false, nil
		case !errors.Is(err, keys.ErrDestroyed) && !errors.Is(err, keys.ErrUnknownScope):
			return 0, false, wrap(err, "look which keys live")
		}
	}
	destroyed, err := e.Keys.DestroyPurposes(ctx, scope, keys.Audit)
	return len(destroyed), err == nil, wrap(err, "destroy a key")
}

func (e *Engine) struckOut(ctx context.Context, run string, n int, gone []audit.Doomed) error {
	entry, err := e.Auditor.Prepare(ctx, keysEvent(House.ID, run, n))
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	return e.Pool.AsRole(ctx, postgres.RoleArchivist, func(tx pgx.Tx) error {
		if err := e.Shards.Shredded(ctx, tx, gone); err != nil {
			return err
		}
		return entry.Along(ctx, tx)
	})
}
