package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/starter"
)

// shelf is where packs of evidence are kept: beside the copies of the audit
// log's heads, for as long as the store locks those.
func (p *parts) shelf() (*evidence.Shelf, error) {
	store, err := p.packStore()
	if err != nil {
		return nil, err
	}
	return &evidence.Shelf{Pool: p.pool, Auditor: p.auditor, Store: store, Term: p.config.Audit.Retention}, nil
}

// packStore is the store of the audit log's copies. A bucket is asked before the
// first pack whether it locks what it is given, and not before: nothing that
// only hands packs out waits for it.
func (p *parts) packStore() (objects.Store, error) {
	a := p.config.Audit
	if !a.Store.Bucket() {
		return p.auditStore()
	}
	store, err := objects.NewLockedBucket(p.bucket(a.Store), a.Retention)
	if err != nil {
		return nil, fmt.Errorf("VOICEHIVE_AUDIT_STORE: %w", err)
	}
	return store, nil
}

// packs are what officers see of the shelf. A process whose login does not reach
// the store still lists packs, and says so when one is asked for.
func (p *parts) packs() *starter.Packs {
	shelf, err := p.shelf()
	if err != nil {
		p.log.Warn("Packs of evidence are listed here and not handed out.", "error", err)
		shelf = &evidence.Shelf{Pool: p.pool, Auditor: p.auditor, Term: p.config.Audit.Retention}
	}
	return starter.NewPacks(p.registry, shelf, p.ring)
}

// keepEvidence keeps a pack that an operator had made.
func (p *parts) keepEvidence(ctx context.Context, shelf *evidence.Shelf, of evidence.Summary, file *os.File) (*evidence.Kept, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	kept, err := starter.NewPacks(p.registry, shelf, p.ring).Keep(ctx, of.Hotel, operator(), of, file, size)
	if err != nil {
		return nil, err
	}
	return &kept, nil
}

// onPacks runs a verb on one hotel's packs.
func onPacks(c *cobra.Command, do func(ctx context.Context, desk *starter.Packs, hotel string) error) *cobra.Command {
	hotel := c.Flags().String("hotel", "", "the hotel")
	_ = c.MarkFlagRequired("hotel")
	c.RunE = func(c *cobra.Command, _ []string) error {
		p, err := openStores(c.Context(), "evidence")
		if err != nil {
			return err
		}
		defer p.close()
		return do(c.Context(), p.packs(), *hotel)
	}
	return withJSON(c)
}

func newEvidenceList() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List the packs of a hotel that are kept, the newest first",
		Args:  cobra.NoArgs,
	}
	before := c.Flags().String("before", "", "the packs before this one, when a list says that there are more")
	return onPacks(c, func(ctx context.Context, desk *starter.Packs, hotel string) error {
		list, err := desk.List(ctx, hotel, *before)
		if err != nil {
			return err
		}
		return show(c, list, func(w io.Writer) { printPacks(w, list) })
	})
}

func printPacks(w io.Writer, list starter.PackList) {
	if len(list.Packs) == 0 {
		fmt.Fprintln(w, "No pack is kept. The Schedule makes one of each month; voicehive evidence collect makes one now.")
		return
	}
	rows := [][]string{{"PACK", "FROM", "UNTIL", "KEPT", "BY", "BYTES", "NOT SATISFIED", "SHA-256"}}
	for _, k := range list.Packs {
		rows = append(rows, []string{k.ID, moment(k.From), moment(k.Until), moment(k.At), k.By, fmt.Sprint(k.Bytes), fmt.Sprint(k.NotSatisfied), k.SHA256})
	}
	table(w, rows...)
	if list.Next != "" {
		fmt.Fprintf(w, "There are more: --before %s\n", list.Next)
	}
}

func newEvidenceGet() *cobra.Command {
	c := &cobra.Command{
		Use:   "get PACK",
		Short: "Fetch a pack that is kept, if it still is what was kept",
		Args:  cobra.ExactArgs(1),
	}
	out := c.Flags().String("out", "evidence.zip", "file to write; there must be none")
	return onPacks(c, func(ctx context.Context, desk *starter.Packs, hotel string) error {
		file, err := os.OpenFile(*out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		kept, err := fetchPack(ctx, desk, hotel, c.Flags().Arg(0), file)
		if err != nil {
			return errors.Join(err, os.Remove(*out))
		}
		return show(c, kept, func(w io.Writer) {
			fmt.Fprintf(w, "%s: %d bytes, SHA-256 %s\nCheck it: voicehive evidence verify --file %s --vkey KEYFILE\n", *out, kept.Bytes, kept.SHA256, *out)
		})
	})
}

// fetchPack writes a pack into a new file, and closes it.
func fetchPack(ctx context.Context, desk *starter.Packs, hotel, id string, file *os.File) (evidence.Kept, error) {
	pack, err := desk.Open(ctx, hotel, operator(), id)
	if err != nil {
		return evidence.Kept{}, errors.Join(err, file.Close())
	}
	_, err = io.Copy(file, pack)
	return pack.Kept, errors.Join(err, file.Sync(), file.Close(), pack.Close())
}
