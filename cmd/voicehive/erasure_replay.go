package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/erasure"
)

func newErasureReplay() *cobra.Command {
	var from string
	var all, withoutRuns bool
	c := &cobra.Command{
		Use:   "replay",
		Short: "Erase again what a restored backup brought back",
		Long: `Erase again what a restored backup brought back: rows, recordings, workflow runs
and keys of every booking and call that one of the databases knows as erased and
the other does not. Run it after a restore, before anything opens. Where both
databases were restored, --from names a copy of the journal from a third place.
Where Temporal's database was restored, alone or too, --all goes through every
erasure there ever was. It needs Temporal, for what is left out would not be
noticed later; with --without-runs the house opens while Temporal is away, and
needs --all when it is back.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openUnreplayed(c.Context(), "erasure", os.Getenv)
			if err != nil {
				return err
			}
			defer p.close()
			var away error
			if !withoutRuns {
				away = p.openTemporal(c.Context(), 10*time.Second)
			}
			office, err := p.erasures()
			if err != nil {
				return err
			}
			if withoutRuns {
				office.Runs = erasure.WithoutRuns
				fmt.Fprintln(c.ErrOrStderr(), "Workflow runs stay. Run `voicehive erasure replay --all` when Temporal is there.")
			}
			if from != "" {
				if err := addJournal(c.Context(), erasure.NewJournal(p.pool, p.keysPool), from); err != nil {
					return err
				}
			}
			replay := office.Replay
			if all {
				replay = office.ReplayAll
			}
			done, err := replay(c.Context(), func(done, all int) { fmt.Fprintf(c.ErrOrStderr(), "%d of %d\n", done, all) })
			if errors.Is(err, erasure.ErrRuns) {
				return errors.Join(err, away)
			}
			if err != nil {
				return err
			}
			return show(c, done, func(w io.Writer) {
				fmt.Fprintf(w, "%d bookings and calls were erased again: %d rows and objects, %d workflow runs, %d keys.\n",
					done.Scopes, done.Erased.Total(), done.Runs, done.Keys)
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "every erasure there ever was, as after a restore of Temporal's database")
	c.Flags().BoolVar(&withoutRuns, "without-runs", false, "leave workflow runs for --all, where Temporal is away")
	c.Flags().StringVar(&from, "from", "", "a copy of the journal, as voicehive erasure journal writes it")
	return withJSON(c)
}

func newErasureJournal() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "journal",
		Short: "Copy the journal of erasures to a file, for a third place",
		Long: `Copy the journal of erasures to a file, for a place that no restore of the
databases touches. It holds random ids and nothing else.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openUnreplayed(c.Context(), "erasure", os.Getenv)
			if err != nil {
				return err
			}
			defer p.close()
			entries, err := erasure.NewJournal(p.pool, p.keysPool).List(c.Context())
			if err != nil {
				return err
			}
			if err := writeJournal(out, entries); err != nil {
				return err
			}
			return show(c, map[string]any{"file": out, "entries": len(entries)}, func(w io.Writer) { fmt.Fprintf(w, "%s holds %d entries.\n", out, len(entries)) })
		},
	}
	c.Flags().StringVar(&out, "out", "erasure-journal.jsonl", "file to write")
	return withJSON(c)
}

func writeJournal(out string, entries []erasure.Entry) error {
	file, err := os.OpenFile(out, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	lines := json.NewEncoder(w)
	for _, e := range entries {
		err = errors.Join(err, lines.Encode(e))
	}
	return errors.Join(err, w.Flush(), file.Sync(), file.Close())
}

// addJournal reads a copy of the journal, some entries at a time.
func addJournal(ctx context.Context, journal *erasure.Journal, from string) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := json.NewDecoder(bufio.NewReader(file))
	for {
		var part []erasure.Entry
		for len(part) < erasure.BatchSize && lines.More() {
			var e erasure.Entry
			if err := lines.Decode(&e); err != nil {
				return fmt.Errorf("%s is no copy of the journal: %w", from, err)
			}
			part = append(part, e)
		}
		if len(part) == 0 {
			return nil
		}
		if err := journal.Add(ctx, part); err != nil {
			return err
		}
	}
}
