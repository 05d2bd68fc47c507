package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/telemetry"
	"github.com/voicehive/voicehive/internal/vault"
)

// A process is not ready without the databases: it can book nothing and erase
// nothing. It goes on without Vault, whose keys are in memory, and while the
// audit log is not signed, since events wait and none is lost. The API goes on
// without Temporal too: what it takes is carried out later. Taken out of service
// then, no process would be left to take it.

// readyAPI answers /readyz of the API.
func (p *parts) readyAPI() (*telemetry.Readiness, error) {
	stores, err := p.readyStores()
	if err != nil {
		return nil, err
	}
	return telemetry.NewReadiness(p.log, append(stores, telemetry.Part{Name: "temporal", Ask: p.askTemporal, Spared: true})...), nil
}

// readyWorker answers /readyz of a worker, which is not ready before it polls.
func (p *parts) readyWorker(started <-chan struct{}) (*telemetry.Readiness, error) {
	stores, err := p.readyStores()
	if err != nil {
		return nil, err
	}
	polls := func(context.Context) error {
		select {
		case <-started:
			return nil
		default:
			return telemetry.Because("is starting", nil)
		}
	}
	return telemetry.NewReadiness(p.log, append(stores,
		telemetry.Part{Name: "worker", Ask: polls}, telemetry.Part{Name: "temporal", Ask: p.askTemporal})...), nil
}

// readySequencer answers /readyz of the sequencer that runs apart. What the
// others are spared is its whole work.
func (p *parts) readySequencer() (*telemetry.Readiness, error) {
	parts, err := p.readyLog()
	for i := range parts {
		parts[i].Spared = false
	}
	return telemetry.NewReadiness(p.log, append(parts, telemetry.Part{Name: "ledger", Ask: p.pool.Ping})...), err
}

// readyStores are the parts that API and workers have.
func (p *parts) readyStores() ([]telemetry.Part, error) {
	parts, err := p.readyLog()
	return append(parts, telemetry.Part{Name: "ledger", Ask: p.ledger.Ping}, telemetry.Part{Name: "keys", Ask: p.keysPool.Ping}), err
}

// readyLog are the parts that all have.
func (p *parts) readyLog() ([]telemetry.Part, error) {
	log, err := audit.NewLog(p.pool, p.config.Audit.Name)
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_AUDIT_NAME: %w", err)
	}
	all := []telemetry.Part{{Name: "audit", Ask: askAudit(log), Spared: true}}
	if p.config.Vault.Address != "" {
		all = append(all, telemetry.Part{Name: "vault", Ask: p.askVault, Spared: true})
	}
	return all, nil
}

func (p *parts) askTemporal(ctx context.Context) error {
	_, err := p.temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}

// askAudit asks how long events have waited for a signed head.
func askAudit(log *audit.Log) func(context.Context) error {
	return func(ctx context.Context) error {
		late, err := log.Behind(ctx)
		if err == nil && late > audit.Patience {
			err = telemetry.Because(fmt.Sprintf("events have waited %s for a signed head", late.Round(time.Minute)), nil)
		}
		return err
	}
}

func (p *parts) askVault(ctx context.Context) error {
	vaults, err := p.vault()
	if err != nil {
		return err
	}
	err = vaults.Ping(ctx)
	switch {
	case errors.Is(err, vault.ErrSealed):
		return telemetry.Because("is sealed", err)
	case errors.Is(err, vault.ErrDenied):
		return telemetry.Because("refuses our login", err)
	}
	return err
}
