package scaffold_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/scaffold"
)

// copied is a checkout with as much of the product as a connector stands on.
func copied(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	for _, part := range []string{"connectors", "internal", "compliance", "config"} {
		require.NoError(t, os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join(root, part))))
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), content, 0o600))
	}
	return dir
}

// TestScaffoldRunsRed: what is written compiles, and the suite says what is
// missing.
func TestScaffoldRunsRed(t *testing.T) {
	t.Parallel()
	here, err := scaffold.Root(".")
	require.NoError(t, err)
	root := copied(t, here)
	files, err := scaffold.Plan(root, "vendorofnobody", "Nobody PMS")
	require.NoError(t, err)
	require.NoError(t, scaffold.Write(root, files))
	for _, f := range files {
		if filepath.Base(f.Path) == "matrix.yaml" {
			matrix, err := capability.Parse(f.Path, f.Content)
			require.NoError(t, err)
			require.Contains(t, matrix.Vendors(), "vendorofnobody")
		}
		if strings.HasSuffix(f.Path, ".go") {
			for line := range strings.Lines(string(f.Content)) {
				require.LessOrEqual(t, len(line), 160, "%s: %s", f.Path, line)
			}
			require.NotContains(t, string(f.Content), "sandbox verb", "there is none for a new vendor")
		}
	}
	run := func(args ...string) (string, error) {
		command := exec.CommandContext(t.Context(), "go", args...)
		command.Dir = root
		output, err := command.CombinedOutput()
		return string(output), err
	}
	// Without the folder's name in it the build cache serves every copy.
	text, err := run("vet", "-trimpath", "./connectors/vendorofnobody", "./connectors/sandbox/vendorofnobody", "./connectors")
	require.NoError(t, err, text)
	text, err = run("test", "-trimpath", "-count=1", "-v", "./connectors/vendorofnobody")
	require.Error(t, err, "a connector without mapping passes the suite")
	require.NotContains(t, text, "[build failed]")
	require.NotContains(t, text, "panic")
	require.Regexp(t, `(?m)^\s*health\s+\S+\s+passed$`, text, "the example call works")
	for _, red := range []string{"availability", "quote", "create", "read"} {
		require.Regexp(t, `(?m)^\s*`+red+`\s+\S+\s+FAILED$`, text)
	}
	require.Regexp(t, `(?m)^\s*erase_guest\s+\S+\s+n\.a\.`, text)
	require.Regexp(t, `(?m)^\s*availability\s+spring_forward\s+FAILED$`, text, "the property is where clocks change")
}

func TestNamesThatCannotBe(t *testing.T) {
	t.Parallel()
	root, err := scaffold.Root(".")
	require.NoError(t, err)
	for _, name := range []string{"", "A", "Acme", "vendorofnobody-pms", "func", "pms", "1st", "averyveryverylongvendorname"} {
		_, err := scaffold.Plan(root, name, "")
		require.ErrorIs(t, err, scaffold.ErrName, name)
	}
	_, err = scaffold.Plan(root, "apaleo", "")
	require.ErrorIs(t, err, scaffold.ErrExists)
	_, err = scaffold.Plan(t.TempDir(), "vendorofnobody", "")
	require.ErrorIs(t, err, scaffold.ErrCheckout)
	_, err = scaffold.Root(t.TempDir())
	require.ErrorIs(t, err, scaffold.ErrCheckout)
}

// TestDescribedVendor: one that the matrix knows keeps its entry.
func TestDescribedVendor(t *testing.T) {
	t.Parallel()
	root, err := scaffold.Root(".")
	require.NoError(t, err)
	dir := copied(t, root)
	name := filepath.Join(dir, "connectors", "capability", "matrix.yaml")
	before, err := os.ReadFile(name)
	require.NoError(t, err)
	before = append(before, "  vendorofnobody:\n    title: Nobody\n"...)
	require.NoError(t, os.WriteFile(name, before, 0o600))
	files, err := scaffold.Plan(dir, "vendorofnobody", "")
	require.NoError(t, err)
	require.Equal(t, string(before), string(files[len(files)-1].Content))
	require.Contains(t, string(files[0].Content), "Vendorofnobody")
}

func TestWriteSparesWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := scaffold.File{Path: "connectors/vendorofnobody/vendorofnobody.go", Content: []byte("one"), New: true}
	require.NoError(t, scaffold.Write(dir, []scaffold.File{file}))
	file.Content = []byte("two")
	require.ErrorIs(t, scaffold.Write(dir, []scaffold.File{file}), os.ErrExist)
	content, err := os.ReadFile(filepath.Join(dir, "connectors", "vendorofnobody", "vendorofnobody.go"))
	require.NoError(t, err)
	require.Equal(t, "one", string(content))
}
