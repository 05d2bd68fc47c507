package console

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// Kinds of the audit events that the console writes itself. What a form changes
// is written by the part that changes it, in the same transaction.
const (
	KindLoggedIn    audit.Kind = "console.logged_in"
	KindLoggedOut   audit.Kind = "console.logged_out"
	KindVerified    audit.Kind = "console.audit_verified"
	KindDownloaded  audit.Kind = "console.downloaded"
	KindConsentSeen audit.Kind = "console.consent_shown"
)

// An act is the detail of those events. It is sealed, so it names the officer;
// in the open stands a pseudonym.
type act struct {
	By   string `json:"by"` // issuer#sub
	What any    `json:"what,omitempty"`
}

// remember writes an event at a hotel, or at the house for "". When it returns
// nil the event is durable.
func (s *server) remember(ctx context.Context, c auth.Caller, hotel string, kind audit.Kind, what any) error {
	tenant := hotel
	if tenant == "" {
		tenant = audit.HouseTenant
	}
	who, err := s.pseudonym(ctx, tenant, c.Subject)
	if err == nil {
		err = s.Journal.Record(ctx, audit.Event{Tenant: tenant, Kind: kind, Actor: who, Detail: act{By: c.Subject, What: what}})
	}
	if err != nil {
		p := starter.Unavailable.With("The audit log cannot be written just now, so nothing was done. Try again in a moment.")
		p.RetryAfter = 5 * time.Second
		return fmt.Errorf("%w: %w", p, err)
	}
	return nil
}

// pseudonym is the officer in the open, as package starter has it in the events
// of the officer's acts.
func (s *server) pseudonym(ctx context.Context, tenant, subject string) (string, error) {
	return starter.Pseudonym(ctx, s.Keys, tenant, "compliance", subject)
}

// Ledger is the Journal in the main database.
type Ledger struct {
	Pool   *postgres.Pool
	Writer *audit.Writer
}

// Record implements Journal, in a transaction of its own.
func (l *Ledger) Record(ctx context.Context, e audit.Event) error {
	prepared, err := l.Writer.Prepare(ctx, e)
	if err != nil {
		return err
	}
	return l.Pool.InTenant(ctx, e.Tenant, func(tx pgx.Tx) error { return prepared.Insert(ctx, tx) })
}
