package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/starter"
)

func newSchedules() *cobra.Command {
	group := &cobra.Command{
		Use:   "schedules",
		Short: "Set up what is done again and again: health checks, reconciliation, region checks and retention",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newSchedulesApply())
	return group
}

func newSchedulesApply() *cobra.Command {
	var o starter.Schedules
	c := &cobra.Command{
		Use:   "apply",
		Short: "Create the Schedules in Temporal, or bring them up to date",
		Long: `Create the Schedules in Temporal, or bring them up to date. Do it after a build
was promoted; doing it again changes nothing. A Schedule that was paused in the
Temporal UI stays paused.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openAll(c.Context(), "schedules")
			if err != nil {
				return err
			}
			defer p.close()
			applied, err := p.applySchedules(c.Context(), o)
			if err != nil {
				return err
			}
			rows := [][]string{{"SCHEDULE", "EVERY"}}
			for _, s := range applied {
				rows = append(rows, []string{s.ID, s.Every})
			}
			return show(c, applied, func(w io.Writer) { table(w, rows...) })
		},
	}
	c.Flags().DurationVar(&o.Health, "health-every", time.Minute, "time between two checks of every hotel's connection")
	c.Flags().DurationVar(&o.Reconciliation, "reconcile-every", 6*time.Hour, "time between two reconciliations")
	c.Flags().DurationVar(&o.Region, "region-every", time.Hour, "time between two checks that every endpoint stands in the EU")
	c.Flags().DurationVar(&o.Evidence, "evidence-every", 24*time.Hour, "time between two looks whether last month has its packs of evidence")
	c.Flags().DurationVar(&o.Retention, "retention-every", 24*time.Hour, "time between two rounds that erase what has had its time")
	c.Flags().IntVar(&o.Reconcile.Ahead, "reconcile-days", 30, "how many days of arrivals are reconciled")
	return withJSON(c)
}

// ensureHouse makes the keys of what belongs to no hotel, once.
func (p *parts) ensureHouse(ctx context.Context) error {
	for _, tenant := range []string{registry.System, audit.HouseTenant} {
		if err := p.ring.EnsureTenant(ctx, tenant); err != nil {
			return err
		}
	}
	return nil
}

// applySchedules makes sure of the key that their payloads are sealed with,
// and applies the Schedules.
func (p *parts) applySchedules(ctx context.Context, o starter.Schedules) ([]starter.Schedule, error) {
	if err := p.ensureHouse(ctx); err != nil {
		return nil, err
	}
	return starter.ApplySchedules(ctx, p.temporal, o)
}
