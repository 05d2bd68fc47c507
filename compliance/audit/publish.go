package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// ErrRewritten says that the log in the database is not the one whose heads
// were signed before: entries were changed or taken away, or an older backup is
// in its place. It is never signed again; find out what happened, and restore
// the database to a state that agrees with the copies of the heads.
var ErrRewritten = errors.New("audit: the log was rewritten: it does not agree with a head that was signed before")

const (
	// publishTime bounds signing and copying.
	publishTime = 20 * time.Second
	// provedFor is how long a proof of a log that did not grow is good.
	provedFor = time.Minute
)

// A signedHead is a row of audit_checkpoint, or a copy of one.
type signedHead struct {
	size int64
	note []byte
}

// Publish signs the head of the newest log unless it is signed, and copies it.
// Before that it proves that the log agrees with the heads that were signed
// last, in the database and in the store; if not, ErrRewritten. It returns
// whether this process did it: false when another is at it.
func (s *Sequencer) Publish(ctx context.Context) (published bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	err = s.pool.AsRole(ctx, postgres.RoleSequencer, func(tx pgx.Tx) error {
		if published, err = lock(ctx, tx, publishLock); err != nil || !published {
			return err
		}
		year, size, err := end(ctx, tx)
		if err != nil {
			return err
		}
		if year == 0 {
			year = s.clock().UTC().Year() // an emptied log has copies all the same
		}
		if s.provedYear == year && s.provedSize == size && s.clock().Sub(s.provedAt) < provedFor {
			return nil
		}
		if err := s.publish(ctx, tx, year, size); err != nil {
			return err
		}
		s.provedYear, s.provedSize, s.provedAt = year, size, s.clock()
		return nil
	})
	s.metrics.told(err)
	if err != nil {
		return false, fmt.Errorf("audit: publishing the head: %w", err)
	}
	return published, nil
}

func (s *Sequencer) publish(ctx context.Context, tx pgx.Tx, year int, size int64) error {
	known, err := signerKeys(ctx, s.options.Signer, s.options.Name)
	if err != nil {
		return err
	}
	stored, err := lastSigned(ctx, tx, year)
	if err != nil {
		return err
	}
	copied, err := s.lastCopy(ctx, year, stored.size)
	if err != nil {
		return err
	}
	head := Head{Origin: Origin(s.options.Name, year), Size: size}
	reader := hashes{ctx: ctx, tx: tx, year: year, cache: newCache(4096)} // what is proved is read anew
	if head.Root, err = tlog.TreeHash(size, reader); err != nil {
		return err
	}
	for _, before := range []signedHead{stored, copied} {
		if err := agrees(head, before, reader, known); err != nil {
			return err
		}
	}
	switch {
	case size == 0:
		return nil
	case stored.size == size && copied.size == size:
		return nil // signed and copied
	case stored.size == size:
		return s.copyHead(ctx, year, stored) // it was signed, but not copied
	case copied.size == size:
		return insertHead(ctx, tx, year, copied)
	}
	signed, err := SignHead(ctx, s.options.Signer, head)
	if err != nil {
		return err
	}
	fresh := signedHead{size, signed}
	// The copy first: a head that only the database knew could be taken back.
	if err := s.copyHead(ctx, year, fresh); err != nil {
		return err
	}
	return insertHead(ctx, tx, year, fresh)
}

// agrees proves that the log of head is the one that before is an earlier head
// of, or the same.
func agrees(head Head, before signedHead, reader tlog.HashReader, known LogKeys) error {
	if before.size == 0 {
		return nil
	}
	old, err := OpenHead(before.note, known)
	switch {
	case err != nil:
		return fmt.Errorf("%w: the head of size %d: %w", ErrRewritten, before.size, err)
	case old.Origin != head.Origin || old.Size != before.size:
		return fmt.Errorf("%w: the head of size %d is another one", ErrRewritten, before.size)
	case old.Size > head.Size:
		return fmt.Errorf("%w: rolled back from %d entries to %d", ErrRewritten, old.Size, head.Size)
	}
	proof, err := tlog.ProveTree(head.Size, old.Size, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, head.Size, head.Root, old.Size, old.Root); err != nil {
		return fmt.Errorf("%w: one of its first %d entries is another one", ErrRewritten, old.Size)
	}
	return nil
}

// lastSigned is the newest head in the database; of size 0 when there is none.
func lastSigned(ctx context.Context, tx pgx.Tx, year int) (h signedHead, err error) {
	err = tx.QueryRow(ctx, "select size, note from audit_checkpoint where year = $1 order by size desc limit 1", year).Scan(&h.size, &h.note)
	if errors.Is(err, pgx.ErrNoRows) {
		return signedHead{}, nil
	}
	return h, err
}

func insertHead(ctx context.Context, tx pgx.Tx, year int, h signedHead) error {
	_, err := tx.Exec(ctx, "insert into audit_checkpoint (year, size, note) values ($1, $2, $3)", year, h.size, string(h.note))
	return err
}

// copyFolder holds the copies of a year's heads. The name of the installation
// is not in it, for it may have slashes; a store belongs to one.
func copyFolder(year int) string { return fmt.Sprintf("audit/%d", year) }

// copyName sorts like the size.
func copyName(year int, size int64) string { return fmt.Sprintf("%s/%019d", copyFolder(year), size) }

// lastCopy is the newest copy of a head, of size from or more; of size 0 when
// there is none. A database that was set back asks for copies after an early
// one and finds the later ones.
func (s *Sequencer) lastCopy(ctx context.Context, year int, from int64) (signedHead, error) {
	after, last := "", ""
	if from > 0 {
		after = copyName(year, from-1)
	}
	for {
		names, err := s.options.Store.List(ctx, copyFolder(year), after)
		if err != nil {
			return signedHead{}, fmt.Errorf("listing the copies of heads: %w", err)
		}
		if len(names) == 0 {
			break
		}
		last = names[len(names)-1]
		after = last
	}
	if last == "" {
		return signedHead{}, nil
	}
	text, err := s.options.Store.Read(ctx, last)
	if err != nil {
		return signedHead{}, fmt.Errorf("reading the copy of a head: %w", err)
	}
	var h signedHead
	if _, err := fmt.Sscanf(last, copyFolder(year)+"/%019d", &h.size); err != nil || last != copyName(year, h.size) || h.size == 0 {
		return signedHead{}, fmt.Errorf("%w: the store has an object that is no copy of a head", ErrRewritten)
	}
	h.note = text
	return h, nil
}

func (s *Sequencer) copyHead(ctx context.Context, year int, h signedHead) error {
	err := s.options.Store.Put(ctx, copyName(year, h.size), h.note)
	if errors.Is(err, objects.ErrExists) {
		return fmt.Errorf("%w: the store has another head of size %d", ErrRewritten, h.size)
	}
	if err != nil {
		return fmt.Errorf("copying a head: %w", err)
	}
	return nil
}
