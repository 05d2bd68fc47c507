package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/starter/auth"
)

// Kinds of the audit events that operators' verbs write. What is done elsewhere
// than in the main database has two: that it is asked for, and that it is done.
const (
	eventHotelAdded       audit.Kind = "hotel.added"
	eventHotelChanged     audit.Kind = "hotel.changed"
	eventMaintenanceBegun audit.Kind = "hotel.maintenance_begun"
	eventMaintenanceEnded audit.Kind = "hotel.maintenance_ended"
	eventAttested         audit.Kind = "region.attested"

	eventCredentialsAsked   audit.Kind = "credentials.change_requested"
	eventCredentialsStored  audit.Kind = "credentials.stored"
	eventCredentialsRotated audit.Kind = "credentials.rotated"

	eventRollAsked      audit.Kind = "keys.roll_requested"
	eventRolled         audit.Kind = "keys.rolled"
	eventCheckAsked     audit.Kind = "keys.backup_check_requested"
	eventBackupChecked  audit.Kind = "keys.backup_checked"
	eventRetireAsked    audit.Kind = "keys.retirement_requested"
	eventRetireApproved audit.Kind = "keys.retirement_approved"
	eventRetired        audit.Kind = "keys.retired"

	eventPackOpened audit.Kind = "audit.pack_opened"
)

// byOperator is who the audit log says it was: whoever has the rights to run a
// verb. Which person that is the machine's own log tells.
const byOperator = "operator"

// told prepares an entry about a hotel, or about none of them with the house's
// tenant, for the transaction of what it tells.
func (p *parts) told(ctx context.Context, tenant string, kind audit.Kind, detail any) (postgres.Step, error) {
	prepared, err := p.auditor.Prepare(ctx, audit.Event{Tenant: tenant, Kind: kind, Actor: byOperator, Detail: detail})
	if err != nil {
		return nil, err
	}
	return prepared.Along, nil
}

// openJournal opens what tell needs, in a process that does without the rest.
// In development it may be missing.
func (p *parts) openJournal(ctx context.Context) (err error) {
	if p.config.Database == "" || p.config.KeysDB == "" {
		if p.config.Environment == config.Production {
			return errors.New("DATABASE_URL or KEYS_DATABASE_URL is not set; in production this is done only where the audit log can be told")
		}
		p.log.WarnContext(ctx, "This will not be in the audit log: DATABASE_URL or KEYS_DATABASE_URL is not set.")
		return nil
	}
	name := "journal"
	if p.keysPool != nil {
		name = "keys" // the roller's own login, here too
	}
	if p.pool, err = p.database(ctx, "ledger", "DATABASE_URL", p.config.Database, name, p.config.Vault.Database); err != nil {
		return err
	}
	if p.keysPool == nil {
		if p.keysPool, err = p.database(ctx, "keys", "KEYS_DATABASE_URL", p.config.KeysDB, "journal", p.config.Vault.KeysDatabase); err != nil {
			return err
		}
	}
	root, err := p.openRoot()
	if err != nil {
		return err
	}
	p.ring = keys.New(keys.NewPostgres(p.keysPool), root, keys.Options{Logger: p.log})
	if p.registry, err = registry.New(p.pool); err != nil {
		return err
	}
	p.auditor = audit.NewWriter(p.ring)
	return p.ensureHouse(ctx)
}

// tell writes an event in a transaction of its own, to each of the hotels, or to
// the house when there are none.
func (p *parts) tell(ctx context.Context, kind audit.Kind, detail any, hotels ...string) error {
	if p.auditor == nil {
		return nil // openJournal has said so
	}
	if len(hotels) == 0 {
		hotels = []string{audit.HouseTenant}
	}
	for _, hotel := range hotels {
		if err := p.auditor.Record(ctx, p.pool, audit.Event{Tenant: hotel, Kind: kind, Actor: byOperator, Detail: detail}); err != nil {
			return fmt.Errorf("tell the audit log: %w", err)
		}
	}
	return nil
}

// tellFirst is tell before what it tells, in a process that has not told yet.
func (p *parts) tellFirst(ctx context.Context, kind audit.Kind, detail any, hotels ...string) error {
	if err := p.openJournal(ctx); err != nil {
		return err
	}
	return p.tell(ctx, kind, detail, hotels...)
}

// apiKeys are the API keys, with an event for each that is issued or revoked.
func (p *parts) apiKeys(ctx context.Context) (*auth.Keys, error) {
	if err := p.ensureHouse(ctx); err != nil {
		return nil, err
	}
	return auth.NewKeys(p.pool, auth.WithAudit(p.auditor)), nil
}

// toldHotel is the detail of a hotel's registration. People are counted only.
type toldHotel struct {
	Vendor         string            `json:"vendor"`
	Property       string            `json:"property"`
	Country        string            `json:"country"`
	Endpoints      map[string]string `json:"endpoints,omitempty"`
	CredentialsRef string            `json:"credentials_ref"`
	People         map[string]int    `json:"people,omitempty"`
}

// addHotel registers a hotel or changes its entry, and makes its keys.
func (p *parts) addHotel(ctx context.Context, hotel registry.Hotel) error {
	if err := p.ring.EnsureTenant(ctx, hotel.ID); err != nil {
		return err
	}
	kind := eventHotelChanged
	if _, err := p.registry.Hotel(ctx, hotel.ID); errors.Is(err, registry.ErrUnknownHotel) {
		kind = eventHotelAdded
	} else if err != nil {
		return err
	}
	told := toldHotel{
		Vendor: hotel.Vendor, Property: hotel.Property, Country: hotel.Country, Endpoints: hotel.Endpoints,
		CredentialsRef: hotel.CredentialsRef, People: map[string]int{},
	}
	for role, people := range hotel.Roles {
		told.People[role] = len(people)
	}
	entry, err := p.told(ctx, hotel.ID, kind, told)
	if err != nil {
		return err
	}
	return p.registry.Add(ctx, hotel, entry)
}

// hotelsUsing are the hotels whose entries name the credentials.
func (p *parts) hotelsUsing(ctx context.Context, ref string) ([]string, error) {
	if p.registry == nil {
		return nil, nil
	}
	all, err := p.registry.List(ctx)
	var hotels []string
	for _, hotel := range all {
		if hotel.CredentialsRef == ref {
			hotels = append(hotels, hotel.ID)
		}
	}
	return hotels, err
}
