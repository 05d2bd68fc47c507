package consent_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent"
)

// The words that guests heard stand in proofs by their hash: they never change.
// A new version gets new lines in the golden file, and no line goes.
func TestWordingsAreLocked(t *testing.T) {
	t.Parallel()
	var lines []string
	all, err := consent.Wordings()
	require.NoError(t, err)
	for _, w := range all {
		require.Equal(t, sha256.Sum256([]byte(w.Text)), w.Hash)
		require.True(t, utf8.ValidString(w.Text))
		lines = append(lines, fmt.Sprintf("%s %s %s %s", w.Purpose, w.Version, w.Language, hex.EncodeToString(w.Hash[:])))
	}
	for _, language := range consent.Languages() {
		n, err := consent.NewNotice(language, "")
		require.NoError(t, err)
		hash := n.Hash()
		lines = append(lines, fmt.Sprintf("notice %s %s %s", n.Version(), language, hex.EncodeToString(hash[:])))
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "wordings.golden"))
	require.NoError(t, err)
	require.Equal(t, strings.Split(strings.TrimSpace(string(golden)), "\n"), lines)
}

func TestWordingsAreDistinctAndComplete(t *testing.T) {
	t.Parallel()
	all, err := consent.Wordings()
	require.NoError(t, err)
	seen := map[[32]byte]string{}
	for _, w := range all {
		require.Empty(t, seen[w.Hash], "%s %s: the same words as %s", w.Purpose, w.Language, seen[w.Hash])
		seen[w.Hash] = string(w.Purpose) + " " + w.Language
		newest, err := consent.WordingOf(w.Purpose, "", w.Language)
		require.NoError(t, err)
		require.NotEmpty(t, newest.Text)
	}
	require.Len(t, consent.Languages(), 7)
	_, err = consent.WordingOf(consent.Recording, "", "sv")
	require.ErrorIs(t, err, consent.ErrWording)
}

func TestNotice(t *testing.T) {
	t.Parallel()
	for _, language := range consent.Languages() {
		bare, err := consent.NewNotice(language, "")
		require.NoError(t, err)
		longer, err := consent.NewNotice(language, " Hotel Aurora, Berlin. ")
		require.NoError(t, err)
		require.Equal(t, bare.Text()+" Hotel Aurora, Berlin.", longer.Text(), "a hotel adds, and takes nothing away")
		require.NotEqual(t, bare.Hash(), longer.Hash())
		require.NoError(t, longer.Validate())
	}
	for name, addition := range map[string]string{
		"control": "a\x00", "long": strings.Repeat("a", 501), "no UTF-8": "\xff", "a line": "a\nb",
	} {
		_, err := consent.NewNotice("de", addition)
		require.ErrorIs(t, err, consent.ErrNotice, name)
	}
	_, err := consent.NewNotice("sv", "")
	require.ErrorIs(t, err, consent.ErrNotice)
	_, err = consent.NoticeOf("1999", "de", "")
	require.ErrorIs(t, err, consent.ErrNotice)
	require.ErrorIs(t, consent.Notice{}.Validate(), consent.ErrNotice)
	require.True(t, slices.Contains(consent.Languages(), "pl"))
}
