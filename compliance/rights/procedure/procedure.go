// Package procedure keeps the written procedure for guests' requests, and who
// has confirmed that they know it. Supervisory authorities found requests
// mishandled by people whom nobody had instructed: here nobody decides who has
// not read what the house does, as it stands now.
package procedure

import (
	"context"
	"crypto/sha256"
	_ "embed" // the text
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Text is what is to be read.
//
//go:embed procedure.md
var Text string

// Fresh is how long a confirmation counts: what is read once is forgotten.
const Fresh = 366 * 24 * time.Hour

// EventConfirmed tells that somebody confirmed the procedure.
const EventConfirmed audit.Kind = "dsar.procedure_confirmed"

// ErrVersion: what was confirmed is not the text of today.
var ErrVersion = errors.New("procedure: another version is in force: read it and confirm that one")

// Version names the text of today: another text has another version.
func Version() string {
	sum := sha256.Sum256([]byte(Text))
	return hex.EncodeToString(sum[:6])
}

// Auditor prepares entries of the audit log. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// Store keeps who confirmed what. It is safe for concurrent use.
type Store struct {
	pool    *postgres.Pool
	auditor Auditor
}

// New returns the store in the main database.
func New(pool *postgres.Pool, a Auditor) *Store { return &Store{pool: pool, auditor: a} }

// Confirm notes that an actor has read a version, which must be today's.
func (s *Store) Confirm(ctx context.Context, hotel, actor, version string) error {
	if version != Version() {
		return ErrVersion
	}
	entry, err := s.auditor.Prepare(ctx, audit.Event{
		Tenant: hotel, Kind: EventConfirmed, Actor: actor, Detail: map[string]string{"version": version},
	})
	if err != nil {
		return fmt.Errorf("procedure: prepare the audit entry: %w", err)
	}
	err = s.pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `insert into dsar_procedure (hotel, actor, version) values ($1, $2, $3)`, hotel, actor, version); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("procedure: note a confirmation: %w", err)
	}
	return nil
}

// Confirmed is when an actor last confirmed today's text; the zero time when
// never, or so long ago that it counts no more.
func (s *Store) Confirmed(ctx context.Context, hotel, actor string) (at time.Time, err error) {
	var last *time.Time
	err = s.pool.Tenant(hotel).QueryRow(ctx, `
		select max(confirmed_at) from dsar_procedure
		where hotel = $1 and actor = $2 and version = $3 and confirmed_at > now() - $4::interval`, hotel, actor, Version(), Fresh).Scan(&last)
	if err != nil {
		return at, fmt.Errorf("procedure: read a confirmation: %w", err)
	}
	if last != nil {
		at = *last
	}
	return at, nil
}
