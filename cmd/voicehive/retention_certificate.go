package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/starter"
)

func newRetentionCertificate() *cobra.Command {
	c := &cobra.Command{
		Use:   "certificate RUN",
		Short: "Write the signed certificate of a run that is done",
		Args:  exactly(1, "a run's id"),
	}
	out := c.Flags().String("out", "", "file to write (default RUN.retention.json)")
	return onRetention(c, false, func(ctx context.Context, desk *starter.Retention, hotel string) error {
		run, err := desk.Show(ctx, hotel, c.Flags().Arg(0))
		if err != nil {
			return err
		}
		if len(run.Certificate) == 0 {
			return errors.New("the run has no certificate: it is not done, or where it ran nobody can sign")
		}
		file := firstOf(*out, run.ID+".retention.json")
		if err := os.WriteFile(file, append(run.Certificate, '\n'), 0o600); err != nil {
			return err
		}
		return show(c, map[string]string{"file": file}, func(w io.Writer) { fmt.Fprintf(w, "%s holds the certificate.\n", file) })
	})
}

func newRetentionVerify() *cobra.Command {
	var file, key string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check the certificate of a run, without any database or network",
		Long: `Check the certificate of a run, without any database or network. The key file
holds the keys that voicehive audit status prints; get it by another way than the
certificate.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			text, err := readBounded(file, 4<<20)
			if err != nil {
				return err
			}
			lines, err := readSmall(key)
			if err != nil {
				return err
			}
			trusted, err := attest.ParseKeys(string(lines))
			if err != nil {
				return err
			}
			claim, err := retention.VerifyCertificate(text, trusted)
			if err != nil {
				return err
			}
			return show(c, claim, func(w io.Writer) { printClaim(w, claim) })
		},
	}
	c.Flags().StringVar(&file, "file", "", "the certificate, as voicehive retention certificate writes it")
	c.Flags().StringVar(&key, "key", "", "file with the keys of the audit log")
	_ = c.MarkFlagRequired("file")
	_ = c.MarkFlagRequired("key")
	return withJSON(c)
}

func printClaim(w io.Writer, c retention.Claim) {
	fmt.Fprintf(w, "The certificate is genuine: run %s of %s, what had its time before %s.\n", c.Run, c.Hotel, c.AsOf)
	fmt.Fprintf(w, "Erased %d of %d planned, kept %d, overdue %d; live at %s, final at %s.\n",
		c.Erased, c.Planned, c.Kept, c.Overdue, moment(c.ErasedLive), moment(c.Final))
	rows := [][]string{{"STORE", "ROWS", "BATCHES", "ROOT"}}
	for _, s := range c.Stores {
		rows = append(rows, []string{s.Store, strconv.FormatInt(s.Rows, 10), strconv.Itoa(s.Batches), s.Root})
	}
	table(w, rows...)
}
