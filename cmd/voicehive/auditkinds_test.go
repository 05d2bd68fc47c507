//go:build unix

package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/compliance/consent"
)

// composedKinds are the kinds that are put together while the product runs, by
// the place and the text of what does it.
func composedKinds() map[string][]string {
	bookings := []string{"booking.adopted"}
	for _, kind := range []ledger.Kind{ledger.Book, ledger.Confirm, ledger.Modify, ledger.Cancel} {
		bookings = append(bookings, fmt.Sprintf("booking.%s_requested", kind))
	}
	for _, state := range []ledger.State{
		ledger.Pending, ledger.Held, ledger.Confirmed, ledger.Cancelled, ledger.Rejected, ledger.Released, ledger.Unknown,
	} {
		bookings = append(bookings, "booking."+string(state))
	}
	var consents []string
	for _, action := range []consent.Action{consent.Given, consent.Refused, consent.Withdrawn} {
		consents = append(consents, "consent."+string(action))
	}
	return map[string][]string{
		`activities/booking/ledger: audit.Kind(kind)`:                   bookings,
		`compliance/consent: audit.Kind("consent." + string(e.Action))`: consents,
		`compliance/subjects: audit.Kind("subject." + n.kind)`:          {"subject.joined", "subject.merged", "subject.split"},
	}
}

// TestEveryKindOfEventIsDocumented: what the product writes into the audit log
// stands in docs/audit.md, and what stands there is written. An auditor reads
// the log by that table.
func TestEveryKindOfEventIsDocumented(t *testing.T) {
	w := &writtenKinds{t: t, composed: composedKinds(), declared: map[string]string{}, used: map[string]bool{}, kinds: map[string]bool{}}
	for _, floor := range []string{"activities", "cmd", "compliance", "connectors", "internal", "starter", "workers", "workflows"} {
		w.walk(filepath.Join("../..", floor))
	}
	for name, kind := range w.declared {
		require.True(t, w.used[name], "%s (%s) is declared and never written", name, kind)
		w.kinds[kind] = true
	}
	for place, kinds := range w.composed {
		require.True(t, w.used[place], "%s is no more: take it out of composedKinds", place)
		for _, kind := range kinds {
			w.kinds[kind] = true
		}
	}
	documented := documentedKinds(t)
	for _, kind := range slices.Sorted(maps.Keys(w.kinds)) {
		require.True(t, slices.Contains(documented, kind), "%s is written: say in docs/audit.md what it means", kind)
	}
	for _, kind := range documented {
		require.True(t, w.kinds[kind], "%s stands in docs/audit.md, and nothing writes it", kind)
	}
	require.Len(t, documented, len(w.kinds), "a kind stands there twice")
}

// documentedKinds are those of the table in docs/audit.md.
func documentedKinds(t *testing.T) (kinds []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/audit.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## Kinds of events\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, word := range regexp.MustCompile("`([a-z0-9_.]+)`").FindAllStringSubmatch(cells[1], -1) {
			kinds = append(kinds, word[1])
		}
	}
	return kinds
}

// writtenKinds reads them from the product's source.
type writtenKinds struct {
	t        *testing.T
	composed map[string][]string
	declared map[string]string // constants, by folder and name
	used     map[string]bool   // those that something else than a test names, and places that compose
	kinds    map[string]bool
	set      *token.FileSet
}

func (w *writtenKinds) walk(root string) {
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasSuffix(entry.Name(), "test")):
			return fs.SkipDir
		case entry.IsDir():
			w.folder(path)
		}
		return nil
	})
	require.NoError(w.t, err)
}

func (w *writtenKinds) folder(folder string) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(w.t, err)
	w.set = token.NewFileSet()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(w.set, file, nil, parser.SkipObjectResolution)
		require.NoError(w.t, err)
		w.file(filepath.ToSlash(strings.TrimPrefix(folder, "../../")), parsed)
	}
}

func (w *writtenKinds) file(folder string, file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ValueSpec:
			if n.Type == nil || !isKind(folder, n.Type) || len(n.Values) == 0 {
				return true
			}
			for i, name := range n.Names {
				w.declared[folder+"."+name.Name] = text(n.Values[i])
			}
			return false // its own name is no use of it
		case *ast.Ident:
			w.used[folder+"."+n.Name] = true
		case *ast.KeyValueExpr:
			key, named := n.Key.(*ast.Ident)
			if kind := text(n.Value); named && key.Name == "Kind" && strings.Contains(kind, ".") && importsAudit(file) {
				w.kinds[kind] = true
			}
		case *ast.CallExpr:
			if len(n.Args) != 1 || !isKind(folder, n.Fun) || folder == "compliance/audit" {
				return true
			}
			if kind := text(n.Args[0]); kind != "" {
				w.kinds[kind] = true
				return true
			}
			var source bytes.Buffer
			require.NoError(w.t, printer.Fprint(&source, w.set, n))
			place := folder + ": " + source.String()
			require.Contains(w.t, w.composed, place, "kinds are put together here: name them in composedKinds")
			w.used[place] = true
		}
		return true
	})
}

// isKind tells whether an expression is the type audit.Kind.
func isKind(folder string, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		from, ok := e.X.(*ast.Ident)
		return ok && from.Name == "audit" && e.Sel.Name == "Kind"
	case *ast.Ident:
		return folder == "compliance/audit" && e.Name == "Kind"
	}
	return false
}

func importsAudit(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return strings.HasSuffix(i.Path.Value, `/compliance/audit"`) })
}

// text is a string that stands there as it is; "" for any other expression.
func text(e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	value, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return value
}
