package audit

import "fmt"

// A Code says what kind of wrong a finding is.
type Code string

// What can be wrong with a pack.
const (
	// FoundForm: a file of the pack is missing, cut off or cannot be read.
	FoundForm Code = "form"
	// FoundOrigin: the head is of another log.
	FoundOrigin Code = "wrong_origin"
	// FoundSignature: no trusted key of the log has signed the head.
	FoundSignature Code = "wrong_signature"
	// FoundWitnesses: fewer witnesses have cosigned the head than the policy demands.
	FoundWitnesses Code = "witnesses_missing"
	// FoundChanged: an entry is not the one that was logged: a flipped bit, other content.
	FoundChanged Code = "entry_changed"
	// FoundHash: a stored hash of the tree is not the one over its entries.
	FoundHash Code = "hash_changed"
	// FoundMissing: an entry that was logged is not there.
	FoundMissing Code = "entry_missing"
	// FoundOrder: an entry stands in another place than it was logged in.
	FoundOrder Code = "reordered"
	// FoundTail: the entries end before the signed head does.
	FoundTail Code = "tail_dropped"
	// FoundExtra: there are entries that the signed head does not cover.
	FoundExtra Code = "entries_added"
	// FoundSplit: two heads were signed that are of different logs.
	FoundSplit Code = "split_view"
	// FoundRollback: the log ends before a head that was signed earlier: it was
	// set back, or the pack is older than that head.
	FoundRollback Code = "rollback"
	// FoundGap: events are missing in a writer's count: they were taken away
	// before they were sequenced.
	FoundGap Code = "writer_gap"
	// FoundTwice: an event stands in the log twice.
	FoundTwice Code = "writer_repeated"
	// FoundDetail: an opened detail is not the one that the entry committed to.
	FoundDetail Code = "detail_changed"
	// FoundProof: a .tlog-proof does not prove its entry.
	FoundProof Code = "wrong_proof"
	// FoundRoot: the entries and the signed head do not agree, and nothing tells
	// which entry it is.
	FoundRoot Code = "root_mismatch"
)

// A Finding is one thing that is wrong.
type Finding struct {
	Code Code `json:"code"`
	// N is the entry it is about; -1 when it is about none.
	N    int64  `json:"n"`
	Text string `json:"text"`
}

// maxFindings bounds what is told one by one; the rest is counted.
const maxFindings = 200

// A Report is what a check of a pack found.
type Report struct {
	Origin    string   `json:"origin"`
	Size      int64    `json:"size"`
	Root      string   `json:"root"`
	Witnesses []string `json:"witnesses"`
	// Entries are those told, Opened the details that fit their commitments, and
	// Destroyed those whose key is gone.
	Entries   int64     `json:"entries"`
	Whole     bool      `json:"whole"` // every entry of the log is told
	Opened    int64     `json:"opened"`
	Destroyed int64     `json:"destroyed"`
	Proofs    int64     `json:"proofs"`
	Compared  int       `json:"heads_compared"`
	Findings  []Finding `json:"findings"`
	// More counts findings beyond those told.
	More int64 `json:"more_findings"`
}

// Right tells whether nothing is wrong.
func (r *Report) Right() bool { return len(r.Findings) == 0 }

// Has tells whether there is a finding of a kind.
func (r *Report) Has(code Code) bool {
	for _, f := range r.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

func (r *Report) find(code Code, n int64, format string, args ...any) {
	if len(r.Findings) >= maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, Finding{code, n, fmt.Sprintf(format, args...)})
}
