package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/registry"
)

// maxDocument bounds an attestation's document, in bytes.
const maxDocument = 64 << 20

func newRegionAttest() *cobra.Command {
	var by, document, until string
	c := &cobra.Command{
		Use:   "attest HOTEL",
		Short: "Record a hotel's word on where its own system keeps guests' data",
		Long: `Record a hotel's word that its own system keeps guests' data in the EU. The
document, such as the contract with the vendor of the system, stays with you: its
name and SHA-256 are recorded. The newest attestation counts, until its end, and
for the hosts that the hotel's system has now. None is ever changed.`,
		Args: exactly(1, "a hotel's id"),
		RunE: func(c *cobra.Command, args []string) error {
			end, err := time.Parse(time.DateOnly, until)
			if by == "" || document == "" || err != nil {
				return usageError{errors.New("region attest needs --by, --document FILE and --until such as 2027-06-30")}
			}
			digest, err := digestOf(document)
			if err != nil {
				return err
			}
			p, err := openStores(c.Context(), "region")
			if err != nil {
				return err
			}
			defer p.close()
			hotel, err := p.registry.Hotel(c.Context(), args[0])
			if err != nil {
				return err
			}
			addresses, err := connectors.Addresses(hotel)
			if err != nil {
				return err
			}
			hosts, err := registry.HostsOf(addresses)
			if err != nil {
				return err
			}
			word := registry.Attestation{
				Hotel: hotel.ID, By: by, Document: filepath.Base(document), SHA256: digest, Hosts: hosts,
				Until: end.AddDate(0, 0, 1), // with the end of that day, by UTC
			}
			entry, err := p.told(c.Context(), hotel.ID, eventAttested, word)
			if err != nil {
				return err
			}
			a, err := p.registry.Attest(c.Context(), word, entry)
			if err != nil {
				return err
			}
			return show(c, a, func(w io.Writer) {
				fmt.Fprintf(w, "%s is ATTESTED until the end of %s, by %s (%s).\n", hotel.ID, until, a.By, a.Document)
			})
		},
	}
	c.Flags().StringVar(&by, "by", "", "who attests, for the hotel")
	c.Flags().StringVar(&document, "document", "", "file with the document that proves it")
	c.Flags().StringVar(&until, "until", "", "last day on which the attestation holds")
	return withJSON(c)
}

// digestOf is the SHA-256 of a file, in hex.
func digestOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the document: %w", err)
	}
	defer file.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(file, maxDocument+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read the document: %w", err)
	case n == 0 || n > maxDocument:
		return "", errors.New("the document is empty, or larger than 64 MiB")
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
