package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/internal/vault"
)

// openCredentials opens the store that the settings name: Vault, else the file
// of development.
func (p *parts) openCredentials() (credentials.Keeper, error) {
	if p.config.Vault.Address == "" {
		if p.config.Environment == config.Production {
			return nil, errors.New("VAULT_ADDR is not set; in production the hotels' credentials are kept in Vault and not in a file")
		}
		return credentials.NewFileStore(p.config.Credentials), nil
	}
	client, err := p.vault()
	if err != nil {
		return nil, err
	}
	return credentials.NewVaultStore(client.KV(p.config.Vault.Mount)), nil
}

// vault is the process's one client of Vault. It makes no call.
func (p *parts) vault() (*vault.Client, error) {
	if p.vaultClient != nil {
		return p.vaultClient, nil
	}
	v := p.config.Vault
	client, err := vault.New(vault.Options{
		Address: v.Address, CACert: v.CACert, Namespace: v.Namespace, Login: vaultLogin(v), Logger: p.log,
		Equip: p.guard.For(region.Vault).Equip,
	})
	if err != nil {
		return nil, err
	}
	p.vaultClient = client
	// Before all that was opened by it: the closers run from the last to the first.
	p.closers = append([]func(){client.Close}, p.closers...)
	return client, nil
}

func vaultLogin(v config.Vault) vault.Login {
	switch v.Login {
	case config.VaultKubernetes:
		return vault.Kubernetes{Mount: v.AuthMount, Role: v.Role, TokenFile: v.SecretFile}
	case config.VaultToken:
		return vault.TokenFile{Path: v.SecretFile}
	}
	return vault.AppRole{Mount: v.AuthMount, RoleID: v.Role, SecretIDFile: v.SecretFile}
}

