package objects_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/objects/objectstest"
)

func TestFolders(t *testing.T) {
	t.Parallel()
	objectstest.Store(t, func(t testing.TB) objects.Store {
		d, err := objects.OpenDirectory(filepath.Join(t.TempDir(), "store"))
		require.NoError(t, err)
		return d
	})
	objectstest.Erasable(t, func(t testing.TB) objects.Erasable {
		return objects.NewErasableDirectory(filepath.Join(t.TempDir(), "store"))
	})
}

// TestBuckets runs on a fake server here; the module in the folder objectstest
// at the root of the repository runs the same on a real one.
func TestBuckets(t *testing.T) {
	t.Parallel()
	objectstest.Buckets(t, objectstest.NewFake(t))
}
