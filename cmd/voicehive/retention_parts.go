package main

import (
	"context"
	"errors"
	"time"

	activities "github.com/voicehive/voicehive/activities/retention"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
)

// retentionEngine composes what erases what has had its time. Those who carry
// runs out sign their certificates, and reach the years of the audit log.
func (p *parts) retentionEngine(signs, shards bool) (*retention.Engine, error) {
	policy, err := retention.Shipped()
	if err != nil {
		return nil, err
	}
	o := retention.Options{
		Pool: p.pool, Policy: policy, Auditor: p.auditor, Keys: p.ring, Table: keys.NewSubjects(p.keysPool), Objects: p.recordings,
		Requests: p.awaiting(), Threshold: p.config.RetentionRows, Horizon: p.config.BackupHorizon,
	}
	if signs {
		if o.Signer, err = p.certificateSigner(); err != nil {
			return nil, err
		}
	}
	if shards {
		if o.Shards, err = p.auditShards(); err != nil {
			return nil, err
		}
		o.Ring = p.ring
	}
	return retention.New(o), nil
}

// awaiting knows whose requests are open.
func (p *parts) awaiting() rights.Awaiting {
	return rights.Awaiting{Cases: p.cases(), Table: keys.NewSubjects(p.keysPool)}
}

// reachesHeads tells whether the copies of the audit log's heads are within reach.
// Where the sequencer runs apart workers may be without them: then they drop no
// year of the log and make no packs of evidence, and say so.
func (p *parts) reachesHeads() bool {
	a := p.config.Audit
	if !a.Apart || p.config.Environment != config.Production || a.Store.Bucket() || a.Folder {
		return true
	}
	p.log.Warn("VOICEHIVE_AUDIT_STORE is not set: these workers drop no year of the audit log and make no packs of evidence.")
	return false
}

// auditShards are the years of the audit log, with the copies of their heads.
func (p *parts) auditShards() (*audit.Shards, error) {
	signer, err := p.auditSigner()
	if err != nil {
		return nil, err
	}
	store, err := p.auditStore()
	if err != nil {
		return nil, err
	}
	return audit.NewShards(p.pool, p.config.Audit.Name, signer, store)
}

// holds is the store of legal holds.
func (p *parts) holds() *holds.Store { return holds.New(p.pool, p.auditor) }

// retention is the way to runs and rules.
func (p *parts) retention() (*starter.Retention, error) { return p.retentionOf("") }

// retentionOf is retention for a verb about one hotel, or about the house.
func (p *parts) retentionOf(hotel string) (*starter.Retention, error) {
	engine, err := p.retentionEngine(false, hotel == retention.House.ID)
	if err != nil {
		return nil, err
	}
	return starter.NewRetention(p.registry, engine, p.temporal, p.ring), nil
}

// retentionActivities composes what the workers do.
func (p *parts) retentionActivities() (*activities.Activities, error) {
	engine, err := p.retentionEngine(true, p.reachesHeads())
	if err != nil {
		return nil, err
	}
	desk, err := p.retention()
	if err != nil {
		return nil, err
	}
	return activities.New(activities.Parts{
		Engine: engine, Holds: p.holds(), Hotels: p.registry, Table: keys.NewSubjects(p.keysPool), Starter: desk, History: p.history, Registerer: p.metrics,
	})
}

// history is for how long Temporal keeps runs that have ended.
func (p *parts) history(ctx context.Context) (time.Duration, error) {
	settings, err := temporal.Environment()
	if err != nil {
		return 0, err
	}
	return temporal.Retention(ctx, p.temporal, namespaceOf(settings))
}

// compareHistory says so, loudly and at each start, where Temporal keeps runs for
// longer than the rule lets it: nothing else ends them.
func (p *parts) compareHistory(ctx context.Context, engine *retention.Engine) {
	kept, err := p.history(ctx)
	if err == nil {
		err = engine.CheckHistory(ctx, retention.Hotel{}, kept)
	}
	switch {
	case errors.Is(err, retention.ErrHistory):
		p.log.ErrorContext(ctx, err.Error(), "namespace_retention", kept.String())
	case err != nil && ctx.Err() == nil:
		p.log.WarnContext(ctx, "Nobody could ask Temporal for how long it keeps finished runs.", "error", err)
	}
}
