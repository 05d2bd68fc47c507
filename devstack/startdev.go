package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/devstack/server"
)

// stopTimeout bounds a clean end. After it the process goes anyway; the store
// is made to survive that.
const stopTimeout = 20 * time.Second

// serverReady is the ready line of "server start-dev".
type serverReady struct {
	Ready    bool   `json:"ready"`
	Frontend string `json:"frontend"`
	UI       string `json:"ui,omitempty"`
	Metrics  string `json:"metrics,omitempty"`
}

// startDevFlags are the flags as typed, before they become server.Options.
type startDevFlags struct {
	options          server.Options
	ui               server.UI
	login            server.OIDC
	headless         bool
	exitWithParent   bool
	searchAttributes []string
	dynamicConfig    []string
}

func newServerCommand() *cobra.Command {
	group := &cobra.Command{
		Use:   "server",
		Short: "Run a Temporal server",
		Args:  unknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.AddCommand(newStartDevCommand())
	return group
}

func newStartDevCommand() *cobra.Command {
	flags := &startDevFlags{}
	cmd := &cobra.Command{
		Use:   "start-dev",
		Short: "Run a Temporal server and its Web UI in this process",
		Long: `Run a Temporal server and its Web UI in this process, in memory or on a store.

It understands the flags of "temporal server start-dev" that the Go SDK's
testsuite.StartDevServer passes, so this binary can be its ExistingPath. When
everything answers it prints one line of JSON on stdout.

For development and tests only: there is no access control.`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return flags.run(cmd)
		},
	}
	flags.register(cmd)
	return cmd
}

func (f *startDevFlags) register(cmd *cobra.Command) {
	set, o := cmd.Flags(), &f.options
	set.StringVar(&o.IP, "ip", server.DefaultIP, "address the gRPC frontend listens on")
	set.IntVarP(&o.Port, "port", "p", server.DefaultPort, "port of the gRPC frontend; 0 picks a free one")
	set.StringSliceVarP(&o.Namespaces, "namespace", "n", []string{server.DefaultNamespace}, "namespace to create; may be repeated")
	set.DurationVar(&o.Retention, "retention", server.DefaultRetention, "how long namespaces created now keep closed workflows")
	set.StringArrayVar(&f.searchAttributes, "search-attribute", nil, "search attribute as NAME=TYPE; may be repeated")
	set.StringVarP(&o.DBFilename, "db-filename", "f", "", "SQLite file for the state; in memory when empty")
	set.StringVar(&o.PostgresURL, "postgres", "", "keep the state in PostgreSQL: postgres://USER[:PASSWORD]@HOST:PORT/DATABASE")
	set.StringArrayVar(&f.dynamicConfig, "dynamic-config-value", nil, "server setting as KEY=VALUE with a JSON value; may be repeated")
	set.IntVar(&o.MetricsPort, "metrics-port", 0, "port for Prometheus metrics at /metrics; 0 is off")
	set.StringVar(&o.LogLevel, "log-level", server.DefaultLogLevel, "debug, info, warn, error or never")
	set.StringVar(&o.LogFormat, "log-format", server.DefaultLogFormat, "text or json")
	set.BoolVar(&f.headless, "headless", false, "run without the Web UI")
	set.StringVar(&f.ui.IP, "ui-ip", "", "address the Web UI listens on (default: as --ip)")
	set.IntVar(&f.ui.Port, "ui-port", 0, "port of the Web UI; 0 picks a free one (default: --port plus 1000)")
	set.StringVar(&f.ui.CodecEndpoint, "ui-codec-endpoint", "", "payload decoder that browsers call")
	set.StringVar(&f.login.Issuer, "ui-oidc-issuer", "", "make the Web UI ask for a login at this OpenID provider")
	set.StringVar(&f.login.ClientID, "ui-oidc-client-id", "", "client id of the Web UI at the provider")
	set.StringVar(&f.login.ClientSecret, "ui-oidc-client-secret", "", "client secret of the Web UI at the provider")
	set.StringVar(&f.login.CallbackURL, "ui-oidc-callback", "", "address the provider sends browsers back to (default: the Web UI's)")
	set.BoolVar(&f.exitWithParent, "exit-with-parent", false, "end when the parent process ends")
}

