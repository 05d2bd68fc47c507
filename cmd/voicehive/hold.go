package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

func newHold() *cobra.Command {
	group := &cobra.Command{
		Use:   "hold",
		Short: "Keep what a dispute needs from being erased",
		Long: `Keep what a dispute needs from being erased. A hold counts at once, lapses when
no second person approves it within seven days, is asked after on its review
date, and is released by two people as well.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newHoldPlace(), newHoldList(), newHoldShow(), newHoldApprove(), newHoldReview(), newHoldRelease())
	return group
}

// onHolds runs a verb for one hotel.
func onHolds(c *cobra.Command, do func(ctx context.Context, desk *starter.Holds, hotel string) error) *cobra.Command {
	hotel, token := c.Flags().String("hotel", "", "the hotel"), tokenFlag(c)
	_ = c.MarkFlagRequired("hotel")
	c.RunE = func(c *cobra.Command, _ []string) error {
		p, err := openStores(c.Context(), "hold")
		if err != nil {
			return err
		}
		defer p.close()
		who, err := p.who(c.Context(), *token, *hotel, auth.RoleCompliance)
		if err != nil {
			return err
		}
		return do(as(c.Context(), who), starter.NewHolds(p.registry, p.holds(), p.subjects(), p.ring), *hotel)
	}
	return withJSON(c)
}

// reviewFlag is when somebody has to ask whether a hold is still needed.
func reviewFlag(c *cobra.Command) func() (time.Time, error) {
	text := c.Flags().String("review", "", "the day on which somebody has to ask whether it is still needed, such as 2027-03-01; within a year")
	_ = c.MarkFlagRequired("review")
	return func() (time.Time, error) { return momentOf("review", *text) }
}

func newHoldPlace() *cobra.Command {
	c := &cobra.Command{
		Use:   "place [BOOKING|CALL]",
		Short: "Place a hold on a booking, a call, all that is one person's, or the hotel",
		Args:  cobra.MaximumNArgs(1),
	}
	var r starter.HoldRequest
	f := c.Flags()
	f.StringVar(&r.Matter, "matter", "", "the file number of the dispute, such as 2026-17/B; never a name")
	reason := f.String("reason", string(holds.Litigation), "litigation, authority, audit or dispute")
	kind := f.String("kind", string(holds.Booking), "booking, call, subject (the person whose it is, later bookings too) or hotel")
	classes := f.StringSlice("class", nil, "a class of data that is held, such as recording; all when left out")
	_ = c.MarkFlagRequired("matter")
	review := reviewFlag(c)
	return onHolds(c, func(ctx context.Context, desk *starter.Holds, hotel string) (err error) {
		if r.ReviewAt, err = review(); err != nil {
			return err
		}
		r.Reason, r.Kind = holds.Reason(*reason), holds.Kind(*kind)
		for _, class := range *classes {
			r.Classes = append(r.Classes, register.Class(class))
		}
		if args := c.Flags().Args(); len(args) == 1 {
			r.Scope = args[0]
		}
		held, err := desk.Place(ctx, hotel, whoActs(ctx), r)
		return heldIs(c, held, err)
	})
}

// heldIs prints a hold after an act on it.
func heldIs(c *cobra.Command, h holds.Hold, err error) error {
	if err != nil {
		return err
	}
	return show(c, h, func(w io.Writer) { printHold(w, h) })
}

func printHold(w io.Writer, h holds.Hold) {
	table(w, []string{"hold", h.ID}, []string{"matter", h.Matter}, []string{"reason", string(h.Reason)}, []string{"state", string(h.State)},
		[]string{"reaches", reachOf(h)}, []string{"placed", moment(h.PlacedAt) + " by " + h.PlacedBy},
		[]string{"approved", moment(h.ApprovedAt) + " by " + firstOf(h.ApprovedBy, "nobody")}, []string{"review", due(h)},
		[]string{"released", moment(h.ReleasedAt)}, []string{"binds until", moment(h.GraceUntil)})
	switch h.State {
	case holds.Proposed:
		fmt.Fprintf(w, "\nIt binds now, and ends on %s unless another person approves it:\n  voicehive hold approve %s\n", moment(h.LapsesAt), h.ID)
	case holds.Leaving:
		fmt.Fprintf(w, "\n%s asked for its release; another person has to do so too:\n  voicehive hold release %s\n", h.AskedBy, h.ID)
	}
	for _, scope := range h.Scopes {
		fmt.Fprintln(w, " ", scope)
	}
}

func reachOf(h holds.Hold) string {
	text := string(h.Kind)
	if len(h.Scopes) > 0 {
		text += fmt.Sprintf(" (%d bookings and calls)", len(h.Scopes))
	}
	if len(h.Classes) == 0 {
		return text
	}
	names := make([]string, len(h.Classes))
	for i, class := range h.Classes {
		names[i] = string(class)
	}
	return text + ": " + strings.Join(names, ", ")
}

func due(h holds.Hold) string {
	if h.ReviewOverdue {
		return moment(h.ReviewAt) + " OVERDUE"
	}
	return moment(h.ReviewAt)
}

func newHoldList() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List the holds of a hotel, and which reviews are overdue",
		Args:  cobra.NoArgs,
	}
	ended := c.Flags().Bool("ended", false, "those that bind no more, too")
	return onHolds(c, func(ctx context.Context, desk *starter.Holds, hotel string) error {
		list, err := desk.List(ctx, hotel, *ended)
		if err != nil {
			return err
		}
		return show(c, list, func(w io.Writer) {
			if len(list.Holds) == 0 {
				fmt.Fprintln(w, "There are no holds.")
				return
			}
			rows := [][]string{{"HOLD", "MATTER", "STATE", "REACHES", "REVIEW"}}
			for _, h := range list.Holds {
				rows = append(rows, []string{h.ID, h.Matter, string(h.State), reachOf(h), due(h)})
			}
			table(w, rows...)
			if list.Overdue > 0 {
				fmt.Fprintf(w, "\n%d reviews are overdue: ask whether the hold is still needed, then voicehive hold review or release.\n", list.Overdue)
			}
		})
	})
}

func newHoldShow() *cobra.Command {
	c := &cobra.Command{Use: "show HOLD", Short: "Show a hold with what it keeps", Args: exactly(1, "a hold's id")}
	return onHolds(c, func(ctx context.Context, desk *starter.Holds, hotel string) error {
		held, err := desk.Show(ctx, hotel, c.Flags().Args()[0])
		return heldIs(c, held, err)
	})
}

func newHoldApprove() *cobra.Command {
	c := &cobra.Command{Use: "approve HOLD", Short: "Approve a hold, as another person than the one who placed it", Args: exactly(1, "a hold's id")}
	return onHolds(c, func(ctx context.Context, desk *starter.Holds, hotel string) error {
		held, err := desk.Approve(ctx, hotel, whoActs(ctx), c.Flags().Args()[0])
		return heldIs(c, held, err)
	})
}

func newHoldReview() *cobra.Command {
	c := &cobra.Command{Use: "review HOLD", Short: "Say that a hold is still needed, and when to ask again", Args: exactly(1, "a hold's id")}
	review := reviewFlag(c)
	return onHolds(c, func(ctx context.Context, desk *starter.Holds, hotel string) error {
		at, err := review()
		if err != nil {
			return err
		}
		held, err := desk.Review(ctx, hotel, whoActs(ctx), c.Flags().Args()[0], starter.HoldReview{ReviewAt: at})
		return heldIs(c, held, err)
	})
}

func newHoldRelease() *cobra.Command {
	c := &cobra.Command{Use: "release HOLD", Short: "Ask for a hold's release; two people have to", Args: exactly(1, "a hold's id")}
	grace := c.Flags().Int("grace-days", 30, "how long it binds after its release")
	return onHolds(c, func(ctx context.Context, desk *starter.Holds, hotel string) error {
		held, err := desk.Release(ctx, hotel, whoActs(ctx), c.Flags().Args()[0], starter.HoldRelease{GraceDays: *grace})
		return heldIs(c, held, err)
	})
}
