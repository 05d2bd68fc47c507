package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	activities "github.com/voicehive/voicehive/activities/breach"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/starter"
)

// breaches is the register of personal-data breaches.
func (p *parts) breaches() *breach.Register {
	return &breach.Register{
		Pool: p.pool, Keys: p.ring, Auditor: p.auditor, People: breach.People(pii.New(pii.Options{})),
		Hours: breach.Hours{Controller: p.config.BreachHotelHours, Authority: p.config.BreachHours},
	}
}

// breachClock composes what the clock of a breach does.
func (p *parts) breachClock() (*activities.Activities, error) {
	senders, err := p.senders(p.guard.For(region.Messages).DialContext)
	if err != nil {
		return nil, err
	}
	return activities.New(activities.Parts{
		Register: p.breaches(), Hotels: p.registry, Sender: senders, Tasks: p.ledger, Logger: p.log, Registerer: p.metrics,
		Journal: func(ctx context.Context, e audit.Event) error { return p.auditor.Record(ctx, p.pool, e) },
	})
}

// resumeBreaches starts the clocks that a process could not start.
func (p *parts) resumeBreaches(ctx context.Context) {
	if _, err := starter.NewBreaches(p.breaches(), p.registry, p.temporal).Resume(ctx); err != nil && ctx.Err() == nil {
		p.log.WarnContext(ctx, "Clocks of breaches may not run; see `voicehive breach resume`.", "error", err)
	}
}

