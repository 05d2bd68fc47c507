package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/audit"
)

func newAuditProve() *cobra.Command {
	var hotel, scope, out string
	var year int
	c := &cobra.Command{
		Use:   "prove [N]",
		Short: "Write the .tlog-proof of an entry, or find the entries of a scope",
		Long: `Write the C2SP .tlog-proof of the Nth entry of a year. With --hotel and --scope,
the id of a reservation, call or request, and no N it lists the entries about it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withAuditLog(c.Context(), func(_ *parts, log *audit.Log) error {
				if len(args) == 0 {
					return findEntries(c, log, hotel, scope)
				}
				n, err := strconv.ParseInt(args[0], 10, 64)
				if err != nil {
					return usageError{errors.New("an entry is named by its number, from 0")}
				}
				if year == 0 {
					if year, err = log.Year(c.Context()); err != nil {
						return err
					}
				}
				text, err := log.Prove(c.Context(), year, n)
				if err != nil {
					return err
				}
				if out == "" {
					out = fmt.Sprintf("%d-%d.tlog-proof", year, n)
				}
				if err := os.WriteFile(out, text, 0o600); err != nil {
					return err
				}
				return show(c, map[string]any{"proof": out, "n": n, "year": year}, func(w io.Writer) { fmt.Fprintf(w, "%s proves entry %d of %d.\n", out, n, year) })
			})
		},
	}
	c.Flags().StringVar(&hotel, "hotel", "", "the hotel of the scope")
	c.Flags().StringVar(&scope, "scope", "", "the id of a reservation, call or request")
	c.Flags().IntVar(&year, "year", 0, "the year of the log (default the newest)")
	c.Flags().StringVar(&out, "out", "", "file to write (default YEAR-N.tlog-proof)")
	return withJSON(c)
}

func findEntries(c *cobra.Command, log *audit.Log, hotel, scope string) error {
	if hotel == "" || scope == "" {
		return usageError{errors.New("prove needs the number of an entry, or --hotel and --scope")}
	}
	places, err := log.Find(c.Context(), hotel, scope)
	if err != nil {
		return err
	}
	return show(c, places, func(w io.Writer) {
		rows := [][]string{{"YEAR", "ENTRY"}}
		for _, p := range places {
			rows = append(rows, []string{strconv.Itoa(p.Year), strconv.FormatInt(p.N, 10)})
		}
		table(w, rows...)
	})
}

// serveWitness answers until the command ends.
func serveWitness(c *cobra.Command, witness *audit.WitnessServer, addr string) error {
	ctx, cancel := processContext(c)
	defer cancel()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("the witness cannot listen; choose another --addr: %w", err)
	}
	server := &http.Server{Handler: witness, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		_ = server.Shutdown(bounded)
	})
	defer stop()
	ready := struct {
		readyLine
		Key string `json:"key"`
	}{readyLine{Ready: true, URL: "http://" + listener.Addr().String()}, witness.Key()}
	if err := printJSON(c.OutOrStdout(), ready); err != nil {
		return err
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the witness: %w", err)
	}
	return nil
}
