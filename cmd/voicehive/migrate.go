package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/internal/config"
)

func newMigrate() *cobra.Command {
	var owner, keysOwner, login string
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring both databases up to date",
		Long: `Bring both databases up to date, as the login that owns them. Name the product's
own login with --login: it may then take the narrow roles that queries run as,
and needs no other right. Running it again changes nothing.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if owner == "" || keysOwner == "" {
				return usageError{errors.New("migrate needs --database and --keys-database, or DATABASE_URL and KEYS_DATABASE_URL")}
			}
			if err := stack.Migrate(c.Context(), owner, keysOwner, login); err != nil {
				return err
			}
			return show(c, map[string]bool{"migrated": true}, func(w io.Writer) { fmt.Fprintln(w, "Both databases are up to date.") })
		},
	}
	c.Flags().StringVar(&owner, "database", os.Getenv("DATABASE_URL"), "owner's URL of the main database")
	c.Flags().StringVar(&keysOwner, "keys-database", os.Getenv("KEYS_DATABASE_URL"), "owner's URL of the key database")
	c.Flags().StringVar(&login, "login", "", "login that the product connects as")
	c.Flag("database").DefValue, c.Flag("keys-database").DefValue = "$DATABASE_URL", "$KEYS_DATABASE_URL"
	return withJSON(c)
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
