//go:build unix

package oscaltest

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/internal/objects"
)

const name = "audit.example"

// pack collects the evidence of a hotel: with calls something is satisfied; with
// something overdue and a namespace that keeps runs for too long it is not; and
// much was not tested.
func pack(t *testing.T, busy bool) map[string][]byte {
	t.Helper()
	h := consenttest.New(t)
	signer, err := audit.OpenLocalSigner(filepath.Join(t.TempDir(), "audit.key"), "test")
	require.NoError(t, err)
	log, err := audit.NewLog(h.Pool, name)
	require.NoError(t, err)
	collector := evidence.Collector{Pool: h.Pool, Log: log, Signer: signer, LogName: name, Pseudonym: h.Writer.Pseudonym, Version: "test"}
	if busy {
		c := h.Call(consenttest.Aurora, time.Hour)
		h.Notice(consenttest.Aurora, c)
		h.Append(h.Said(consenttest.Aurora, c, consent.Transcription, consent.Given, 7*time.Second))
		store, err := objects.OpenDirectory(t.TempDir())
		require.NoError(t, err)
		sequencer, err := audit.NewSequencer(h.Pool, audit.SequencerOptions{Name: name, Signer: signer, Store: store})
		require.NoError(t, err)
		require.NoError(t, sequencer.Round(t.Context()))
		collector.Overdue = func(context.Context, string, time.Time) (int64, int64, error) { return 4, 1, nil }
		collector.History = func(context.Context, string) error { return retention.ErrHistory }
	}
	var out bytes.Buffer
	now := time.Now().UTC().Truncate(time.Second)
	summary, err := collector.Collect(t.Context(), evidence.Request{Hotel: consenttest.Aurora, From: now.Add(-20 * 24 * time.Hour), Until: now}, &out)
	require.NoError(t, err)
	if busy {
		require.Positive(t, summary.Satisfied)
		require.Positive(t, summary.NotSatisfied)
	}
	require.Positive(t, summary.NotTested)
	return oscal(t, out.Bytes())
}

// oscal are a pack's OSCAL files.
func oscal(t *testing.T, pack []byte) map[string][]byte {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	require.NoError(t, err)
	found := map[string][]byte{}
	for _, f := range reader.File {
		if !strings.HasPrefix(f.Name, "oscal/") {
			continue
		}
		r, err := f.Open()
		require.NoError(t, err)
		found[f.Name], err = io.ReadAll(r)
		require.NoError(t, err)
	}
	require.Len(t, found, 3)
	return found
}

// valid checks a file by NIST's schema of the version that it names.
func valid(text []byte) error {
	v, err := validation.NewValidator(text)
	if err != nil {
		return err
	}
	if v.GetSchemaVersion() != "1.1.2" {
		return errors.New("it names another version of OSCAL: " + v.GetSchemaVersion())
	}
	return v.Validate()
}

func TestPacksAreValidByNISTsSchema(t *testing.T) {
	t.Parallel()
	for what, busy := range map[string]bool{"a hotel without guests": false, "a hotel with calls": true} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for file, text := range pack(t, busy) {
				require.NoError(t, valid(text), file)
			}
		})
	}
}

// The schema itself is strict: what OSCAL does not take is refused.
func TestNISTsSchemaIsStrict(t *testing.T) {
	t.Parallel()
	text := pack(t, true)["oscal/assessment-results.json"]
	require.NoError(t, valid(text))
	for _, change := range [][2]string{
		{`"import-ap"`, `"import-plan"`}, {`"state": "satisfied"`, `"state": "not-tested"`}, {`"name": "cases"`, `"name": "1 cases"`},
		{`"oscal-version": "1.1.2"`, `"oscal-version": "9.1.2"`}, {`"collected"`, `"gathered"`}, {`"objective-id"`, `"objective"`},
		{`"reviewed-controls"`, `"controls"`},
	} {
		require.Contains(t, string(text), change[0])
		require.Error(t, valid(bytes.ReplaceAll(text, []byte(change[0]), []byte(change[1]))), change[1])
	}
}
