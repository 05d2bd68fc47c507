//go:build mutants

package mutants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// spared is the part of the mutants that may live: one of so many.
const spared = 10

// A mutant is one mistake in one file.
type mutant struct {
	Name string `yaml:"name"`
	File string `yaml:"file"`
	// Find occurs once in the file and is replaced by Replace.
	Find    string `yaml:"find"`
	Replace string `yaml:"replace"`
	// Tests are the packages whose tests should notice.
	Tests []string `yaml:"tests"`
	// Run narrows them, to save time.
	Run string `yaml:"run"`

	killed bool
}

func TestMutants(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	text, err := os.ReadFile("mutants.yaml")
	require.NoError(t, err)
	var all []*mutant
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&all))
	require.GreaterOrEqual(t, len(all), 30)

	t.Run("each", func(t *testing.T) {
		for _, m := range all {
			t.Run(m.Name, func(t *testing.T) {
				t.Parallel()
				m.killed = m.hunt(t, root)
			})
		}
	})
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	alive := 0
	for _, m := range all {
		state := "killed"
		if !m.killed {
			alive++
			state = "LIVES"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", state, m.Name, m.File)
	}
	require.NoError(t, table.Flush())
	fmt.Printf("%d of %d mutants killed\n", len(all)-alive, len(all))
	require.LessOrEqual(t, alive, len(all)/spared)
}

// hunt makes the mistake in a copy of the file, has the tests run over it, and
// reports whether they failed.
func (m *mutant) hunt(t *testing.T, root string) bool {
	file := filepath.Join(root, filepath.FromSlash(m.File))
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(source), m.Find), "%s: what to find must be there once", m.File)
	dir := t.TempDir()
	changed := filepath.Join(dir, "mutant.go")
	require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(source), m.Find, m.Replace, 1)), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	require.NoError(t, err)
	list := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(list, overlay, 0o600))

	args := []string{"test", "-overlay", list, "-count=1", "-timeout=5m"}
	if m.Run != "" {
		args = append(args, "-run", m.Run)
	}
	command := exec.CommandContext(t.Context(), "go", append(args, m.Tests...)...)
	command.Dir = root
	output, err := command.CombinedOutput()
	require.NotContains(t, string(output), "[build failed]", "a mutant must compile")
	require.NotContains(t, string(output), "[setup failed]")
	require.NotContains(t, string(output), "no tests to run")
	return err != nil
}
