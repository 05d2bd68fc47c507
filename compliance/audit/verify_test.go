package audit_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"github.com/voicehive/voicehive/compliance/audit"
)

func TestPackNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview", "harbour")
	h.fill("seaview", 6, 2)
	h.fill("harbour", 3, 1)
	old, err := h.log.Head(t.Context(), h.year())
	require.NoError(t, err)
	early := h.export(audit.ExportOptions{})
	h.fill("seaview", 5, 5)
	newest, err := h.log.Head(t.Context(), h.year())
	require.NoError(t, err)
	pack := h.export(audit.ExportOptions{Ring: h.ring, Proofs: true})
	report := h.verify(pack, audit.VerifyOptions{Whole: true, Against: [][]byte{old.Note, newest.Note}})
	require.Empty(t, report.Findings)
	require.Positive(t, report.Compared)

	entries := func(change func([]string) []string) []byte { return edit(t, pack, "entries.jsonl", change) }
	for what, test := range map[string]struct {
		pack []byte
		o    audit.VerifyOptions
		want audit.Code
		n    int64
	}{
		"flipped bit": {entries(func(l []string) []string {
			l[5] = strings.Replace(l[5], `"kind":"consent.g`, `"kind":"consent.f`, 1)
			return l
		}), audit.VerifyOptions{}, audit.FoundChanged, 5},
		"flipped hash":                        {entries(func(l []string) []string { l[4] = swapHash(l[4]); return l }), audit.VerifyOptions{}, audit.FoundChanged, 4},
		"dropped tail":                        {entries(func(l []string) []string { return l[:len(l)-3] }), audit.VerifyOptions{}, audit.FoundTail, 13},
		"dropped tail, an older head with it": {early, audit.VerifyOptions{Against: [][]byte{newest.Note}}, audit.FoundRollback, -1},
		"dropped entry":                       {entries(func(l []string) []string { return slices.Delete(l, 5, 6) }), audit.VerifyOptions{}, audit.FoundMissing, 5},
		"added entry": {entries(func(l []string) []string {
			return slices.Insert(l, len(l)-1, strings.Replace(l[7], `{"n":7`, `{"n":15`, 1))
		}), audit.VerifyOptions{}, audit.FoundExtra, 15},
		"swapped entries": {entries(func(l []string) []string { l[5], l[9] = l[9], l[5]; return l }), audit.VerifyOptions{}, audit.FoundOrder, 5},
		"swapped contents": {entries(func(l []string) []string {
			five, nine := leafOf(l[5]), leafOf(l[9])
			l[5], l[9] = strings.Replace(l[5], five, nine, 1), strings.Replace(l[9], nine, five, 1)
			return l
		}), audit.VerifyOptions{}, audit.FoundOrder, 5},
		"entry of nothing":      {entries(func(l []string) []string { l[5] = "{\n"; return l }), audit.VerifyOptions{}, audit.FoundForm, 5},
		"cut off":               {entries(func(l []string) []string { l[5] = l[5][:20]; return l[:6] }), audit.VerifyOptions{}, audit.FoundForm, 5},
		"no line ends":          {entries(func([]string) []string { return []string{strings.Repeat("x", 1<<20)} }), audit.VerifyOptions{}, audit.FoundForm, 0},
		"changed head":          {edit(t, pack, "head", func(l []string) []string { l[1] = "14\n"; return l }), audit.VerifyOptions{}, audit.FoundSignature, -1},
		"head of another log":   {edit(t, pack, "head", func(l []string) []string { l[0] = "audit.elsewhere/2026\n"; return l }), audit.VerifyOptions{}, audit.FoundOrigin, -1},
		"no head at all":        {edit(t, pack, "head", func([]string) []string { return nil }), audit.VerifyOptions{}, audit.FoundOrigin, -1},
		"old head put in place": {edit(t, pack, "head", func([]string) []string { return []string{string(old.Note)} }), audit.VerifyOptions{}, audit.FoundExtra, 10},
		"no witness":            {pack, audit.VerifyOptions{Policy: policy(t, h)}, audit.FoundWitnesses, -1},
		"detail changed": {edit(t, pack, "details.jsonl", func(l []string) []string {
			l[3] = strings.Replace(l[3], "Ada", "Eve", 1)
			return l
		}), audit.VerifyOptions{}, audit.FoundDetail, 4},
		"detail of another scope": {edit(t, pack, "details.jsonl", func(l []string) []string {
			l[3] = strings.Replace(l[3], `"scope":"seaview/0`, `"scope":"seaview/1`, 1)
			return l
		}), audit.VerifyOptions{}, audit.FoundDetail, 4},
		"detail missing": {edit(t, pack, "details.jsonl", func(l []string) []string { return slices.Delete(l, 3, 4) }), audit.VerifyOptions{}, audit.FoundDetail, 4},
		"proof changed":  {edit(t, pack, "proofs/4.tlog-proof", func(l []string) []string { l[3] = l[4]; return l }), audit.VerifyOptions{}, audit.FoundProof, -1},
	} {
		t.Run(what, func(t *testing.T) {
			report := h.verify(test.pack, test.o)
			require.False(t, report.Right())
			require.True(t, slices.ContainsFunc(report.Findings, func(f audit.Finding) bool { return f.Code == test.want && f.N == test.n }),
				"want %s at %d: %v", test.want, test.n, report.Findings)
		})
	}
}

