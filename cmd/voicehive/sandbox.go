package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func newSandbox() *cobra.Command {
	group := &cobra.Command{
		Use:   "sandbox",
		Short: "Run a simulated hotel system",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newApaleoSandbox())
	return group
}

func newApaleoSandbox() *cobra.Command {
	var addr string
	var units map[string]int
	var life time.Duration
	c := &cobra.Command{
		Use:   "apaleo",
		Short: "Run a hotel at a simulated Apaleo",
		Long: `Run a hotel at a simulated Apaleo: the property BER, with rooms, rates and
reservations in memory. It accepts the client ` + apaleo.DefaultClientID + ` with the secret
` + apaleo.DefaultClientSecret + `. Faults are scripted through /sandbox/v1/faults. When it
answers it prints one line of JSON on its standard output.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := processContext(c)
			defer cancel()
			listener, err := net.Listen("tcp", addr)
			if err != nil {
				return fmt.Errorf("the sandbox cannot listen; choose another --addr: %w", err)
			}
			sandbox := apaleo.New(apaleo.Options{Units: units, TokenLifetime: life})
			stop := context.AfterFunc(ctx, sandbox.Close)
			defer stop()
			if err := printJSON(c.OutOrStdout(), readyLine{Ready: true, URL: "http://" + listener.Addr().String()}); err != nil {
				return err
			}
			return apaleo.Serve(ctx, listener, sandbox)
		},
	}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:8090", "loopback address to listen on")
	c.Flags().StringToIntVar(&units, "units", nil, "rooms by unit group, such as BER-DBL=1000")
	c.Flags().DurationVar(&life, "token-life", 0, "how long an access token is good (default 1h)")
	return withParent(c)
}
