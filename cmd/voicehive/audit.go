package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/config"
)

func newAudit() *cobra.Command {
	group := &cobra.Command{
		Use:   "audit",
		Short: "Read, prove and check the audit log",
		Long: `Read, prove and check the audit log, a Merkle log whose heads are signed. Export
and prove are the operator's; verify needs no database and no network, and
witness runs on somebody else's machine.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newAuditStatus(), newAuditExport(), newAuditVerify(), newAuditProve(), newAuditSequence(), newAuditWitness())
	return group
}

// auditSigner is the signer that the settings name: a key in Vault, else the
// file of development.
func (p *parts) auditSigner() (audit.Signer, error) {
	a, v := p.config.Audit, p.config.Vault
	if a.Key == "" {
		if p.config.Environment == config.Production {
			return nil, errors.New("VOICEHIVE_AUDIT_KEY is not set; in production a key in Vault signs the audit log, and not one in a file")
		}
		return audit.OpenLocalSigner(a.LocalKey, p.config.Environment)
	}
	client, err := p.vault()
	if err != nil {
		return nil, err
	}
	return audit.NewTransitSigner(client.Transit(v.Transit), a.Key), nil
}

// sequencer is the process's part in the audit log: one of the fleet works.
func (p *parts) sequencer() (*audit.Sequencer, error) {
	signer, err := p.auditSigner()
	if err != nil {
		return nil, err
	}
	store, err := p.auditStore()
	if err != nil {
		return nil, err
	}
	o := audit.SequencerOptions{Name: p.config.Audit.Name, Signer: signer, Store: store, Registerer: p.metrics, Logger: p.log}
	if file := p.config.Audit.Witnesses; file != "" {
		policy, err := readPolicy(file)
		if err != nil {
			return nil, fmt.Errorf("VOICEHIVE_AUDIT_WITNESSES: %w", err)
		}
		o.Witnesses = policy.Witnesses(p.client(region.Witness))
	}
	return audit.NewSequencer(p.pool, o)
}

// withAuditLog opens what reading the log needs.
func withAuditLog(ctx context.Context, do func(*parts, *audit.Log) error) error {
	p, err := openStores(ctx, "audit")
	if err != nil {
		return err
	}
	return doWithLog(p, do)
}

// doWithLog does what reads the log, and closes the parts.
func doWithLog(p *parts, do func(*parts, *audit.Log) error) error {
	defer p.close()
	log, err := audit.NewLog(p.pool, p.config.Audit.Name)
	if err != nil {
		return fmt.Errorf("VOICEHIVE_AUDIT_NAME: %w", err)
	}
	return do(p, log)
}

func newAuditStatus() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "status",
		Short: "Tell where the log stands, and the keys to check it by",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			// After a restore this shows whether the log agrees with its store, and
			// nothing of a guest.
			p, err := openUnreplayed(c.Context(), "audit", os.Getenv)
			if err != nil {
				return err
			}
			return doWithLog(p, func(p *parts, log *audit.Log) error {
				status, err := log.Status(c.Context())
				if err != nil {
					return err
				}
				signer, err := p.auditSigner()
				if err != nil {
					return err
				}
				var keys []string
				for _, name := range []string{p.config.Audit.Name, status.Origin} {
					found, err := audit.VerifierKeys(c.Context(), signer, name)
					if err != nil {
						return err
					}
					keys = append(keys, found...)
				}
				certificates, err := p.certificateKeys(c.Context())
				if err != nil {
					return err
				}
				keys = append(keys, certificates...)
				answer := struct {
					audit.Status
					Keys []string `json:"keys"`
				}{status, keys}
				return show(c, answer, func(w io.Writer) { printAuditStatus(w, status, keys) })
			})
		},
	})
}

func printAuditStatus(w io.Writer, s audit.Status, keys []string) {
	fmt.Fprintf(w, "Log %s: %d entries, %d of them under a signed head", s.Origin, s.Size, s.Signed)
	if !s.At.IsZero() {
		fmt.Fprintf(w, " of %s", s.At.UTC().Format(time.RFC3339))
	}
	fmt.Fprintf(w, ".\nWaiting in the outbox: %d", s.Waiting)
	if s.Waiting > 0 {
		fmt.Fprintf(w, ", the oldest for %s", s.Oldest.Round(time.Second))
	}
	fmt.Fprintln(w, ".")
	for witness, size := range s.Cosigned {
		fmt.Fprintf(w, "Witness %s has cosigned %d entries.\n", witness, size)
	}
	if s.Lost > 0 {
		fmt.Fprintf(w, "LOST: %d events were written and are neither in the log nor in the outbox. Somebody took them away.\n", s.Lost)
	}
	fmt.Fprintln(w, "\nKeys for `voicehive audit verify --vkey` (the first is good for all years):")
	for _, key := range keys {
		fmt.Fprintln(w, key)
	}
}

func newAuditWitness() *cobra.Command {
	var folder, name, logs, addr string
	c := &cobra.Command{
		Use:   "witness",
		Short: "Be a witness for others' logs",
		Long: `Be a witness for others' logs: keep the newest head of each, and cosign only
those that go on from it (C2SP tlog-witness). Run it where the operator of the
log has no access. The address is for a proxy with TLS in front. When it answers
it prints one line of JSON with its key, which goes into the policy files of
those who ask it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			keys, err := readLogKeys(logs)
			if err != nil {
				return err
			}
			witness, err := audit.OpenWitness(folder, name, keys)
			if err != nil {
				return err
			}
			return serveWitness(c, witness, addr)
		},
	}
	c.Flags().StringVar(&folder, "folder", "witness", "folder with the witness's key and what it has seen; never lose it")
	c.Flags().StringVar(&name, "name", "", "name of the witness, such as witness.hotel.example")
	c.Flags().StringVar(&logs, "logs", "", "file with the keys of the logs to cosign, as `voicehive audit status` prints them")
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:8095", "address to listen on")
	for _, needed := range []string{"name", "logs"} {
		_ = c.MarkFlagRequired(needed)
	}
	return withParent(c)
}

func readPolicy(file string) (*audit.Policy, error) {
	text, err := readSmall(file)
	if err != nil {
		return nil, err
	}
	policy, err := audit.ParsePolicy(text)
	return &policy, err
}

func readLogKeys(file string) (audit.LogKeys, error) {
	text, err := readSmall(file)
	if err != nil {
		return audit.LogKeys{}, err
	}
	return audit.ParseLogKeys(string(text))
}

// readSmall reads a file of keys, a policy or a head.
func readSmall(file string) ([]byte, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	const most = 64 << 10
	text, err := io.ReadAll(io.LimitReader(opened, most+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("%s is larger than %d bytes", file, most)
	}
	return text, err
}

// momentOf reads a date or a moment; empty is none.
func momentOf(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("--%s must be a date such as 2026-03-31, or a moment such as 2026-03-31T12:00:00Z", flag)}
}

// heldHeads reads the signed heads that a reader holds.
func heldHeads(files []string) ([][]byte, error) {
	var all [][]byte
	for _, file := range files {
		text, err := readSmall(file)
		if err != nil {
			return nil, err
		}
		if !strings.Contains(string(text), "\n\n") {
			return nil, fmt.Errorf("%s is no signed head", file)
		}
		all = append(all, text)
	}
	return all, nil
}
