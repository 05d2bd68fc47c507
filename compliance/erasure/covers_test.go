package erasure_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/register"
)

// planOf is a plan of lines such as "A guest erase".
func planOf(lines ...string) erasure.Plan {
	p := erasure.Plan{Hotel: "aurora", Case: "C"}
	known := map[string]bool{}
	for _, text := range lines {
		words := strings.Fields(text)
		if !known[words[0]] && words[0] != "C" && words[1] != "pack" {
			known[words[0]] = true
			p.Scopes = append(p.Scopes, words[0])
		}
		if len(words) == 3 {
			p.Lines = append(p.Lines, erasure.Line{
				Scope: words[0], Class: register.Class(words[1]), Records: 1, Verdict: erasure.Verdict{Action: erasure.Action(words[2])},
			})
		}
	}
	return p
}

func TestWhatAnApprovalCovers(t *testing.T) {
	t.Parallel()
	seen := planOf("A guest erase", "A booking erase", "A booking keep", "A run erase", "A invoice restrict", "B guest defer", "B recording hold", "B turn restrict",
		"C case restrict", "D pack hold", "E pack erase")
	for name, one := range map[string]struct {
		now     erasure.Plan
		covered bool
	}{
		"the same":                     {seen, true},
		"the stay is over":             {planOf("A guest erase", "B guest erase", "B audit_detail hold"), true},
		"fewer lines":                  {planOf("A guest erase"), true},
		"nothing left but the shell":   {planOf("A booking keep", "A audit_detail keep"), true},
		"runs are over":                {planOf("A guest erase", "A booking erase"), true},
		"held meanwhile":               {planOf("A guest hold", "A booking restrict"), true},
		"staff has to do it":           {planOf("A hotel_system manual"), true},
		"something came with the stay": {planOf("A message erase", "A guest erase"), true},
		"another booking":              {planOf("A guest erase", "X guest erase"), false},
		"another booking that is kept": {planOf("A guest erase", "X guest hold"), false},
		"another stay ahead":           {planOf("A guest erase", "X guest defer"), false},
		"another call with no lines":   {planOf("A guest erase", "X call"), false},
		"the hold is released":         {planOf("B recording erase"), false},
		"what came to a held one":      {planOf("B message erase"), false},
		"the law does not keep it now": {planOf("B turn erase"), false},
		"a copy was made":              {planOf("A guest erase", "F pack erase"), true},
		"a held copy is free":          {planOf("D pack erase"), false},
	} {
		require.Equal(t, one.covered, seen.Terms().Covers(one.now), name)
		text, err := json.Marshal(seen.Terms())
		require.NoError(t, err)
		require.Equal(t, one.covered, one.now.CoveredBy(text), name)
	}
	other := seen
	other.Case = "another"
	require.False(t, seen.Terms().Covers(other))
	for _, broken := range []string{"", "null", "{}", "[]", `{"case":"C"}`} {
		require.False(t, seen.CoveredBy([]byte(broken)), broken)
	}
}

// The name of what was seen changes with what is decided, and with nothing else.
func TestTermsAreNamedByWhatIsDecided(t *testing.T) {
	t.Parallel()
	lines := []string{"A guest erase", "A booking erase", "A booking keep", "A run erase", "B guest defer", "B recording hold", "C case restrict"}
	hash := planOf(lines...).Terms().Hash()
	same := map[string][]string{
		"runs expire, and entries come":  {"A guest erase", "A booking erase", "A audit_detail keep", "B guest defer", "B recording hold", "B task keep"},
		"the stay is over":               {"A guest erase", "A booking erase", "B guest erase", "B recording hold", "B consent restrict", "B invoice restrict"},
		"a copy is made, or its term up": {"A guest erase", "A booking erase", "B guest defer", "B recording hold", "F pack erase"},
		"another order":                  {"B recording hold", "B guest defer", "A booking keep", "A booking erase", "A guest erase"},
	}
	for name, now := range same {
		require.Equal(t, hash, planOf(now...).Terms().Hash(), name)
	}
	for name, now := range map[string][]string{
		"another booking":   append([]string{"X guest erase"}, lines...),
		"one with no lines": append([]string{"X call"}, lines...),
		"another verdict":   {"A guest erase", "A booking erase", "B guest defer", "B recording erase"},
		"another class":     append([]string{"A message erase"}, lines...),
		"fewer":             {"A guest erase", "B guest defer", "B recording hold"},
	} {
		require.NotEqual(t, hash, planOf(now...).Terms().Hash(), name)
	}
	dated := planOf(lines...)
	dated.At = time.Now()
	for i := range dated.Lines {
		dated.Lines[i].Until, dated.Lines[i].Records, dated.Lines[i].Rule = time.Now(), 7, "a-rule"
	}
	require.Equal(t, hash, dated.Terms().Hash(), "no times and no numbers")
}