func newCredentials() *cobra.Command {
	group := &cobra.Command{
		Use:   "credentials",
		Short: "Keep the secrets that open the hotels' accounts at their vendors",
		Long: `Keep the secrets that open the hotels' accounts at their vendors: in Vault, or
in development in a file. Secrets are read from a file or from standard input,
never from the command line, and are never printed.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newCredentialsPut(), newCredentialsRotate(), newCredentialsList(), newCredentialsCheck())
	return group
}

func newCredentialsPut() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "put REF",
		Short: "Store an entry, in place of any that is there",
		Long: `Store an entry, in place of any that is there, from YAML such as

  kind: oauth2_client_credentials
  client_id: VHSB-SP-SANDBOX
  client_secret: ...
  scopes: [offers.read, reservations.read]

The other kinds are oauth2_authorization_code, oauth2_password (username,
password), api_key (api_key) and body_tokens (body_tokens: {name: text}). Each
may have headers: {name: text}. A hotel's file names the entry by
credentials_ref.`,
		Args: exactly(1, "a reference"),
		RunE: func(c *cobra.Command, args []string) error {
			return changeCredentials(c, args[0], file, "stored", func(keeper credentials.Keeper, data map[string]any) (credentials.Kind, error) {
				parsed, err := credentials.Parse(args[0], data)
				if err != nil {
					return "", err
				}
				return parsed.Kind, keeper.Put(c.Context(), args[0], parsed)
			})
		},
	}
	c.Flags().StringVar(&file, "file", "", "YAML file with the entry; standard input when empty")
	return withJSON(c)
}

func newCredentialsRotate() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "rotate REF",
		Short: "Replace some fields of an entry, such as its secret",
		Long: `Replace some fields of an entry, such as its secret, from YAML with those
fields alone; null takes a field away. Running processes take it up within half
a minute. When somebody else changed the entry meanwhile, nothing is changed.`,
		Args: exactly(1, "a reference"),
		RunE: func(c *cobra.Command, args []string) error {
			return changeCredentials(c, args[0], file, "rotated", func(keeper credentials.Keeper, data map[string]any) (credentials.Kind, error) {
				entry, err := keeper.Entry(c.Context(), args[0])
				if err != nil {
					return "", err
				}
				changed, err := entry.Credentials.Changed(args[0], data)
				if err != nil {
					return "", err
				}
				_, err = keeper.Replace(c.Context(), args[0], changed, entry.Version)
				return changed.Kind, err
			})
		},
	}
	c.Flags().StringVar(&file, "file", "", "YAML file with the fields; standard input when empty")
	return withJSON(c)
}

// changeCredentials reads YAML, changes an entry by it and says so.
func changeCredentials(c *cobra.Command, ref, file, done string, change func(credentials.Keeper, map[string]any) (credentials.Kind, error)) error {
	content, err := readCredentials(c.InOrStdin(), file)
	if err != nil {
		return err
	}
	data, err := credentials.ParseText(ref, content)
	if err != nil {
		return err
	}
	return withCredentials(c.Context(), func(p *parts, keeper credentials.Keeper) error {
		kind, err := p.toldChange(c.Context(), ref, done, func() (credentials.Kind, error) { return change(keeper, data) })
		if err != nil {
			return err
		}
		return show(c, map[string]any{"ref": ref, "kind": kind}, func(w io.Writer) { fmt.Fprintf(w, "%s is %s.\n", ref, done) })
	})
}

// toldChange changes an entry, with word of it in the audit log: to the hotels
// that use it, else to the house.
func (p *parts) toldChange(ctx context.Context, ref, done string, change func() (credentials.Kind, error)) (credentials.Kind, error) {
	if err := p.openJournal(ctx); err != nil {
		return "", err
	}
	hotels, err := p.hotelsUsing(ctx, ref)
	if err != nil {
		return "", err
	}
	if err := p.tell(ctx, eventCredentialsAsked, map[string]any{"ref": ref}, hotels...); err != nil {
		return "", err
	}
	kind, err := change()
	if err != nil {
		return "", err
	}
	event := map[string]audit.Kind{"stored": eventCredentialsStored, "rotated": eventCredentialsRotated}[done]
	return kind, p.tell(ctx, event, map[string]any{"ref": ref, "kind": kind}, hotels...)
}

func newCredentialsList() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the entries, without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withCredentials(c.Context(), func(_ *parts, keeper credentials.Keeper) error {
				refs, err := keeper.List(c.Context())
				if err != nil {
					return err
				}
				entries := make([]listedCredentials, 0, len(refs))
				rows := [][]string{{"REF", "KIND", "PROBLEM"}}
				for _, ref := range refs {
					found, err := keeper.Credentials(c.Context(), ref)
					listed := listedCredentials{Ref: ref, Kind: found.Kind}
					if err != nil {
						listed.Problem = err.Error()
					}
					entries = append(entries, listed)
					rows = append(rows, []string{ref, cmp.Or(string(found.Kind), "-"), cmp.Or(listed.Problem, "-")})
				}
				return show(c, entries, func(w io.Writer) { table(w, rows...) })
			})
		},
	})
}

// listedCredentials is what may be shown of an entry.
type listedCredentials struct {
	Ref     string           `json:"ref"`
	Kind    credentials.Kind `json:"kind,omitempty"`
	Problem string           `json:"problem,omitempty"`
}

func newCredentialsCheck() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "check REF",
		Short: "Prove an entry at the vendors of the hotels that use it",
		Long: `Prove an entry at the vendors of the hotels that use it: it has the fields that
the vendor wants, the identity server grants a token, and no scope is missing.
An entry that no hotel uses yet is read only.`,
		Args: exactly(1, "a reference"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := openStores(c.Context(), "credentials")
			if err != nil {
				return err
			}
			defer p.close()
			hotels, err := p.checkCredentials(c.Context(), args[0])
			if err != nil {
				return err
			}
			return show(c, map[string]any{"ref": args[0], "hotels": hotels}, func(w io.Writer) {
				if len(hotels) == 0 {
					fmt.Fprintf(w, "%s can be read; no hotel uses it yet.\n", args[0])
					return
				}
				fmt.Fprintf(w, "%s is accepted for %v.\n", args[0], hotels)
			})
		},
	})
}

// checkCredentials proves an entry for every hotel that uses it, and returns
// them.
func (p *parts) checkCredentials(ctx context.Context, ref string) ([]string, error) {
	keeper, err := p.openCredentials()
	if err != nil {
		return nil, err
	}
	if _, err := keeper.Credentials(ctx, ref); err != nil {
		return nil, err
	}
	all, err := p.registry.List(ctx)
	if err != nil {
		return nil, err
	}
	hotels := []string{}
	for _, hotel := range all {
		if hotel.CredentialsRef != ref {
			continue
		}
		if err := p.factory.CheckCredentials(ctx, hotel); err != nil {
			return nil, fmt.Errorf("hotel %s: %w", hotel.ID, err)
		}
		hotels = append(hotels, hotel.ID)
	}
	return hotels, nil
}

// withCredentials opens the store alone: entries are kept where no database is.
func withCredentials(ctx context.Context, do func(*parts, credentials.Keeper) error) error {
	p, err := openBase(os.Getenv)
	if err != nil {
		return err
	}
	defer p.close()
	if _, err := p.startGuard(ctx, os.Getenv); err != nil {
		return err
	}
	keeper, err := p.openCredentials()
	if err != nil {
		return err
	}
	return do(p, keeper)
}

// maxCredentials bounds what is read as an entry, in bytes.
const maxCredentials = 256 << 10

func readCredentials(in io.Reader, file string) ([]byte, error) {
	if file != "" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		in = opened
	}
	content, err := io.ReadAll(io.LimitReader(in, maxCredentials+1))
	if err != nil {
		return nil, fmt.Errorf("read the credentials: %w", err)
	}
	if len(content) > maxCredentials {
		return nil, fmt.Errorf("the credentials are larger than %d bytes", maxCredentials)
	}
	return content, nil
}
