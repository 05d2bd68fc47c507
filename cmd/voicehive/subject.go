package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/starter"
)

func newSubject() *cobra.Command {
	group := &cobra.Command{
		Use:   "subject",
		Short: "Find whose bookings and calls are whose, and decide it where machines cannot",
		Long: `Find whose bookings and calls are whose, and decide it where machines cannot. A
person is named by the id of any of their bookings or calls. What is known of a
person is read from standard input, never from the command line, which others on
the machine can read, and nothing that tells who it is is printed. Each look and
each decision stands in the audit log.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newSubjectFind(), newSubjectShow(), newSubjectMerge(), newSubjectSplit(), newSubjectUndo())
	return group
}

// onSubjects runs a verb for one hotel.
func onSubjects(c *cobra.Command, do func(ctx context.Context, desk *starter.Subjects, hotel, who string) error) *cobra.Command {
	hotel := c.Flags().String("hotel", "", "the hotel")
	_ = c.MarkFlagRequired("hotel")
	c.RunE = func(c *cobra.Command, _ []string) error {
		p, err := openStores(c.Context(), "subject")
		if err != nil {
			return err
		}
		defer p.close()
		return do(c.Context(), starter.NewSubjects(p.registry, p.subjects(), p.ring), *hotel, operator())
	}
	return withJSON(c)
}

// operator is who types: the audit log has them under a pseudonym. The name is
// looked up by what the kernel knows; user.Current would believe $USER where
// nobody has a name, and one person could be two.
func operator() string {
	id := strconv.Itoa(os.Getuid())
	if known, err := user.LookupId(id); err == nil && known.Username != "" {
		return "cli:" + known.Username
	}
	return "cli:" + id
}

func newSubjectFind() *cobra.Command {
	c := &cobra.Command{
		Use:   "find",
		Short: "Find the people of whom a phone, an e-mail or a name matches",
		Long: `Find the people of whom a phone, an e-mail or a name matches: any part of what
is typed when asked, or of YAML on standard input, such as

  {last_name: Example, phone: +49 30 1234567}

The fields are first_name, last_name, email and phone.`,
		Args: cobra.NoArgs,
	}
	return onSubjects(c, func(ctx context.Context, desk *starter.Subjects, hotel, who string) error {
		query, err := readPerson(c.InOrStdin(), c.ErrOrStderr())
		if err != nil {
			return err
		}
		found, err := desk.Find(ctx, hotel, who, query)
		if err != nil {
			return err
		}
		return show(c, found, func(w io.Writer) {
			if len(found.People) == 0 {
				fmt.Fprintln(w, "Nobody matches.")
				return
			}
			table(w, peopleRows(found.People)...)
			if found.Truncated {
				fmt.Fprintln(w, "There are more; give more of the person.")
			}
		})
	})
}

func peopleRows(people []starter.Person) [][]string {
	rows := [][]string{{"SUBJECT", "MATCHES BY", "BOOKINGS AND CALLS"}}
	for _, p := range people {
		because := make([]string, len(p.Because))
		for i, kind := range p.Because {
			because[i] = string(kind)
		}
		rows = append(rows, []string{firstOf(p.Subject, "-"), strings.Join(because, ", "), strings.Join(p.Scopes, " ")})
	}
	return rows
}

func newSubjectShow() *cobra.Command {
	c := &cobra.Command{
		Use:   "show [BOOKING|CALL]",
		Short: "Show what belongs to one person, and who else may be the same",
		Long: `Show what belongs to one person, who else may be the same, and what was decided.
The person is whose the booking or call is; without one, who matches what is
read as by find. When several match, none is shown.`,
		Args: cobra.MaximumNArgs(1),
	}
	return onSubjects(c, func(ctx context.Context, desk *starter.Subjects, hotel, who string) error {
		var query starter.WhoQuery
		if args := c.Flags().Args(); len(args) == 1 {
			query.Scope = args[0]
		} else {
			person, err := readPerson(c.InOrStdin(), c.ErrOrStderr())
			if err != nil {
				return err
			}
			query.Person = &person
		}
		p, err := desk.Show(ctx, hotel, who, query)
		if err != nil {
			return err
		}
		return show(c, p, func(w io.Writer) { printProfile(w, p) })
	})
}

func printProfile(w io.Writer, p starter.Profile) {
	fmt.Fprintf(w, "Subject %s\n\nBookings and calls:\n", p.Subject)
	for _, scope := range p.Scopes {
		fmt.Fprintln(w, " ", scope)
	}
	if p.Truncated {
		fmt.Fprintln(w, "  and more")
	}
	if len(p.Candidates) > 0 {
		fmt.Fprintln(w, "\nWho may be the same person:")
		table(w, peopleRows(p.Candidates)...)
	}
	if p.MoreCandidates {
		fmt.Fprintln(w, "There are more who may be; look with `voicehive subject find` by more than what so many share.")
	}
	if len(p.Decisions) == 0 {
		return
	}
	fmt.Fprintln(w, "\nWhat was decided:")
	rows := [][]string{{"DECISION", "AT", "WHAT", "WHY", "BY", "MOVED", ""}}
	for _, d := range p.Decisions {
		undone := ""
		if d.Undone {
			undone = "undone"
		}
		rows = append(rows, []string{d.ID, moment(d.At), d.Kind, d.Reason, d.Actor, strconv.Itoa(len(d.Scopes)), undone})
	}
	table(w, rows...)
	if p.MoreDecisions {
		fmt.Fprintln(w, "There are older ones.")
	}
}

// causeFlags are why a decision is taken.
func causeFlags(c *cobra.Command) func() (starter.DecisionCause, error) {
	words := make([]string, len(subjects.Reasons()))
	for i, r := range subjects.Reasons() {
		words[i] = string(r)
	}
	reason := c.Flags().String("reason", "", strings.Join(words, ", "))
	file := c.Flags().String("note-file", "", "a file with what else is worth keeping; it is sealed in the audit log")
	_ = c.MarkFlagRequired("reason")
	return func() (starter.DecisionCause, error) {
		cause := starter.DecisionCause{Reason: subjects.Reason(*reason)}
		if *file == "" {
			return cause, nil
		}
		note, err := readSmall(*file)
		cause.Note = strings.TrimSpace(string(note))
		return cause, err
	}
}

func newSubjectMerge() *cobra.Command {
	c := &cobra.Command{
		Use:   "merge FROM INTO",
		Short: "Make two people one: all that was FROM's becomes INTO's",
		Args:  exactly(2, "a booking or call of each of two people"),
	}
	cause := causeFlags(c)
	return onSubjects(c, func(ctx context.Context, desk *starter.Subjects, hotel, who string) error {
		why, err := cause()
		if err != nil {
			return err
		}
		args := c.Flags().Args()
		done, err := desk.Merge(ctx, hotel, who, starter.MergeRequest{From: args[0], Into: args[1], DecisionCause: why})
		return decided(c, done, err, "They are one person now: subject "+done.Subject+".")
	})
}

func newSubjectSplit() *cobra.Command {
	c := &cobra.Command{
		Use:   "split BOOKING|CALL...",
		Short: "Tell two people apart: what is named becomes somebody new's",
		Args:  cobra.MinimumNArgs(1),
	}
	cause := causeFlags(c)
	return onSubjects(c, func(ctx context.Context, desk *starter.Subjects, hotel, who string) error {
		why, err := cause()
		if err != nil {
			return err
		}
		done, err := desk.Split(ctx, hotel, who, starter.SplitRequest{Scopes: c.Flags().Args(), DecisionCause: why})
		return decided(c, done, err, "They belong to somebody new: subject "+done.Subject+".")
	})
}

func newSubjectUndo() *cobra.Command {
	c := &cobra.Command{
		Use:   "undo DECISION",
		Short: "Take a merge or a split back: what it moved returns",
		Args:  exactly(1, "a decision's id"),
	}
	cause := causeFlags(c)
	return onSubjects(c, func(ctx context.Context, desk *starter.Subjects, hotel, who string) error {
		why, err := cause()
		if err != nil {
			return err
		}
		done, err := desk.Undo(ctx, hotel, who, c.Flags().Args()[0], why)
		return decided(c, done, err, "It is taken back.")
	})
}

func decided(c *cobra.Command, done starter.Decided, err error, told string) error {
	if err != nil {
		return err
	}
	return show(c, done, func(w io.Writer) {
		fmt.Fprintf(w, "%s\nIt is decision %s; voicehive subject undo takes it back.\n", told, done.Decision)
	})
}

// maxPerson bounds what is read of a person, in bytes.
const maxPerson = 4 << 10

// readPerson reads what is known of a person: YAML, or answers to questions
// where somebody sits in front.
func readPerson(in io.Reader, questions io.Writer) (q starter.PersonQuery, err error) {
	in = io.LimitReader(in, maxPerson+1)
	if terminal(in) {
		return askPerson(in, questions)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return q, fmt.Errorf("read the person: %w", err)
	}
	if len(text) > maxPerson {
		return q, usageError{fmt.Errorf("what is known of a person is larger than %d bytes", maxPerson)}
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&q); err != nil && !errors.Is(err, io.EOF) {
		// The decoder's own error quotes what it read.
		return q, usageError{errors.New("standard input must be YAML with first_name, last_name, email and phone, such as {last_name: Example}")}
	}
	return q, nil
}

func terminal(in io.Reader) bool {
	if limited, ok := in.(*io.LimitedReader); ok {
		in = limited.R
	}
	file, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func askPerson(in io.Reader, questions io.Writer) (q starter.PersonQuery, err error) {
	lines := bufio.NewScanner(in)
	for _, part := range []struct {
		ask  string
		into *string
	}{{"First name", &q.FirstName}, {"Last name", &q.LastName}, {"E-mail", &q.Email}, {"Phone", &q.Phone}} {
		fmt.Fprintf(questions, "%s (empty when unknown): ", part.ask)
		if !lines.Scan() {
			break
		}
		*part.into = strings.TrimSpace(lines.Text())
	}
	return q, lines.Err()
}
