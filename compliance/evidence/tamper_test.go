//go:build unix

package evidence_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/evidence"
)

// a forger has a pack's files and puts them together again.
type forger struct {
	t     *testing.T
	names []string
	files map[string][]byte
}

func forge(t *testing.T, pack []byte) *forger {
	t.Helper()
	f := &forger{t: t, files: map[string][]byte{}}
	reader, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	require.NoError(t, err)
	all := contents(t, pack)
	for _, file := range reader.File {
		f.names = append(f.names, file.Name)
		f.files[file.Name] = all[file.Name]
	}
	return f
}

func (f *forger) replace(name, old, with string) {
	f.t.Helper()
	require.Contains(f.t, string(f.files[name]), old, name)
	f.files[name] = bytes.Replace(f.files[name], []byte(old), []byte(with), 1)
}

func (f *forger) remove(name string) {
	f.names = slices.DeleteFunc(f.names, func(n string) bool { return n == name })
	delete(f.files, name)
}

func (f *forger) pack() []byte {
	f.t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range f.names {
		method := zip.Deflate
		if strings.HasSuffix(name, ".zip") {
			method = zip.Store
		}
		to, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(f.t, err)
		_, err = to.Write(f.files[name])
		require.NoError(f.t, err)
	}
	require.NoError(f.t, w.Close())
	return out.Bytes()
}

// inner are the files of the log's part; put writes it again.
func (f *forger) inner() (*forger, func()) {
	f.t.Helper()
	i := slices.IndexFunc(f.names, func(n string) bool { return strings.HasPrefix(n, "audit/") })
	inner := forge(f.t, f.files[f.names[i]])
	return inner, func() { f.files[f.names[i]] = inner.pack() }
}

// relist writes the manifest anew; sign, when not nil, signs it.
func (f *forger) relist(sign audit.Signer) {
	f.t.Helper()
	var m map[string]any
	require.NoError(f.t, json.Unmarshal(f.files["manifest.json"], &m))
	var list []map[string]any
	for _, name := range f.names {
		if name != "manifest.json" && name != "attest/pack.dsse.json" {
			sum := sha256.Sum256(f.files[name])
			list = append(list, map[string]any{"name": name, "bytes": len(f.files[name]), "sha256": hex.EncodeToString(sum[:])})
		}
	}
	m["files"] = list
	text, err := json.Marshal(m)
	require.NoError(f.t, err)
	f.files["manifest.json"] = text
	if sign != nil {
		f.sign(sign, "attest/pack.dsse.json", "evidence-pack", []attest.Subject{attest.Digested("manifest.json", text)}, map[string]any{})
	}
}

func (f *forger) sign(signer audit.Signer, name, kind string, subjects []attest.Subject, predicate any) {
	f.t.Helper()
	envelope, err := attest.Sign(f.t.Context(), signer, attest.Predicates+kind+"/v1", subjects, predicate)
	require.NoError(f.t, err)
	f.files[name], err = json.Marshal(envelope)
	require.NoError(f.t, err)
}

// restate changes what a statement says, and signs it.
func (f *forger) restate(signer audit.Signer, kind string, change func(predicate, record map[string]any)) {
	f.t.Helper()
	name := "attest/" + kind + "-0001.dsse.json"
	envelope, err := attest.Parse(f.files[name])
	require.NoError(f.t, err)
	var s attest.Statement
	require.NoError(f.t, json.Unmarshal(envelope.Payload, &s))
	var predicate map[string]any
	require.NoError(f.t, json.Unmarshal(s.Predicate, &predicate))
	first := predicate["records"].([]any)[0].(map[string]any)
	change(predicate, first)
	text, err := json.Marshal(first)
	require.NoError(f.t, err)
	s.Subject[0] = attest.Digested(s.Subject[0].Name, text)
	for i, r := range predicate["records"].([]any) { // a map has its own order
		text, err := json.Marshal(r)
		require.NoError(f.t, err)
		s.Subject[i] = attest.Digested(s.Subject[i].Name, text)
	}
	f.sign(signer, name, kind, s.Subject, predicate)
}

// Where statements have a key of their own the pack brings both, and neither
// stands for the other.
func TestStatementsMayHaveAnotherKeyThanTheLog(t *testing.T) {
	t.Parallel()
	h := open(t).live()
	own, err := audit.OpenLocalSigner(filepath.Join(t.TempDir(), "certificates.key"), "test")
	require.NoError(t, err)
	h.collector.Signer, h.collector.LogSigner = own, h.signer
	pack, _ := h.pack()
	report := h.verify(pack)
	require.NotEmpty(t, report.Findings)
	require.Equal(t, evidence.FoundSignature, report.Findings[0].Code, "the log's key has not signed the statements")
	lines, err := audit.VerifierKeys(t.Context(), own, attest.KeyName(logName))
	require.NoError(t, err)
	for _, keys := range []string{h.vkeys() + "\n" + lines[0], ""} {
		report, err = evidence.Verify(t.Context(), bytes.NewReader(pack), int64(len(pack)), keys)
		require.NoError(t, err)
		require.Empty(t, report.Findings)
	}
}

