package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root of the repository, seen from here.
const root = ".."

// listed is what `go list` tells of a package.
type listed struct {
	ImportPath, Name, Dir, Doc         string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

func packages(t *testing.T, dir string) []listed {
	t.Helper()
	command := exec.Command("go", "list", "-tags=full,bench",
		"-json=ImportPath,Name,Dir,Doc,GoFiles,Imports,TestImports,XTestImports", "./...")
	command.Dir = dir
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.Output()
	require.NoError(t, err, "%s", &complaints)
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		all = append(all, p)
	}
	require.NotEmpty(t, all)
	return all
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t, root) {
		path, ok := below(p.ImportPath)
		require.True(t, ok, "%s: the module's root holds no package", p.ImportPath)
		for _, wrong := range refuse(pkg{path: path, imports: p.Imports, tests: slices.Concat(p.TestImports, p.XTestImports)}) {
			t.Error(wrong)
		}
	}
}

func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	empty := []string{"util", "utils", "helper", "helpers", "common", "misc", "shared", "base", "lib"}
	for _, p := range slices.Concat(packages(t, root), packages(t, filepath.Join(root, "devstack"))) {
		if slices.Contains(empty, p.Name) {
			t.Errorf("%s: the name %q says nothing: name the package after what it provides", p.ImportPath, p.Name)
		}
		if p.Doc == "" && !generated(t, p) {
			t.Errorf("%s: has no doc comment that tells its job and its place", p.ImportPath)
		}
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	walk(t, func(file string, content []byte) {
		if filepath.Ext(file) != ".go" {
			return
		}
		for _, wrong := range refuseSource(t, file, content) {
			t.Error(wrong)
		}
	})
}

func TestTexts(t *testing.T) {
	t.Parallel()
	walk(t, func(file string, content []byte) {
		// Their checksums come from the module proxy, and name its modules.
		if bytes.ContainsRune(content, 0) || filepath.Base(file) == "go.sum" || file == "lint/source_test.go" {
			return
		}
		for _, wrong := range refuseText(file, string(content)) {
			t.Error(wrong)
		}
	})
}

// A replace is not seen by those who build with `go install`, and hides which
// version is used.
func TestModulesReplaceNothing(t *testing.T) {
	t.Parallel()
	replace := regexp.MustCompile(`(?m)^replace\b`)
	found := 0
	walk(t, func(file string, content []byte) {
		if filepath.Base(file) != "go.mod" {
			return
		}
		found++
		if file == "vaulttest/go.mod" || file == "objectstest/go.mod" || file == "oscaltest/go.mod" {
			// Nobody builds on tests; these are of the product beside them.
			content = bytes.ReplaceAll(content, []byte("replace "+module+" => ../\n"), nil)
		}
		if file == "compliance/pii/benchpeer/go.mod" {
			// Measures the product beside a peer that it does not need.
			content = bytes.ReplaceAll(content, []byte("replace "+module+" => ../../..\n"), nil)
		}
		require.False(t, replace.Match(content), "%s: replaces a module", file)
	})
	require.Positive(t, found)
}

// generated tells whether all of a package is.
func generated(t *testing.T, p listed) bool {
	t.Helper()
	mark := regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	for _, file := range p.GoFiles {
		content, err := os.ReadFile(filepath.Join(p.Dir, file))
		require.NoError(t, err)
		if !mark.Match(content) {
			return false
		}
	}
	return true
}

// walk visits the repository's files, but not what git ignores: the build's
// output, local state and what rapid keeps of failures. Paths have slashes and start at the root.
func walk(t *testing.T, visit func(file string, content []byte)) {
	t.Helper()
	outside := []string{".git", "bin", "dist", ".voicehive", "node_modules", "rapid"}
	tree := os.DirFS(root)
	require.NoError(t, fs.WalkDir(tree, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(outside, entry.Name()):
			return fs.SkipDir
		case !entry.Type().IsRegular() || strings.HasSuffix(file, ".test") || strings.HasSuffix(file, ".out"):
			return nil
		}
		content, err := fs.ReadFile(tree, file)
		if err != nil {
			return err
		}
		visit(file, content)
		return nil
	}))
}
