package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
)

// lastYear makes the log so far one of the year before.
func (h *house) lastYear() int {
	year := time.Now().UTC().Year()
	old := h.newSequencer(audit.SequencerOptions{})
	audit.PretendYear(old, year-1)
	h.sequencer = old
	return year
}

func TestYearEndsOnceAndIsChained(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	year := h.lastYear()
	scope := h.fill("seaview", 3, 1)
	require.Equal(t, year-1, h.year())
	last, err := h.log.Head(t.Context(), year-1)
	require.NoError(t, err)

	h.sequencer = h.newSequencer(audit.SequencerOptions{})
	h.write(event(scope, 4))
	h.round()
	require.Equal(t, year, h.year())
	proven := h.prove(year, 0)
	require.Equal(t, audit.KindOpened, proven.Leaf.Kind)
	head, err := audit.OpenHead(last.Note, h.keys)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%s %d %s", head.Origin, head.Size, head.Root), proven.Leaf.Previous)
	require.EqualValues(t, 4, h.prove(year, 1).Leaf.Seq, "writers count on")

	// A clock that jumps back, or far ahead alone, changes nothing.
	for _, told := range []int{year - 1, year + 30} {
		process, database := h.newSequencer(audit.SequencerOptions{}), h.newSequencer(audit.SequencerOptions{})
		audit.PretendClock(process, time.Date(told, 6, 1, 0, 0, 0, 0, time.UTC))
		audit.PretendYear(database, told)
		audit.PretendClock(database, time.Now())
		for _, s := range []*audit.Sequencer{process, database} {
			h.write(event(scope, told))
			require.NoError(t, s.Round(t.Context()))
			require.Equal(t, year, h.year())
		}
	}
	for y, entries := range map[int]int64{year - 1: 4, year: 6} {
		report := h.verify(h.export(audit.ExportOptions{Year: y}), audit.VerifyOptions{Whole: true})
		require.Empty(t, report.Findings)
		require.Equal(t, entries, report.Entries)
	}
}

// TestYearDoesNotEndUnsigned: the last head of a year is what the next is
// chained to.
func TestYearDoesNotEndUnsigned(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	year := h.lastYear()
	scope := h.fill("seaview", 2, 1)
	h.write(event(scope, 3))
	_, err := h.sequencer.Sequence(t.Context())
	require.NoError(t, err)

	s := h.newSequencer(audit.SequencerOptions{})
	h.write(event(scope, 4))
	require.NoError(t, s.Round(t.Context()))
	require.Equal(t, year-1, h.year(), "it goes on, for its end was not signed")
	h.write(event(scope, 5))
	require.NoError(t, s.Round(t.Context()))
	require.Equal(t, year, h.year())
}

func (h *house) prove(year int, n int64) audit.ProvenEntry {
	h.t.Helper()
	text, err := h.log.Prove(h.t.Context(), year, n)
	require.NoError(h.t, err)
	proven, err := audit.VerifyProof(text, h.keys)
	require.NoError(h.t, err)
	return proven
}
