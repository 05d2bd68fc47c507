package main

import (
	"github.com/voicehive/voicehive/activities/notification/code"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/rights"
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
	certificates, err := p.erasures()
	if err != nil {
		return nil, err
	}
	return activities.New(activities.Parts{
		Cases: p.cases(), People: p.subjects(), Hotels: p.registry, Bookings: p.ledger, Keys: p.ring,
		Outbox: outbox, Codes: code.New(p.pool, p.ring), Certificates: certificates, Registerer: p.metrics,
	})
}

// requests is the way to data-subject requests.
func (p *parts) requests() *starter.Requests {
	return starter.NewRequests(starter.RequestParts{
		Hotels: p.registry, Desk: p.subjects(), Cases: p.cases(), Calls: p.calls(), Keys: p.ring, Temporal: p.temporal,
		Horizon: p.config.BackupHorizon, Logger: p.log,
	})
}
