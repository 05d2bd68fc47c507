package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/vaultkeys"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/config"
	"github.com/voicehive/voicehive/internal/postgres"
)

// openRoot opens the keeper of the root keys that the settings name: Vault's
// Transit, else the file of development, which refuses production.
func (p *parts) openRoot() (keys.Root, error) {
	v := p.config.Vault
	if v.Address == "" {
		return keys.OpenLocalKeyring(p.config.Keyring, p.config.Environment)
	}
	client, err := p.vault()
	if err != nil {
		return nil, err
	}
	return vaultkeys.New(client.Transit(v.Transit)), nil
}

// attendKeys lets the ring hear of destroyed keys, and loads the bucket keys
// ahead of need, until the parts are closed.
func (p *parts) attendKeys(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := p.ring.Warm(ctx); err != nil && ctx.Err() == nil {
			p.log.WarnContext(ctx, "Bucket keys are not loaded yet; each will be when it is needed.", "error", err)
		}
		_ = p.ring.Listen(ctx)
	}()
	p.closers = append(p.closers, func() {
		cancel()
		<-ended
	})
}

func newKeys() *cobra.Command {
	group := &cobra.Command{
		Use:   "keys",
		Short: "Look after the keys that make erasure final",
		Long: `Look after the keys that make erasure final. Each guest's data is sealed under
keys of its own, which are wrapped under the root key of an epoch. A roll opens
the next epoch and moves all living keys there; when the old root key is then
destroyed, every older copy of the key database is dead, and with it what was
erased since it was made.

Once a month: roll; back the key database up; restore that backup elsewhere;
backup-check; retire. Run them with the roller's own login to Vault.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newKeysStatus(), newKeysRoll(), newKeysBackupCheck(), newKeysRetire())
	return group
}

// withRoller opens what a roller needs and no more.
func withRoller(c *cobra.Command, o keys.RollerOptions, do func(*parts, *keys.Roller) error) error {
	p, err := openBase(os.Getenv)
	if err != nil {
		return err
	}
	defer p.close()
	if _, err := p.startGuard(c.Context(), os.Getenv); err != nil {
		return err
	}
	if p.keysPool, err = p.database(c.Context(), "keys", "KEYS_DATABASE_URL", p.config.KeysDB, "keys", p.config.Vault.KeysDatabase); err != nil {
		return err
	}
	const hint = "lease one of the roller's with VOICEHIVE_VAULT_KEYS_DATABASE, or see the --roller-login of `voicehive migrate`"
	if err := requireRole(c.Context(), p.keysPool, postgres.RoleRoller, hint); err != nil {
		return err
	}
	root, err := p.openRoot()
	if err != nil {
		return err
	}
	o.Alone = p.config.Environment != config.Production
	return do(p, keys.NewRoller(p.keysPool, root, o))
}

func newKeysStatus() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "status",
		Short: "List the epochs and how far each has come",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withRoller(c, keys.RollerOptions{}, func(_ *parts, roller *keys.Roller) error {
				all, err := roller.Status(c.Context())
				if err != nil {
					return err
				}
				rows := [][]string{{"EPOCH", "OPENED", "LIVE KEYS", "STATE", "BACKUP CHECKED", "APPROVED BY"}}
				for _, e := range all {
					rows = append(rows, []string{e.Name, dayOf(e.Opened), fmt.Sprint(e.Live), epochState(e), dayOf(e.Checked), strings.Join(e.ApprovedBy, ", ")})
				}
				return show(c, map[string]any{"epochs": all}, func(w io.Writer) { table(w, rows...) })
			})
		},
	})
}

func epochState(e keys.EpochStatus) string {
	switch {
	case !e.Retired.IsZero():
		return "retired " + dayOf(e.Retired) + ": its root key is destroyed"
	case !e.Rewrapped.IsZero() && e.Checked.After(e.Rewrapped):
		return "empty; a backup was checked: voicehive keys retire " + e.Name
	case !e.Rewrapped.IsZero():
		return "empty since " + dayOf(e.Rewrapped) + "; check a backup"
	case !e.Closed.IsZero():
		return "a roll is unfinished: voicehive keys roll"
	}
	return "open"
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

func newKeysRoll() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "roll [EPOCH]",
		Short: "Open the next epoch and move every living key into it",
		Long: `Open the next epoch and move every living key into it, while bookings go on. Its
name is this month, such as 2026-11, unless another is given. An interrupted roll
is finished first; when there is nothing to do, nothing is done.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name := keys.NewEpochName(time.Now())
			if len(args) > 0 {
				name = args[0]
			}
			progress := func(epoch string, moved, all int64) {
				if wantsJSON(c) {
					return
				}
				fmt.Fprintf(c.ErrOrStderr(), "\repoch %s: %d of %d keys moved", epoch, moved, all)
			}
			return withRoller(c, keys.RollerOptions{Progress: progress}, func(p *parts, roller *keys.Roller) error {
				if err := p.tellFirst(c.Context(), eventRollAsked, map[string]any{"epoch": name}); err != nil {
					return err
				}
				done, err := roller.Roll(c.Context(), name)
				if done.Moved > 0 && !wantsJSON(c) {
					fmt.Fprintln(c.ErrOrStderr())
				}
				if err != nil {
					return err
				}
				if err := p.tell(c.Context(), eventRolled, done); err != nil {
					return err
				}
				return show(c, done, func(w io.Writer) {
					fmt.Fprintf(w, "Epoch %s is open; %d keys were moved into it.\n", done.Epoch, done.Moved)
					for _, ended := range done.Ended {
						fmt.Fprintf(w, "Epoch %s is empty. Back the key database up now, restore that elsewhere, and run: voicehive keys backup-check --restored URL\n", ended)
					}
				})
			})
		},
	})
}

