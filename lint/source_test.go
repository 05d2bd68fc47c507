package lint

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// maxLines is what a reader still finishes.
const maxLines = 600

// refuseSource tells what a Go file does that it must not.
func refuseSource(t *testing.T, file string, source []byte) []string {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, source, parser.SkipObjectResolution|parser.ParseComments)
	require.NoError(t, err)
	if ast.IsGenerated(parsed) {
		return nil
	}
	var wrong []string
	var bubbles []ast.Node
	inBubble := func(at token.Pos) bool {
		return slices.ContainsFunc(bubbles, func(b ast.Node) bool { return b.Pos() <= at && at < b.End() })
	}
	add := func(at token.Pos, why string) { wrong = append(wrong, fmt.Sprintf("%s: %s", set.Position(at), why)) }
	test := strings.HasSuffix(file, "_test.go")
	if lines := bytes.Count(source, []byte("\n")); lines > maxLines {
		add(parsed.Package, fmt.Sprintf("has %d lines: split it by job, below %d", lines, maxLines))
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			// In a bubble of testing/synctest time is virtual, and sleeping exact.
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && nameOf(s) == "synctest.Test" {
				bubbles = append(bubbles, n)
			}
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				add(n.Pos(), "init() works unseen: call what it does by name")
			}
			if test && n.Recv == nil && strings.HasPrefix(n.Name.Name, "Test") && strings.Contains(n.Name.Name, "_") {
				add(n.Pos(), n.Name.Name+": test names have no underscore")
			}
			if test && skipsInCI(n) {
				add(n.Pos(), n.Name.Name+" skips: a test that cannot run must fail, at least with CI=true")
			}
		case *ast.SelectorExpr:
			if why := refuseSelector(path.Dir(file), test, nameOf(n)); why != "" {
				add(n.Pos(), why)
			}
			if nameOf(n) == "time.Sleep" && !inBubble(n.Pos()) {
				add(n.Pos(), "time.Sleep hopes: wait for the event")
			}
		}
		return true
	})
	return wrong
}

// refuseSelector tells what is wrong about using name, such as "http.Get".
func refuseSelector(folder string, test bool, name string) string {
	word, http := strings.CutPrefix(name, "http.")
	if !test && http && isVendor(folder) && !wordOfHTTP(word) {
		return name + ": a vendor package uses HTTP's words only; the calls are made by connectors/transport"
	}
	return ""
}

// skipsInCI tells whether a function skips a test without asking whether this
// is CI, where what is missing must fail.
func skipsInCI(f *ast.FuncDecl) bool {
	skips, asks := false, false
	ast.Inspect(f, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.SelectorExpr:
			skips = skips || slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, n.Sel.Name)
		case *ast.BasicLit:
			asks = asks || n.Value == `"CI"`
		}
		return true
	})
	return skips && !asks
}

// nameOf is "x.Name" of a selector on an identifier, else empty.
func nameOf(s *ast.SelectorExpr) string {
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return ""
}

// wordOfHTTP are the names of net/http that send nothing.
func wordOfHTTP(name string) bool {
	return strings.HasPrefix(name, "Method") || strings.HasPrefix(name, "Status") || name == "Header" || name == "Request"
}

// unwanted are texts that have no place in the repository, wherever they are.
var unwanted = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`\b(docker|ghcr|gcr|quay|k8s\.gcr)\.io/|\bpublic\.ecr\.aws/|\bmcr\.microsoft\.com/|\bregistry\.npmjs\.|\bproxy\.golang\.`), "the host of a registry: name the image or module alone"},
	{regexp.MustCompile(`(^|[\s"'=(:])/(root|work)/`), "a path of somebody's machine"},
	{regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`), "a note for later: do it now, or open an issue"},
}

func refuseText(file, text string) []string {
	var wrong []string
	for number, line := range strings.Split(text, "\n") {
		for _, u := range unwanted {
			if u.pattern.MatchString(line) {
				wrong = append(wrong, fmt.Sprintf("%s:%d: %s", file, number+1, u.why))
			}
		}
	}
	return wrong
}
