package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/presidio"
	masking "github.com/voicehive/voicehive/compliance/pii/redaction"
	"github.com/voicehive/voicehive/compliance/region"
)

// transcripts masks and restores what was said in calls.
func (p *parts) transcripts() (*transcript.Transcripts, error) {
	detector, err := p.detector()
	if err != nil {
		return nil, err
	}
	return transcript.New(transcript.Parts{
		Calls: p.calls(), Keys: p.ring, Detector: detector, Pool: p.pool, Auditor: p.auditor,
	}), nil
}

// detector finds personal data in transcripts: ours, with a second opinion
// where the settings name one.
func (p *parts) detector() (masking.Detector, error) {
	own := pii.New(pii.Options{})
	if p.config.Presidio == "" {
		return own, nil
	}
	second, err := presidio.New(presidio.Options{
		URL: p.config.Presidio, Client: &http.Client{Transport: p.guard.For(region.Detection).Transport()},
	})
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_PRESIDIO: %w", err)
	}
	return presidio.With(own, second), nil
}

func (p *parts) calls() *calls.Store { return calls.New(p.pool, p.ring, p.auditor) }

// spokenTurn is a turn as it is printed.
type spokenTurn struct {
	Seq     int           `json:"seq"`
	Speaker calls.Speaker `json:"speaker"`
	FromMS  int64         `json:"from_ms"`
	ToMS    int64         `json:"to_ms"`
	Masked  bool          `json:"masked"`
	Text    string        `json:"text"`
}

func newTranscript() *cobra.Command {
	var by, reason string
	var after, most int
	c := &cobra.Command{
		Use:   "transcript HOTEL CALL",
		Short: "Show what was said in a call, masked or restored",
		Long: `Show what was said in a call. What was said of a person is masked; with --restore
it is shown as it was said, as far as it may come back: card data never does. Who
restores, and why, stands in the audit log before anything is opened.`,
		Args: exactly(2, "a hotel's id and a call's"),
		RunE: func(c *cobra.Command, args []string) error {
			restore, _ := c.Flags().GetBool("restore")
			switch {
			case restore && (by == "" || reason == ""):
				return usageError{errors.New("--restore needs --by and --reason: they stand in the audit log")}
			case after < 0 || most < 1 || most > transcript.MaxTurns:
				return usageError{fmt.Errorf("--after is a turn's number, and --most is 1 to %d", transcript.MaxTurns)}
			}
			p, err := openStores(c.Context(), "transcript")
			if err != nil {
				return err
			}
			defer p.close()
			if err := p.restrictions().Check(c.Context(), args[0], args[1]); err != nil {
				return err
			}
			var turns []calls.Turn
			if restore {
				turns, err = p.restored(c.Context(), args[0], args[1], after, most, transcript.Cause{Actor: "operator", By: by, Reason: reason})
			} else {
				turns, err = p.calls().Turns(c.Context(), args[0], args[1], after, most)
				hideUnmasked(turns)
			}
			if err != nil {
				return err
			}
			return showTurns(c, turns)
		},
	}
	flags := c.Flags()
	flags.Bool("restore", false, "show what was masked")
	flags.StringVar(&by, "by", "", "who restores")
	flags.StringVar(&reason, "reason", "", "why, such as the number of a request")
	flags.IntVar(&after, "after", 0, "begin behind this turn")
	flags.IntVar(&most, "most", transcript.MaxTurns, "at most so many turns")
	return withJSON(c)
}

func (p *parts) restored(ctx context.Context, hotel, call string, after, most int, why transcript.Cause) ([]calls.Turn, error) {
	all, err := p.transcripts()
	if err != nil {
		return nil, err
	}
	return all.Restore(ctx, hotel, call, after, most, why)
}

// hideUnmasked keeps what nobody has looked through from eyes that may see
// masked text only.
func hideUnmasked(turns []calls.Turn) {
	for i := range turns {
		if !turns[i].Masked {
			turns[i].Text = "(not masked yet)"
		}
	}
}

func showTurns(c *cobra.Command, turns []calls.Turn) error {
	all := make([]spokenTurn, len(turns))
	rows := [][]string{{"TURN", "AT", "SPEAKER", "TEXT"}}
	for i, t := range turns {
		all[i] = spokenTurn{t.Seq, t.Speaker, t.From.Milliseconds(), t.To.Milliseconds(), t.Masked, t.Text}
		rows = append(rows, []string{strconv.Itoa(t.Seq), t.From.String(), string(t.Speaker), t.Text})
	}
	return show(c, all, func(w io.Writer) { table(w, rows...) })
}
