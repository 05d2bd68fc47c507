package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/starter"
)

// acting is a verb that does something about one request.
func acting(c *cobra.Command, do func(ctx context.Context, desk *starter.Requests, hotel, who, key, id string) (starter.Case, error)) *cobra.Command {
	key := keyFlag(c)
	return onCases(c, true, func(ctx context.Context, desk *starter.Requests, hotel, who string) error {
		one, err := do(ctx, desk, hotel, who, keyOr(*key), c.Flags().Arg(0))
		if err != nil {
			return err
		}
		return showCase(c, one)
	})
}

func newDSARVerify() *cobra.Command {
	var r starter.VerifyRequest
	c := &cobra.Command{
		Use:   "verify REQUEST",
		Short: "Check who the requester is: send a code, check it, or vouch",
		Long: `Check who the requester is. --send sends a one-time code to the address on file;
without a flag the code that the person told is read from standard input. With
--manual you vouch that you have checked who it is, without a copy of papers,
and a second person has to as well. A voice proves nothing.`,
		Args: exactly(1, "a request's id"),
	}
	c.Flags().BoolVar(&r.Send, "send", false, "send a one-time code to the address on file")
	c.Flags().BoolVar(&r.Manual, "manual", false, "vouch for who it is; a second person has to as well")
	c.MarkFlagsMutuallyExclusive("send", "manual")
	return acting(c, func(ctx context.Context, desk *starter.Requests, hotel, who, key, id string) (starter.Case, error) {
		if !r.Send && !r.Manual {
			text, err := io.ReadAll(io.LimitReader(c.InOrStdin(), 64))
			if err != nil {
				return starter.Case{}, err
			}
			r.Code = strings.TrimSpace(string(text))
			if r.Code == "" || len(r.Code) > 16 {
				return starter.Case{}, usageError{errors.New("standard input must be the code as the person told it")}
			}
		}
		return desk.Verify(ctx, hotel, who, key, id, r)
	})
}

func newDSARTask() *cobra.Command {
	var r starter.TaskRequest
	var note string
	c := &cobra.Command{
		Use:   "task REQUEST [TASK]",
		Short: "Mark a task as done, or add one that holds the request up",
		Long: `Mark a task as done; without one, add a task that holds the request up until it
is done. A task that looks for the guest is done with --scope, the id of any
reservation or call of theirs.`,
		Args: cobra.RangeArgs(1, 2),
	}
	c.Flags().StringVar(&r.Scope, "scope", "", "the id of any reservation or call of the guest")
	c.Flags().StringVar(&note, "note-file", "", "a file with what else is worth keeping; it is sealed")
	return acting(c, func(ctx context.Context, desk *starter.Requests, hotel, who, key, id string) (starter.Case, error) {
		r.Task = c.Flags().Arg(1)
		var err error
		if r.Note, err = noteOf(note); err != nil {
			return starter.Case{}, err
		}
		return desk.Task(ctx, hotel, who, key, id, r)
	})
}

// noteOf reads a note from a file; "" is none.
func noteOf(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := readSmall(file)
	return strings.TrimSpace(string(text)), err
}

func newDSARApprove() *cobra.Command {
	var r starter.ApproveRequest
	c := &cobra.Command{
		Use:   "approve REQUEST",
		Short: "Agree to carry a request out; what does not come back needs two people",
		Long: `Agree to carry a request out. What does not come back needs two people, and each
signs in: --token-file has a token that the identity provider gave them. To an
erasure you agree by the hash of its plan, which voicehive dsar show prints with
what the plan says of each class. Should there be more to erase before it is done,
your approval is void and you are asked again.`,
		Args: exactly(1, "a request's id"),
	}
	c.Flags().StringVar(&r.PlanHash, "plan", "", "for an erasure: the hash of the plan that you looked at")
	return acting(c, func(ctx context.Context, desk *starter.Requests, hotel, who, key, id string) (starter.Case, error) {
		return desk.Approve(ctx, hotel, who, key, id, r)
	})
}

func newDSARExtend() *cobra.Command {
	var r starter.ExtendRequest
	var note string
	c := &cobra.Command{
		Use:   "extend REQUEST",
		Short: "Take two more months, once and before the due date; the guest is told why",
		Args:  exactly(1, "a request's id"),
	}
	c.Flags().StringSliceVar(&r.Reasons, "reason", nil, strings.Join(letters.ExtensionReasons(), ", "))
	c.Flags().StringVar(&note, "note-file", "", "a file with what else is worth keeping; it is sealed")
	c.Flags().BoolVar(&r.Told, "told-by-hand", false, "you have told the guest yourself")
	_ = c.MarkFlagRequired("reason")
	return acting(c, func(ctx context.Context, desk *starter.Requests, hotel, who, key, id string) (starter.Case, error) {
		if err := known(r.Reasons, letters.ExtensionReasons()); err != nil {
			return starter.Case{}, err
		}
		var err error
		if r.Note, err = noteOf(note); err != nil {
			return starter.Case{}, err
		}
		return desk.Extend(ctx, hotel, who, key, id, r)
	})
}

func newDSARRefuse() *cobra.Command {
	var r starter.RefuseRequest
	var file string
	c := &cobra.Command{
		Use:   "refuse REQUEST",
		Short: "Refuse a request; the guest is told why and how to complain",
		Args:  exactly(1, "a request's id"),
	}
	c.Flags().StringSliceVar(&r.Reasons, "reason", nil, strings.Join(letters.RefusalReasons(), ", "))
	c.Flags().StringVar(&file, "explanation-file", "", "a file with your own words, in the guest's language")
	c.Flags().BoolVar(&r.Told, "told-by-hand", false, "you have told the guest yourself, reasons and complaint route included")
	_ = c.MarkFlagRequired("reason")
	return acting(c, func(ctx context.Context, desk *starter.Requests, hotel, who, key, id string) (starter.Case, error) {
		if err := known(r.Reasons, letters.RefusalReasons()); err != nil {
			return starter.Case{}, err
		}
		var err error
		if r.Explanation, err = noteOf(file); err != nil {
			return starter.Case{}, err
		}
		return desk.Refuse(ctx, hotel, who, key, id, r)
	})
}

// known refuses a reason that no letter can tell.
func known(reasons, all []string) error {
	for _, reason := range reasons {
		if !slices.Contains(all, reason) {
			return usageError{errors.New("a reason is one of " + strings.Join(all, ", "))}
		}
	}
	return nil
}

func newDSARWithdraw() *cobra.Command {
	c := &cobra.Command{Use: "withdraw REQUEST", Short: "End a request that the guest took back", Args: exactly(1, "a request's id")}
	return acting(c, func(ctx context.Context, desk *starter.Requests, hotel, who, key, id string) (starter.Case, error) {
		return desk.Withdraw(ctx, hotel, who, key, id)
	})
}
