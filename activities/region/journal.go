package region

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/postgres"
)

// KindChanged is the audit event of an endpoint that stands otherwise.
const KindChanged audit.Kind = "region.changed"

// actor is who the audit log says it was.
const actor = "drift-check"

// Audited is the Journal in the audit log. The keys of audit.HouseTenant and
// of the hotels must exist.
type Audited struct {
	Writer *audit.Writer
	Pool   *postgres.Pool
}

// changed is the detail of an event. It names no person.
type changed struct {
	Endpoint string       `json:"endpoint"`
	Host     string       `json:"host"`
	Was      region.State `json:"was,omitempty"`
	Is       region.State `json:"is"`
	Class    region.Class `json:"class"`
	Provider string       `json:"provider,omitempty"`
	Region   string       `json:"region,omitempty"`
	Country  string       `json:"country,omitempty"`
	Reason   string       `json:"reason,omitempty"`
}

// Record writes the changes, each under its own tenant.
func (a Audited) Record(ctx context.Context, changes []region.Change) error {
	events := map[string][]audit.Event{}
	for _, c := range changes {
		tenant := c.Is.Tenant
		if tenant == "" {
			tenant = audit.HouseTenant
		}
		events[tenant] = append(events[tenant], audit.Event{Tenant: tenant, Kind: KindChanged, Actor: actor, Detail: changed{
			Endpoint: c.Is.Endpoint, Host: c.Is.Host, Was: c.Was.State, Is: c.Is.State, Class: c.Is.Class,
			Provider: c.Is.Provider, Region: c.Is.Region, Country: c.Is.Country, Reason: c.Is.Reason,
		}})
	}
	for tenant, its := range events {
		prepared, err := a.Writer.Prepare(ctx, its...)
		if err != nil {
			return err
		}
		err = a.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error { return prepared.Insert(ctx, tx) })
		if err != nil {
			return fmt.Errorf("region: write to the audit log: %w", err)
		}
	}
	return nil
}
