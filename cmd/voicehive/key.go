package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/starter/auth"
)

func newKey() *cobra.Command {
	group := &cobra.Command{
		Use:   "key",
		Short: "Issue and revoke the API keys of call platforms",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newKeyIssue(), newKeyRevoke(), newKeyList())
	return group
}

func newKeyIssue() *cobra.Command {
	var name string
	var hotels, roles []string
	var life time.Duration
	c := &cobra.Command{
		Use:   "issue",
		Short: "Issue a key and print it, this once",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			request := auth.KeyRequest{Name: name, Hotels: hotels}
			for _, r := range roles {
				request.Roles = append(request.Roles, auth.Role(r))
			}
			if life > 0 {
				request.ExpiresAt = time.Now().Add(life)
			}
			p, err := openStores(c.Context(), "key")
			if err != nil {
				return err
			}
			defer p.close()
			keys, err := p.apiKeys(c.Context())
			if err != nil {
				return err
			}
			secret, key, err := keys.Issue(c.Context(), request)
			if err != nil {
				return err
			}
			answer := map[string]any{"id": key.ID, "key": secret, "expires_at": key.ExpiresAt}
			return show(c, answer, func(w io.Writer) {
				fmt.Fprintf(w, "%s\n\nKeep it now: only its hash is stored. Revoke it with: voicehive key revoke %s\n", secret, key.ID)
			})
		},
	}
	c.Flags().StringVar(&name, "name", "", "who will use the key")
	c.Flags().StringSliceVar(&hotels, "hotel", nil, "hotel that the key is for; may be repeated")
	c.Flags().StringSliceVar(&roles, "role", []string{string(auth.RoleAgent)}, "role of the key; may be repeated")
	c.Flags().DurationVar(&life, "expires-in", 0, "life of the key; it never expires when zero")
	return withJSON(c)
}

func newKeyRevoke() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "revoke ID",
		Short: "Revoke a key",
		Args:  exactly(1, "a key's id"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := openStores(c.Context(), "key")
			if err != nil {
				return err
			}
			defer p.close()
			err = revokeKey(c.Context(), p.log, func(ctx context.Context) error {
				told, err := p.apiKeys(ctx)
				if err != nil {
					return err
				}
				return told.Revoke(ctx, args[0])
			}, func(ctx context.Context) error { return auth.NewKeys(p.pool).Revoke(ctx, args[0]) })
			if err != nil {
				return err
			}
			return show(c, map[string]string{"revoked": args[0]}, func(w io.Writer) {
				fmt.Fprintln(w, "The key is revoked; APIs that have seen it forget it within half a minute.")
			})
		},
	})
}

// revokeKey revokes a key with its event in the audit log. Where nothing can be
// sealed for the log just now, the key dies all the same: it may be in wrong
// hands, and that cannot wait for a Vault.
func revokeKey(ctx context.Context, log *slog.Logger, told, untold func(context.Context) error) error {
	err := told(ctx)
	if !errors.Is(err, keys.ErrUnavailable) {
		return err
	}
	log.WarnContext(ctx, "The audit log cannot be told of the revoked key: its keys cannot be reached. Note who revoked it, and why.", "error", err)
	return untold(ctx)
}

func newKeyList() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the keys, without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := openStores(c.Context(), "key")
			if err != nil {
				return err
			}
			defer p.close()
			keys, err := auth.NewKeys(p.pool).List(c.Context())
			if err != nil {
				return err
			}
			rows := [][]string{{"ID", "NAME", "HOTELS", "ROLES", "STATE"}}
			for _, k := range keys {
				rows = append(rows, []string{k.ID, k.Name, strings.Join(k.Hotels, ","), fmt.Sprint(k.Roles), keyState(k)})
			}
			return show(c, keys, func(w io.Writer) { table(w, rows...) })
		},
	})
}

func keyState(k auth.Key) string {
	switch {
	case !k.RevokedAt.IsZero():
		return "revoked " + k.RevokedAt.Format(time.DateOnly)
	case !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(time.Now()):
		return "expired " + k.ExpiresAt.Format(time.DateOnly)
	case !k.ExpiresAt.IsZero():
		return "until " + k.ExpiresAt.Format(time.DateOnly)
	}
	return "in use"
}
