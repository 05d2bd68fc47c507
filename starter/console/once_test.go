package console_test

import (
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/retention"
)

var (
	oncePattern = regexp.MustCompile(`name="once" value="([^"]+)"`)
	lastPattern = regexp.MustCompile(`name="last" value="([^"]*)"`)
	wordPattern = regexp.MustCompile(`name="word" value="([^"]*)"`)
)

// field is the value of a hidden field of a page.
func (b *browser) field(pattern *regexp.Regexp, path string) string {
	b.Helper()
	found := pattern.FindStringSubmatch(b.get(path).body)
	require.NotNil(b, found, path)
	return found[1]
}

// TestAHoldIsPlacedOnce: a double click, a page that is loaded again, and a form
// that goes to two processes make one hold; the form opened anew makes another.
func TestAHoldIsPlacedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b, elsewhere := r.loggedIn("olive"), r.another()
	review := time.Now().AddDate(0, 2, 0).Format(time.DateOnly)
	form := b.with("once", b.field(oncePattern, here+"/holds/new"), "matter", "2026-17", "reason", "litigation", "kind", "hotel", "review", review)
	var group sync.WaitGroup
	for _, at := range []string{b.url(here + "/holds/new"), elsewhere(here + "/holds/new"), b.url(here + "/holds/new")} {
		group.Go(func() { b.post(at, form) })
	}
	group.Wait()
	w := b.post(here+"/holds/new", form)
	require.Equal(t, http.StatusSeeOther, w.StatusCode)
	require.Contains(t, w.Header.Get("Location"), r.holds.all[0].ID)
	require.Len(t, r.holds.all, 1)
	form.Set("once", b.field(oncePattern, here+"/holds/new"))
	require.Equal(t, http.StatusSeeOther, b.post(here+"/holds/new", form).StatusCode)
	require.Len(t, r.holds.all, 2)
}

// TestActsOnAHoldTwice: the second click says what the first one did, and the
// same person's second word is still none.
func TestActsOnAHoldTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	olive, otto := r.loggedIn("olive"), r.loggedIn("otto")
	form := olive.with("once", olive.field(oncePattern, here+"/holds/new"), "matter", "2026-17", "reason", "litigation", "kind", "hotel", "review", time.Now().AddDate(0, 2, 0).Format(time.DateOnly))
	require.Equal(t, http.StatusSeeOther, olive.post(here+"/holds/new", form).StatusCode)
	at := here + "/holds/" + r.holds.all[0].ID
	require.Equal(t, http.StatusConflict, olive.post(at+"/approve", olive.with()).StatusCode, "four eyes")
	twice := func(b *browser, path string, pairs ...string) {
		t.Helper()
		form := b.with(pairs...)
		for range 2 {
			w := b.post(at+path, form)
			require.Equal(t, http.StatusSeeOther, w.StatusCode, w.body)
		}
	}
	twice(otto, "/approve")
	twice(otto, "/release", "word", otto.field(wordPattern, at))
	require.Equal(t, http.StatusConflict, otto.post(at+"/release", otto.with("word", "second")).StatusCode, "the first person is not the second")
	require.Empty(t, r.holds.all[0].ReleasedBy)
	twice(olive, "/release", "word", olive.field(wordPattern, at))
	require.NotEmpty(t, r.holds.all[0].ReleasedBy)
}

func TestARunIsStartedAndDecidedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	olive, otto := r.loggedIn("olive"), r.loggedIn("otto")
	r.retained.add(retention.Done, "schedule", planOf("2026-11-20", 8, 31, 700))
	form := olive.with("last", olive.field(lastPattern, here+"/retention"))
	first := olive.post(here+"/retention/run", form)
	require.Equal(t, http.StatusSeeOther, first.StatusCode)
	again := olive.post(here+"/retention/run", form)
	require.Equal(t, first.Header.Get("Location"), again.Header.Get("Location"))
	require.Len(t, r.retained.all, 2)
	at := here + "/retention/runs/" + r.retained.all[0].ID
	decision := otto.with("plan", "cafe")
	for range 2 {
		require.Equal(t, http.StatusSeeOther, otto.post(at+"/decide", decision).StatusCode)
	}
	require.Equal(t, http.StatusConflict, olive.post(at+"/decide", olive.with("refuse", "1")).StatusCode, "another's word, too late")
	form.Set("last", olive.field(lastPattern, here+"/retention"))
	require.Equal(t, http.StatusSeeOther, olive.post(here+"/retention/run", form).StatusCode)
	require.Len(t, r.retained.all, 3, "a form of the page as it is now starts another")
}
