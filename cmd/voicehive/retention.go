package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

func newRetention() *cobra.Command {
	group := &cobra.Command{
		Use:   "retention",
		Short: "Erase what has had its time: see it, approve it, and ask why",
		Long: `Erase what has had its time. A Schedule starts a run for every hotel each day. A
run that would erase much, or more than usual, waits for a second person. What a
legal hold or a statute keeps stays, and the certificate of a run says so.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newRetentionDryRun(), newRetentionRun(), newRetentionStatus(), newRetentionApprove(), newRetentionRefuse(), newRetentionExplain(), newRetentionPolicy(),
		newRetentionCertificate(), newRetentionVerify())
	return group
}

// onRetention runs a verb for one hotel; temporal says that it starts or decides.
func onRetention(c *cobra.Command, temporal bool, do func(ctx context.Context, desk *starter.Retention, hotel string) error) *cobra.Command {
	hotel := c.Flags().String("hotel", "", "the hotel; "+retention.House.ID+" for the years of the audit log, which belong to all")
	token := tokenFlag(c)
	_ = c.MarkFlagRequired("hotel")
	c.RunE = func(c *cobra.Command, _ []string) error {
		open := openStores
		if temporal {
			open = openAll
		}
		p, err := open(c.Context(), "retention")
		if err != nil {
			return err
		}
		defer p.close()
		desk, err := p.retentionOf(*hotel)
		if err != nil {
			return err
		}
		at, role := *hotel, auth.RoleCompliance
		if at == retention.House.ID { // nobody is its officer
			at, role = "", auth.RoleAdmin
		}
		who, err := p.who(c.Context(), *token, at, role)
		if err != nil {
			return err
		}
		return do(as(c.Context(), who), desk, *hotel)
	}
	return withJSON(c)
}

func newRetentionDryRun() *cobra.Command {
	c := &cobra.Command{
		Use:   "dry-run",
		Short: "See what a run would erase now, by class and rule; it changes nothing",
		Args:  cobra.NoArgs,
	}
	return onRetention(c, false, func(ctx context.Context, desk *starter.Retention, hotel string) error {
		plan, err := desk.DryRun(ctx, hotel)
		if err != nil {
			return err
		}
		return show(c, plan, func(w io.Writer) { printPlan(w, plan) })
	})
}

func printPlan(w io.Writer, p retention.Plan) {
	fmt.Fprintf(w, "What had its time at %s before %s: %d rows, %s; %d more are held.\n", p.Hotel, p.AsOf, p.Rows, size(p.Bytes), p.Held)
	if len(p.Parts) == 0 {
		return
	}
	fmt.Fprintln(w)
	rows := [][]string{{"STORE", "ROWS", "BYTES", "HELD", "RESTRICTED", "BY", "SAMPLES"}}
	for _, part := range p.Parts {
		var by []string
		for _, rule := range slices.Sorted(maps.Keys(part.Rules)) {
			by = append(by, fmt.Sprintf("%s %d", rule, part.Rules[rule]))
		}
		rows = append(rows, []string{
			part.Store, strconv.FormatInt(part.Rows, 10), size(part.Bytes), strconv.FormatInt(part.Held, 10), strconv.FormatInt(part.Restricted, 10),
			firstOf(strings.Join(by, ", "), "-"), firstOf(strings.Join(part.Samples, " "), "-"),
		})
	}
	table(w, rows...)
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(bytes)/(1<<10))
	}
	return strconv.FormatInt(bytes, 10) + " B"
}

func newRetentionRun() *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Start a run now, as the Schedule does each day",
		Args:  cobra.NoArgs,
	}
	return onRetention(c, true, func(ctx context.Context, desk *starter.Retention, hotel string) error {
		run, err := desk.Run(ctx, hotel, whoActs(ctx))
		if err != nil {
			return err
		}
		return show(c, run, func(w io.Writer) { printRun(w, run) })
	})
}

func printRun(w io.Writer, r retention.Run) {
	fmt.Fprintf(w, "Run %s is %s.\n", r.ID, r.State)
	rows := [][]string{{"as of", r.Plan.AsOf}, {"planned", strconv.FormatInt(r.Plan.Rows, 10)}, {"erased", strconv.FormatInt(r.Erased, 10)},
		{"started by", r.StartedBy}, {"approved by", firstOf(r.ApprovedBy, "-")}, {"plan", r.PlanHash}, {"finished", moment(r.FinishedAt)}}
	if r.Overdue != nil {
		rows = append(rows, []string{"overdue", strconv.FormatInt(*r.Overdue, 10)})
	}
	if len(r.Certificate) > 0 {
		rows = append(rows, []string{"certificate", "signed; voicehive retention certificate writes it"})
	}
	table(w, rows...)
	if r.State == retention.Waiting {
		fmt.Fprintf(w, "\nIt needs a second person (%s). Look at the plan, then:\n  voicehive retention approve %s --plan %s --hotel %s\n",
			strings.Join(r.Because, ", "), r.ID, r.PlanHash, r.Plan.Hotel)
	}
	if len(r.Plan.Parts) > 0 {
		fmt.Fprintln(w)
		printPlan(w, r.Plan)
	}
}

func newRetentionStatus() *cobra.Command {
	c := &cobra.Command{
		Use:   "status [RUN]",
		Short: "List the runs of a hotel, or show one with its plan and certificate",
		Args:  cobra.MaximumNArgs(1),
	}
	return onRetention(c, false, func(ctx context.Context, desk *starter.Retention, hotel string) error {
		if args := c.Flags().Args(); len(args) == 1 {
			run, err := desk.Show(ctx, hotel, args[0])
			if err != nil {
				return err
			}
			return show(c, run, func(w io.Writer) { printRun(w, run) })
		}
		list, err := desk.Runs(ctx, hotel)
		if err != nil {
			return err
		}
		return show(c, list, func(w io.Writer) {
			if len(list.Runs) == 0 {
				fmt.Fprintln(w, "There was no run yet.")
				return
			}
			rows := [][]string{{"RUN", "STATE", "AS OF", "PLANNED", "ERASED", "OVERDUE", "FINISHED"}}
			for _, r := range list.Runs {
				overdue := "-"
				if r.Overdue != nil {
					overdue = strconv.FormatInt(*r.Overdue, 10)
				}
				rows = append(rows, []string{r.ID, string(r.State), r.Plan.AsOf, strconv.FormatInt(r.Plan.Rows, 10), strconv.FormatInt(r.Erased, 10), overdue, moment(r.FinishedAt)})
			}
			table(w, rows...)
		})
	})
}

func newRetentionApprove() *cobra.Command {
	c := &cobra.Command{
		Use:   "approve RUN",
		Short: "Let a run that waits go ahead, as another person than the one who started it",
		Args:  exactly(1, "a run's id"),
	}
	plan := c.Flags().String("plan", "", "the hash of the plan that you looked at")
	_ = c.MarkFlagRequired("plan")
	return decideRetention(c, func() starter.RetentionDecision { return starter.RetentionDecision{PlanHash: *plan} })
}

func newRetentionRefuse() *cobra.Command {
	c := &cobra.Command{
		Use:   "refuse RUN",
		Short: "End a run that waits, with nothing erased",
		Args:  exactly(1, "a run's id"),
	}
	return decideRetention(c, func() starter.RetentionDecision { return starter.RetentionDecision{Refuse: true} })
}

func decideRetention(c *cobra.Command, said func() starter.RetentionDecision) *cobra.Command {
	return onRetention(c, true, func(ctx context.Context, desk *starter.Retention, hotel string) error {
		run, err := desk.Decide(ctx, hotel, whoActs(ctx), c.Flags().Args()[0], said())
		if err != nil {
			return err
		}
		return show(c, run, func(w io.Writer) { printRun(w, run) })
	})
}

func newRetentionExplain() *cobra.Command {
	c := &cobra.Command{
		Use:   "explain CLASS [BOOKING|CALL]",
		Short: "Say what becomes of a record, and by which rules",
		Long: `Say what becomes of a record, and by which rules. Its dates are those of the
booking or call, or what --at says, such as --at issued=2026-03-01.`,
		Args: cobra.RangeArgs(1, 2),
	}
	at := c.Flags().StringToString("at", nil, "when what counts happened: arrival, departure, call_end, issued, created, closed ...")
	asked := c.Flags().Bool("asked", false, "the person asks for its erasure")
	return onRetention(c, false, func(ctx context.Context, desk *starter.Retention, hotel string) error {
		args := c.Flags().Args()
		q := starter.RetentionQuestion{Class: register.Class(args[0]), Asked: *asked, Anchors: map[retention.Anchor]time.Time{}}
		if len(args) == 2 {
			q.Scope = args[1]
		}
		for name, text := range *at {
			moment, err := momentOf("at", text)
			if err != nil {
				return err
			}
			q.Anchors[retention.Anchor(name)] = moment
		}
		v, err := desk.Explain(ctx, hotel, q)
		if err != nil {
			return err
		}
		return show(c, v, func(w io.Writer) { printVerdict(w, v) })
	})
}

func printVerdict(w io.Writer, v retention.Verdict) {
	table(w, []string{"verdict", string(v.Action)}, []string{"until", moment(v.Until)}, []string{"then", firstOf(string(v.How), "-")},
		[]string{"rule", firstOf(v.Rule, "-")}, []string{"statute", firstOf(v.Statute, "-")}, []string{"source", firstOf(v.Source, "-")})
	fmt.Fprintln(w, "\nWhy:")
	for _, line := range v.Why {
		fmt.Fprintln(w, " ", line)
	}
}
