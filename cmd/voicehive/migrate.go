package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/config"
)

func newMigrate() *cobra.Command {
	var owner, keysOwner string
	var logins stack.Logins
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring both databases up to date",
		Long: `Bring both databases up to date, as the login that owns them. Name the product's
own login with --login: it may then take the narrow roles that queries run as,
and needs no other right. Name with --sequencer-login and --roller-login who takes
the roles of ` + "`voicehive audit sequence` and `voicehive keys`" + `: the product's own login
cannot take them then, which production demands. Running it again changes
nothing.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if owner == "" || keysOwner == "" {
				return usageError{errors.New("migrate needs --database and --keys-database, or DATABASE_URL and KEYS_DATABASE_URL")}
			}
			if logins.All == "" && logins != (stack.Logins{}) {
				return usageError{errors.New("--sequencer-login and --roller-login need --login, which those roles are kept from")}
			}
			if err := migrate(c.Context(), owner, keysOwner, logins); err != nil {
				return err
			}
			return show(c, map[string]bool{"migrated": true}, func(w io.Writer) { fmt.Fprintln(w, "Both databases are up to date.") })
		},
	}
	c.Flags().StringVar(&owner, "database", os.Getenv("DATABASE_URL"), "owner's URL of the main database")
	c.Flags().StringVar(&keysOwner, "keys-database", os.Getenv("KEYS_DATABASE_URL"), "owner's URL of the key database")
	c.Flags().StringVar(&logins.All, "login", "", "login, or group of logins, that the product connects as")
	c.Flags().StringVar(&logins.Sequencer, "sequencer-login", "", "login or group that alone may take the role of the audit log's sequencer")
	c.Flags().StringVar(&logins.Roller, "roller-login", "", "login or group that alone may take the role of the keys' roller")
	c.Flag("database").DefValue, c.Flag("keys-database").DefValue = "$DATABASE_URL", "$KEYS_DATABASE_URL"
	return withJSON(c)
}

// migrate brings databases up to date through a guard that knows them: they may
// be others than those that the settings name.
func migrate(ctx context.Context, owner, keysOwner string, logins stack.Logins) error {
	p, err := openBase(os.Getenv)
	if err != nil {
		return err
	}
	defer p.close()
	_, err = p.startGuard(ctx, func(name string) string {
		switch name {
		case "DATABASE_URL":
			return owner
		case "KEYS_DATABASE_URL":
			return keysOwner
		}
		return os.Getenv(name)
	})
	if err != nil {
		return err
	}
	return stack.Migrate(ctx, owner, keysOwner, logins, p.guard.For(region.Database).DialContext)
}

func newConfig() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "config",
		Short: "Print the settings and what they are set to",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			type setting struct{ Name, Value, Default, Text string }
			var all []setting
			rows := [][]string{{"SETTING", "VALUE", "WHAT IT IS"}}
			for _, s := range config.Settings() {
				value := os.Getenv(s.Name)
				if s.Secret && value != "" {
					value = "(set)"
				}
				all = append(all, setting{s.Name, value, s.Default, s.Text})
				if value == "" {
					value = s.Default
				}
				rows = append(rows, []string{s.Name, value, s.Text})
			}
			if err := show(c, all, func(w io.Writer) { table(w, rows...) }); err != nil {
				return err
			}
			_, err := config.Load(os.Getenv)
			return err
		},
	})
}
