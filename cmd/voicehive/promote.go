package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workers"
)

func newPromote() *cobra.Command {
	var pool, build string
	var batch int
	c := &cobra.Command{
		Use:   "promote",
		Short: "Make a worker build the current one, and move open bookings to it",
		Long: `Make a worker build the current one of its pool: new bookings run on it at once.
Bookings that are open stay on the build they began with until they are asked to
continue on the new one, which promote does in batches. Workers of the old build
can be ended when none of their bookings is left.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if pool != workers.CPU && pool != workers.GPU || build == "" {
				return usageError{errors.New("promote needs --pool cpu or gpu, and --build-id of workers that already poll")}
			}
			p, err := openAll(c.Context(), "promote")
			if err != nil {
				return err
			}
			defer p.close()
			deployment := workers.Pool{Name: pool}.Deployment()
			if err := temporal.SetCurrentVersion(c.Context(), p.temporal, deployment, build); err != nil {
				return err
			}
			asked, err := starter.Upgrade(c.Context(), p.temporal, starter.Upgrading{
				Deployment: deployment, BuildID: build, Batch: batch, Pause: time.Second,
				Progress: func(n int) { fmt.Fprintf(c.ErrOrStderr(), "asked %d bookings\n", n) },
			})
			if err != nil {
				return err
			}
			return show(c, map[string]any{"deployment": deployment, "build_id": build, "asked": asked}, func(w io.Writer) {
				fmt.Fprintf(w, "%s now runs %s; %d open bookings were asked to continue on it.\n", deployment, build, asked)
			})
		},
	}
	c.Flags().StringVar(&pool, "pool", workers.CPU, "pool: cpu or gpu")
	c.Flags().StringVar(&build, "build-id", "", "build that its workers were started with")
	c.Flags().IntVar(&batch, "batch", 100, "how many bookings are asked at once")
	return withJSON(c)
}
