package evidence

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
)

// ErrPack says that a file is no pack of evidence at all.
var ErrPack = errors.New("evidence: not a pack of evidence")

// Bounds of a pack that is checked: it may come from anybody.
const (
	maxFiles = 20_000
	maxSmall = 64 << 20
	maxFile  = 8 << 30
)

// A Code says what kind of wrong a finding is.
type Code string

// What can be wrong with a pack.
const (
	FoundForm      Code = "form"             // a file cannot be read
	FoundMissing   Code = "missing_file"     // the manifest names a file that is not there
	FoundExtra     Code = "extra_file"       // a file is there that the manifest does not name
	FoundChanged   Code = "changed_file"     // a file has other bytes than the manifest says
	FoundSignature Code = "forged_signature" // no key given has signed it as it stands
	FoundStatement Code = "wrong_statement"  // a statement is not about what it names
	FoundProof     Code = "wrong_proof"      // a proof of the log proves nothing
	FoundLog       Code = "wrong_log"        // the log's part is not right
	FoundLink      Code = "wrong_entry"      // a statement names an entry that is not there, or of another sort
	FoundResults   Code = "wrong_results"    // the forms of the answers do not agree
)

// A Finding is one thing that is wrong, and in which file.
type Finding struct {
	Code Code   `json:"code"`
	File string `json:"file"`
	Text string `json:"text"`
}

// A Report is what a check found.
type Report struct {
	Hotel string    `json:"hotel"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// OwnKeys tells that no keys were given: the pack was checked with those
	// that it brings, which proves that it is whole and not whose it is.
	OwnKeys    bool      `json:"own_keys"`
	Files      int       `json:"files"`
	Statements int       `json:"statements"`
	Entries    int64     `json:"log_entries"`
	Proofs     int64     `json:"proofs"`
	Findings   []Finding `json:"findings"`
}

// Right tells whether nothing is wrong.
func (r *Report) Right() bool { return len(r.Findings) == 0 }

const maxFindings = 500

func (r *Report) find(code Code, file, format string, args ...any) {
	if len(r.Findings) < maxFindings {
		r.Findings = append(r.Findings, Finding{code, file, fmt.Sprintf(format, args...)})
	}
}

// a verification is one under way.
type verification struct {
	ctx     context.Context
	pack    io.ReaderAt
	files   map[string]*zip.File
	names   []string
	report  *Report
	keys    attest.Keys
	logKeys audit.LogKeys
	kinds   map[int]map[int64]string // of the logs' entries, by year
}

// Verify checks a pack offline and names what is wrong. keys are the log's
// vkeys, got by another way than the pack; "" takes the pack's own. The error is
// about the reading; what is wrong with the pack is in the report.
func Verify(ctx context.Context, pack io.ReaderAt, size int64, keys string) (*Report, error) {
	v := &verification{ctx: ctx, pack: pack, files: map[string]*zip.File{}, report: &Report{Findings: []Finding{}}, kinds: map[int]map[int64]string{}}
	reader, err := zip.NewReader(pack, size)
	if err != nil || len(reader.File) > maxFiles {
		return nil, fmt.Errorf("%w: it is no zip file, or has too many files", ErrPack)
	}
	for _, f := range reader.File {
		// Two of one name would let two programs read two packs.
		if v.files[f.Name] != nil {
			return nil, fmt.Errorf("%w: two files have one name", ErrPack)
		}
		v.files[f.Name] = f
		v.names = append(v.names, f.Name)
	}
	if v.files[manifestName] == nil && v.files[signatureName] == nil {
		return nil, fmt.Errorf("%w: it has no %s", ErrPack, manifestName)
	}
	if err := v.takeKeys(keys); err != nil {
		return nil, err
	}
	v.report.Files = len(v.files)
	for _, step := range []func(){v.checkManifest, v.checkLogs, v.checkStatements, v.checkResults} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step()
	}
	return v.report, nil
}

func (v *verification) takeKeys(given string) (err error) {
	if given == "" {
		v.report.OwnKeys = true
		own, err := v.small(keysName)
		if err != nil {
			return fmt.Errorf("%w: it brings no keys; give those of the log's operator", ErrPack)
		}
		given = string(own)
	}
	if v.logKeys, err = audit.ParseLogKeys(given); err != nil {
		return err
	}
	v.keys, err = attest.ParseKeys(given)
	return err
}

// small reads a file whole.
func (v *verification) small(name string) ([]byte, error) {
	f := v.files[name]
	if f == nil {
		return nil, errors.New("it is missing")
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxSmall+1))
	if err == nil && len(content) > maxSmall {
		err = errors.New("it is too large")
	}
	return content, err
}

// statement opens a signed file.
func (v *verification) statement(name string) (attest.Statement, bool) {
	text, err := v.small(name)
	if err != nil {
		v.report.find(FoundForm, name, "it cannot be read: %v", err)
		return attest.Statement{}, false
	}
	envelope, err := attest.Parse(text)
	if err != nil {
		v.report.find(FoundForm, name, "%v", err)
		return attest.Statement{}, false
	}
	s, err := attest.Verify(envelope, v.keys)
	switch {
	case errors.Is(err, attest.ErrSignature):
		v.report.find(FoundSignature, name, "no key given has signed it as it stands: it is forged or changed, or the keys are of another house")
		return attest.Statement{}, false
	case err != nil:
		v.report.find(FoundForm, name, "%v", err)
		return attest.Statement{}, false
	}
	v.report.Statements++
	return s, true
}

// checkManifest checks who signed the manifest, and each file against it.
func (v *verification) checkManifest() {
	text, err := v.small(manifestName)
	if err != nil {
		v.report.find(FoundMissing, manifestName, "it cannot be read: %v", err)
		return
	}
	if v.files[signatureName] == nil {
		v.report.find(FoundMissing, signatureName, "nobody has signed the manifest")
	} else if s, ok := v.statement(signatureName); ok {
		if s.PredicateType != predicateType(packKind) || len(s.Subject) != 1 || s.Subject[0].Name != manifestName ||
			s.Subject[0].Digest["sha256"] != digest(text) {
			v.report.find(FoundSignature, manifestName, "what was signed is another manifest")
		}
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil || m.Schema != packSchema {
		v.report.find(FoundForm, manifestName, "it is no manifest of this kind of pack")
		return
	}
	v.report.Hotel, v.report.From, v.report.Until = m.Hotel, m.From, m.Until
	listed := map[string]bool{manifestName: true, signatureName: true}
	for _, f := range m.Files {
		listed[f.Name] = true
		v.checkFile(f)
	}
	for _, name := range v.names {
		if !listed[name] {
			v.report.find(FoundExtra, name, "the manifest does not name it")
		}
	}
}

func (v *verification) checkFile(want manifestFile) {
	f := v.files[want.Name]
	if f == nil {
		v.report.find(FoundMissing, want.Name, "the manifest names it, and it is not there")
		return
	}
	r, err := f.Open()
	if err != nil {
		v.report.find(FoundForm, want.Name, "it cannot be read")
		return
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(r, maxFile))
	if err != nil && !errors.Is(err, zip.ErrChecksum) {
		v.report.find(FoundForm, want.Name, "it cannot be read to its end")
		return
	}
	if n != want.Bytes || hex.EncodeToString(h.Sum(nil)) != want.SHA256 {
		v.report.find(FoundChanged, want.Name, "its bytes are not those that the manifest names")
	}
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