func leafOf(line string) string {
	_, leaf, _ := strings.Cut(line, `"leaf":`)
	leaf, _, _ = strings.Cut(leaf, "}")
	return leaf + "}"
}

func swapHash(line string) string {
	at := strings.Index(line, `"hash":"`) + len(`"hash":"`)
	c := "A"
	if line[at] == 'A' {
		c = "B"
	}
	return line[:at] + c + line[at+1:]
}

func policy(t *testing.T, h *house) *audit.Policy {
	witness, err := audit.OpenWitness(t.TempDir(), "witness.example", h.keys)
	require.NoError(t, err)
	p, err := audit.ParsePolicy(fmt.Appendf(nil, "witness w %s https://witness.example\nquorum w\n", witness.Key()))
	require.NoError(t, err)
	return &p
}

// TestSplitViewIsSeen lets the one who has the key sign two histories.
func TestSplitViewIsSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	h.fill("seaview", 5, 1)
	pack := h.export(audit.ExportOptions{})
	for size, want := range map[int64]audit.Code{6: audit.FoundSplit, 4: audit.FoundSplit, 9: audit.FoundRollback} {
		forged, err := audit.SignHead(t.Context(), h.signer, audit.Head{Origin: fmt.Sprintf("%s/%d", name, h.year()), Size: size, Root: [32]byte{1}})
		require.NoError(t, err)
		report := h.verify(pack, audit.VerifyOptions{Against: [][]byte{forged}})
		require.True(t, report.Has(want), "%d: %v", size, report.Findings)
	}
}

// TestHotelSeesItsOwnAndProvesIt exports one hotel of two.
func TestHotelSeesItsOwnAndProvesIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview", "harbour")
	for range 4 {
		h.fill("seaview", 3, 3)
		h.fill("harbour", 2, 1)
	}
	pseudonym, err := h.writer.Pseudonym(t.Context(), "seaview")
	require.NoError(t, err)
	old, err := h.log.Head(t.Context(), h.year())
	require.NoError(t, err)
	h.fill("harbour", 5, 5)
	pack := h.export(audit.ExportOptions{Tenant: "seaview", Pseudonym: pseudonym, Proofs: true, Ring: h.ring, Heads: []int64{old.Size, 7}})
	report := h.verify(pack, audit.VerifyOptions{Against: [][]byte{old.Note}})
	require.Empty(t, report.Findings)
	require.EqualValues(t, 12, report.Entries)
	require.EqualValues(t, 12, report.Opened)
	require.False(t, report.Whole)
	require.True(t, h.verify(pack, audit.VerifyOptions{Whole: true}).Has(audit.FoundMissing))
	edit(t, pack, "entries.jsonl", func(lines []string) []string {
		for _, line := range lines {
			if strings.Contains(line, `"leaf"`) {
				require.Contains(t, line, pseudonym)
			}
		}
		return lines
	})
	require.EqualValues(t, 1, h.tamper("delete from audit_leaf where tenant = 'seaview' and seq = 5"))
	pack = h.export(audit.ExportOptions{Tenant: "seaview"})
	require.True(t, h.verify(pack, audit.VerifyOptions{}).Has(audit.FoundGap), "left out of a hotel's pack")

	none := h.export(audit.ExportOptions{Tenant: "seaview", From: time.Now().Add(time.Hour)})
	report = h.verify(none, audit.VerifyOptions{})
	require.Empty(t, report.Findings)
	require.Zero(t, report.Entries)
}

// TestOthersAcceptOurProofs checks with programs of others alone.
func TestOthersAcceptOurProofs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview")
	h.fill("seaview", 20, 3)
	origin := fmt.Sprintf("%s/%d", name, h.year())
	lines, err := audit.VerifierKeys(t.Context(), h.signer, origin)
	require.NoError(t, err)
	verifier, err := note.NewVerifier(lines[0])
	require.NoError(t, err)
	for n := range int64(21) {
		text, err := h.log.Prove(t.Context(), h.year(), n)
		require.NoError(t, err)
		var p proof.TLogProof
		require.NoError(t, p.Unmarshal(text))
		checkpoint, _, _, err := log.ParseCheckpoint(p.Checkpoint, origin, verifier)
		require.NoError(t, err)
		path := make([][]byte, len(p.Hashes))
		for i := range path {
			path[i] = p.Hashes[i][:]
		}
		hash := rfc6962.DefaultHasher.HashLeaf(p.ExtraData)
		require.NoError(t, merkle.VerifyInclusion(rfc6962.DefaultHasher, p.Index, checkpoint.Size, hash, path, checkpoint.Hash))
		require.Error(t, merkle.VerifyInclusion(rfc6962.DefaultHasher, p.Index^1, checkpoint.Size, hash, path, checkpoint.Hash))
		proven, err := audit.VerifyProof(text, h.keys)
		require.NoError(t, err)
		require.Equal(t, n, proven.N)
		flipped := bytes.Replace(text, []byte("extra ey"), []byte("extra eZ"), 1)
		_, err = audit.VerifyProof(flipped, h.keys)
		require.Error(t, err)
	}
	_, err = h.log.Prove(t.Context(), h.year(), 21)
	require.ErrorIs(t, err, audit.ErrNoEntry)
	_, err = h.log.Prove(t.Context(), 1999, 0)
	require.ErrorIs(t, err, audit.ErrNoHead)
}

