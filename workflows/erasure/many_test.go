//go:build full && unix

package erasure_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	flow "github.com/voicehive/voicehive/workflows/erasure"
)

// A guest with 10,000 records over all stores - rows, recordings as files, ways
// to be found, messages, runs of workflows - is erased and certified by one run,
// and nobody else is touched.
func TestAGuestOfTenThousandRecords(t *testing.T) {
	t.Parallel()
	const stays, talks, messages, turns = 40, 40, 50, 190
	f := openFull(t)
	f.Crowd(aurora, 5_000)
	var scopes, runs []string
	for range stays {
		scope, run := f.stay(messages)
		scopes, runs = append(scopes, scope), append(runs, run)
	}
	for range talks {
		scope, run := f.talk(turns)
		scopes, runs = append(scopes, scope), append(runs, run)
	}
	others, othersRun := f.stay(3)
	othersCall, _ := f.talk(3)
	require.Len(t, f.sounds(), talks+1)
	request := f.Case(scopes...)
	plan, err := f.Office.Plan(t.Context(), aurora, request)
	require.NoError(t, err)
	require.GreaterOrEqual(t, plan.Count(erasure.Erase), 10_000)

	result := f.erase(flow.Input{Hotel: aurora, Case: request})
	require.Equal(t, flow.Erased, result.State)
	require.Empty(t, f.left(scopes))
	require.Equal(t, []string{"./recordings/" + othersCall}, f.sounds())
	for _, run := range runs {
		require.True(t, f.gone(run))
	}
	for _, scope := range scopes {
		require.True(t, f.Unreadable(aurora, scope, keys.Operations), scope)
	}
	text, err := f.Office.Envelope(t.Context(), aurora, request, result.Certificate)
	require.NoError(t, err)
	certificate, err := erasure.VerifyCertificate(text, f.Trusted())
	require.NoError(t, err)
	require.Equal(t, erasure.StateErased, certificate.State)
	require.GreaterOrEqual(t, certificate.Runs, int64(len(runs)))
	require.EqualValues(t, stays, certificate.Erased["guests"])
	require.EqualValues(t, stays*messages, certificate.Erased["messages"])
	require.EqualValues(t, talks*turns, certificate.Erased["turns"])
	require.EqualValues(t, talks, certificate.Erased["objects"])

	require.False(t, f.gone(othersRun))
	require.Equal(t, 5_001, f.Count(`select count(*) from guest`))
	require.Equal(t, map[string]int{"guest": 1, "guest_index": f.left([]string{others})["guest_index"], "quote": 1, "intent": 1, "booking": 1, "message": 3}, f.left([]string{others}))
	require.Equal(t, 3, f.left([]string{othersCall})["turn"])
}

// sounds are the files that there still are.
func (f *full) sounds() (all []string) {
	f.t.Helper()
	root, err := os.OpenRoot(f.folder)
	require.NoError(f.t, err)
	defer func() { _ = root.Close() }()
	var walk func(dir string)
	walk = func(dir string) {
		opened, err := root.Open(dir)
		require.NoError(f.t, err)
		entries, err := opened.ReadDir(-1)
		require.NoError(f.t, err)
		_ = opened.Close()
		for _, e := range entries {
			if path := dir + "/" + e.Name(); e.IsDir() {
				walk(path)
			} else {
				all = append(all, path)
			}
		}
	}
	walk(".")
	return all
}

// left is how many rows of a guest's scopes every store still has.
func (f *full) left(scopes []string) map[string]int {
	f.t.Helper()
	all := map[string]int{}
	for name, where := range map[string]string{
		"guest": "booking = any($1)", "guest_index": "scope = any($1)", "turn": "call = any($1)", "recording": "call = any($1)",
		"quote": "id in (select quote from intent where booking = any($1))", "intent": "booking = any($1) and sealed is not null",
		"booking": "id = any($1) and subject is not null", "message": "scope = any($1) and sealed is not null", "one_time_code": "scope = any($1)",
	} {
		if n := f.Count(fmt.Sprintf(`select count(*) from %s where %s`, name, where), scopes); n > 0 {
			all[name] = n
		}
	}
	return all
}
