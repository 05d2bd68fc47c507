package keys

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/postgres"
)

// ErrBackup says that a restored backup proves nothing or does not open; the
// text around it says why and what to do.
var ErrBackup = errors.New("this backup does not allow an epoch to end")

// backupLock is held in the live database while a copy of it is asked for the
// same: only the very same database refuses.
const backupLock = 0x6b657962

// Checked is what a check of a restored backup found.
type Checked struct {
	Epochs []string `json:"epochs"` // those that may end now
	Rows   int64    `json:"rows"`   // live keys that the copy has and that open
	Newer  int64    `json:"newer"`  // live keys made after the backup
	Digest []byte   `json:"digest"` // SHA-256 of the rows, in their order
}

// CheckBackup compares a restored copy of the key database with the live one
// and opens every key in it, with the copy's own bucket keys. When all of them
// open it writes that down for each epoch that is empty and not ended yet. The
// copy must have been made after the end of their roll, else it fails with
// ErrBackup. by names who asked for it.
func (r *Roller) CheckBackup(ctx context.Context, restored *postgres.Pool, by string) (c Checked, err error) {
	if by = strings.TrimSpace(by); by == "" || len(by) > maxName {
		return Checked{}, fmt.Errorf("check a backup: tell who does it, in up to %d letters", maxName)
	}
	copied := NewRoller(restored, r.root, r.options)
	if err := r.another(ctx, copied); err != nil {
		return Checked{}, err
	}
	waiting, err := r.waiting(ctx, copied)
	if err != nil {
		return Checked{}, err
	}
	digest := sha256.New()
	var after ID
	for {
		rows, err := r.livePage(ctx, after)
		if err != nil {
			return Checked{}, err
		}
		if len(rows) == 0 {
			break
		}
		if err := copied.compare(ctx, rows, waiting, digest, &c); err != nil {
			return Checked{}, err
		}
		after = rows[len(rows)-1].ID
	}
	c.Digest = digest.Sum(nil)
	return c, r.note(ctx, waiting, &c, by)
}

// another makes sure that the copy is not the live database itself.
func (r *Roller) another(ctx context.Context, copied *Roller) error {
	return r.do(ctx, "check a backup", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", int64(backupLock)); err != nil {
			return err
		}
		return copied.do(ctx, "open the restored copy", func(other pgx.Tx) error {
			var free bool
			if err := other.QueryRow(ctx, "select pg_try_advisory_xact_lock($1)", int64(backupLock)).Scan(&free); err != nil {
				return err
			}
			if !free {
				return fmt.Errorf("%w: it is the live database itself; restore the newest backup elsewhere and name that", ErrBackup)
			}
			return nil
		})
	})
}

// waiting returns the epochs that a good copy lets end.
func (r *Roller) waiting(ctx context.Context, copied *Roller) ([]EpochStatus, error) {
	live, err := r.Status(ctx)
	if err != nil {
		return nil, err
	}
	old, err := copied.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("the restored copy: %w", err)
	}
	live = slices.DeleteFunc(live, func(e EpochStatus) bool { return e.Rewrapped.IsZero() || !e.Retired.IsZero() })
	if len(live) == 0 {
		return nil, fmt.Errorf("%w: no epoch is rolled and waits for its end; run `voicehive keys roll` first", ErrBackup)
	}
	for _, e := range live {
		i := slices.IndexFunc(old, func(o EpochStatus) bool { return o.Name == e.Name })
		if i < 0 || !old[i].Rewrapped.Equal(e.Rewrapped) || old[i].Live > 0 {
			return nil, fmt.Errorf("%w: it was made before epoch %s was rolled to its end at %s; make a new one and restore that",
				ErrBackup, e.Name, e.Rewrapped.Format(time.RFC3339))
		}
	}
	return live, nil
}

// livePage returns the next live keys whatever their epoch.
func (r *Roller) livePage(ctx context.Context, after ID) (rows []dated, err error) {
	found, err := r.pool.Role(postgres.RoleRoller).Query(ctx, `
		select `+rowColumns+`, created_at from scope_key
		where wrapped is not null and (tenant, scope, purpose, version) > ($1, $2, $3, $4)
		order by tenant, scope, purpose, version limit $5`,
		after.Tenant, after.Scope.ID, after.Purpose, after.Version, r.options.Batch)
	if err == nil {
		rows, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (d dated, err error) {
			return d, row.Scan(&d.Tenant, &d.Scope.ID, &d.Purpose, &d.Version, &d.Epoch, &d.Bucket, &d.Wrapped, &d.created)
		})
	}
	if err != nil {
		return nil, unavailable("read the live keys", err)
	}
	return rows, nil
}

type dated struct {
	Row
	created time.Time
}

// compare looks for live rows in the copy and opens them there.
func (r *Roller) compare(ctx context.Context, live []dated, waiting []EpochStatus, digest hash.Hash, c *Checked) error {
	copies, err := r.same(ctx, live)
	if err != nil {
		return fmt.Errorf("read the restored copy: %w", err)
	}
	var present []Row
	for _, row := range live {
		other, ok := copies[row.ID]
		switch {
		case ok && bytes.Equal(other.Wrapped, row.Wrapped):
			present = append(present, other)
		case !ok && !slices.ContainsFunc(waiting, func(e EpochStatus) bool { return !row.created.After(e.Rewrapped) }):
			c.Newer++
		default:
			return fmt.Errorf("%w: key %s is missing in it or is another; make a new backup and restore that", ErrBackup, row.ID)
		}
	}
	var bad error
	if err := r.buckets.each(ctx, present, func(i int, _ []byte, err error) {
		if err != nil && bad == nil {
			bad = fmt.Errorf("%w: key %s does not open: %w", ErrBackup, present[i].ID, err)
			return
		}
		c.Rows++
		sum := sha256.Sum256(present[i].Wrapped)
		digest.Write(joinFields(present[i].ID.String(), string(sum[:])))
	}); err != nil {
		return fmt.Errorf("open the restored copy's keys: %w", err)
	}
	return bad
}

// same returns the copy's rows of the same ids.
func (r *Roller) same(ctx context.Context, live []dated) (map[ID]Row, error) {
	rows := make([]Row, len(live))
	for i, d := range live {
		rows[i] = d.Row
	}
	c := newColumns(rows)
	found, err := r.pool.Role(postgres.RoleRoller).Query(ctx, `
		select `+rowColumns+` from scope_key
		where (tenant, scope, purpose, version) in (select * from unnest($1::text[], $2::text[], $3::text[], $4::int[]))`,
		c.tenants, c.scopes, c.purposes, c.versions)
	if err != nil {
		return nil, err
	}
	copies, err := pgx.CollectRows(found, scanRow)
	out := make(map[ID]Row, len(copies))
	for _, row := range copies {
		out[row.ID] = row
	}
	return out, err
}

// note writes down what was proved.
func (r *Roller) note(ctx context.Context, waiting []EpochStatus, c *Checked, by string) error {
	return r.do(ctx, "note the check of a backup", func(tx pgx.Tx) error {
		for _, e := range waiting {
			if _, err := tx.Exec(ctx, "insert into key_backup_check (epoch, rows, digest, by) values ($1, $2, $3, $4)",
				e.Name, c.Rows, c.Digest, by); err != nil {
				return err
			}
			c.Epochs = append(c.Epochs, e.Name)
		}
		return nil
	})
}
