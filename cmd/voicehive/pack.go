package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	activities "github.com/voicehive/voicehive/activities/access"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/starter"
)

func newPack() *cobra.Command {
	group := &cobra.Command{
		Use:   "pack",
		Short: "See the copies of guests' data, send a link anew, and hand one out by hand",
		Long: `See the copies of guests' data that requests for access and portability have made,
send the link to one anew when it was lost or is over, hand one out by hand where
no letter reaches the guest, and delete them. Each act stands in the audit log.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newPackList(), newPackLink(), newPackSave(), newPackForget())
	return group
}

// withPacks opens what the verbs need.
func withPacks(ctx context.Context, do func(p *parts, desk *access.Desk) error) error {
	p, err := openStores(ctx, "pack")
	if err != nil {
		return err
	}
	defer p.close()
	desk, err := p.access()
	if err != nil {
		return err
	}
	return do(p, desk)
}

// packOf is the one pack of a case, or the one that is meant of two.
func packOf(ctx context.Context, desk *access.Desk, hotel, ofCase string, portable bool) (access.Pack, error) {
	all, err := desk.Packs(ctx, hotel, ofCase)
	for _, p := range all {
		if len(all) == 1 || p.Portable == portable {
			return p, nil
		}
	}
	if err == nil {
		err = access.ErrNotFound
	}
	return access.Pack{}, err
}

const caseArgs = "a hotel's id and a request's"

// shownPack is a pack as it is printed.
type shownPack struct {
	Pack     string `json:"pack"`
	Portable bool   `json:"portable"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
	Masked   int    `json:"masked"`
	Withheld int    `json:"withheld"`
}

func newPackList() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "list HOTEL CASE",
		Short: "List the copies that a request has made",
		Args:  exactly(2, caseArgs),
		RunE: func(c *cobra.Command, args []string) error {
			return withPacks(c.Context(), func(_ *parts, desk *access.Desk) error {
				all, err := desk.Packs(c.Context(), args[0], args[1])
				if err != nil {
					return err
				}
				shown := make([]shownPack, len(all))
				rows := [][]string{{"PACK", "PORTABLE", "BYTES", "MASKED", "WITHHELD", "SHA-256"}}
				for i, p := range all {
					s := shownPack{p.ID, p.Portable, p.Bytes, hex.EncodeToString(p.SHA256), p.Masked, p.Withheld}
					shown[i] = s
					rows = append(rows, []string{s.Pack, strconv.FormatBool(s.Portable), strconv.FormatInt(s.Bytes, 10), strconv.Itoa(s.Masked), strconv.Itoa(s.Withheld), s.SHA256})
				}
				return show(c, shown, func(w io.Writer) { table(w, rows...) })
			})
		},
	})
}

func newPackLink() *cobra.Command {
	var portable bool
	c := &cobra.Command{
		Use:   "link HOTEL CASE",
		Short: "Send the letter with a fresh link; every earlier link ends",
		Args:  exactly(2, caseArgs),
		RunE: func(c *cobra.Command, args []string) error {
			return withPacks(c.Context(), func(p *parts, desk *access.Desk) error {
				pack, err := packOf(c.Context(), desk, args[0], args[1], portable)
				if err != nil {
					return err
				}
				wishes, err := p.accessActivities()
				if err != nil {
					return err
				}
				if err := p.openTemporal(c.Context(), 10*time.Second); err != nil {
					return err
				}
				// The second is a letter of its own, whoever asks twice in one second.
				attempt := int(time.Now().Unix())
				linked, err := wishes.Link(c.Context(), activities.Link{Hotel: args[0], Case: args[1], Pack: pack.ID, Attempt: attempt})
				if err != nil {
					return err
				}
				if linked.Message == "" {
					return fmt.Errorf("no letter can take a link to this guest: hand the pack out with `voicehive pack save %s %s`", args[0], args[1])
				}
				ref := notification.MessageRef{Hotel: args[0], Message: linked.Message}
				if err := starter.NewDeliveries(p.temporal).Deliver(c.Context(), ref); err != nil {
					return err
				}
				return show(c, ref, func(w io.Writer) {
					fmt.Fprintf(w, "The letter is on its way; `voicehive messages show %s %s` tells what becomes of it.\n", ref.Hotel, ref.Message)
				})
			})
		},
	}
	c.Flags().BoolVar(&portable, "portable", false, "the pack under Article 20, where there are two")
	return withJSON(c)
}

func newPackSave() *cobra.Command {
	var out string
	var portable bool
	c := &cobra.Command{
		Use:   "save HOTEL CASE --out FILE",
		Short: "Write a copy to a file, to hand it out by hand",
		Args:  exactly(2, caseArgs),
		RunE: func(c *cobra.Command, args []string) error {
			return withPacks(c.Context(), func(_ *parts, desk *access.Desk) error {
				pack, err := packOf(c.Context(), desk, args[0], args[1], portable)
				if err != nil {
					return err
				}
				return savePack(c.Context(), desk, args[0], pack, out)
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "the file, which must not be there yet")
	c.Flags().BoolVar(&portable, "portable", false, "the pack under Article 20, where there are two")
	_ = c.MarkFlagRequired("out")
	return c
}

// savePack writes a file that only its owner can read. A part of a pack is not
// left behind.
func savePack(ctx context.Context, desk *access.Desk, hotel string, pack access.Pack, out string) error {
	file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the pack: %w", err)
	}
	content, err := desk.Open(ctx, hotel, pack, "operator")
	if err == nil {
		_, err = io.Copy(file, content)
		_ = content.Close()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(out)
		return fmt.Errorf("write the pack: %w", err)
	}
	return nil
}

func newPackForget() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "forget HOTEL CASE",
		Short: "Delete the copies that a request has made, and the links to them",
		Args:  exactly(2, caseArgs),
		RunE: func(c *cobra.Command, args []string) error {
			return withPacks(c.Context(), func(_ *parts, desk *access.Desk) error {
				n, err := desk.Forget(c.Context(), args[0], args[1])
				if err != nil {
					return err
				}
				return show(c, map[string]int{"forgotten": n}, func(w io.Writer) { fmt.Fprintf(w, "%d deleted.\n", n) })
			})
		},
	})
}
