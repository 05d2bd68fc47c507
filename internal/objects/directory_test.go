package objects_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/objects"
)

func TestFilesOfAStoreAreReadOnlyAndWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store")
	d, err := objects.OpenDirectory(path)
	require.NoError(t, err)
	require.NoError(t, d.Put(t.Context(), "heads/2026/1", []byte("one")))
	info, err := os.Stat(filepath.Join(path, "heads/2026/1"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o400), info.Mode().Perm())
	left, err := filepath.Glob(filepath.Join(path, "heads/2026/.*"))
	require.NoError(t, err)
	require.Empty(t, left, "nothing half written stays")
}

// TestErasingAFileErasesItsBytes reads them by another name of the same file,
// as what a disk keeps would be read.
func TestErasingAFileErasesItsBytes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "st[o]re")
	d := objects.NewErasableDirectory(path)
	require.NoError(t, d.Put(t.Context(), "recordings/1", strings.NewReader("sealed")))
	require.NoError(t, d.Put(t.Context(), "recordings/11", strings.NewReader("stays")))
	file := filepath.Join(path, "recordings/1")
	again := filepath.Join(t.TempDir(), "again")
	require.NoError(t, os.Link(file, again))
	// A process that was killed while it wrote left this.
	cutOff := filepath.Join(path, "recordings/.1.new-123")
	require.NoError(t, os.WriteFile(cutOff, []byte("sea"), 0o600))
	require.NoError(t, d.Delete(t.Context(), "recordings/1"))
	require.NoFileExists(t, file)
	require.NoFileExists(t, cutOff)
	content, err := os.ReadFile(again)
	require.NoError(t, err)
	require.Equal(t, make([]byte, len("sealed")), content)
	require.FileExists(t, filepath.Join(path, "recordings/11"))
}

// TestAnUnfinishedFileIsNoObject, and is something to erase all the same.
func TestAnUnfinishedFileIsNoObject(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	d := objects.NewErasableDirectory(path)
	require.NoError(t, os.WriteFile(filepath.Join(path, ".1.new-123"), []byte("sea"), 0o600))
	_, err := d.Read(t.Context(), "1")
	require.ErrorIs(t, err, objects.ErrNotFound)
	there, err := d.Exists(t.Context(), "1")
	require.NoError(t, err)
	require.True(t, there)
	require.NoError(t, d.Put(t.Context(), "1", strings.NewReader("sealed")))
	require.NoError(t, d.Delete(t.Context(), "1"))
	there, err = d.Exists(t.Context(), "1")
	require.NoError(t, err)
	require.False(t, there)
}

func TestAFileThatShrinksIsTruncated(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	d := objects.NewErasableDirectory(path)
	require.NoError(t, d.Put(t.Context(), "1", strings.NewReader("sealed")))
	body, err := d.Read(t.Context(), "1")
	require.NoError(t, err)
	require.NoError(t, os.Truncate(filepath.Join(path, "1"), 3))
	_, err = readAll(body)
	require.ErrorIs(t, err, objects.ErrTruncated)
}
