package evidence

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
)

// checkLogs checks the log's parts with their proofs.
func (v *verification) checkLogs() {
	for _, name := range v.names {
		var year int
		if n, err := fmt.Sscanf(name, "audit/%d.zip", &year); n != 1 || err != nil {
			continue
		}
		f := v.files[name]
		offset, err := f.DataOffset()
		if err != nil || f.Method != zip.Store {
			v.report.find(FoundForm, name, "it is not stored as it is")
			continue
		}
		v.checkLog(name, year, io.NewSectionReader(v.pack, offset, int64(f.UncompressedSize64)))
	}
}

func (v *verification) checkLog(name string, year int, part *io.SectionReader) {
	report, err := audit.Verify(v.ctx, part, part.Size(), audit.VerifyOptions{Keys: v.logKeys})
	if err != nil {
		v.report.find(FoundForm, name, "%v", err)
		return
	}
	v.report.Entries += report.Entries
	v.report.Proofs += report.Proofs
	for _, found := range report.Findings {
		code := FoundLog
		switch found.Code {
		case audit.FoundProof:
			code = FoundProof
		case audit.FoundSignature:
			code = FoundSignature
		}
		v.report.find(code, name, "%s: %s", found.Code, found.Text)
	}
	if report.Origin != "" && !strings.HasSuffix(report.Origin, fmt.Sprintf("/%d", year)) {
		v.report.find(FoundLog, name, "it is of the log %s", report.Origin)
	}
	if v.kinds[year], err = entryKinds(part, part.Size()); err != nil {
		v.report.find(FoundForm, name, "its entries cannot be read")
	}
}

// checkStatements checks who signed each statement, that it is about the
// records it holds, and that the log tells the same.
func (v *verification) checkStatements() {
	for _, name := range v.names {
		rest, ok := strings.CutPrefix(name, "attest/")
		if !ok || name == signatureName {
			continue
		}
		s, ok := v.statement(name)
		if !ok {
			continue
		}
		i := slices.IndexFunc(factKinds, func(k kind) bool {
			return s.PredicateType == predicateType(k.name) && strings.HasPrefix(rest, k.name+"-")
		})
		var told struct {
			Hotel   string            `json:"hotel"`
			Records []json.RawMessage `json:"records"`
		}
		if err := json.Unmarshal(s.Predicate, &told); err != nil || i < 0 || len(told.Records) != len(s.Subject) || told.Hotel != v.report.Hotel {
			v.report.find(FoundStatement, name, "it is not what its name says, or of another hotel")
			continue
		}
		for n, text := range told.Records {
			v.checkRecord(name, factKinds[i], s.Subject[n], text)
		}
	}
}

func (v *verification) checkRecord(name string, k kind, subject attest.Subject, text []byte) {
	var r record
	if err := json.Unmarshal(text, &r); err != nil || subject.Name != r.Ref || subject.Digest["sha256"] != digest(text) {
		v.report.find(FoundStatement, name, "record %s is not the one that the statement is about", subject.Name)
		return
	}
	for _, p := range r.Audit {
		if kind, ok := v.kinds[p.Year][p.N]; !ok || k.events == "" || !strings.HasPrefix(kind, k.events) {
			v.report.find(FoundLink, name, "record %s names entry %d of %d, which the log's part does not tell or which is of another sort", r.Ref, p.N, p.Year)
		}
	}
}

// checkResults compares the answers with what OSCAL says of them.
func (v *verification) checkResults() {
	const assessed = "oscal/assessment-results.json"
	var results []Result
	var oscal map[string]oResults
	for name, into := range map[string]any{resultsName: &results, assessed: &oscal} {
		text, err := v.small(name)
		if err != nil {
			return // the manifest's check names it
		}
		if err := json.Unmarshal(text, into); err != nil {
			v.report.find(FoundForm, name, "it is no JSON of its kind")
			return
		}
	}
	said := map[string]string{}
	for _, r := range oscal["assessment-results"].Results {
		for _, f := range r.Findings {
			said[f.Target.TargetID] = f.Target.Status.State
		}
	}
	for _, r := range results {
		want := string(r.State)
		if r.State == NotTested {
			want = ""
		}
		if said[objective(r.Control)] != want {
			v.report.find(FoundResults, assessed, "it says %q of %s, and %s says %q", said[objective(r.Control)], r.Control, resultsName, r.State)
		}
	}
}
