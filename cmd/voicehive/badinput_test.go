//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPoliciesThatCannotBe: a policy that goes round in a cycle, or that knows
// a class or a statute that there is not, is refused with the line that is
// wrong, before anybody plans by it.
func TestPoliciesThatCannotBe(t *testing.T) {
	const rule = "purpose: service, legal_basis: GDPR Art. 6(1)(b), anchor: departure, period: P90D, bound: default, action: delete"
	for name, one := range map[string]struct{ text, wrong string }{
		"rules in a cycle":   {"owner: us\nrules:\n  - {id: a, class: guest, like: b}\n  - {id: b, class: code, like: a}\n", "mine.yaml:3: retention: not a policy: the rules go round in a cycle: a like b like a"},
		"anchors in a cycle": {"owner: us\nanchors:\n  - {name: x, of: x}\nrules:\n  - {id: a, class: guest, " + rule + "}\n", "mine.yaml:3: retention: not a policy: the anchors go round in a cycle"},
		"an unknown class":   {"owner: us\nrules:\n  - {id: a, class: shoes, " + rule + "}\n", "mine.yaml:3: retention: not a policy: there is no class shoes"},
	} {
		folder := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(folder, "mine.yaml"), []byte(one.text), 0o600))
		said, err := verb(t, "retention", "policy", "check", folder)
		require.Error(t, err, name)
		require.Contains(t, said, one.wrong, name)
	}
}
