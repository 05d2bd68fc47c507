package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/starter"
)

func newRetentionPolicy() *cobra.Command {
	group := &cobra.Command{
		Use:   "policy",
		Short: "Show, set and check how long data is kept",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newRetentionPolicyShow(), newRetentionPolicySet(), newRetentionPolicyCheck())
	return group
}

func newRetentionPolicyShow() *cobra.Command {
	c := &cobra.Command{
		Use:   "show [CLASS]",
		Short: "Show the rules for a hotel, and what it set itself",
		Args:  cobra.MaximumNArgs(1),
	}
	return onRetention(c, false, func(ctx context.Context, desk *starter.Retention, hotel string) error {
		class := register.Class("")
		if args := c.Flags().Args(); len(args) == 1 {
			class = register.Class(args[0])
		}
		policy, err := desk.Policy(ctx, hotel, class)
		if err != nil {
			return err
		}
		return show(c, policy, func(w io.Writer) { printPolicy(w, policy) })
	})
}

func printPolicy(w io.Writer, p starter.RetentionPolicy) {
	rows := [][]string{{"RULE", "CLASS", "BOUND", "PERIOD", "FROM", "THEN", "STATUTE", "REVIEW"}}
	for _, r := range p.Rules {
		rows = append(rows, []string{r.ID, string(r.Class), string(r.Bound), r.Period.String(), string(r.Anchor), string(r.Action), firstOf(r.Statute, r.Basis, "-"), r.Reviewed()})
	}
	table(w, rows...)
	if len(p.Settings) == 0 {
		return
	}
	fmt.Fprintln(w, "\nThe hotel's own:")
	rows = [][]string{{"CLASS", "PERIOD", "SET BY", "AT"}}
	for _, s := range p.Settings {
		rows = append(rows, []string{string(s.Class), s.Period.String(), s.SetBy, moment(s.SetAt)})
	}
	table(w, rows...)
}

func newRetentionPolicySet() *cobra.Command {
	c := &cobra.Command{
		Use:   "set CLASS [PERIOD]",
		Short: "Set a hotel's own term, such as P30D; without one the default counts again",
		Args:  cobra.RangeArgs(1, 2),
	}
	return onRetention(c, false, func(ctx context.Context, desk *starter.Retention, hotel string) error {
		args := c.Flags().Args()
		term := starter.RetentionTerm{}
		if len(args) == 2 {
			term.Period = args[1]
		}
		policy, err := desk.Set(ctx, hotel, whoActs(ctx), register.Class(args[0]), term)
		if err != nil {
			return err
		}
		return show(c, policy, func(w io.Writer) { printPolicy(w, policy) })
	})
}

// checkedPolicy is the answer of policy check.
type checkedPolicy struct {
	Rules      int      `json:"rules"`
	Unreviewed int      `json:"not_reviewed_by_a_lawyer"`
	Problems   []string `json:"problems"`
}

func newRetentionPolicyCheck() *cobra.Command {
	c := &cobra.Command{
		Use:   "check [FOLDER]",
		Short: "Check the policy that ships, or the .yaml files of a folder",
		Args:  cobra.MaximumNArgs(1),
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		load := retention.Shipped
		if len(args) == 1 {
			load = func() (*retention.Policy, error) { return retention.Load(os.DirFS(args[0])) }
		}
		policy, err := load()
		out := checkedPolicy{Problems: []string{}}
		if err == nil {
			for _, r := range policy.Rules("", "") {
				out.Rules++
				if r.ReviewedBy == "" {
					out.Unreviewed++
				}
			}
		} else {
			out.Problems = strings.Split(err.Error(), "\n")
		}
		if failed := show(c, out, func(w io.Writer) {
			for _, problem := range out.Problems {
				fmt.Fprintln(w, problem)
			}
			if err == nil {
				fmt.Fprintf(w, "%d rules, sound. %d of them were not reviewed by a lawyer.\n", out.Rules, out.Unreviewed)
			}
		}); failed != nil {
			return failed
		}
		if err != nil {
			return errors.New("the policy is not sound")
		}
		return nil
	}
	return withJSON(c)
}
