package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/workflows/reservation"
)

func newDemo() *cobra.Command {
	var home string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Play a call that becomes a booking, on this machine",
		Long: `Play the main job on this machine: availability, quote, booking; the worker is
killed while the hotel has accepted and its answer is on the way; a new worker
finishes; the dates and the room change; a second caller loses the race for the
last room; the booking is cancelled. The guest is told of each by e-mail.
Everything runs for real but the hotel and the mail relay.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return demo(c, home) },
	}
	c.Flags().StringVar(&home, "home", "", "folder of the stack's state (default: a fresh one, removed at the end)")
	return withJSON(c)
}

// demoResult is what `demo --json` prints on its last line.
type demoResult struct {
	OK         bool       `json:"ok"`
	Error      string     `json:"error,omitempty"`
	Seconds    float64    `json:"seconds"`
	TemporalUI string     `json:"temporal_ui"`
	API        string     `json:"api"`
	Mailbox    string     `json:"mailbox"`
	Chapters   []*chapter `json:"chapters"`
}

// chapter is one step of the story.
type chapter struct {
	Title    string   `json:"title"`
	At       float64  `json:"at_seconds"`
	Took     float64  `json:"took_seconds"`
	Lines    []string `json:"lines"`
	Workflow string   `json:"workflow_url,omitempty"`
}

func demo(c *cobra.Command, home string) (err error) {
	fresh := home == ""
	if fresh {
		if home, err = os.MkdirTemp("", "voicehive-demo-"); err != nil {
			return fmt.Errorf("make a folder for the demo: %w", err)
		}
	} else if home, err = filepath.Abs(home); err != nil {
		return fmt.Errorf("find the demo's folder: %w", err)
	}
	began := time.Now()
	result := &demoResult{}
	err = tellDemo(c, home, fresh, began, result)
	if fresh && err == nil {
		err = os.RemoveAll(home)
	}
	result.OK, result.Seconds = err == nil, time.Since(began).Seconds()
	if err != nil {
		result.Error = err.Error()
		err = fmt.Errorf("%w\nThe logs are in %s", err, filepath.Join(home, "logs"))
	}
	if wantsJSON(c) {
		err = errors.Join(err, printJSON(c.OutOrStdout(), result))
	}
	return err
}

// demoOptions are what the story needs: one suite only, so that two callers can
// want the last one.
func demoOptions() stack.Options {
	return stack.Options{Sandbox: []string{"--units", "BER-STE=1"}}
}

// tellDemo runs the stack and plays the story on it.
func tellDemo(c *cobra.Command, home string, fresh bool, began time.Time, result *demoResult) error {
	ctx, cancel := context.WithTimeout(c.Context(), 5*time.Minute)
	defer cancel()
	out := c.OutOrStdout()
	if wantsJSON(c) {
		out = c.ErrOrStderr()
	}
	fmt.Fprintf(out, "Starting VoiceHive on this machine.\n\n")
	mailbox, settings, err := openMailbox(home)
	if err != nil {
		return err
	}
	defer mailbox.Close()
	o := demoOptions()
	o.Env = settings
	o.Home, o.Discard, o.UI, o.Progress = home, fresh, true, progress(out)
	h, err := raise(ctx, o)
	if err != nil {
		return err
	}
	defer h.Close()
	h.mailbox, h.Mailbox = mailbox, mailbox.PageURL()
	result.TemporalUI, result.API, result.Mailbox = h.UI, h.API, h.Mailbox
	s, err := newStory(h, out, began)
	if err != nil {
		return err
	}
	err = s.tell(ctx)
	result.Chapters = s.chapters
	if err == nil {
		fmt.Fprintf(out, "\nDone in %.0f seconds. `bin/voicehive dev` leaves all of this running,\nwith a page that shows what guests read.\n", time.Since(began).Seconds())
	}
	return err
}

// workflowURL is where the Temporal UI shows a booking's workflow.
func (h *house) workflowURL(booking string) string {
	return h.UI + "/namespaces/" + defaultNamespace + "/workflows/" + url.PathEscape(reservation.WorkflowID(h.Hotel.ID, booking))
}

// printChapter prints a chapter's head.
func printChapter(w io.Writer, c *chapter) {
	fmt.Fprintf(w, "\n%6.1fs  %s\n", c.At, c.Title)
}
