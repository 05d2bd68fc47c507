package access

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls/audio"
	"github.com/voicehive/voicehive/compliance/keys"
)

// Kinds of audit events.
const (
	EventBuilt      audit.Kind = "access.pack_built"
	EventForgotten  audit.Kind = "access.pack_forgotten"
	EventLinked     audit.Kind = "access.link_made"
	EventDownload   audit.Kind = "access.download_began"
	EventDownloaded audit.Kind = "access.downloaded"
)

// actor is who the audit log says did it: who asked for it stands in the events
// of the case.
const actor = "worker"

// A Pack is a finished one.
type Pack struct {
	ID       string
	Case     string
	Portable bool
	Bytes    int64  // of the zip
	SHA256   []byte // of the zip
	Masked   int
	Withheld int

	object string
}

// place is what the sealed pack is bound to.
func (p Pack) place() string { return "pack/" + p.ID }

// Name is what the file is called that a guest gets.
func (p Pack) Name() string {
	if p.Portable {
		return "portability-" + p.Case + ".zip"
	}
	return "access-" + p.Case + ".zip"
}

// Build packs what is kept of a case's person: all of it, or what the person
// gave. A pack that is finished is answered as it is; one whose building was cut
// off is built anew, and nothing is left of the first try. beat is called again
// and again.
func (d *Desk) Build(ctx context.Context, hotel, ofCase string, portable bool, beat func()) (Pack, error) {
	if d.Objects == nil {
		return Pack{}, ErrObjects
	}
	if p, err := d.find(ctx, hotel, ofCase, portable); !errors.Is(err, ErrNotFound) {
		return p, err
	}
	r, err := d.request(ctx, hotel, ofCase)
	if err != nil {
		return Pack{}, err
	}
	s, err := d.open(ctx, r, portable, beat)
	if err != nil {
		return Pack{}, err
	}
	p, err := d.begin(ctx, r, portable)
	if errors.Is(err, errReady) {
		return d.find(ctx, hotel, ofCase, portable)
	}
	if err != nil {
		return Pack{}, err
	}
	file, err := os.CreateTemp(d.Temp, "pack-*")
	if err != nil {
		return Pack{}, fmt.Errorf("access: begin a pack: %w", err)
	}
	defer closing(file)
	// Without a name it is gone with this process, however that ends.
	if err := os.Remove(file.Name()); err != nil {
		return Pack{}, fmt.Errorf("access: begin a pack: %w", err)
	}
	if err := d.fill(ctx, s, &p, file); err != nil {
		return Pack{}, err
	}
	beat()
	if err := d.Objects.Put(ctx, p.object, file); err != nil {
		return Pack{}, named(err, "store a pack")
	}
	return d.finish(ctx, hotel, p)
}

// begin notes a pack before anything of it is written, under an object of its
// own: what an earlier try left is deleted first.
func (d *Desk) begin(ctx context.Context, r request, portable bool) (Pack, error) {
	p := Pack{ID: ulid.Make().String(), Case: r.rights.ID, Portable: portable}
	p.object = "packs/" + p.ID
	var left string
	var ready bool
	err := d.Pool.InTenant(ctx, r.hotel, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			select id, object, state = 'ready' from access_pack where hotel = $1 and scope = $2 and portable = $3 for update`,
			r.hotel, p.Case, portable).Scan(&p.ID, &left, &ready)
		if errors.Is(err, pgx.ErrNoRows) {
			_, err = tx.Exec(ctx, `
				insert into access_pack (hotel, id, scope, portable, object, person)
				values ($1, $2, $3, $4, $5, (select person from dsar_case where hotel = $1 and id = $3))`,
				r.hotel, p.ID, p.Case, portable, p.object)
		}
		if ready {
			return errReady
		}
		return err
	})
	if err != nil || left == "" {
		return p, named(err, "note a pack")
	}
	if err := d.Objects.Delete(ctx, left); err != nil {
		return p, named(err, "delete what was left of a pack")
	}
	_, err = d.Pool.Tenant(r.hotel).Exec(ctx, `
		update access_pack set object = $4 where hotel = $1 and id = $2 and object = $3 and state = 'building'`, r.hotel, p.ID, left, p.object)
	return p, named(err, "note a pack")
}

// errReady: somebody else finished the pack meanwhile.
var errReady = errors.New("access: the pack is finished already")

// fill writes the zip, sealed, and notes what it is like.
func (d *Desk) fill(ctx context.Context, s *source, p *Pack, file *os.File) error {
	sealed, err := audio.NewWriterFor(ctx, d.Keys, s.scope(), keys.Case, p.place(), file)
	if err != nil {
		return named(err, "seal a pack")
	}
	m := &measure{into: sealed, hash: sha256.New(), most: d.MaxBytes}
	w := &writer{source: s, zip: zip.NewWriter(m), generated: d.now().UTC()}
	if err := w.write(ctx); err != nil {
		return err
	}
	if err := w.zip.Close(); err != nil {
		return named(err, "end a pack")
	}
	if err := sealed.Close(); err != nil {
		return named(err, "end a pack")
	}
	p.Bytes, p.SHA256, p.Masked, p.Withheld = m.bytes, m.hash.Sum(nil), s.masked, w.withheld
	return nil
}

// measure counts and digests what goes through, up to a bound.
type measure struct {
	into  io.Writer
	hash  hash.Hash
	bytes int64
	most  int64
}

// Write implements io.Writer.
func (m *measure) Write(p []byte) (int, error) {
	if m.bytes += int64(len(p)); m.bytes > m.most {
		return 0, ErrTooLarge
	}
	m.hash.Write(p)
	return m.into.Write(p)
}

// finish makes a pack ready, unless somebody else's try took its place: then
// that one counts, and ours is deleted.
func (d *Desk) finish(ctx context.Context, hotel string, p Pack) (Pack, error) {
	entry, err := d.Auditor.Prepare(ctx, audit.Event{
		Tenant: hotel, Kind: EventBuilt, Actor: actor, Scope: p.Case,
		Detail: map[string]any{
			"case": p.Case, "pack": p.ID, "portable": p.Portable, "bytes": p.Bytes, "sha256": fmt.Sprintf("%x", p.SHA256),
			"masked": p.Masked, "withheld": p.Withheld,
		},
	})
	if err != nil {
		return Pack{}, named(err, "prepare the audit entry")
	}
	ours := false
	err = d.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			update access_pack set state = 'ready', bytes = $4, sha256 = $5, masked = $6, withheld = $7, ready_at = now()
			where hotel = $1 and id = $2 and object = $3 and state = 'building'`,
			hotel, p.ID, p.object, p.Bytes, p.SHA256, p.Masked, p.Withheld)
		if ours = tag.RowsAffected() == 1; err != nil || !ours {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	if err != nil || ours {
		return p, named(err, "finish a pack")
	}
	if err := d.Objects.Delete(ctx, p.object); err != nil {
		return Pack{}, named(err, "delete a second pack")
	}
	return d.find(ctx, hotel, p.Case, p.Portable)
}
