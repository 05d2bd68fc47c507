package main

import (
	"context"
	"sync"

	"github.com/voicehive/voicehive/activities/notification/code"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/rights/procedure"
	"github.com/voicehive/voicehive/starter"
)

// cases are where data-subject requests are kept.
func (p *parts) cases() *rights.Store { return rights.New(p.pool, p.ring, p.auditor) }

// rights composes what carries data-subject requests.
func (p *parts) rights() (*activities.Activities, error) {
	outbox, _, err := p.outbox()
	if err != nil {
		return nil, err
	}
	erasures, err := p.erasures()
	if err != nil {
		return nil, err
	}
	return activities.New(activities.Parts{
		Cases: p.cases(), People: p.subjects(), Hotels: p.registry, Bookings: p.ledger, Keys: p.ring,
		Outbox: outbox, Codes: code.New(p.pool, p.ring), Erasures: erasures, Registerer: p.metrics,
	})
}

// plansOf are the plans of erasures, for officers.
type plansOf func() (*erasure.Office, error)

func (of plansOf) Plan(ctx context.Context, hotel, request string) (erasure.Plan, error) {
	office, err := of()
	if err != nil {
		return erasure.Plan{}, err
	}
	return office.Plan(ctx, hotel, request)
}

// plans are those that count workflow runs too; nil without Temporal.
func (p *parts) plans() starter.ErasurePlans {
	if p.temporal == nil {
		return nil
	}
	return plansOf(sync.OnceValues(p.erasures))
}

// requests is the way to data-subject requests.
func (p *parts) requests() *starter.Requests {
	return starter.NewRequests(starter.RequestParts{
		Hotels: p.registry, Desk: p.subjects(), Cases: p.cases(), Calls: p.calls(), Keys: p.ring, Temporal: p.temporal,
		Procedures: procedure.New(p.pool, p.auditor), Plans: p.plans(),
		Horizon: p.config.BackupHorizon, Logger: p.log,
	})
}
