package keys

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Why an epoch cannot end yet; the text around it says what to do.
var (
	ErrNotRetirable = errors.New("the epoch cannot end yet")
	ErrFourEyes     = errors.New("two different people must approve the end of an epoch")
)

// maxName bounds the name of a person in bytes.
const maxName = 100

// Retire destroys an epoch's root key, for good: every copy of the key database
// from before its roll is dead then. It needs an epoch without a live key,
// another one that is open, the check of a backup made after the roll, and two
// people who approve. Interrupted, it is to be called again.
func (r *Roller) Retire(ctx context.Context, epoch string, approvers ...string) error {
	people, err := fourEyes(approvers)
	if err != nil {
		return fmt.Errorf("retire epoch %s: %w", epoch, err)
	}
	done := false
	if err := r.do(ctx, "retire an epoch", func(tx pgx.Tx) (err error) {
		done, err = approve(ctx, tx, epoch, people)
		return err
	}); err != nil || done {
		return err
	}
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
			with ended as (update key_epoch set retired_at = now() where epoch = $1 and retired_at is null returning epoch)
			select pg_notify($2, $3 || epoch) from ended`, epoch, channel, retiredWord)
		return err
	})
}

// fourEyes returns the names, trimmed, when two people are among them.
func fourEyes(approvers []string) ([]string, error) {
	var people []string
	for _, name := range approvers {
		name = strings.TrimSpace(name)
		if name == "" || len(name) > maxName {
			return nil, fmt.Errorf("%w: a name has 1 to %d letters", ErrFourEyes, maxName)
		}
		if !slices.ContainsFunc(people, func(other string) bool { return strings.EqualFold(other, name) }) {
			people = append(people, name)
		}
	}
	if len(people) < 2 {
		return nil, ErrFourEyes
	}
	return people, nil
}

// approve checks everything under the epoch's lock and records who agreed.
func approve(ctx context.Context, tx pgx.Tx, epoch string, people []string) (done bool, err error) {
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
	_, err = tx.Exec(ctx, "update key_epoch set approved_by = coalesce(approved_by, $2) where epoch = $1", epoch, people)
	return false, err
}
