package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/starter/auth/authdb"
)

// Kinds of audit events.
const (
	EventIssued  audit.Kind = "api_key.issued"
	EventRevoked audit.Kind = "api_key.revoked"
)

// Auditor prepares entries of the audit log. *audit.Writer is one.
type Auditor interface {
	Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error)
}

// An Option of NewKeys.
type Option func(*Keys)

// WithAudit writes an event for each key that is issued or revoked, in the same
// transaction. What only lets callers in needs none.
func WithAudit(a Auditor) Option { return func(k *Keys) { k.auditor = a } }

// toldKey is the detail of both events.
type toldKey struct {
	Key       string    `json:"key"`
	Name      string    `json:"name"`
	Hotels    []string  `json:"hotels"`
	Roles     []string  `json:"roles"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// entries tells each hotel that the key opens, so that a hotel's own part of the
// log shows who could read there. What is for all hotels, or for one that has no
// keys yet, is told to the house.
func (k *Keys) entries(ctx context.Context, kind audit.Kind, t toldKey) ([]postgres.Step, error) {
	if k.auditor == nil {
		return nil, nil
	}
	var steps []postgres.Step
	house := false
	for _, hotel := range t.Hotels {
		if hotel == AllHotels {
			house = true
			continue
		}
		prepared, err := k.entry(ctx, hotel, kind, t)
		if errors.Is(err, keys.ErrUnknownScope) {
			house = true
			continue
		}
		if err != nil {
			return nil, err
		}
		steps = append(steps, prepared.Along)
	}
	if house {
		prepared, err := k.entry(ctx, audit.HouseTenant, kind, t)
		if err != nil {
			return nil, err
		}
		steps = append(steps, prepared.Along)
	}
	return steps, nil
}

func (k *Keys) entry(ctx context.Context, tenant string, kind audit.Kind, t toldKey) (audit.Prepared, error) {
	prepared, err := k.auditor.Prepare(ctx, audit.Event{Tenant: tenant, Kind: kind, Actor: "operator", Detail: t})
	if err != nil {
		return audit.Prepared{}, fmt.Errorf("auth: prepare the audit entry: %w", err)
	}
	return prepared, nil
}

// revocation is entries for a key that lives; ErrUnknownKey when it does not.
func (k *Keys) revocation(ctx context.Context, id string) ([]postgres.Step, error) {
	if k.auditor == nil {
		return nil, nil
	}
	var row authdb.LiveKeyRow
	err := k.pool.AsRole(ctx, postgres.RoleRegistrar, func(tx pgx.Tx) (err error) {
		row, err = authdb.New(tx).LiveKey(ctx, id)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrUnknownKey
	}
	if err != nil {
		return nil, fmt.Errorf("auth: reading a key: %w", err)
	}
	return k.entries(ctx, EventRevoked, toldKey{Key: id, Name: row.Name, Hotels: row.Hotels, Roles: row.Roles})
}