func newKeysBackupCheck() *cobra.Command {
	var restored, by string
	c := &cobra.Command{
		Use:   "backup-check",
		Short: "Prove that a restored backup of the key database opens",
		Long: `Prove that a restored backup of the key database opens: compare it with the live
one, open every living key in it, and write down that it was so. Without that no
epoch can be retired. The backup must have been made after the roll.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if restored == "" || by == "" {
				return usageError{errors.New("backup-check needs --restored, the URL of the restored copy, and --by, your name")}
			}
			return withRoller(c, keys.RollerOptions{}, func(p *parts, roller *keys.Roller) error {
				if err := p.tellFirst(c.Context(), eventCheckAsked, map[string]any{"by": by}); err != nil {
					return err
				}
				copied, closeCopy, err := openRestored(c.Context(), restored)
				if err != nil {
					return fmt.Errorf("the restored copy: %w", err)
				}
				defer closeCopy()
				checked, err := roller.CheckBackup(c.Context(), copied, by)
				if err != nil {
					return err
				}
				if err := p.tell(c.Context(), eventBackupChecked, map[string]any{"by": by, "checked": checked}); err != nil {
					return err
				}
				answer := map[string]any{"epochs": checked.Epochs, "rows": checked.Rows, "newer": checked.Newer, "sha256": hex.EncodeToString(checked.Digest)}
				return show(c, answer, func(w io.Writer) {
					fmt.Fprintf(w, "All %d living keys of the backup open (%d were made after it). SHA-256 %x.\n", checked.Rows, checked.Newer, checked.Digest)
					fmt.Fprintf(w, "May be retired: %s\n", strings.Join(checked.Epochs, ", "))
				})
			})
		},
	}
	c.Flags().StringVar(&restored, "restored", "", "URL of the database into which the backup was restored")
	c.Flags().StringVar(&by, "by", "", "name of the person who checks")
	return withJSON(c)
}

// openRestored opens a restored copy of the key database through a guard that
// knows it: it holds every guest's keys, and the settings do not name it.
func openRestored(ctx context.Context, url string) (*postgres.Pool, func(), error) {
	p, err := openBase(os.Getenv)
	if err != nil {
		return nil, nil, err
	}
	_, err = p.startGuard(ctx, func(name string) string {
		if name == "KEYS_DATABASE_URL" {
			return url
		}
		return os.Getenv(name)
	})
	var copied *postgres.Pool
	if err == nil {
		copied, err = postgres.Open(ctx, url, postgres.WithApplicationName("voicehive-backup-check"), postgres.WithDial(p.guard.For(region.Database).DialContext))
	}
	if err != nil {
		p.close()
		return nil, nil, err
	}
	p.closers = append(p.closers, copied.Close)
	return copied, p.close, nil
}

func newKeysRetire() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "retire EPOCH",
		Short: "Approve of the end of an empty epoch; the second person destroys its root key, for good",
		Long: `Approve of the end of an empty epoch. When two people have, its root key is
destroyed, for good: every copy of the key database from before its roll is dead
afterwards. It needs the check of a backup made after the roll. Copies of the
root key live on in snapshots of Vault's own storage: erasure is final when those
are gone too.

Each of the two runs this under a login of their own to the key database, or to
the Vault that lends it; nobody gives a name. In development one person is enough.`,
		Args: exactly(1, "an epoch"),
		RunE: func(c *cobra.Command, args []string) error {
			return withRoller(c, keys.RollerOptions{}, func(p *parts, roller *keys.Roller) error {
				if err := p.tellFirst(c.Context(), eventRetireAsked, map[string]any{"epoch": args[0]}); err != nil {
					return err
				}
				end, err := roller.Retire(c.Context(), args[0])
				if err != nil {
					return err
				}
				kind := eventRetireApproved
				if end.Retired {
					kind = eventRetired
				}
				if err := p.tell(c.Context(), kind, map[string]any{"epoch": args[0], "by": end.Person, "approved_by": end.ApprovedBy}); err != nil {
					return err
				}
				return show(c, end, func(w io.Writer) {
					if end.Retired {
						fmt.Fprintf(w, "The root key of epoch %s is destroyed.\n", args[0])
						return
					}
					fmt.Fprintf(w, "Noted: %s approves of the end of epoch %s. Another person must run the same under a login of their own.\n", end.Person, args[0])
				})
			})
		},
	})
}
