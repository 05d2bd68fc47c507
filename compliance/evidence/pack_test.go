//go:build unix

package evidence_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/compliance/pii"
)

// contents are a pack's files by name, those of packs inside it too.
func contents(t testing.TB, pack []byte) map[string][]byte {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	require.NoError(t, err)
	all := map[string][]byte{}
	for _, f := range reader.File {
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		all[f.Name] = text
		if strings.HasSuffix(f.Name, ".zip") {
			for name, inner := range contents(t, text) {
				all[f.Name+"/"+name] = inner
			}
		}
	}
	return all
}

func TestAPackIsRight(t *testing.T) {
	t.Parallel()
	h := open(t).live()
	pack, summary := h.pack()
	report := h.verify(pack)
	require.Empty(t, report.Findings)
	require.False(t, report.OwnKeys)
	require.Equal(t, aurora, report.Hotel)
	require.Zero(t, summary.NotSatisfied, "%+v", summary.Results)
	require.Zero(t, summary.NotTested, "%+v", summary.Results)
	require.Equal(t, summary.Statements, report.Statements)
	require.Positive(t, report.Entries)
	require.Equal(t, report.Entries, report.Proofs)

	files := contents(t, pack)
	for _, kind := range []string{"region-check", "consent-record", "ai-notice", "retention-run", "erasure", "dsar-completion", "restore-test"} {
		require.Contains(t, files, "attest/"+kind+"-0001.dsse.json")
	}
	for _, name := range []string{"index.html", "manifest.json", "docs/dpia.md", "keys/log.vkey", "controls/controls.yaml"} {
		require.Contains(t, files, name)
	}
	require.NotContains(t, string(files["index.html"]), "<script")
	require.NotContains(t, string(files["index.html"]), "http", "the page loads nothing")

	own, err := evidence.Verify(t.Context(), bytes.NewReader(pack), int64(len(pack)), "")
	require.NoError(t, err)
	require.True(t, own.OwnKeys)
	require.True(t, own.Right())
}

// TestAPackIsTheSameTwice: the same data makes the same bytes, whenever.
func TestAPackIsTheSameTwice(t *testing.T) {
	t.Parallel()
	h := open(t).live()
	one, _ := h.pack()
	clock := h.collector.Clock
	h.collector.Clock = func() time.Time { return clock().Add(24 * time.Hour) }
	two, _ := h.pack()
	require.True(t, bytes.Equal(one, two))
	h.request.From = h.request.From.Add(time.Hour)
	three, _ := h.pack()
	require.False(t, bytes.Equal(one, three))
}

// TestAPackHoldsNoGuest: neither values that were planted, nor ids that join to
// them, nor anything else that looks like a person.
func TestAPackHoldsNoGuest(t *testing.T) {
	t.Parallel()
	h := open(t).live()
	pack, _ := h.pack()
	detector := pii.New(pii.Options{})
	for name, text := range contents(t, pack) {
		for _, value := range append(planted, h.call, h.booking) {
			require.NotContains(t, strings.ToLower(string(text)), strings.ToLower(value), name)
		}
		if strings.HasSuffix(name, ".zip") {
			continue
		}
		for _, found := range people(t, detector, string(text)) {
			t.Errorf("%s holds %s", name, found)
		}
	}
	// The search itself finds what it looks for.
	require.NotEmpty(t, people(t, detector, `{"note": "my name is Oswald Wolkenstein, +49 1512 3456789, wolkenstein@example.com"}`))
}

// technical are values that stand for no person by their form: digests, ids,
// keys, times and names of formats.
var technical = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|\b[a-z2-7]{26}\b|` +
	`\d{4}-\d\d-\d\dT[0-9:.]+Z|https://(?:github\.com/voicehive|in-toto\.io)/[a-zA-Z0-9/_.-]*|[A-Za-z0-9+/]{43,}=*|"time":\d{16}|test\+[0-9a-f]{8}|#[0-9a-f]{6}\b|audit/\d{4}\.zip|<td>\d{4}</td>`)

// harmless is what the detector takes for more than it is, all of it words of
// the program.
var harmless = []string{"one whose row", "2016/679", "2024/1689", "PCI DSS 4.0.1"}

// people are the places of a text that look like personal data.
func people(t testing.TB, detector *pii.Detector, text string) (found []string) {
	t.Helper()
	for _, line := range decoded([]byte(text)) {
		line = technical.ReplaceAllString(html.UnescapeString(line), "_")
		spans, err := detector.Scan(nil, pii.Request{Text: line, Language: "en"})
		require.NoError(t, err)
		for _, s := range spans {
			switch value := line[s.Start:s.End]; {
			case s.Type == pii.NumberSequence || s.Type == pii.URL || s.Type == pii.DateTime || slices.Contains(harmless, value):
			default:
				found = append(found, fmt.Sprintf("a %s: %q in %q", s.Type, value, line))
			}
		}
	}
	return found
}

// decoded are the lines of a file; of a signed statement also what was signed.
func decoded(text []byte) []string {
	var envelope struct{ Payload []byte }
	if json.Unmarshal(text, &envelope) == nil && len(envelope.Payload) > 0 {
		var indented bytes.Buffer
		if json.Indent(&indented, envelope.Payload, "", " ") == nil {
			text = indented.Bytes()
		}
	}
	return strings.Split(string(text), "\n")
}

func TestAPeriodIsBounded(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, change := range []func(*evidence.Request){
		func(r *evidence.Request) { r.From = r.Until },
		func(r *evidence.Request) { r.From = r.Until.AddDate(-2, 0, 0) },
		func(r *evidence.Request) { r.Until = time.Now().Add(48 * time.Hour) },
	} {
		r := h.request
		change(&r)
		_, err := h.collector.Collect(t.Context(), r, io.Discard)
		require.ErrorIs(t, err, evidence.ErrPeriod)
	}
}

func TestAPackWithoutALog(t *testing.T) {
	t.Parallel()
	h := open(t)
	pack, _ := h.pack()
	require.Empty(t, h.verify(pack).Findings)
}
