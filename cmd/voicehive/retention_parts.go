package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	activities "github.com/voicehive/voicehive/activities/retention"
	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
)

// retentionEngine composes what erases what has had its time. Certificates are
// signed with the audit log's key, which a worker does not have when the
// sequencer runs apart: then what it says stands in the audit log alone.
func (p *parts) retentionEngine(signs bool) (*retention.Engine, error) {
	policy, err := retention.Shipped()
	if err != nil {
		return nil, err
	}
	o := retention.Options{
		Pool: p.pool, Policy: policy, Auditor: p.auditor, Keys: p.ring, Table: keys.NewSubjects(p.keysPool), Objects: p.recordings,
		Threshold: p.config.RetentionRows, Horizon: p.config.BackupHorizon,
	}
	if signs && !p.config.Audit.Apart {
		if o.Signer, err = p.auditSigner(); err != nil {
			return nil, err
		}
	}
	return retention.New(o), nil
}

// holds is the store of legal holds.
func (p *parts) holds() *holds.Store { return holds.New(p.pool, p.auditor) }

// retention is the way to runs and rules.
func (p *parts) retention() (*starter.Retention, error) {
	engine, err := p.retentionEngine(false)
	if err != nil {
		return nil, err
	}
	return starter.NewRetention(p.registry, engine, p.temporal, p.ring), nil
}

// retentionActivities composes what the workers do.
func (p *parts) retentionActivities() (*activities.Activities, error) {
	engine, err := p.retentionEngine(true)
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
	answer, err := p.temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespaceOf(settings)})
	if err != nil {
		return 0, fmt.Errorf("ask Temporal for how long it keeps runs: %w", err)
	}
	return answer.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(), nil
}
