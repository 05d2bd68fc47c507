package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	activities "github.com/voicehive/voicehive/activities/evidence"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/compliance/retention"
)

func newEvidence() *cobra.Command {
	c := &cobra.Command{
		Use:   "evidence",
		Short: "Make, keep and fetch packs of evidence for auditors, or check one offline",
	}
	c.AddCommand(newEvidenceCollect(), newEvidenceList(), newEvidenceGet(), newEvidenceVerify())
	return c
}

func newEvidenceCollect() *cobra.Command {
	var hotel, from, until, out string
	var keep bool
	c := &cobra.Command{
		Use:   "collect",
		Short: "Make a pack of evidence of a hotel and a period",
		Long: `Make a pack of evidence of a hotel and a period: controls for GDPR, AI Act and a
subset of PCI DSS, each judged by a question to the data; signed statements; the
audit log's part with its proofs; OSCAL; the papers; a page to read. It holds no
data of guests. The same data makes the same file. It ends with 1 when a control
is not satisfied, and writes the pack all the same.

The pack is kept with the others of the hotel, where evidence list shows it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			now := time.Now().UTC()
			r := evidence.Request{Hotel: hotel, Until: now, From: now.AddDate(0, -1, 0)}
			for flag, into := range map[string]*time.Time{"from": &r.From, "to": &r.Until} {
				at, err := momentOf(flag, c.Flag(flag).Value.String())
				if err != nil {
					return err
				}
				if !at.IsZero() {
					*into = at
				}
			}
			return withAuditLog(c.Context(), func(p *parts, log *audit.Log) error { return collectEvidence(c, p, log, r, out, keep) })
		},
	}
	f := c.Flags()
	f.BoolVar(&keep, "keep", true, "keep the pack with the hotel's others; --keep=false where this login does not reach their store")
	f.StringVar(&hotel, "hotel", "", "the hotel")
	f.StringVar(&from, "from", "", "the first day, or moment (default a month ago)")
	f.StringVar(&until, "to", "", "the day, or moment, before which it ends (default now)")
	f.StringVar(&out, "out", "evidence.zip", "file to write; there must be none")
	_ = c.MarkFlagRequired("hotel")
	return withJSON(c)
}

// errNotSatisfied ends a collection that found something wrong.
var errNotSatisfied = errors.New("controls are not satisfied: see the pack")

func collectEvidence(c *cobra.Command, p *parts, log *audit.Log, r evidence.Request, file string, keep bool) error {
	if _, err := p.registry.Hotel(c.Context(), r.Hotel); err != nil {
		return err
	}
	collector, err := p.evidenceCollector(log)
	if err != nil {
		return err
	}
	var shelf *evidence.Shelf
	if keep {
		if shelf, err = p.shelf(); err != nil {
			return err
		}
	}
	out, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer out.Close() // a second time after all went well
	summary, err := collector.Collect(c.Context(), r, out)
	if err := errors.Join(err, out.Sync()); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	var kept *evidence.Kept
	if shelf != nil {
		if kept, err = p.keepEvidence(c.Context(), shelf, summary, out); err != nil {
			return fmt.Errorf("the pack is in %s and could not be kept with the others: %w", file, err)
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	err = show(c, struct {
		Pack string `json:"pack"`
		evidence.Summary
		Kept *evidence.Kept `json:"kept,omitempty"`
	}{file, summary, kept}, func(w io.Writer) { printEvidence(w, file, summary, kept) })
	if err == nil && summary.NotSatisfied > 0 {
		return errNotSatisfied
	}
	return err
}

func printEvidence(w io.Writer, file string, s evidence.Summary, kept *evidence.Kept) {
	rows := [][]string{{"CONTROL", "STATE", "CASES", "WRONG"}}
	for _, r := range s.Results {
		rows = append(rows, []string{r.Control, string(r.State), fmt.Sprint(r.Cases), fmt.Sprint(r.Wrong)})
	}
	table(w, rows...)
	fmt.Fprintf(w, "%s: %d satisfied, %d not satisfied, %d not tested; %d signed statements, %d entries of the log.\n",
		file, s.Satisfied, s.NotSatisfied, s.NotTested, s.Statements, s.Entries)
	if kept != nil {
		fmt.Fprintf(w, "Kept as %s until %s.\n", kept.ID, moment(kept.Ends))
	}
	fmt.Fprintf(w, "Check it: voicehive evidence verify --file %s --vkey KEYFILE\n", file)
}

// evidenceCollector composes what makes packs.
func (p *parts) evidenceCollector(log *audit.Log) (evidence.Collector, error) {
	signer, err := p.certificateSigner()
	if err != nil {
		return evidence.Collector{}, err
	}
	policy, err := retention.Shipped()
	if err != nil {
		return evidence.Collector{}, err
	}
	built, err := builtDocuments()
	if err != nil {
		return evidence.Collector{}, err
	}
	writer := audit.NewWriter(p.ring)
	engine := retention.New(retention.Options{Pool: p.pool, Policy: policy, Auditor: writer, Keys: p.ring, Requests: p.awaiting()})
	collector := evidence.Collector{
		Pool: p.pool, Log: log, Signer: signer, LogName: p.config.Audit.Name, Pseudonym: writer.Pseudonym, Version: buildID(p.config.BuildID),
		Overdue: evidence.OverdueBy(engine, func(ctx context.Context, id string) (retention.Hotel, error) {
			hotel, err := p.registry.Hotel(ctx, id)
			return retention.Hotel{ID: hotel.ID, Country: hotel.Country, Zone: hotel.TimeZone}, err
		}),
	}
	if p.temporal != nil {
		collector.History = func(ctx context.Context, id string) error {
			hotel, err := p.registry.Hotel(ctx, id)
			if err != nil {
				return err
			}
			kept, err := p.history(ctx)
			if err != nil {
				return err
			}
			return engine.CheckHistory(ctx, retention.Hotel{ID: hotel.ID, Country: hotel.Country, Zone: hotel.TimeZone}, kept)
		}
	}
	if p.config.Audit.Certificates != "" {
		if collector.LogSigner, err = p.auditSigner(); err != nil {
			return evidence.Collector{}, err
		}
	}
	for _, d := range built {
		collector.Papers = append(collector.Papers, evidence.Paper{Name: d.Name, Title: d.Title, Version: d.Version, Digest: d.Digest, Content: d.Content})
	}
	return collector, nil
}

// evidenceActivities make packs in a worker that reaches the store that they are
// kept in.
func (p *parts) evidenceActivities() (*activities.Activities, error) {
	if !p.reachesHeads() {
		return nil, nil
	}
	log, err := audit.NewLog(p.pool, p.config.Audit.Name)
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_AUDIT_NAME: %w", err)
	}
	collector, err := p.evidenceCollector(log)
	if err != nil {
		return nil, err
	}
	shelf, err := p.shelf()
	if err != nil {
		return nil, err
	}
	return activities.New(collector, p.registry, shelf), nil
}

func newEvidenceVerify() *cobra.Command {
	var file, keyFile string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check a pack of evidence offline, and name what is wrong",
		Long: `Check a pack of evidence offline, and name what is wrong: a file that is missing,
added or changed, a forged signature, a statement that is not about what it
names, a wrong proof, a log that is not right. It ends with 1 when anything is.

Without --vkey the pack is checked with the keys that it brings: that proves that
it is whole, and not whose it is.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var keys []byte
			if keyFile != "" {
				var err error
				if keys, err = readSmall(keyFile); err != nil {
					return err
				}
			}
			return verifyEvidence(c, file, string(keys))
		},
	}
	c.Flags().StringVar(&file, "file", "", "the pack")
	c.Flags().StringVar(&keyFile, "vkey", "", "file with the log's keys, got from the operator by another way than the pack")
	_ = c.MarkFlagRequired("file")
	return withJSON(c)
}

func verifyEvidence(c *cobra.Command, file, keys string) error {
	return checkPack(file, func(pack io.ReaderAt, size int64) (bool, error) {
		report, err := evidence.Verify(c.Context(), pack, size, keys)
		if err != nil {
			return false, err
		}
		return report.Right(), show(c, report, func(w io.Writer) { printEvidenceReport(w, report) })
	})
}

func printEvidenceReport(w io.Writer, r *evidence.Report) {
	for _, f := range r.Findings {
		fmt.Fprintf(w, "WRONG  %-16s %s: %s\n", f.Code, f.File, f.Text)
	}
	if r.Right() {
		fmt.Fprintf(w, "RIGHT  hotel %s, %s until %s: %d files, %d signed statements, %d entries of the log, %d proofs\n",
			r.Hotel, r.From.Format(time.RFC3339), r.Until.Format(time.RFC3339), r.Files, r.Statements, r.Entries, r.Proofs)
	}
	if r.OwnKeys {
		fmt.Fprintln(w, "       It was checked with the keys that it brings: it is whole, and whose it is nothing proves. Give --vkey.")
	}
}
