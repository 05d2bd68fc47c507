package capability_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/capability"
)

var update = flag.Bool("update", false, "write docs/capabilities.md anew")

func TestDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	name := filepath.Join("..", "..", "docs", "capabilities.md")
	want := capability.Markdown(capability.Default())
	if *update {
		require.NoError(t, os.WriteFile(name, want, 0o644))
	}
	have, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), string(have), "run `go generate ./connectors/capability`")
}
