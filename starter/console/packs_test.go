package console_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/console"
)

var packPattern = regexp.MustCompile(`action="/console(/h/aurora-berlin/evidence/[0-9A-Z]{26})"`)

// TestPacksAreKeptAndFetched: what was collected stands in the list, once, and
// is fetched with a form of the session's own.
func TestPacksAreKeptAndFetched(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	for range 2 {
		require.Equal(t, http.StatusOK, b.post(here+"/evidence", b.with("from", "2026-01-01", "until", "2026-03-31")).StatusCode)
	}
	page := b.get(here + "/evidence").body
	require.Contains(t, page, "1 Jan 2026")
	require.Contains(t, page, "31 Mar 2026", "the last day of the period")
	require.Contains(t, page, "1 not satisfied")
	packs := packPattern.FindAllStringSubmatch(page, -1)
	require.Len(t, packs, 1, "the same period is kept once")
	w := b.post(packs[0][1], b.with())
	require.Equal(t, http.StatusOK, w.StatusCode, w.body)
	require.Equal(t, "PK", w.body)
	require.Equal(t, "application/zip", w.Header.Get("Content-Type"))
	require.Regexp(t, `^attachment; filename="evidence-aurora-berlin-[0-9A-Z]{26}\.zip"$`, w.Header.Get("Content-Disposition"))
	require.Equal(t, "2", w.Header.Get("Content-Length"))
	require.Equal(t, http.StatusForbidden, b.post(packs[0][1], nil).StatusCode, "without the session's token")
	require.Equal(t, http.StatusNotFound, b.post(here+"/evidence/01JD3Z8Q4X0000000000000000", b.with()).StatusCode)
	require.Equal(t, http.StatusNotFound, b.post(here+"/evidence/nonsense", b.with()).StatusCode)
	other := r.browser()
	other.logIn(officer("otto", harbour))
	require.Equal(t, http.StatusForbidden, other.post(packs[0][1], nil).StatusCode)
}

// A pack that the store lost or altered is told of, and not sent.
func TestADamagedPackIsToldOf(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	require.Equal(t, http.StatusOK, b.post(here+"/evidence", b.with("from", "2026-01-01", "until", "2026-03-31")).StatusCode)
	pack := packPattern.FindStringSubmatch(b.get(here + "/evidence").body)[1]
	var part string
	require.NoError(t, filepath.WalkDir(r.packs, func(path string, entry fs.DirEntry, err error) error {
		if !entry.IsDir() {
			part = path
		}
		return err
	}))
	require.NoError(t, os.Chmod(part, 0o600))
	require.NoError(t, os.WriteFile(part, []byte("XX"), 0o600))
	w := b.post(pack, b.with())
	require.Equal(t, http.StatusConflict, w.StatusCode)
	require.Contains(t, w.body, "other bytes than the pack that was kept")
	require.Empty(t, w.Header.Get("Content-Disposition"))
	require.NoError(t, os.Remove(part))
	w = b.post(pack, b.with())
	require.Equal(t, http.StatusConflict, w.StatusCode)
	require.Contains(t, w.body, "does not have the whole pack any more")
}

// Where there is no shelf, packs are shown and sent as before; where it cannot
// be reached, that is said and the pack shown all the same.
func TestPacksWithoutAShelf(t *testing.T) {
	t.Parallel()
	b := newRig(t, func(o *console.Options) { o.Packs = nil }).loggedIn("olive")
	require.Contains(t, b.get(here+"/evidence").body, "Nothing is collected yet")
	w := b.post(here+"/evidence", b.with("from", "2026-01-01", "until", "2026-03-31"))
	require.Contains(t, w.body, "The pack is whole")
	require.NotContains(t, w.body, "Packs that are kept")

	r := newRig(t)
	require.NoError(t, os.RemoveAll(r.packs))
	require.NoError(t, os.WriteFile(r.packs, nil, 0o400))
	b = r.loggedIn("olive")
	w = b.post(here+"/evidence", b.with("from", "2026-01-01", "until", "2026-03-31"))
	require.Equal(t, http.StatusOK, w.StatusCode)
	require.Contains(t, w.body, "The pack is not kept")
	require.Contains(t, w.body, "The pack is whole")
	require.NotContains(t, w.body, r.packs, "what went wrong is in the log")
}

func TestPacksArePaged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	packs := r.options.Packs.(*starter.Packs)
	for day := range 30 {
		summary := summaryOf(day)
		text := strings.NewReader(fmt.Sprint("PK", day))
		_, err := packs.Keep(t.Context(), aurora, "http://idp#olive", summary, text, text.Size())
		require.NoError(t, err)
	}
	seen := map[string]bool{}
	for path := here + "/evidence"; path != ""; {
		body := b.get(path).body
		for _, pack := range packPattern.FindAllStringSubmatch(body, -1) {
			require.False(t, seen[pack[1]])
			seen[pack[1]] = true
		}
		path = ""
		if next := nextPattern.FindStringSubmatch(body); next != nil {
			path = strings.TrimPrefix(next[1], "/console")
		}
	}
	require.Len(t, seen, 30)
	require.Equal(t, http.StatusUnprocessableEntity, b.get(here+"/evidence?before=nonsense").StatusCode)
}
