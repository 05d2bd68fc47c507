package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/documents"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/pms"
)

// documentsFolder is where the repository keeps the papers.
const documentsFolder = "docs/compliance"

func newDocuments() *cobra.Command {
	c := &cobra.Command{
		Use:   "documents",
		Short: "Write the papers of data protection, or check that they are current",
		Long: `Write the papers of data protection, or check that they are current: register of
processing, impact assessment, assessments of interests, processing agreement,
sub-processors, security handout, breach runbook, texts of calls and privacy
notices. They are filled from the program's own data; no database is needed.`,
	}
	c.AddCommand(newDocumentsBuild(), newDocumentsCheck())
	return c
}

func newDocumentsBuild() *cobra.Command {
	var folder string
	c := &cobra.Command{
		Use:   "build",
		Short: "Write the papers into a folder",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := builtDocuments()
			if err != nil {
				return err
			}
			if err := documents.Write(folder, all); err != nil {
				return err
			}
			return showDocuments(c, folder, all)
		},
	}
	c.Flags().StringVar(&folder, "out", documentsFolder, "folder to write into")
	return withJSON(c)
}

func newDocumentsCheck() *cobra.Command {
	var folder string
	c := &cobra.Command{
		Use:   "check",
		Short: "Fail when the papers in a folder are not what would be written now",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := builtDocuments()
			if err != nil {
				return err
			}
			if err := documents.Check(os.DirFS(folder), all); err != nil {
				return err
			}
			return showDocuments(c, folder, all)
		},
	}
	c.Flags().StringVar(&folder, "in", documentsFolder, "folder to look at")
	return withJSON(c)
}

func showDocuments(c *cobra.Command, folder string, all []documents.Document) error {
	type line struct{ Name, Version, SHA256 string }
	lines := []line{}
	rows := [][]string{{"PAPER", "VERSION", "SHA-256"}}
	for _, d := range all {
		lines = append(lines, line{d.Name, d.Version, d.Digest})
		rows = append(rows, []string{d.Name, d.Version, d.Digest})
	}
	return show(c, map[string]any{"folder": folder, "documents": lines}, func(w io.Writer) { table(w, rows...) })
}

// builtDocuments are the papers of this build.
func builtDocuments() ([]documents.Document, error) {
	in, err := documents.Collect()
	if err != nil {
		return nil, fmt.Errorf("collect what the papers are filled with: %w", err)
	}
	matrix := capability.Default()
	for _, name := range matrix.Vendors() {
		vendor, _ := matrix.Vendor(name)
		can := func(o pms.Operation) string {
			operation := vendor.Operations[o]
			if operation.Unconfirmed {
				return string(operation.Support) + " *"
			}
			return string(operation.Support)
		}
		in.Systems = append(in.Systems, documents.System{
			Name: name, Title: vendor.Title, Connected: slices.Contains(connectors.Vendors(), name),
			Find: can(pms.OpSearchGuests), Rectify: can(pms.OpUpsertGuest), EraseGuest: can(pms.OpEraseGuest),
		})
	}
	return documents.Build(in)
}
