package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/connection"
	"github.com/voicehive/voicehive/activities/erasure"
	"github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/activities/speech"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/riva"
	"github.com/voicehive/voicehive/internal/telemetry"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workers"
)

func newWorker() *cobra.Command {
	var pool, metricsAddr string
	var setCurrent, schedules, noSticky bool
	c := &cobra.Command{
		Use:   "worker",
		Short: "Run a worker of one pool, or of all",
		Long: `Run a worker of one pool, or of all. It takes tasks from Temporal until it gets
SIGTERM, then finishes those it has. A new build becomes the one that new
workflows run on when it is made current: --set-current does so at once, which
suits development; in production use voicehive promote.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := processContext(c)
			defer cancel()
			p, err := openAll(ctx, "worker")
			if err != nil {
				return err
			}
			defer p.close()
			if metricsAddr != "" {
				p.config.MetricsAddr = metricsAddr
			}
			chosen, err := p.pools(pool)
			if err != nil {
				return usageError{err}
			}
			return p.serveWorker(ctx, c, chosen, serving{setCurrent, schedules, noSticky})
		},
	}
	c.Flags().StringVar(&pool, "pool", workers.All, "pool to serve: cpu, gpu or all")
	c.Flags().StringVar(&metricsAddr, "metrics-addr", "", "where to serve /healthz, /readyz and /metrics (default $VOICEHIVE_METRICS_ADDR)")
	c.Flags().BoolVar(&setCurrent, "set-current", false, "make this build the current version of its pools")
	c.Flags().BoolVar(&schedules, "schedules", false, "apply the Schedules once the build is current, as `voicehive schedules apply` does")
	c.Flags().BoolVar(&noSticky, "no-sticky", false, "replay every workflow task from its history; for tests")
	return withParent(c)
}

// pools composes the table and chooses from it.
func (p *parts) pools(name string) ([]workers.Pool, error) {
	client, err := p.starter()
	if err != nil {
		return nil, err
	}
	reconcile, err := reconciliation.New(reconciliation.Parts{
		Ledger: p.ledger, Records: reconciliation.NewRecords(p.pool), Connectors: p.factory, Hotels: p.registry,
		Runs: client, Registerer: p.metrics,
	})
	if err != nil {
		return nil, err
	}
	drift, err := p.drift()
	if err != nil {
		return nil, err
	}
	messages, err := p.notification("worker")
	if err != nil {
		return nil, err
	}
	masking, err := p.redaction()
	if err != nil {
		return nil, err
	}
	requests, err := p.rights()
	if err != nil {
		return nil, err
	}
	office, err := p.erasures()
	if err != nil {
		return nil, err
	}
	leaving, err := p.offboarding()
	if err != nil {
		return nil, err
	}
	clocks, err := p.breachClock()
	if err != nil {
		return nil, err
	}
	aged, err := p.retentionActivities()
	if err != nil {
		return nil, err
	}
	wishes, err := p.accessActivities()
	if err != nil {
		return nil, err
	}
	packs, err := p.evidenceActivities()
	if err != nil {
		return nil, err
	}
	content := workers.Parts{
		Evidence:       packs,
		Access:         wishes,
		Retention:      aged,
		Breach:         clocks,
		Offboarding:    leaving,
		Rights:         requests,
		Erasure:        erasure.New(office),
		Notification:   messages,
		Region:         drift,
		Privacy:        p.privacy(),
		Redaction:      masking,
		Booking:        booking.New(p.ledger, p.factory, p.business()),
		Connection:     connection.New(p.factory, p.statuses),
		Reconciliation: reconcile,
		Vendors:        connectors.Vendors(),
		QueueRate:      p.queueRate,
	}
	if p.config.Riva.Address != "" {
		recogniser, err := riva.Dial(p.config.Riva.Address, p.config.Riva.TLS, p.guard.For(region.Speech).GRPC()...)
		if err != nil {
			return nil, err
		}
		p.closers = append(p.closers, func() { _ = recogniser.Close() })
		content.Speech = speech.New(recogniser)
	}
	return workers.Choose(workers.Table(content), name)
}

// serving is what a worker does besides.
type serving struct{ setCurrent, schedules, noSticky bool }

func (p *parts) serveWorker(ctx context.Context, c *cobra.Command, pools []workers.Pool, o serving) error {
	if certify(pools) && p.nothingToSignWith() {
		return errNoCertificateKey
	}
	listener, err := net.Listen("tcp", p.config.MetricsAddr)
	if err != nil {
		return fmt.Errorf("the worker cannot serve its metrics; choose another --metrics-addr: %w", err)
	}
	build := buildID(p.config.BuildID)
	var sequencer *audit.Sequencer // nil: it runs apart
	if !p.config.Audit.Apart {
		const hint = "set VOICEHIVE_AUDIT_SEQUENCER=apart and run `voicehive audit sequence` beside the workers"
		if err := requireRole(ctx, p.pool, postgres.RoleSequencer, hint); err != nil {
			return err
		}
		if sequencer, err = p.sequencer(); err != nil {
			return err
		}
	}
	started := make(chan struct{})
	ready, err := p.readyWorker(started)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	if sequencer != nil {
		group.Go(func() error { return sequence(ctx, sequencer) })
	}
	group.Go(func() error {
		p.tidy(ctx)
		return nil
	})
	group.Go(func() error { return p.sweepMessages(ctx) })
	group.Go(func() error {
		return telemetry.Serve(ctx, listener, p.metrics, ready)
	})
	group.Go(func() error {
		if err := p.awaitHouse(ctx, certify(pools)); err != nil || ctx.Err() != nil {
			return err
		}
		return workers.Run(ctx, p.temporal, pools, workers.Options{
			BuildID: build, Logger: p.log, Registerer: p.metrics, NoSticky: o.noSticky, Started: func() { close(started) },
		})
	})
	group.Go(func() error {
		select {
		case <-started:
		case <-ctx.Done():
			return nil
		}
		p.resumeBreaches(ctx)
		if engine, err := p.retentionEngine(false, false); err == nil && certify(pools) {
			p.compareHistory(ctx, engine)
		}
		if o.setCurrent {
			if err := p.promote(ctx, pools, build); err != nil {
				return err
			}
		}
		if o.schedules {
			if _, err := p.applySchedules(ctx, starter.Schedules{}); err != nil {
				return err
			}
		}
		return printJSON(c.OutOrStdout(), readyLine{Ready: true, URL: "http://" + listener.Addr().String()})
	})
	return group.Wait()
}

// housePause is how often a worker that starts asks for the house's keys again.
const housePause = time.Second

// awaitHouse is ensureHouse for a worker that may start while the key database
// or Vault is away, and requireCertificates where it certifies. It takes no task
// meanwhile: /healthz is well, /readyz is not, and when they are back the worker
// goes on by itself. It returns nil when ctx ends.
func (p *parts) awaitHouse(ctx context.Context, certifies bool) error {
	again := time.NewTicker(housePause)
	defer again.Stop()
	for told := false; ; told = true {
		err := p.ensureHouse(ctx)
		if err == nil && certifies {
			err = p.requireCertificates(ctx)
		}
		switch {
		case err == nil || ctx.Err() != nil:
			return nil
		case !errors.Is(err, keys.ErrUnavailable):
			return err
		case !told:
			p.log.WarnContext(ctx, "Keys cannot be reached; the worker takes no task until they can.", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
	}
}

// promote makes the build current in every pool.
func (p *parts) promote(ctx context.Context, pools []workers.Pool, build string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, pool := range pools {
		if err := temporal.SetCurrentVersion(ctx, p.temporal, pool.Deployment(), build); err != nil {
			return err
		}
	}
	return nil
}
