package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// parentPoll is how often a child looks whether its parent is still there.
const parentPoll = 200 * time.Millisecond

// withParent adds --exit-with-parent, for processes that a stack runs.
func withParent(c *cobra.Command) *cobra.Command {
	c.Flags().Bool("exit-with-parent", false, "end when the process that started this one ends")
	if err := c.Flags().MarkHidden("exit-with-parent"); err != nil {
		panic(err) // the flag was added a line above
	}
	return c
}

// processContext is the command's context; with --exit-with-parent it ends
// when the parent does, of kill -9 too.
func processContext(c *cobra.Command) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(c.Context())
	if follow, err := c.Flags().GetBool("exit-with-parent"); err != nil || !follow {
		return ctx, cancel
	}
	parent := os.Getppid()
	go func() {
		ticker := time.NewTicker(parentPoll)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if os.Getppid() != parent {
					cancel()
					return
				}
			}
		}
	}()
	return ctx, cancel
}

// readyLine is what a serving process prints on its standard output when it
// can be used.
type readyLine struct {
	Ready bool   `json:"ready"`
	URL   string `json:"url,omitempty"`
}
