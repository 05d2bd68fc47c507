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
)

// An auditExport is what the flags of export say.
type auditExport struct {
	hotel, from, until, out string
	year                    int
	open, proofs            bool
	against                 []string
}

func newAuditExport() *cobra.Command {
	a := &auditExport{}
	c := &cobra.Command{
		Use:   "export",
		Short: "Write a pack that others can check offline",
		Long: `Write a pack that others can check offline: a hotel's entries, or with no hotel
all of them. A pack holds commitments and no data of a guest, unless --open
opens the details; that is an event in the log itself.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withAuditLog(c.Context(), func(p *parts, log *audit.Log) error { return a.run(c, p, log) })
		},
	}
	f := c.Flags()
	f.StringVar(&a.hotel, "hotel", "", "the hotel whose entries are told; all hotels' when empty")
	f.IntVar(&a.year, "year", 0, "the year of the log (default the newest)")
	f.StringVar(&a.from, "from", "", "the first day, or moment, of what is told")
	f.StringVar(&a.until, "to", "", "the day, or moment, before which it ends")
	f.StringVar(&a.out, "out", "audit.zip", "file to write; there must be none")
	f.BoolVar(&a.open, "open", false, "open the details: they hold data of guests")
	f.BoolVar(&a.proofs, "proofs", false, "add a .tlog-proof for each entry told")
	f.StringArrayVar(&a.against, "against", nil, "file with a signed head that the reader holds; may be repeated")
	return withJSON(c)
}

func (a *auditExport) run(c *cobra.Command, p *parts, log *audit.Log) (err error) {
	o := audit.ExportOptions{Year: a.year, Tenant: a.hotel, Proofs: a.proofs, Progress: auditProgress(c, "exported")}
	if o.From, err = momentOf("from", a.from); err != nil {
		return err
	}
	if o.Until, err = momentOf("to", a.until); err != nil {
		return err
	}
	if o.Heads, err = a.sizes(c.Context(), p); err != nil {
		return err
	}
	if o.Year == 0 {
		if o.Year, err = log.Year(c.Context()); err != nil {
			return err
		}
	}
	writer := audit.NewWriter(p.ring)
	if a.hotel != "" {
		if o.Pseudonym, err = writer.Pseudonym(c.Context(), a.hotel); err != nil {
			return err
		}
	}
	if a.open {
		if err := a.remember(c.Context(), p, writer); err != nil {
			return err
		}
		o.Ring = p.ring
	}
	out, err := os.OpenFile(a.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	entries, err := log.Export(c.Context(), out, o)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(a.out))
	}
	return show(c, map[string]any{"pack": a.out, "entries": entries, "year": o.Year}, func(w io.Writer) {
		fmt.Fprintf(w, "%s tells %d entries of %d. Check it: voicehive audit verify %[1]s --vkey KEYFILE\n", a.out, entries, o.Year)
	})
}

// sizes are those of the heads that the reader holds.
func (a *auditExport) sizes(ctx context.Context, p *parts) ([]int64, error) {
	held, err := heldHeads(a.against)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	signer, err := p.auditSigner()
	if err != nil {
		return nil, err
	}
	lines, err := audit.VerifierKeys(ctx, signer, p.config.Audit.Name)
	if err != nil {
		return nil, err
	}
	keys, err := audit.ParseLogKeys(strings.Join(lines, "\n"))
	if err != nil {
		return nil, err
	}
	var sizes []int64
	for i, signed := range held {
		head, err := audit.OpenHead(signed, keys)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.against[i], err)
		}
		sizes = append(sizes, head.Size)
	}
	return sizes, nil
}

// remember puts the opening into the log before anything is opened.
func (a *auditExport) remember(ctx context.Context, p *parts, writer *audit.Writer) error {
	tenant := a.hotel
	if tenant == "" {
		tenant = audit.HouseTenant
		if err := p.ring.EnsureTenant(ctx, tenant); err != nil {
			return err
		}
	}
	return writer.Record(ctx, p.pool, audit.Event{Tenant: tenant, Kind: eventPackOpened, Actor: byOperator,
		Detail: map[string]any{"year": a.year, "from": a.from, "to": a.until}})
}

// auditProgress prints a line now and then; long work shows that it moves.
func auditProgress(c *cobra.Command, what string) func(done, of int64) {
	last := time.Now()
	return func(done, of int64) {
		if time.Since(last) > 2*time.Second && done < of {
			last = time.Now()
			fmt.Fprintf(c.ErrOrStderr(), "%s %d of %d entries\n", what, done, of)
		}
	}
}

// errPackWrong ends a verification that found something.
var errPackWrong = errors.New("the pack is not right: see the findings")

func newAuditVerify() *cobra.Command {
	var keyFile, policyFile string
	var against []string
	var whole bool
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a pack or a .tlog-proof offline, and name what is wrong",
		Long: `Check a pack or a .tlog-proof offline, and name what is wrong: an entry that was
changed, left out, added or moved, a tail that was dropped, a log that was set
back or shown in two versions, a gap in a writer's count, a wrong signature, the
wrong log. It ends with 1 when anything is. Hold on to heads (the file "head" of
a pack) and give them with --against: what was signed cannot be taken back then.`,
		Args: exactly(1, "a file"),
		RunE: func(c *cobra.Command, args []string) error {
			keys, err := readLogKeys(keyFile)
			if err != nil {
				return err
			}
			if strings.HasSuffix(args[0], ".tlog-proof") {
				return verifyProof(c, args[0], keys)
			}
			o := audit.VerifyOptions{Keys: keys, Whole: whole, Progress: auditProgress(c, "checked")}
			if o.Against, err = heldHeads(against); err != nil {
				return err
			}
			if policyFile != "" {
				if o.Policy, err = readPolicy(policyFile); err != nil {
					return err
				}
			}
			return verifyPack(c, args[0], o)
		},
	}
	c.Flags().StringVar(&keyFile, "vkey", "", "file with the log's keys, got from the operator by another way than the pack")
	c.Flags().StringVar(&policyFile, "policy", "", "file that says which witnesses must have cosigned")
	c.Flags().StringArrayVar(&against, "against", nil, "file with a signed head that you hold; may be repeated")
	c.Flags().BoolVar(&whole, "whole", false, "demand that every entry of the log is told")
	_ = c.MarkFlagRequired("vkey")
	return withJSON(c)
}

func verifyPack(c *cobra.Command, file string, o audit.VerifyOptions) error {
	return checkPack(file, func(pack io.ReaderAt, size int64) (bool, error) {
		report, err := audit.Verify(c.Context(), pack, size, o)
		if err != nil {
			return false, err
		}
		return report.Right(), show(c, report, func(w io.Writer) { printReport(w, report) })
	})
}

// checkPack has a pack checked and shown, and fails when it is not right.
func checkPack(file string, check func(pack io.ReaderAt, size int64) (right bool, err error)) error {
	pack, err := os.Open(file)
	if err != nil {
		return err
	}
	defer pack.Close()
	info, err := pack.Stat()
	if err != nil {
		return err
	}
	right, err := check(pack, info.Size())
	if err != nil {
		return err
	}
	if !right {
		return errPackWrong
	}
	return nil
}

func printReport(w io.Writer, r *audit.Report) {
	for _, f := range r.Findings {
		fmt.Fprintf(w, "WRONG  %-18s %s\n", f.Code, f.Text)
	}
	if r.More > 0 {
		fmt.Fprintf(w, "WRONG  and %d more findings\n", r.More)
	}
	if !r.Right() {
		return
	}
	fmt.Fprintf(w, "RIGHT  log %s, %d entries, root %s\n", r.Origin, r.Size, r.Root)
	fmt.Fprintf(w, "       told: %d, with details opened: %d, details whose key was destroyed: %d, proofs: %d\n", r.Entries, r.Opened, r.Destroyed, r.Proofs)
	fmt.Fprintf(w, "       compared with %d other heads; cosigned by %d witnesses %s\n", r.Compared, len(r.Witnesses), strings.Join(r.Witnesses, ", "))
	if !r.Whole {
		fmt.Fprintln(w, "       The pack tells a part of the log: it proves what it tells, and not that nothing was left out at its ends.")
	}
}

func verifyProof(c *cobra.Command, file string, keys audit.LogKeys) error {
	text, err := readSmall(file)
	if err != nil {
		return err
	}
	proven, err := audit.VerifyProof(text, keys)
	if err != nil {
		return err
	}
	answer := map[string]any{"origin": proven.Head.Origin, "size": proven.Head.Size, "n": proven.N, "entry": string(proven.Text)}
	return show(c, answer, func(w io.Writer) {
		fmt.Fprintf(w, "RIGHT  entry %d of the log %s (of %d entries):\n%s\n", proven.N, proven.Head.Origin, proven.Head.Size, proven.Text)
	})
}
