package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/starter"
)

func newDSARProcedure() *cobra.Command {
	var r starter.ProcedureConfirmation
	c := &cobra.Command{
		Use:   "procedure",
		Short: "Read how a guest's request is handled, and confirm that you have",
		Long: `Read how a guest's request is handled. With --confirm you say that you have read
the version that you name, and will act by it; it stands in the audit log. Nobody
vouches, approves, extends or refuses without that, once a year and whenever the
text changes.`,
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&r.Version, "confirm", "", "the version that you have read")
	return onCases(c, false, func(ctx context.Context, desk *starter.Requests, hotel, who string) error {
		var p starter.Procedure
		var err error
		if r.Version != "" {
			p, err = desk.ConfirmProcedure(ctx, hotel, who, r)
		} else {
			p, err = desk.Procedure(ctx, hotel, who)
		}
		if err != nil {
			return err
		}
		return show(c, p, func(w io.Writer) {
			if r.Version == "" {
				fmt.Fprintln(w, p.Text)
			}
			if p.ConfirmedAt.IsZero() {
				fmt.Fprintf(w, "You have not confirmed this version yet. When you have read it:\n  voicehive dsar procedure --hotel %s --confirm %s\n", hotel, p.Version)
				return
			}
			fmt.Fprintf(w, "You confirmed version %s at %s.\n", p.Version, moment(p.ConfirmedAt))
		})
	})
}