func (f *startDevFlags) run(cmd *cobra.Command) error {
	options, err := f.serverOptions(cmd)
	if err != nil {
		return usageError{err}
	}
	ctx := cmd.Context()
	if f.exitWithParent {
		var cancel context.CancelFunc
		ctx, cancel = withParent(ctx)
		defer cancel()
	}
	if ip := net.ParseIP(options.IP); ip != nil && !ip.IsLoopback() {
		cmd.PrintErrf("devstack: warning: %s can be reached from other machines, and this server lets everyone in\n", ip)
	}
	s, err := server.Start(ctx, options)
	switch {
	case err != nil && ctx.Err() != nil:
		// Asked to end before it was ready. A client can connect, be done and
		// send the signal while the last services are still starting.
		return nil
	case err != nil:
		return err
	}
	ready := serverReady{Ready: true, Frontend: s.Frontend(), UI: s.UI(), Metrics: metricsURL(s.Frontend(), options)}
	if err := printReady(cmd.OutOrStdout(), ready); err != nil {
		return errors.Join(err, s.Stop())
	}
	<-ctx.Done()
	return stopWithin(stopTimeout, s.Stop)
}

func (f *startDevFlags) serverOptions(cmd *cobra.Command) (server.Options, error) {
	options := f.options
	var err error
	if options.SearchAttributes, err = parseSearchAttributes(f.searchAttributes); err != nil {
		return options, err
	}
	if options.DynamicConfig, err = parseDynamicConfig(f.dynamicConfig); err != nil {
		return options, err
	}
	if f.headless {
		return options, nil
	}
	ui := f.ui
	if ui.Port < 0 {
		return options, fmt.Errorf("--ui-port %d is not a port", ui.Port)
	}
	if cmd.Flags().Changed("ui-port") && ui.Port == 0 {
		ui.Port = server.AnyPort
	}
	if f.login != (server.OIDC{}) {
		ui.OIDC = &f.login
	}
	options.UI = &ui
	return options, nil
}

func parseSearchAttributes(pairs []string) (map[string]enumspb.IndexedValueType, error) {
	attributes := make(map[string]enumspb.IndexedValueType, len(pairs))
	for _, pair := range pairs {
		name, typeName, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--search-attribute %q: write NAME=TYPE", pair)
		}
		kind, err := enumspb.IndexedValueTypeFromString(typeName)
		if err != nil || kind == enumspb.INDEXED_VALUE_TYPE_UNSPECIFIED {
			return nil, fmt.Errorf("--search-attribute %q: the type must be one of %s", pair, strings.Join(typeNames(), ", "))
		}
		attributes[name] = kind
	}
	return attributes, nil
}

func typeNames() []string {
	var names []string
	for _, number := range slices.Sorted(maps.Keys(enumspb.IndexedValueType_name)) {
		if number != int32(enumspb.INDEXED_VALUE_TYPE_UNSPECIFIED) {
			names = append(names, enumspb.IndexedValueType(number).String())
		}
	}
	return names
}

// parseDynamicConfig reads values as YAML, which JSON is a part of, because the
// server wants whole numbers as integers.
func parseDynamicConfig(pairs []string) (map[string]any, error) {
	values := make(map[string]any, len(pairs))
	for _, pair := range pairs {
		key, text, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--dynamic-config-value %q: write KEY=VALUE", pair)
		}
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			return nil, fmt.Errorf("--dynamic-config-value %q: the value is not JSON: %w", pair, err)
		}
		values[key] = value
	}
	return values, nil
}

func metricsURL(frontend string, o server.Options) string {
	host, _, err := net.SplitHostPort(frontend)
	if err != nil || o.MetricsPort == 0 {
		return ""
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(o.MetricsPort)) + "/metrics"
}

func stopWithin(limit time.Duration, stop func() error) error {
	done := make(chan error, 1)
	go func() { done <- stop() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return fmt.Errorf("the server did not stop within %s", limit)
	}
}
