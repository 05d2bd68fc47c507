package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Why an epoch cannot end yet; the text around it says what to do.
var (
	ErrNotRetirable = errors.New("the epoch cannot end yet")
	ErrFourEyes     = errors.New("two different people must approve the end of an epoch")
)

// maxName bounds the name of a person in bytes.
const maxName = 100

// alone stands in the place of a second person where one is enough.
const alone = "nobody else, in development"

// Retirement tells how far the end of an epoch has come.
type Retirement struct {
	// Person is who approved now, as the database knows them.
	Person     string   `json:"person"`
	ApprovedBy []string `json:"approved_by"`
	// Retired: the root key is destroyed. Else another person must approve.
	Retired bool `json:"retired"`
}

// Retire approves of the end of an epoch, as the person whose login the pool
// has, and when two people have, destroys its root key for good: every copy of
// the key database from before its roll is dead then. It needs an epoch without a
// live key, another one that is open, and the check of a backup made after the
// roll. Interrupted, it is to be called again.
func (r *Roller) Retire(ctx context.Context, epoch string) (end Retirement, err error) {
	done := false
	if err := r.do(ctx, "retire an epoch", func(tx pgx.Tx) (err error) {
		if done, err = retirable(ctx, tx, epoch); err != nil {
			return err
		}
		if done { // who agreed is told again: the first word of it may have been lost
			end.ApprovedBy, err = approvers(ctx, tx, epoch)
			return err
		}
		end, err = r.approve(ctx, tx, epoch)
		return err
	}); err != nil || !done && len(end.ApprovedBy) < 2 {
		return end, err
	}
	end.Retired = true
	if done {
		return end, nil
	}
	return end, r.end(ctx, epoch, end.ApprovedBy)
}

func approvers(ctx context.Context, tx pgx.Tx, epoch string) (all []string, err error) {
	err = tx.QueryRow(ctx, "select coalesce(array_agg(person order by approved_at, person), '{}') from key_approval where epoch = $1", epoch).Scan(&all)
	return all, err
}

// approve notes who agrees now, once, and tells who did so far.
func (r *Roller) approve(ctx context.Context, tx pgx.Tx, epoch string) (end Retirement, err error) {
	var who *string
	if err := tx.QueryRow(ctx, "select key_person()").Scan(&who); err != nil {
		return end, err
	}
	if who == nil {
		return end, fmt.Errorf("%w: the leased login does not tell whose it is; set username_template as deploy/vault/README.md says", ErrFourEyes)
	}
	end.Person = *who
	if _, err := tx.Exec(ctx, "insert into key_approval (epoch) values ($1) on conflict do nothing", epoch); err != nil {
		return end, err
	}
	end.ApprovedBy, err = approvers(ctx, tx, epoch)
	if r.options.Alone && len(end.ApprovedBy) == 1 {
		end.ApprovedBy = append(end.ApprovedBy, alone)
	}
	return end, err
}

// end destroys the root key and notes that it is gone.
func (r *Roller) end(ctx context.Context, epoch string, people []string) error {
	if err := r.root.Destroy(ctx, epoch); err != nil {
		return unavailable("destroy the root key of epoch "+epoch, err)
	}
	left, err := r.root.Epochs(ctx)
	if err != nil {
		return unavailable("make sure that the root key is gone", err)
	}
	if slices.Contains(left, epoch) {
		return fmt.Errorf("the root key of epoch %s is still there after its end: look at the keeper's policy and retire again", epoch)
	}
	return r.do(ctx, "retire an epoch", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "delete from bucket_key where epoch = $1", epoch); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			with ended as (update key_epoch set retired_at = now(), approved_by = $4 where epoch = $1 and retired_at is null returning epoch)
			select pg_notify($2, $3 || epoch) from ended`, epoch, channel, epochWord, people)
		return err
	})
}

// retirable checks everything under the epoch's lock; done tells that it has
// ended already.
func retirable(ctx context.Context, tx pgx.Tx, epoch string) (done bool, err error) {
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1, hashtext($2))", epochLock, epoch); err != nil {
		return false, err
	}
	var empty, another, checked bool
	err = tx.QueryRow(ctx, `
		select retired_at is not null,
		  rewrapped_at is not null and not exists (select from scope_key where epoch = e.epoch and wrapped is not null),
		  exists (select from key_epoch where closed_at is null and epoch <> e.epoch),
		  exists (select from key_backup_check c where c.epoch = e.epoch and c.checked_at > e.rewrapped_at)
		from key_epoch e where epoch = $1`, epoch).Scan(&done, &empty, &another, &checked)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, fmt.Errorf("%w: there is none of that name", ErrNotRetirable)
	case err != nil || done:
		return done, err
	case !another:
		return false, fmt.Errorf("%w: no other is open; run `voicehive keys roll` first", ErrNotRetirable)
	case !empty:
		return false, fmt.Errorf("%w: live keys are left in it; finish `voicehive keys roll` first", ErrNotRetirable)
	case !checked:
		return false, fmt.Errorf("%w: no backup made after its roll was restored and opened; make one, restore it elsewhere and run `voicehive keys backup-check`", ErrNotRetirable)
	}
	return false, nil
}
