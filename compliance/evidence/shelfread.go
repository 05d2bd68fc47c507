package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/internal/objects"
)

const keptColumns = `id, hotel, period_from, period_until, made_by, kept_at, keep_until, bytes, encode(sha256, 'hex'), satisfied, not_satisfied, not_tested, parts`

func scanKept(row pgx.CollectableRow) (k Kept, err error) {
	err = row.Scan(&k.ID, &k.Hotel, &k.From, &k.Until, &k.By, &k.At, &k.Ends, &k.Bytes, &k.SHA256, &k.Satisfied, &k.NotSatisfied, &k.NotTested, &k.parts)
	return k, err
}

func (s *Shelf) some(ctx context.Context, hotel, rest string, args ...any) ([]Kept, error) {
	rows, err := s.Pool.Tenant(hotel).Query(ctx, `select `+keptColumns+` from evidence_pack where hotel = $1 and `+rest, append([]any{hotel}, args...)...)
	if err != nil {
		return nil, wrapped(err, "read packs")
	}
	all, err := pgx.CollectRows(rows, scanKept)
	return all, wrapped(err, "read packs")
}

func (s *Shelf) one(ctx context.Context, hotel, where string, args ...any) (Kept, error) {
	all, err := s.some(ctx, hotel, where+` order by id desc limit 1`, args...)
	if err == nil && len(all) == 0 {
		err = ErrUnknownPack
	}
	if err != nil {
		return Kept{}, err
	}
	return all[0], nil
}

// List lists a hotel's packs, the newest first and MostPacks at most: those
// before the one with the id, from the newest on when that is empty.
func (s *Shelf) List(ctx context.Context, hotel, before string, most int) ([]Kept, error) {
	return s.some(ctx, hotel, `($2 = '' or id < $2) order by id desc limit $3`, before, min(max(most, 1), MostPacks))
}

// Of is the newest pack of a period; ErrUnknownPack when there is none.
func (s *Shelf) Of(ctx context.Context, hotel string, from, until time.Time) (Kept, error) {
	return s.one(ctx, hotel, `period_from = $2 and period_until = $3`, from, until)
}

// An Opened is a pack on its way out. Close it.
type Opened struct {
	Kept
	file *os.File
}

// Name is what its file is called.
func (k Kept) Name() string { return "evidence-" + k.Hotel + "-" + k.ID + ".zip" }

// Read implements io.Reader.
func (o *Opened) Read(p []byte) (int, error) { return o.file.Read(p) }

// Close implements io.Closer.
func (o *Opened) Close() error { return errors.Join(o.file.Close(), os.Remove(o.file.Name())) }

// Open hands a pack out. All of it is read and compared with what was kept
// before anybody gets a byte, and it stands in the audit log first; so does a
// pack that is gone or altered.
func (s *Shelf) Open(ctx context.Context, hotel, id, by string) (*Opened, error) {
	k, err := s.one(ctx, hotel, `id = $2`, id)
	if err != nil {
		return nil, err
	}
	if s.Store == nil {
		return nil, ErrNoStore
	}
	file, err := os.CreateTemp(s.Temp, "voicehive-evidence-")
	if err != nil {
		return nil, wrapped(err, "make a file for the pack")
	}
	o := &Opened{k, file}
	err = s.fetch(ctx, k, file)
	kind, why := EventHandedOut, ""
	if errors.Is(err, ErrGone) || errors.Is(err, ErrAltered) {
		kind, why = EventDamaged, err.Error()
	} else if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	entry, told := s.event(ctx, kind, by, k, why)
	if told == nil {
		told = wrapped(s.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error { return entry.Insert(ctx, tx) }), "tell the audit log")
	}
	if err := errors.Join(err, told); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}

// fetch reads the parts into a file, and leaves it at its beginning.
func (s *Shelf) fetch(ctx context.Context, k Kept, file *os.File) error {
	digest, to := sha256.New(), int64(0)
	for n := range k.parts {
		part, err := s.Store.Read(ctx, k.part(n))
		switch {
		case errors.Is(err, objects.ErrNotFound):
			return fmt.Errorf("%w: part %d of %d", ErrGone, n+1, k.parts)
		case errors.Is(err, objects.ErrTooLarge):
			return fmt.Errorf("%w: part %d of %d", ErrAltered, n+1, k.parts)
		case err != nil:
			return wrapped(err, "read the pack's store")
		}
		if _, err := io.MultiWriter(file, digest).Write(part); err != nil {
			return wrapped(err, "write the pack's file")
		}
		to += int64(len(part))
	}
	if to != k.Bytes || hexOf(digest) != k.SHA256 {
		return ErrAltered
	}
	_, err := file.Seek(0, io.SeekStart)
	return wrapped(err, "write the pack's file")
}

func hexOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
