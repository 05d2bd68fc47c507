package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

func newDSAR() *cobra.Command {
	group := &cobra.Command{
		Use:   "dsar",
		Short: "Open and steer guests' requests about their data, with the law's clock",
		Long: `Open and steer guests' requests about their data (Articles 15 to 21 GDPR). Each
request has the clock of Article 12(3): a calendar month, at most 30 days, and
for us earlier by the age of the oldest backup of keys. What tells of a guest is
read from a file or standard input, never from the command line, and nothing
that tells who asked is printed, but by words. Each act stands in the audit log.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newDSARProcedure(), newDSAROpen(), newDSARList(), newDSARShow(), newDSARWords(),
		newDSARVerify(), newDSARTask(), newDSARApprove(), newDSARExtend(), newDSARRefuse(), newDSARWithdraw())
	return group
}

// onCases runs a verb for one hotel. Whoever changes nothing needs no Temporal.
func onCases(c *cobra.Command, acts bool, do func(ctx context.Context, desk *starter.Requests, hotel, who string) error) *cobra.Command {
	hotel, token := c.Flags().String("hotel", "", "the hotel"), tokenFlag(c)
	_ = c.MarkFlagRequired("hotel")
	c.RunE = func(c *cobra.Command, _ []string) error {
		p, err := openStores(c.Context(), "dsar")
		if err != nil {
			return err
		}
		defer p.close()
		if acts {
			if err := p.openTemporal(c.Context(), 10*time.Second); err != nil {
				return err
			}
		}
		who, err := p.who(c.Context(), *token, *hotel, auth.RoleCompliance)
		if err != nil {
			return err
		}
		return do(c.Context(), p.requests(), *hotel, who)
	}
	return withJSON(c)
}

// keyFlag is the idempotency key of a verb that changes something.
func keyFlag(c *cobra.Command) *string {
	return c.Flags().String("key", "", "an idempotency key of your own, to be able to repeat the command (default a fresh one)")
}

func keyOr(key string) string { return firstOf(key, ulid.Make().String()) }

// told is what a file or standard input tells of a request.
type told struct {
	Person       starter.PersonQuery `yaml:"person"`
	ContactEmail string              `yaml:"contact_email"`
	ContactPhone string              `yaml:"contact_phone"`
	Words        string              `yaml:"words"`
	Correct      struct {
		FirstName string `yaml:"first_name"`
		LastName  string `yaml:"last_name"`
		Email     string `yaml:"email"`
		Phone     string `yaml:"phone"`
		Language  string `yaml:"language"`
		Country   string `yaml:"country"`
	} `yaml:"correct"`
}

func newDSAROpen() *cobra.Command {
	var file, received string
	var r starter.OpenRequest
	c := &cobra.Command{
		Use:   "open KIND",
		Short: "Open a request: access, erasure, rectification, restriction, portability or objection",
		Long: `Open a request of a guest. Whom it is about is told by --scope, the id of any
reservation or call of theirs, or by a file with YAML, such as

  person: {last_name: Example, phone: +49 30 1234567}
  contact_email: guest@example.org
  words: Please delete all that you have about me.
  correct: {last_name: Exemple}

All fields are optional; - reads standard input. Where nobody or several people
match, the request is kept with a task to look.`,
		Args: exactly(1, "a kind: access, erasure, rectification, restriction, portability or objection"),
	}
	f := c.Flags()
	f.StringVar(&r.Scope, "scope", "", "the id of any reservation or call of the guest")
	f.StringVar(&r.Call, "call", "", "the call that the request was found in")
	f.StringVar(&file, "file", "", "a file with what the guest told; - is standard input")
	f.StringVar(&received, "received", "", "when it came in, as a date or RFC 3339 (default now)")
	f.StringVar(&r.Language, "language", "", "in which the guest wants to be written to, such as de")
	f.StringSliceVar(&r.Purposes, "against", nil, "for an objection: "+strings.Join(rights.Against(), ", "))
	f.StringVar(&r.Ground, "ground", "", "for a restriction: "+strings.Join(rights.Grounds(), ", "))
	f.BoolVar(&r.Lift, "lift", false, "for a restriction: end the one that there is")
	key := keyFlag(c)
	return onCases(c, true, func(ctx context.Context, desk *starter.Requests, hotel, who string) error {
		r.Kind = rights.Kind(c.Flags().Arg(0))
		if !r.Kind.Known() {
			return usageError{errors.New("a kind is access, erasure, rectification, restriction, portability or objection")}
		}
		var err error
		if r.ReceivedAt, err = momentOf("received", received); err != nil {
			return err
		}
		if err := readTold(c.InOrStdin(), file, &r); err != nil {
			return err
		}
		opened, _, err := desk.Open(ctx, hotel, who, keyOr(*key), rights.ByCLI, r)
		if err != nil {
			return err
		}
		return showCase(c, opened)
	})
}

// maxTold bounds what is read of a request, in bytes.
const maxTold = 48 << 10

// readTold reads what a guest told into the request.
func readTold(in io.Reader, file string, r *starter.OpenRequest) error {
	if file == "" {
		return nil
	}
	var text []byte
	var err error
	if file == "-" {
		text, err = io.ReadAll(io.LimitReader(in, maxTold+1))
	} else {
		text, err = readSmall(file)
	}
	if err != nil {
		return fmt.Errorf("read what the guest told: %w", err)
	}
	if len(text) > maxTold {
		return usageError{fmt.Errorf("what the guest told is larger than %d bytes", maxTold)}
	}
	var t told
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&t); err != nil && !errors.Is(err, io.EOF) {
		// The decoder's own error quotes what it read.
		return usageError{errors.New("what the guest told must be YAML with person, contact_email, contact_phone, words and correct; see --help")}
	}
	if t.Person != (starter.PersonQuery{}) {
		r.Person = &t.Person
	}
	if correct := starter.Correction(t.Correct); correct != (starter.Correction{}) {
		r.Correct = &correct
	}
	r.Email, r.Phone, r.Words = t.ContactEmail, t.ContactPhone, t.Words
	return nil
}

func newDSARList() *cobra.Command {
	var q starter.CaseQuery
	var state, kind string
	c := &cobra.Command{Use: "list", Short: "List the requests of a hotel with their clocks, the newest first", Args: cobra.NoArgs}
	f := c.Flags()
	f.StringVar(&state, "state", "", "requests in this state only")
	f.StringVar(&kind, "kind", "", "requests of this kind only")
	f.BoolVar(&q.Open, "open", false, "leave closed ones out")
	f.StringVar(&q.After, "after", "", "the last id of the page before")
	f.IntVar(&q.Most, "limit", 100, "how many at most, up to 500")
	return onCases(c, false, func(ctx context.Context, desk *starter.Requests, hotel, _ string) error {
		q.State, q.Kind = rights.State(state), rights.Kind(kind)
		if state != "" && !q.State.Known() || kind != "" && !q.Kind.Known() {
			return usageError{errors.New("no such state or kind; see the help of voicehive dsar open")}
		}
		found, err := desk.List(ctx, hotel, q)
		if err != nil {
			return err
		}
		return show(c, map[string]any{"requests": found}, func(w io.Writer) {
			if len(found) == 0 {
				fmt.Fprintln(w, "There are no such requests.")
				return
			}
			rows := [][]string{{"REQUEST", "KIND", "STATE", "RECEIVED", "DUE", "FOR US", "TIME PASSED", ""}}
			for _, one := range found {
				rows = append(rows, []string{
					one.ID, string(one.Kind), string(one.State), moment(one.Clock.Received), one.Clock.DueDay, moment(one.Clock.Internal), passed(one), string(one.Outcome),
				})
			}
			table(w, rows...)
		})
	})
}

// passed is how much of the time has passed, and whether that is too much.
func passed(c starter.Case) string {
	text := fmt.Sprintf("%d %%", c.Clock.Passed)
	if c.ClosedAt.IsZero() && c.Clock.Passed >= 95 {
		text += " !"
	}
	return text
}

func newDSARShow() *cobra.Command {
	c := &cobra.Command{Use: "show REQUEST", Short: "Show one request: clock, tasks, acts, and what an erasure would do", Args: exactly(1, "a request's id")}
	return onCases(c, true, func(ctx context.Context, desk *starter.Requests, hotel, _ string) error {
		one, err := desk.Show(ctx, hotel, c.Flags().Arg(0))
		if err != nil {
			return err
		}
		return showCase(c, one)
	})
}

func newDSARWords() *cobra.Command {
	c := &cobra.Command{
		Use:   "words REQUEST",
		Short: "Read what the requester said and what officers noted; it stands in the audit log",
		Args:  exactly(1, "a request's id"),
	}
	return onCases(c, false, func(ctx context.Context, desk *starter.Requests, hotel, who string) error {
		words, err := desk.Words(ctx, hotel, who, c.Flags().Arg(0))
		if err != nil {
			return err
		}
		return show(c, words, func(w io.Writer) {
			// By way of JSON, so that fields have the names that dsar open reads.
			var fields map[string]any
			if text, err := json.Marshal(words); err == nil && json.Unmarshal(text, &fields) == nil {
				_ = yaml.NewEncoder(w).Encode(fields)
			}
		})
	})
}

// showCase prints a request for people, or as JSON.
func showCase(c *cobra.Command, one starter.Case) error {
	return show(c, one, func(w io.Writer) { printCase(w, one) })
}

func printCase(w io.Writer, c starter.Case) {
	rows := [][]string{
		{"Request", c.ID}, {"Kind", string(c.Kind) + ", tier " + string(c.Tier)}, {"State", string(c.State)},
		{"Received", moment(c.Clock.Received)}, {"Due", c.Clock.DueDay + " (the whole day)"},
		{"For us", moment(c.Clock.Internal) + ", " + passed(c) + " of the time has passed"},
		{"Guest", string(c.Match)}, {"Proof", firstOf(string(c.Proof), "none yet")},
		{"Approvals", fmt.Sprintf("%d of %d", c.Approvals, c.Needs)},
	}
	for _, extra := range [][]string{
		{"Extended", moment(c.Clock.Extended)}, {"Waits until", moment(c.WaitUntil)}, {"Joined to", c.JoinedTo},
		{"Outcome", string(c.Outcome)}, {"Certificate", c.Certificate}, {"Closed", moment(c.ClosedAt)}, {"Problem", c.Problem},
	} {
		if extra[1] != "" && extra[1] != "-" {
			rows = append(rows, extra)
		}
	}
	table(w, rows...)
	if c.Pending {
		fmt.Fprintln(w, "\nWhat was asked for is kept and under way; look again.")
	}
	if len(c.Tasks) > 0 {
		fmt.Fprintln(w, "\nTasks:")
		rows := [][]string{{"TASK", "WHAT", "ADDED", "DONE", "BY", ""}}
		for _, t := range c.Tasks {
			blocks := ""
			if t.Blocks && t.DoneAt.IsZero() {
				blocks = "holds it up"
			}
			rows = append(rows, []string{t.ID, string(t.Kind), moment(t.At), moment(t.DoneAt), firstOf(t.DoneBy, "-"), blocks})
		}
		table(w, rows...)
	}
	if len(c.Acts) > 0 {
		fmt.Fprintln(w, "\nActs:")
		rows := [][]string{{"WHAT", "AT", "BY", ""}}
		for _, a := range c.Acts {
			void := ""
			if !a.VoidAt.IsZero() {
				void = "void since " + moment(a.VoidAt)
			}
			rows = append(rows, []string{string(a.Kind), moment(a.At), a.Actor, void})
		}
		table(w, rows...)
	}
	if c.Plan != nil {
		fmt.Fprintf(w, "\nPlan %s for %d bookings and calls:\n", c.Plan.Hash, c.Plan.Scopes)
		table(w, verdictRows("CLASS", c.Plan.Verdicts)...)
	}
}