func newBreach() *cobra.Command {
	group := &cobra.Command{
		Use:   "breach",
		Short: "Keep the register of personal-data breaches, and their clocks",
		Long: `Keep the register of personal-data breaches, and their clocks (Articles 33 and 34
GDPR). Every breach stands in the register, also one of which nobody has to be
told. From awareness the clocks run: hotels are told by e-mail at once, and
somebody is reminded when 50, 75, 90 and 100 % of the time have passed.

Texts are read from standard input, never from the command line. They tell what
happened and of how many people, and name nobody: a text that does is refused.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newBreachOpen(), newBreachList(), newBreachShow(), newBreachNote(), newBreachClose(), newBreachResume())
	return group
}

// onBreaches gives a verb the register and the way to the clocks.
func onBreaches(c *cobra.Command, do func(ctx context.Context, r *breach.Register, b *starter.Breaches, args []string) error) *cobra.Command {
	c.RunE = func(c *cobra.Command, args []string) error {
		p, err := openStores(c.Context(), "breach")
		if err != nil {
			return err
		}
		defer p.close()
		if err := p.ensureHouse(c.Context()); err != nil {
			return err
		}
		if err := p.openTemporal(c.Context(), 5*time.Second); err != nil {
			p.log.WarnContext(c.Context(), "Temporal cannot be reached; the register can be written all the same.", "error", err)
		}
		err = do(c.Context(), p.breaches(), starter.NewBreaches(p.breaches(), p.registry, p.temporal), args)
		if errors.Is(err, breach.ErrInvalid) {
			return usageError{err}
		}
		return err
	}
	return withJSON(c)
}

// said is what stands on standard input.
func said(c *cobra.Command) (string, error) {
	text, err := io.ReadAll(io.LimitReader(c.InOrStdin(), 64<<10))
	if err != nil {
		return "", fmt.Errorf("read what happened from standard input: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func newBreachOpen() *cobra.Command {
	var kinds, hotels []string
	var aware string
	c := &cobra.Command{
		Use:   "open",
		Short: "Write a breach down and start its clocks; what happened is read from standard input",
		Args:  cobra.NoArgs,
	}
	c.Flags().StringSliceVar(&kinds, "kind", nil, "confidentiality, integrity, availability, or some of them")
	c.Flags().StringSliceVar(&hotels, "hotel", nil, "hotels whose guests it concerns, as far as known; more follow with notes")
	c.Flags().StringVar(&aware, "aware", "", "when the house became aware of it, such as 2026-11-23T10:15:00Z; now when empty")
	_ = c.MarkFlagRequired("kind")
	return onBreaches(c, func(ctx context.Context, _ *breach.Register, b *starter.Breaches, _ []string) error {
		at, err := momentOf("aware", aware)
		if err != nil {
			return err
		}
		if at.IsZero() {
			at = time.Now()
		}
		o := breach.Opening{Aware: at, Hotels: hotels, Actor: byOperator}
		for _, kind := range kinds {
			o.Kinds = append(o.Kinds, breach.Kind(kind))
		}
		if o.Text, err = said(c); err != nil {
			return err
		}
		opened, err := b.Open(ctx, o)
		if opened.ID == "" {
			return err
		}
		opened.Text = ""
		return errors.Join(err, show(c, opened, func(w io.Writer) {
			fmt.Fprintf(w, "Breach %s. Its hotels are to be told by %s, its authority by %s.\n", opened.ID, moment(opened.ControllerDue), moment(opened.AuthorityDue))
		}))
	})
}

func newBreachList() *cobra.Command {
	var all bool
	c := &cobra.Command{Use: "list", Short: "List the breaches that are open, or the whole register", Args: cobra.NoArgs}
	c.Flags().BoolVar(&all, "all", false, "closed ones, too")
	return onBreaches(c, func(ctx context.Context, r *breach.Register, _ *starter.Breaches, _ []string) error {
		found, err := r.List(ctx, all)
		if err != nil {
			return err
		}
		rows := [][]string{{"BREACH", "AWARE", "KIND", "HOTELS", "UNTOLD", "RISK", "AUTHORITY DUE", "CLOSED"}}
		for _, b := range found {
			due := "-"
			if at, runs := b.Duties().Due[breach.TellAuthority]; runs {
				due = moment(at)
			}
			rows = append(rows, []string{
				b.ID, moment(b.Aware), joinedKinds(b), fmt.Sprint(len(b.Hotels)), fmt.Sprint(len(b.Untold())), firstOf(string(b.Risk()), "-"), due, moment(b.ClosedAt),
			})
		}
		return show(c, map[string]any{"breaches": found}, func(w io.Writer) { table(w, rows...) })
	})
}

func joinedKinds(b breach.Breach) string {
	kinds := make([]string, len(b.Kinds))
	for i, kind := range b.Kinds {
		kinds[i] = string(kind)
	}
	return strings.Join(kinds, ", ")
}

func newBreachShow() *cobra.Command {
	c := &cobra.Command{Use: "show BREACH", Short: "Show all that the register has of a breach; that stands in the audit log", Args: exactly(1, "a breach")}
	return onBreaches(c, func(ctx context.Context, r *breach.Register, _ *starter.Breaches, args []string) error {
		b, err := r.Read(ctx, args[0], byOperator)
		if err != nil {
			return err
		}
		return show(c, b, func(w io.Writer) { printBreach(w, b) })
	})
}

func printBreach(w io.Writer, b breach.Breach) {
	fmt.Fprintf(w, "Breach %s (%s)\nAware %s, opened %s by %s\n", b.ID, joinedKinds(b), moment(b.Aware), moment(b.OpenedAt), b.OpenedBy)
	for clock, due := range b.Duties().Due {
		fmt.Fprintf(w, "To tell: %s, by %s\n", clock, moment(due))
	}
	fmt.Fprintf(w, "Hotels: %s\nNot told yet: %s\n\n%s\n", firstOf(strings.Join(b.Hotels, ", "), "none"), firstOf(strings.Join(b.Untold(), ", "), "none"), b.Text)
	for _, n := range b.Notes {
		fmt.Fprintf(w, "\n%d. %s, %s %s%s%s%s, by %s\n   %s\n", n.N, moment(n.At), n.Act, n.Hotel, n.Risk, n.Phase, delayed(n), n.Actor, strings.ReplaceAll(n.Text, "\n", "\n   "))
	}
	if !b.ClosedAt.IsZero() {
		fmt.Fprintf(w, "\nClosed %s\n", moment(b.ClosedAt))
	}
}

func delayed(n breach.Note) string {
	if n.Delay == "" {
		return ""
	}
	return " (late: " + n.Delay + ")"
}

func newBreachNote() *cobra.Command {
	var e breach.Entry
	var act, risk, phase, at string
	c := &cobra.Command{
		Use:   "note BREACH",
		Short: "Add what was found out or done; it is read from standard input",
		Long: `Add what was found out or done; the words are read from standard input. Acts are

  fact             something was found out
  controller_told  a hotel was told; name it with --hotel
  assessed         how much is at risk for guests; --risk unlikely, risk or high
  authority_told   its authority was told; --phase initial, supplement or final,
                   and --delay with the reason when the first notice is late
  persons_told     guests were told, or why none has to be (Article 34(3))
  remedied         something was done about it`,
		Args: exactly(1, "a breach"),
	}
	c.Flags().StringVar(&act, "act", "", "what it tells")
	c.Flags().StringVar(&e.Hotel, "hotel", "", "the hotel that was told")
	c.Flags().StringVar(&risk, "risk", "", "unlikely, risk or high")
	c.Flags().StringVar(&phase, "phase", "", "initial, supplement or final")
	c.Flags().StringVar(&e.Delay, "delay", "", "why a notice is late: "+strings.Join(breach.Delays(), ", "))
	c.Flags().StringVar(&at, "at", "", "when it happened, such as 2026-11-23T10:15:00Z; now when empty")
	_ = c.MarkFlagRequired("act")
	return onBreaches(c, func(ctx context.Context, _ *breach.Register, b *starter.Breaches, args []string) (err error) {
		e.Act, e.Risk, e.Phase, e.Actor = breach.Act(act), breach.Risk(risk), breach.Phase(phase), byOperator
		if e.At, err = momentOf("at", at); err != nil {
			return err
		}
		if e.Text, err = said(c); err != nil {
			return err
		}
		noted, err := b.Note(ctx, args[0], e)
		if noted.ID == "" {
			return err
		}
		return errors.Join(err, show(c, noted.Duties(), func(w io.Writer) { fmt.Fprintf(w, "Noted as number %d.\n", len(noted.Notes)) }))
	})
}

func newBreachClose() *cobra.Command {
	c := &cobra.Command{
		Use:   "close BREACH",
		Short: "Close a breach of which everything is done",
		Long: `Close a breach: when every hotel was told, the risk assessed, the authority has its
final notice unless a risk is unlikely, guests were told where it is high, and
something was done about it. What is missing is said. It stays in the register.`,
		Args: exactly(1, "a breach"),
	}
	return onBreaches(c, func(ctx context.Context, _ *breach.Register, b *starter.Breaches, args []string) error {
		closed, err := b.Close(ctx, args[0], byOperator)
		if closed.ID == "" {
			return err
		}
		return errors.Join(err, show(c, map[string]any{"closed_at": closed.ClosedAt}, func(w io.Writer) { fmt.Fprintf(w, "Breach %s is closed.\n", closed.ID) }))
	})
}

func newBreachResume() *cobra.Command {
	c := &cobra.Command{Use: "resume", Short: "Start the clocks of open breaches that have none, as every worker does when it starts", Args: cobra.NoArgs}
	return onBreaches(c, func(ctx context.Context, _ *breach.Register, b *starter.Breaches, _ []string) error {
		n, err := b.Resume(ctx)
		return errors.Join(err, show(c, map[string]int{"open": n}, func(w io.Writer) { fmt.Fprintf(w, "%d breaches are open; their clocks run.\n", n) }))
	})
}
