package keys

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/postgres"
)

// EpochStatus is what is known of an epoch. Times are zero until they are come.
type EpochStatus struct {
	Name       string    `json:"epoch"`
	Opened     time.Time `json:"opened_at"`
	Closed     time.Time `json:"closed_at,omitzero"`    // takes nothing new
	Rewrapped  time.Time `json:"rewrapped_at,omitzero"` // holds no live key
	Retired    time.Time `json:"retired_at,omitzero"`   // its root key is destroyed
	ApprovedBy []string  `json:"approved_by,omitempty"`
	Checked    time.Time `json:"backup_checked_at,omitzero"` // the newest check of a backup
	Live       int64     `json:"live"`                       // keys
	Buckets    int64     `json:"buckets"`
}

// Status returns all epochs, oldest first.
func (r *Roller) Status(ctx context.Context) (all []EpochStatus, err error) {
	found, err := r.pool.Role(postgres.RoleRoller).Query(ctx, `
		select epoch, opened_at, closed_at, rewrapped_at, retired_at, coalesce(approved_by, (select array_agg(person order by approved_at, person) from key_approval a where a.epoch = e.epoch), '{}'),
		  (select max(checked_at) from key_backup_check c where c.epoch = e.epoch),
		  (select count(*) from scope_key k where k.epoch = e.epoch and wrapped is not null),
		  (select count(*) from bucket_key b where b.epoch = e.epoch)
		from key_epoch e order by serial`)
	if err == nil {
		all, err = pgx.CollectRows(found, func(row pgx.CollectableRow) (e EpochStatus, err error) {
			var closed, rewrapped, retired, checked *time.Time
			err = row.Scan(&e.Name, &e.Opened, &closed, &rewrapped, &retired, &e.ApprovedBy, &checked, &e.Live, &e.Buckets)
			e.Closed, e.Rewrapped, e.Retired, e.Checked = orZero(closed), orZero(rewrapped), orZero(retired), orZero(checked)
			return e, err
		})
	}
	if err != nil {
		return nil, unavailable("ask about epochs", err)
	}
	return all, nil
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
