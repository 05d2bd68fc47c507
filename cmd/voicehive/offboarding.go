package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	activities "github.com/voicehive/voicehive/activities/offboarding"
	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// leavers are the records of hotels that leave.
func (p *parts) leavers() *activities.Store {
	return &activities.Store{Pool: p.pool, Auditor: p.auditor}
}

// offboarding composes what carries out the end of a hotel's contract.
func (p *parts) offboarding() (*activities.Activities, error) {
	signer, err := p.certificateSigner()
	if err != nil {
		return nil, err
	}
	settings, err := temporal.Environment()
	if err != nil {
		return nil, err
	}
	secrets, err := p.openCredentials()
	if err != nil {
		return nil, err
	}
	return activities.New(activities.Parts{
		Secrets: secrets, Hotels: p.registry,
		Store: p.leavers(), Pool: p.pool, Keys: p.ring, Living: keys.NewPostgres(p.keysPool), Connections: p.statuses, Objects: p.recordings,
		Temporal: p.temporal, Namespace: namespaceOf(settings), Signer: signer, Folder: p.config.Returns, Horizon: p.config.BackupHorizon,
	}), nil
}

func newOffboarding() *cobra.Command {
	group := &cobra.Command{
		Use:   "offboarding",
		Short: "End a hotel's contract: give back its data, delete the rest, certify it",
		Long: `End a hotel's contract (Article 28(3)(g) GDPR). One person opens it and another
approves; the hotel is closed, and what is kept for it is written as a pack of
files, plain or sealed for its own age key. When the hotel has checked the digest
of the pack's manifest, its runs, objects, rows and keys are deleted, looked for
again, and a signed certificate says what went and what stays. A legal hold stops
the deletion for as long as it stands.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newOffboardingOpen(), newOffboardingList(), newOffboardingShow(), newOffboardingApprove(), newOffboardingHanded(), newOffboardingWithdraw(), newOffboardingVerify())
	return group
}

// onOffboardings gives a verb the record and the way to the runs.
func onOffboardings(c *cobra.Command, do func(ctx context.Context, s *activities.Store, o *starter.Offboardings, args []string) error) *cobra.Command {
	token := tokenFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		p, err := openStores(c.Context(), "offboarding")
		if err != nil {
			return err
		}
		defer p.close()
		if err := p.ensureHouse(c.Context()); err != nil {
			return err
		}
		if err := p.openTemporal(c.Context(), 10*time.Second); err != nil {
			return err
		}
		who, err := p.who(c.Context(), *token, "", auth.RoleOps, auth.RoleAdmin)
		if err != nil {
			return err
		}
		err = do(as(c.Context(), who), p.leavers(), starter.NewOffboardings(p.leavers(), p.registry, p.ring, p.temporal), args)
		if errors.Is(err, activities.ErrInvalid) {
			return usageError{err}
		}
		return err
	}
	return withJSON(c)
}

func newOffboardingOpen() *cobra.Command {
	var o activities.Opening
	c := &cobra.Command{Use: "open HOTEL", Short: "Ask for a hotel's end; another person approves it", Args: exactly(1, "a hotel")}
	c.Flags().StringVar(&o.GiveBack, "give-back", activities.Sealed, "how the hotel gets its data back: sealed, plain or nothing")
	c.Flags().StringVar(&o.Recipient, "recipient", "", "the hotel's public key (age1...), with sealed")
	return onOffboardings(c, func(ctx context.Context, _ *activities.Store, starts *starter.Offboardings, args []string) error {
		o.Hotel = args[0]
		r, err := starts.Open(ctx, whoActs(ctx), o)
		if err != nil {
			return err
		}
		return show(c, r, func(w io.Writer) {
			fmt.Fprintf(w, "Off-boarding %s of %s waits for another person: voicehive offboarding approve %s\n", r.ID, r.Hotel, r.ID)
		})
	})
}

func newOffboardingList() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List hotels that leave or have left", Args: cobra.NoArgs}
	return onOffboardings(c, func(ctx context.Context, s *activities.Store, _ *starter.Offboardings, _ []string) error {
		all, err := s.List(ctx)
		if err != nil {
			return err
		}
		rows := [][]string{{"OFF-BOARDING", "HOTEL", "STATE", "GIVES BACK", "OPENED", "ENDED"}}
		for _, r := range all {
			rows = append(rows, []string{r.ID, r.Hotel, r.State, r.GiveBack, moment(r.OpenedAt), moment(r.EndedAt)})
		}
		return show(c, map[string]any{"offboardings": all}, func(w io.Writer) { table(w, rows...) })
	})
}

func newOffboardingShow() *cobra.Command {
	var certificate string
	c := &cobra.Command{Use: "show OFFBOARDING", Short: "Show how far it is, and write its certificate to a file", Args: exactly(1, "an off-boarding")}
	c.Flags().StringVar(&certificate, "certificate", "", "file to write the certificate to")
	return onOffboardings(c, func(ctx context.Context, s *activities.Store, _ *starter.Offboardings, args []string) error {
		r, err := s.Read(ctx, args[0])
		if err != nil {
			return err
		}
		if certificate != "" {
			if r.Certificate == nil {
				return activities.ErrState
			}
			if err := os.WriteFile(certificate, r.Certificate, 0o600); err != nil {
				return fmt.Errorf("write the certificate: %w", err)
			}
		}
		return show(c, r, func(w io.Writer) {
			fmt.Fprintf(w, "Off-boarding %s of %s: %s\nOpened %s by %s\n", r.ID, r.Hotel, r.State, moment(r.OpenedAt), r.OpenedBy)
			if r.ApprovedBy != "" {
				fmt.Fprintf(w, "Approved %s by %s\n", moment(r.ApprovedAt), r.ApprovedBy)
			}
			if r.Pack != nil {
				fmt.Fprintf(w, "Pack: folder %s, %d files, %d rows; SHA-256 of its manifest %s\n", r.Pack.Folder, r.Pack.Files, r.Pack.Rows, r.Pack.SHA256)
			}
			if r.Removed != nil {
				fmt.Fprintf(w, "Removed: rows of %d tables, %d objects, %d runs, %d keys\n", len(r.Removed.Rows), r.Removed.Objects, r.Removed.Runs, r.Removed.Keys)
			}
		})
	})
}

func newOffboardingApprove() *cobra.Command {
	c := &cobra.Command{Use: "approve OFFBOARDING", Short: "Agree to it, as another person than who opened it", Args: exactly(1, "an off-boarding")}
	return onOffboardings(c, func(ctx context.Context, _ *activities.Store, o *starter.Offboardings, args []string) error {
		s, err := o.Approve(ctx, whoActs(ctx), args[0])
		if err != nil {
			return err
		}
		return show(c, s, func(w io.Writer) { fmt.Fprintln(w, "Approved. See how far it is with `voicehive offboarding show`.") })
	})
}

func newOffboardingHanded() *cobra.Command {
	var sum string
	c := &cobra.Command{
		Use:   "handed OFFBOARDING",
		Short: "Say that the hotel has its pack; from here on everything of it is deleted",
		Args:  exactly(1, "an off-boarding"),
	}
	c.Flags().StringVar(&sum, "sha256", "", "SHA-256 of the manifest, as the hotel has checked it")
	_ = c.MarkFlagRequired("sha256")
	return onOffboardings(c, func(ctx context.Context, _ *activities.Store, o *starter.Offboardings, args []string) error {
		s, err := o.Handed(ctx, whoActs(ctx), args[0], sum)
		if err != nil {
			return err
		}
		return show(c, s, func(w io.Writer) { fmt.Fprintln(w, "Noted. Everything of the hotel is deleted now.") })
	})
}

func newOffboardingWithdraw() *cobra.Command {
	var reason string
	c := &cobra.Command{Use: "withdraw OFFBOARDING", Short: "End it before anything is deleted", Args: exactly(1, "an off-boarding")}
	c.Flags().StringVar(&reason, "reason", "", "why, in a few words that name nobody")
	_ = c.MarkFlagRequired("reason")
	return onOffboardings(c, func(ctx context.Context, _ *activities.Store, o *starter.Offboardings, args []string) error {
		s, err := o.Withdraw(ctx, whoActs(ctx), args[0], reason)
		if err != nil {
			return err
		}
		return show(c, s, func(w io.Writer) {
			fmt.Fprintln(w, "Withdrawn. Open the hotel again with `voicehive hotel maintenance HOTEL --off`.")
		})
	})
}

func newOffboardingVerify() *cobra.Command {
	var file, keyFile string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check a certificate offline",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			text, err := readSmall(file)
			if err != nil {
				return err
			}
			lines, err := readSmall(keyFile)
			if err != nil {
				return err
			}
			trusted, err := attest.ParseKeys(string(lines))
			if err != nil {
				return err
			}
			found, err := activities.Verify(text, trusted)
			if err != nil {
				return err
			}
			return show(c, found, func(w io.Writer) {
				fmt.Fprintf(w, "Everything of %s was erased on %s; final after backups on %s.\n", found.Hotel, moment(found.ErasedLive), moment(found.Final))
			})
		},
	}
	c.Flags().StringVar(&file, "file", "", "the certificate")
	c.Flags().StringVar(&keyFile, "keys", "", "file with the public keys, as `voicehive audit status` prints them")
	_, _ = c.MarkFlagRequired("file"), c.MarkFlagRequired("keys")
	return withJSON(c)
}
