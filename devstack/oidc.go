package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/devstack/oidc"
)

// oidcReady is the ready line of "oidc".
type oidcReady struct {
	Ready  bool   `json:"ready"`
	Issuer string `json:"issuer"`
}

type oidcFlags struct {
	addr, keyFile, usersFile string
	exitWithParent           bool
}

func newOIDCCommand() *cobra.Command {
	flags := &oidcFlags{}
	cmd := &cobra.Command{
		Use:   "oidc",
		Short: "Run an OpenID provider for development",
		Long: `Run an OpenID provider for development. Anyone may log in as any user in the
users file, without a password, so it listens on loopback only. When it answers
it prints one line of JSON with the issuer on stdout.`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.run(cmd) },
	}
	set := cmd.Flags()
	set.StringVar(&flags.addr, "addr", "127.0.0.1:0", "loopback HOST:PORT to listen on; port 0 picks a free one")
	set.StringVar(&flags.keyFile, "key-file", "", "file that keeps the signing key; created when missing (required)")
	set.StringVar(&flags.usersFile, "users", "", "YAML file of users and clients (default: a built-in sample)")
	set.BoolVar(&flags.exitWithParent, "exit-with-parent", false, "end when the parent process ends")
	return cmd
}

func (f *oidcFlags) run(cmd *cobra.Command) error {
	if f.keyFile == "" {
		return usageError{errors.New("--key-file is missing: name a file to keep the signing key in")}
	}
	ctx := cmd.Context()
	if f.exitWithParent {
		var cancel context.CancelFunc
		ctx, cancel = withParent(ctx)
		defer cancel()
	}
	var directory *oidc.Directory
	if f.usersFile != "" {
		var err error
		if directory, err = oidc.ReadDirectory(f.usersFile); err != nil {
			return err
		}
	}
	provider, err := oidc.Listen(oidc.Options{Addr: f.addr, KeyFile: f.keyFile, Directory: directory})
	if err != nil {
		return err
	}
	cmd.PrintErrln("devstack: OpenID provider for development only: anyone may log in as anyone")
	if err := printReady(cmd.OutOrStdout(), oidcReady{Ready: true, Issuer: provider.Issuer()}); err != nil {
		return err
	}
	return provider.Serve(ctx)
}
