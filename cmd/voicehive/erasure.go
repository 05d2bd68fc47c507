package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	activities "github.com/voicehive/voicehive/activities/erasure"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/internal/temporal"
)

func newErasure() *cobra.Command {
	group := &cobra.Command{
		Use:   "erasure",
		Short: "Show plans and certificates of erasures, and replay erasures after a restore",
		Long: `Show plans and certificates of erasures, and replay erasures after a restore.
verify needs no database and no network. After a database was restored from a
backup nothing opens until replay has erased again what came back.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newErasurePlan(), newErasureCertificate(), newErasureVerify(), newErasureReplay(), newErasureJournal())
	return group
}

// erasures composes the office of erasures. It reaches workflow runs where the
// process is connected to Temporal.
func (p *parts) erasures() (*erasure.Office, error) {
	policy, err := retention.Shipped()
	if err != nil {
		return nil, err
	}
	signer, err := p.certificateSigner()
	if err != nil {
		return nil, err
	}
	settings, err := temporal.Environment()
	if err != nil {
		return nil, err
	}
	recipients, err := p.recipients()
	if err != nil {
		return nil, err
	}
	o := erasure.Options{
		Recipients: recipients, Approvals: p.cases(),
		Pool: p.pool, KeysPool: p.keysPool, Cases: p.cases(), Keys: p.ring, Desk: p.subjects(), Table: keys.NewSubjects(p.keysPool),
		Policy: policy, System: activities.NewSystem(p.factory), Auditor: p.auditor, Signer: signer, Horizon: p.config.BackupHorizon,
	}
	if p.temporal != nil {
		o.Runs = activities.NewRuns(p.temporal, namespaceOf(settings))
	}
	return erasure.New(o), nil
}

// recipients are those who are told of erasures, each reached through the region
// guard.
func (p *parts) recipients() ([]erasure.Recipient, error) {
	file, err := activities.OpenRecipients(p.config.Recipients)
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_RECIPIENTS: %w", err)
	}
	return file.Over(p.guard.For(region.Recipient).Transport())
}

// requireReplayed refuses to open while a restored backup holds what was erased.
func (p *parts) requireReplayed(ctx context.Context) error {
	return erasure.NewJournal(p.pool, p.keysPool).Check(ctx)
}

// withErasures opens what a verb about erasures needs.
func withErasures(ctx context.Context, do func(p *parts, office *erasure.Office) error) error {
	p, err := openAll(ctx, "erasure")
	if err != nil {
		return err
	}
	defer p.close()
	office, err := p.erasures()
	if err != nil {
		return err
	}
	return do(p, office)
}

// caseFlags are the hotel and the case that a verb is about.
func caseFlags(c *cobra.Command) (hotel, request *string) {
	hotel, request = c.Flags().String("hotel", "", "the hotel"), c.Flags().String("case", "", "the id of the request")
	_ = c.MarkFlagRequired("hotel")
	_ = c.MarkFlagRequired("case")
	return hotel, request
}

func newErasurePlan() *cobra.Command {
	c := &cobra.Command{
		Use:   "plan",
		Short: "Tell what an erasure would do with each class of records, and change nothing",
		Args:  cobra.NoArgs,
	}
	hotel, request := caseFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withErasures(c.Context(), func(_ *parts, office *erasure.Office) error {
			plan, err := office.Plan(c.Context(), *hotel, *request)
			if err != nil {
				return err
			}
			answer := struct {
				Plan  string         `json:"plan"`
				Erase int            `json:"erase"`
				Kept  []erasure.Kept `json:"kept"`
			}{plan.Terms().Hash(), plan.Count(erasure.Erase), plan.Kept()}
			return show(c, answer, func(w io.Writer) {
				fmt.Fprintf(w, "Plan %s erases %d records.\n", answer.Plan, answer.Erase)
				table(w, keptRows(answer.Kept)...)
			})
		})
	}
	return withJSON(c)
}

func keptRows(kept []erasure.Kept) [][]string { return verdictRows("KEPT", kept) }

func verdictRows(title string, kept []erasure.Kept) [][]string {
	rows := [][]string{{title, "RECORDS", "WHY", "UNTIL", "RULE", "STATUTE"}}
	for _, k := range kept {
		rows = append(rows, []string{string(k.Class), strconv.Itoa(k.Records), string(k.Action), moment(k.Until), k.Rule, k.Statute})
	}
	return rows
}

func newErasureCertificate() *cobra.Command {
	var id, out string
	c := &cobra.Command{
		Use:   "certificate",
		Short: "Write the certificate of a case's erasure, with its proof from the audit log",
		Args:  cobra.NoArgs,
	}
	hotel, request := caseFlags(c)
	c.Flags().StringVar(&id, "id", "", "a certificate by its id (default the newest)")
	c.Flags().StringVar(&out, "out", "", "file to write (default CASE.erasure.json)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withErasures(c.Context(), func(p *parts, office *erasure.Office) error {
			log, err := audit.NewLog(p.pool, p.config.Audit.Name)
			if err != nil {
				return err
			}
			bundle, err := office.Bundle(c.Context(), log, p.ring, *hotel, *request, id)
			if err != nil {
				return err
			}
			text, err := json.MarshalIndent(bundle, "", "  ")
			if err != nil {
				return err
			}
			if out == "" {
				out = *request + ".erasure.json"
			}
			if err := os.WriteFile(out, append(text, '\n'), 0o600); err != nil {
				return err
			}
			answer := map[string]any{"file": out, "in_audit_log": bundle.Proof != ""}
			return show(c, answer, func(w io.Writer) {
				fmt.Fprintf(w, "%s holds the certificate.\n", out)
				if bundle.Proof == "" {
					fmt.Fprintln(w, "The audit log has not been signed since; ask again in a moment for the proof.")
				}
			})
		})
	}
	return withJSON(c)
}

func newErasureVerify() *cobra.Command {
	var file, key string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check a certificate of erasure, without any database or network",
		Long: `Check a certificate of erasure, without any database or network: the signature
over it, and the proof that the audit log knows it. The key file holds the keys
that voicehive audit status prints; get it by another way than the certificate.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			text, err := readBounded(file, 16<<20)
			if err != nil {
				return err
			}
			vkeys, err := readSmall(key)
			if err != nil {
				return err
			}
			v, err := erasure.VerifyBundle(text, string(vkeys))
			if err != nil {
				return err
			}
			return show(c, v, func(w io.Writer) { printVerified(w, v) })
		},
	}
	c.Flags().StringVar(&file, "file", "", "the certificate, as voicehive erasure certificate writes it")
	c.Flags().StringVar(&key, "key", "", "file with the keys of the audit log")
	_ = c.MarkFlagRequired("file")
	_ = c.MarkFlagRequired("key")
	return withJSON(c)
}

func printVerified(w io.Writer, v erasure.Verified) {
	fmt.Fprintf(w, "The certificate is genuine: case %s of %s, %s.\n", v.Certificate.Case, v.Certificate.Hotel, v.Certificate.State)
	fmt.Fprintf(w, "Erased live at %s, final at %s.\n", moment(v.Certificate.Live), moment(v.Certificate.Final))
	if v.InLog {
		fmt.Fprintf(w, "The audit log %s has it as entry %d.\n", v.Origin, v.N)
	} else {
		fmt.Fprintln(w, "It comes without a proof from the audit log.")
	}
	table(w, keptRows(v.Certificate.Kept)...)
}

// readBounded reads a file that is not too large.
func readBounded(file string, most int64) ([]byte, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s is larger than %d bytes", file, most)
	}
	return text, err
}
