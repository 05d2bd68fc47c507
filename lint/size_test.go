package lint

import (
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// maxVendorLines bounds what a vendor package has of its own: lines of code
// that are neither blank nor comment, tests apart.
const maxVendorLines = 1000

// TestVendorPackagesAreSmall keeps what all vendors need out of the packages
// of each, and prints how much they stand on.
func TestVendorPackagesAreSmall(t *testing.T) {
	t.Parallel()
	vendors, sdk := map[string]int{}, 0
	for _, p := range packages(t, root) {
		path, _ := below(p.ImportPath)
		if !within(path, "connectors") || isTestSupport(path) || generated(t, p) || within(path, "connectors/sandbox") {
			continue
		}
		lines := 0
		for _, file := range p.GoFiles {
			lines += codeLines(t, filepath.Join(p.Dir, file))
		}
		if path != "connectors" && isVendor(path) {
			name, _, _ := strings.Cut(strings.TrimPrefix(path, "connectors/"), "/")
			vendors[name] += lines
		} else {
			sdk += lines
		}
	}
	require.NotEmpty(t, vendors)
	for name, lines := range vendors {
		require.LessOrEqual(t, lines, maxVendorLines, "connectors/%s: move what other vendors need too to the packages beside it", name)
		fmt.Printf("connectors/%s: %d lines of its own, on %d lines of the SDK\n", name, lines, sdk)
	}
}

// codeLines counts the lines of a file on which a token begins or goes on.
func codeLines(t *testing.T, file string) int {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	set := token.NewFileSet()
	source := set.AddFile(file, -1, len(content))
	var tokens scanner.Scanner
	tokens.Init(source, content, nil, 0) // comments are not tokens
	lines := map[int]bool{}
	for {
		at, kind, text := tokens.Scan()
		if kind == token.EOF {
			return len(lines)
		}
		if kind == token.SEMICOLON && text == "\n" {
			continue
		}
		first := source.Line(at)
		for line := range strings.Count(text, "\n") + 1 {
			lines[first+line] = true
		}
	}
}

func TestCodeLines(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.go")
	require.NoError(t, os.WriteFile(file, []byte("// Package a.\npackage a\n\nvar x = `one\ntwo` // end\n\n/* no\ncode */\nfunc f() {\n}\n"), 0o600))
	require.Equal(t, 5, codeLines(t, file))
}