// TestEveryRandomChangeIsFound changes the stored log a thousand times, once
// each time, as one who may do anything, and puts it back.
func TestEveryRandomChangeIsFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "seaview", "harbour")
	h.fill("seaview", 40, 9)
	h.fill("harbour", 40, 40)
	h.fill("seaview", 17, 3)
	require.Empty(t, h.verify(h.export(audit.ExportOptions{}), audit.VerifyOptions{Whole: true}).Findings)
	for _, table := range []string{"audit_leaf", "audit_hash", "audit_checkpoint"} {
		h.tamper("create table " + table + "_kept as table " + table)
	}
	year := h.year() // some changes leave none
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	found := map[audit.Code]int{}
	for i := range 1000 {
		what := change(h, random)
		report := h.verify(h.export(audit.ExportOptions{Year: year}), audit.VerifyOptions{Whole: true})
		require.False(t, report.Right(), "change %d was not found: %s (seed %d)", i, what, seed)
		found[report.Findings[0].Code]++
		for _, table := range []string{"audit_leaf", "audit_hash", "audit_checkpoint"} {
			// Only what differs: dead rows by the thousand make everything slow.
			h.tamper("delete from " + table + " t where not exists (select from " + table + "_kept k where k = t)")
			h.tamper("insert into " + table + " select * from " + table + "_kept on conflict do nothing")
		}
		h.renew()
	}
	t.Logf("found as %v", found)
}

// change makes one random change and says which.
func change(h *house, random *rand.Rand) string {
	size := h.count("select count(*) from audit_leaf")
	n := random.Int64N(size)
	var sql string
	switch random.IntN(9) {
	case 0: // flip a bit of an entry
		bit := random.Int64N(8 * h.count(fmt.Sprintf("select length(leaf) from audit_leaf where n = %d", n)))
		sql = fmt.Sprintf("update audit_leaf set leaf = set_bit(leaf, %d, 1 - get_bit(leaf, %[1]d)) where n = %d", bit, n)
	case 1: // delete one
		sql = fmt.Sprintf("delete from audit_leaf where n = %d", n)
	case 2: // swap two
		other := (n + 1 + random.Int64N(size-1)) % size
		sql = fmt.Sprintf("update audit_leaf a set leaf = b.leaf from audit_leaf b where a.n in (%d, %d) and b.n in (%[1]d, %[2]d) and a.n <> b.n", n, other)
	case 3: // drop the tail
		sql = fmt.Sprintf("delete from audit_leaf where n >= %d", n)
	case 4: // replace one by bytes of chance
		raw := make([]byte, 1+random.IntN(400))
		for i := range raw {
			raw[i] = byte(random.Uint32())
		}
		sql = fmt.Sprintf("update audit_leaf set leaf = '\\x%s' where n = %d", hex.EncodeToString(raw), n)
	case 5: // add one
		sql = fmt.Sprintf("insert into audit_leaf select year, %d, tenant, gen_random_uuid(), seq, leaf from audit_leaf where n = %d", size, n)
		sql += fmt.Sprintf("; delete from audit_leaf where n = %d", n)
	case 6: // flip a bit of a hash
		at := random.Int64N(h.count("select count(*) from audit_hash"))
		first := h.count(fmt.Sprintf("select first from audit_hash order by first offset %d limit 1", at))
		bit := random.Int64N(8 * h.count(fmt.Sprintf("select length(hashes) from audit_hash where first = %d", first)))
		sql = fmt.Sprintf("update audit_hash set hashes = set_bit(hashes, %d, 1 - get_bit(hashes, %[1]d)) where first = %d", bit, first)
	case 7: // delete hashes
		at := random.Int64N(h.count("select count(*) from audit_hash"))
		sql = fmt.Sprintf("delete from audit_hash where first = (select first from audit_hash order by first offset %d limit 1)", at)
	case 8: // change a signed head
		at := random.Int64N(h.count("select count(*) from audit_checkpoint"))
		sql = fmt.Sprintf("update audit_checkpoint set note = replace(note, substr(note, 30, 12), reverse(substr(note, 30, 12))) where size = (select size from audit_checkpoint order by size offset %d limit 1)", at)
	}
	for _, statement := range strings.Split(sql, "; ") {
		h.tamper(statement)
	}
	return sql
}
