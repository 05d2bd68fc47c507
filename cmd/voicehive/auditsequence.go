package main

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/telemetry"
)

func newAuditSequence() *cobra.Command {
	var metricsAddr string
	c := &cobra.Command{
		Use:   "sequence",
		Short: "Take events into the log and sign it, apart from the workers",
		Long: `Take events into the log and sign it, apart from the workers, until SIGTERM. With
VOICEHIVE_AUDIT_SEQUENCER=apart workers leave it to this process, so that nobody
else needs the right to sign. It opens the main database, the store of copies
and the signing key, and no key of a guest. Two of them do no harm: one at a
time works.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := processContext(c)
			defer cancel()
			p, err := openBase(os.Getenv)
			if err != nil {
				return err
			}
			defer p.close()
			if metricsAddr != "" {
				p.config.MetricsAddr = metricsAddr
			}
			if _, err := p.startGuard(ctx, os.Getenv); err != nil {
				return err
			}
			if p.pool, err = p.database(ctx, "ledger", "DATABASE_URL", p.config.Database, "sequencer", p.config.Vault.Database); err != nil {
				return err
			}
			const hint = "lease one of the sequencer's with VOICEHIVE_VAULT_DATABASE, or see the --sequencer-login of `voicehive migrate`"
			if err := requireRole(ctx, p.pool, postgres.RoleSequencer, hint); err != nil {
				return err
			}
			return p.serveSequencer(ctx, c)
		},
	}
	c.Flags().StringVar(&metricsAddr, "metrics-addr", "", "where to serve /healthz, /readyz and /metrics (default $VOICEHIVE_METRICS_ADDR)")
	return withParent(c)
}

func (p *parts) serveSequencer(ctx context.Context, c *cobra.Command) error {
	sequencer, err := p.sequencer()
	if err != nil {
		return err
	}
	ready, err := p.readySequencer()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", p.config.MetricsAddr)
	if err != nil {
		return fmt.Errorf("the sequencer cannot serve its metrics; choose another --metrics-addr: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return sequence(ctx, sequencer) })
	group.Go(func() error { return telemetry.Serve(ctx, listener, p.metrics, ready) })
	if err := printJSON(c.OutOrStdout(), readyLine{Ready: true, URL: "http://" + listener.Addr().String()}); err != nil {
		return err
	}
	return group.Wait()
}

// sequence works until it is told to end, which is no error.
func sequence(ctx context.Context, sequencer *audit.Sequencer) error {
	if err := sequencer.Run(ctx); ctx.Err() == nil {
		return err
	}
	return nil
}