// TestATamperedPackIsNamed: each kind of fault is found and told by its name,
// in the file where it is.
func TestATamperedPackIsNamed(t *testing.T) {
	t.Parallel()
	h := open(t).live()
	pack, _ := h.pack()
	stranger, err := audit.OpenLocalSigner(filepath.Join(t.TempDir(), "stranger.key"), "test")
	require.NoError(t, err)
	const consents = "attest/consent-record-0001.dsse.json"
	for _, test := range []struct {
		name   string
		tamper func(*forger)
		code   evidence.Code
		file   string
	}{
		{"a file is missing", func(f *forger) { f.remove("docs/dpia.md") }, evidence.FoundMissing, "docs/dpia.md"},
		{"a byte is another", func(f *forger) { f.replace("index.html", "satisfied", "satisfiee") }, evidence.FoundChanged, "index.html"},
		{"a file is added", func(f *forger) { f.names = append(f.names, "more.txt"); f.files["more.txt"] = []byte("x") }, evidence.FoundExtra, "more.txt"},
		{"the manifest is made to fit", func(f *forger) {
			f.replace("index.html", "satisfied", "satisfiee")
			f.relist(nil)
		}, evidence.FoundSignature, "manifest.json"},
		{"the manifest is gone", func(f *forger) { f.remove("manifest.json") }, evidence.FoundMissing, "manifest.json"},
		{"the signature of the manifest is gone", func(f *forger) { f.remove("attest/pack.dsse.json") }, evidence.FoundMissing, "attest/pack.dsse.json"},
		{"a stranger signs the manifest", func(f *forger) { f.relist(stranger) }, evidence.FoundSignature, "attest/pack.dsse.json"},
		{"a stranger signs a statement", func(f *forger) {
			f.restate(stranger, "consent-record", func(_, r map[string]any) { r["told"].(map[string]any)["action"] = "given" })
			f.relist(h.signer)
		}, evidence.FoundSignature, consents},
		{"a statement is cut off", func(f *forger) { f.files[consents] = f.files[consents][:40]; f.relist(h.signer) }, evidence.FoundForm, consents},
		{"a statement is another hotel's", func(f *forger) {
			f.restate(h.signer, "consent-record", func(p, _ map[string]any) { p["hotel"] = "hotel-boreal" })
			f.relist(h.signer)
		}, evidence.FoundStatement, consents},
		{"a record is another than was stated", func(f *forger) {
			f.restate(h.signer, "consent-record", func(_, r map[string]any) { r["ref"] = strings.Repeat("a", 26) })
			f.relist(h.signer)
		}, evidence.FoundStatement, consents},
		{"a record names an entry of another sort", func(f *forger) {
			f.restate(h.signer, "ai-notice", func(_, r map[string]any) {
				r["audit"] = []any{map[string]any{"year": h.request.Until.Year(), "n": 999}}
			})
			f.relist(h.signer)
		}, evidence.FoundLink, "attest/ai-notice-0001.dsse.json"},
		{"a proof is another entry's", func(f *forger) {
			inner, put := f.inner()
			var proofs []string
			for _, name := range inner.names {
				if strings.HasPrefix(name, "proofs/") {
					proofs = append(proofs, name)
				}
			}
			inner.files[proofs[0]] = inner.files[proofs[1]]
			put()
			f.relist(h.signer)
		}, evidence.FoundProof, ""},
		{"an entry of the log is another", func(f *forger) {
			inner, put := f.inner()
			inner.replace("entries.jsonl", `"kind":"notice.played"`, `"kind":"notice.flayed"`)
			put()
			f.relist(h.signer)
		}, evidence.FoundLog, ""},
		{"the head of the log is a stranger's", func(f *forger) {
			inner, put := f.inner()
			head := strings.SplitN(string(inner.files["head"]), "\n", 4)
			inner.files["head"] = []byte(strings.Join(head[:3], "\n") + "\n\n— audit.example/test AAAAAAAA\n")
			put()
			f.relist(h.signer)
		}, evidence.FoundSignature, ""},
		{"OSCAL says otherwise", func(f *forger) {
			f.replace("oscal/assessment-results.json", `"state": "satisfied"`, `"state": "not-satisfied"`)
			f.relist(h.signer)
		}, evidence.FoundResults, "oscal/assessment-results.json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := forge(t, pack)
			test.tamper(f)
			report := h.verify(f.pack())
			require.False(t, report.Right())
			require.True(t, slices.ContainsFunc(report.Findings, func(found evidence.Finding) bool {
				return found.Code == test.code && (test.file == "" || found.File == test.file)
			}), "%+v", report.Findings)
		})
	}
	// Nothing is found where nothing is wrong, or the faults above prove nothing.
	f := forge(t, pack)
	f.relist(h.signer)
	require.Empty(t, h.verify(f.pack()).Findings)
}

// TestAFlippedBitIsFound: whatever byte of the file is another, the pack is not
// right, or not a pack at all. What no program reads is left out.
func TestAFlippedBitIsFound(t *testing.T) {
	t.Parallel()
	h := open(t).live()
	pack, _ := h.pack()
	reader, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	require.NoError(t, err)
	for _, f := range reader.File {
		offset, err := f.DataOffset()
		require.NoError(t, err)
		changed := slices.Clone(pack)
		changed[offset+int64(f.CompressedSize64)/2] ^= 4
		report, err := evidence.Verify(t.Context(), bytes.NewReader(changed), int64(len(changed)), h.vkeys())
		if err == nil {
			require.False(t, report.Right(), f.Name)
		}
	}
}

func TestWhatIsNoPack(t *testing.T) {
	t.Parallel()
	h := open(t)
	var twice, other bytes.Buffer
	w := zip.NewWriter(&twice)
	for range 2 {
		_, err := w.Create("manifest.json")
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zip.NewWriter(&other).Close())
	for _, text := range [][]byte{nil, []byte("no zip"), twice.Bytes(), other.Bytes()} {
		_, err := evidence.Verify(t.Context(), bytes.NewReader(text), int64(len(text)), h.vkeys())
		require.ErrorIs(t, err, evidence.ErrPack)
	}
}
