package evaluation

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func load(t *testing.T) Set {
	t.Helper()
	set, err := Load(First)
	require.NoError(t, err)
	return set
}

func TestTheSetIsFrozen(t *testing.T) {
	digest, err := Digest(First)
	require.NoError(t, err)
	require.Equal(t, First.Digest, digest, "the files of %s were changed. A frozen set must not be: "+
		"put them back, and make a new version beside it as README.md tells", First.Directory)
}

func TestAnUnknownVersionIsRefused(t *testing.T) {
	_, err := Load(Version{Directory: "v0"})
	assert.ErrorContains(t, err, "v0")
}

func TestTheSetIsLargeAndHard(t *testing.T) {
	turns, negatives := map[string]int{}, map[string]int{}
	seen := map[string]string{}
	for _, turn := range load(t).Turns {
		language := turn.Request.Language
		turns[language]++
		if turn.Negative() {
			negatives[language]++
		}
		assert.Empty(t, seen[turn.Request.Text], "%s says the same", turn.ID)
		seen[turn.Request.Text] = turn.ID
	}
	require.Len(t, turns, len(regions))
	all := 0
	for language, count := range turns {
		all += count
		assert.GreaterOrEqual(t, count, 120, language)
		assert.GreaterOrEqual(t, float64(negatives[language]), 0.35*float64(count), language)
	}
	assert.GreaterOrEqual(t, all, 900)
}

func TestEveryLanguageHasEverySection(t *testing.T) {
	sections := []string{
		"phone-written", "phone-spoken", "email-written", "email-spoken", "card", "iban", "identity", "documents",
		"birth", "address", "booking", "names-introduced", "names-spelled", "names-known", "health", "network",
		"stay", "invalid", "words", "own", "mixed",
	}
	have := map[Key]int{}
	for _, turn := range load(t).Turns {
		require.Contains(t, sections, turn.Section, turn.ID)
		have[Key{turn.Section, turn.Request.Language}]++
	}
	for language := range regions {
		for _, section := range sections {
			assert.GreaterOrEqual(t, have[Key{section, language}], 2, "%s %s", language, section)
		}
	}
}

func TestHardNegativesHoldNoPersonalData(t *testing.T) {
	negative := map[string]bool{"stay": true, "words": true, "own": true}
	for _, turn := range load(t).Turns {
		if negative[turn.Section] {
			assert.Empty(t, turn.Truths, turn.ID)
		}
		if turn.Section == "own" {
			assert.NotEmpty(t, turn.Request.Allow, turn.ID)
		}
	}
}
