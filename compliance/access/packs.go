package access

import (
	"context"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls/audio"
	"github.com/voicehive/voicehive/compliance/keys"
)

// find reads a finished pack of a case.
func (d *Desk) find(ctx context.Context, hotel, ofCase string, portable bool) (Pack, error) {
	return d.pack(ctx, hotel, `scope = $2 and portable = $3`, ofCase, portable)
}

// Pack reads a finished pack.
func (d *Desk) Pack(ctx context.Context, hotel, id string) (Pack, error) {
	return d.pack(ctx, hotel, `id = $2`, id)
}

func (d *Desk) pack(ctx context.Context, hotel, where string, args ...any) (p Pack, err error) {
	err = d.Pool.Tenant(hotel).QueryRow(ctx, `
		select id, scope, portable, bytes, sha256, masked, withheld, object from access_pack
		where hotel = $1 and state = 'ready' and `+where, append([]any{hotel}, args...)...).
		Scan(&p.ID, &p.Case, &p.Portable, &p.Bytes, &p.SHA256, &p.Masked, &p.Withheld, &p.object)
	if errors.Is(err, pgx.ErrNoRows) {
		return Pack{}, ErrNotFound
	}
	return p, named(err, "read a pack")
}

// Forget deletes the packs of a case, and the links to them, and tells how many
// there were. A guest has their copy; ours is of no use any more. Doing it again
// deletes nothing.
func (d *Desk) Forget(ctx context.Context, hotel, ofCase string) (forgotten int, err error) {
	rows, err := d.Pool.Tenant(hotel).Query(ctx, `select id, object from access_pack where hotel = $1 and scope = $2`, hotel, ofCase)
	if err != nil {
		return 0, named(err, "list packs")
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Pack, err error) {
		return p, row.Scan(&p.ID, &p.object)
	})
	if err != nil || len(all) == 0 {
		return 0, named(err, "list packs")
	}
	if d.Objects == nil {
		return 0, ErrObjects
	}
	// The hotel's own scope: it has to be readable when the case is gone.
	entry, err := d.Auditor.Prepare(ctx, audit.Event{
		Tenant: hotel, Kind: EventForgotten, Actor: actor, Detail: map[string]any{"case": ofCase, "packs": len(all)},
	})
	if err != nil {
		return 0, named(err, "prepare the audit entry")
	}
	for _, p := range all {
		if err := d.Objects.Delete(ctx, p.object); err != nil {
			return 0, named(err, "delete a pack")
		}
	}
	err = d.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		for _, p := range all {
			tag, err := tx.Exec(ctx, `delete from access_pack where hotel = $1 and id = $2 and object = $3`, hotel, p.ID, p.object)
			if err != nil {
				return err
			}
			forgotten += int(tag.RowsAffected())
		}
		return entry.Insert(ctx, tx)
	})
	return forgotten, named(err, "forget packs")
}

// Packs are the finished ones of a case.
func (d *Desk) Packs(ctx context.Context, hotel, ofCase string) ([]Pack, error) {
	var all []Pack
	for _, portable := range []bool{false, true} {
		p, err := d.find(ctx, hotel, ofCase, portable)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Open opens a pack for somebody who hands it out by hand, such as on paper. It
// stands in the audit log first. Close what it returns.
func (d *Desk) Open(ctx context.Context, hotel string, p Pack, by string) (io.ReadCloser, error) {
	if d.Objects == nil {
		return nil, ErrObjects
	}
	entry, err := d.event(ctx, hotel, EventDownload, by, p)
	if err != nil {
		return nil, err
	}
	if err := d.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error { return entry.Insert(ctx, tx) }); err != nil {
		return nil, named(err, "tell the audit log")
	}
	return d.unseal(ctx, hotel, p)
}

// sealedPack reads a pack, and closes what it lies in.
type sealedPack struct {
	io.Reader
	io.Closer
}

func (d *Desk) unseal(ctx context.Context, hotel string, p Pack) (io.ReadCloser, error) {
	sealed, err := d.Objects.Read(ctx, p.object)
	if err != nil {
		return nil, named(err, "read a pack")
	}
	plain, err := audio.NewReaderFor(ctx, d.Keys, keys.Scope{Tenant: hotel, ID: p.Case}, keys.Case, p.place(), sealed)
	if err != nil {
		closing(sealed)
		return nil, named(err, "open a pack")
	}
	return sealedPack{plain, sealed}, nil
}
