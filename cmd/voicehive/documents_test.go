package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/documents"
)

// TestDocumentsAreCurrent: what is in docs/compliance is what would be written
// now, byte for byte.
func TestDocumentsAreCurrent(t *testing.T) {
	t.Parallel()
	all, err := builtDocuments()
	require.NoError(t, err)
	require.NoError(t, documents.Check(os.DirFS("../../"+documentsFolder), all))
}

func TestADocumentThatDiffersIsNamed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	all, err := builtDocuments()
	require.NoError(t, err)
	require.NoError(t, documents.Write(folder, all))
	require.NoError(t, documents.Check(os.DirFS(folder), all))

	require.NoError(t, os.Remove(filepath.Join(folder, "lia.md")))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "old.md"), nil, 0o600))
	dpia := filepath.Join(folder, "dpia.md")
	text, err := os.ReadFile(dpia)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(dpia, bytes.Replace(text, []byte("high"), []byte("low"), 1), 0o600))
	err = documents.Check(os.DirFS(folder), all)
	require.ErrorIs(t, err, documents.ErrStale)
	for _, want := range []string{"lia.md is missing", "dpia.md differs", "old.md is none of them"} {
		require.ErrorContains(t, err, want)
	}
}

// TestDocumentsNameWhatExists: the verbs that the papers tell of are there, and
// so are the pages that they point to.
func TestDocumentsNameWhatExists(t *testing.T) {
	t.Parallel()
	all, err := builtDocuments()
	require.NoError(t, err)
	verb := regexp.MustCompile("`voicehive ([a-z -]+?)(?: [A-Z\\-<].*?)?`")
	link := regexp.MustCompile(`\]\(([a-z-]+\.md)\)`)
	page := regexp.MustCompile("`((?:docs|starter|internal|compliance)/[a-z./]+)`")
	names := map[string]bool{}
	for _, d := range all {
		names[d.Name] = true
	}
	for _, d := range all {
		text := strings.ReplaceAll(string(d.Content), "\n", " ")
		for _, m := range verb.FindAllStringSubmatch(text, -1) {
			words := strings.Fields(m[1])
			found, rest, err := newRoot().Find(words)
			require.NoError(t, err, "%s tells of %s", d.Name, m[0])
			require.Empty(t, rest, "%s tells of %s, and there is %s", d.Name, m[0], found.CommandPath())
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			require.True(t, names[m[1]], "%s points to %s", d.Name, m[1])
		}
		for _, m := range page.FindAllStringSubmatch(text, -1) {
			_, err := os.Stat("../../" + m[1])
			require.NoError(t, err, "%s points to it", d.Name)
		}
	}
}
