package audit

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

func someLeaf(n int) Leaf {
	return Leaf{Log: "audit.example/2026", Kind: "consent.given", Actor: "agent", Time: time.UnixMicro(1_760_000_000_000_000 + int64(n)).UTC(),
		Writer: uuid.MustParse("0b6f3a3e-9c1d-4b55-8f3a-1d2c3b4a5968"), Seq: int64(n) + 1, Commit: [32]byte{byte(n)}}
}

// fuzzKeys are the keys of a log and its signer.
func fuzzKeys(t testing.TB) (LogKeys, Signer) {
	t.Helper()
	signer := localSigner{ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
	keys, err := signerKeys(context.Background(), signer, "audit.example")
	require.NoError(t, err)
	return keys, signer
}

func TestLeafIsCanonical(t *testing.T) {
	t.Parallel()
	text := someLeaf(3).append(nil)
	require.JSONEq(t, string(text), string(text))
	// Decoding and encoding anew, keys sorted, comes to the same bytes.
	var any map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &any))
	again, err := json.Marshal(any)
	require.NoError(t, err)
	require.Equal(t, string(again), string(text))
	back, err := ParseLeaf(text)
	require.NoError(t, err)
	require.Equal(t, someLeaf(3), back)
	for _, bad := range []string{
		"", "{}", "null", string(text) + " ", " " + string(text), string(text) + "{}", string(text[:len(text)-1]),
		string(bytes.Replace(text, []byte(`"seq":4`), []byte(`"seq":4.0`), 1)),
		string(bytes.Replace(text, []byte(`"seq":4`), []byte(`"seq":-4`), 1)),
		string(bytes.Replace(text, []byte(`"schema":1`), []byte(`"schema":2`), 1)),
		string(bytes.Replace(text, []byte(`"agent"`), []byte(`"\u0061gent"`), 1)),
		string(bytes.Replace(text, []byte(`"agent"`), []byte(`"agent","x":1`), 1)),
		string(bytes.Replace(text, []byte(`"commit":"03`), []byte(`"commit":"3`), 1)),
	} {
		_, err := ParseLeaf([]byte(bad))
		require.ErrorIs(t, err, ErrLeaf, bad)
	}
}

// FuzzParseLeaf: what is accepted has one form only.
func FuzzParseLeaf(f *testing.F) {
	f.Add(someLeaf(1).append(nil))
	f.Add([]byte(`{"actor":"a"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if l, err := ParseLeaf(text); err == nil {
			require.Equal(t, text, l.append(nil))
		}
	})
}

// FuzzOpenHead: nothing but what was signed is opened.
func FuzzOpenHead(f *testing.F) {
	keys, signer := fuzzKeys(f)
	head := Head{Origin: "audit.example/2026", Size: 7, Root: tlog.Hash{1}}
	signed, err := SignHead(context.Background(), signer, head)
	require.NoError(f, err)
	f.Add(signed)
	f.Add([]byte("audit.example/2026\n7\n\n\n— x y\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if opened, err := OpenHead(text, keys); err == nil {
			require.Equal(t, head, opened)
		}
	})
}

// FuzzParseAddCheckpoint: what is accepted has one form only.
func FuzzParseAddCheckpoint(f *testing.F) {
	f.Add(addCheckpoint(3, tlog.TreeProof{{1}, {2}}, []byte("head\n")))
	f.Add([]byte("old 0\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if old, proof, signed, err := parseAddCheckpoint(body); err == nil {
			require.Equal(t, body, addCheckpoint(old, proof, signed))
		}
	})
}

// FuzzVerifyProof: a proof is accepted for the entry it was made for alone.
func FuzzVerifyProof(f *testing.F) {
	keys, signer := fuzzKeys(f)
	var e edge
	var stored flat
	for n := range 5 {
		stored = append(stored, e.add(tlog.RecordHash(someLeaf(n).append(nil)), nil)...)
	}
	signed, err := SignHead(context.Background(), signer, Head{Origin: "audit.example/2026", Size: e.size, Root: e.root()})
	require.NoError(f, err)
	text, err := prove(SignedHead{Size: e.size, Note: signed}, 3, someLeaf(3).append(nil), stored)
	require.NoError(f, err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		if proven, err := VerifyProof(text, keys); err == nil {
			require.EqualValues(t, 3, proven.N)
			require.Equal(t, someLeaf(3), proven.Leaf)
		}
	})
}

// FuzzVerifyEntries changes the entries of a pack: what is right is what was
// packed, whatever the lines look like.
func FuzzVerifyEntries(f *testing.F) {
	keys, signer := fuzzKeys(f)
	var e edge
	var entries bytes.Buffer
	for n := range 4 {
		text := someLeaf(n).append(nil)
		hashes := e.add(tlog.RecordHash(text), nil)
		require.NoError(f, line(&entries, lineOf(int64(n), hashes, text)))
	}
	signed, err := SignHead(context.Background(), signer, Head{Origin: "audit.example/2026", Size: e.size, Root: e.root()})
	require.NoError(f, err)
	f.Add(entries.Bytes(), signed)
	f.Fuzz(func(t *testing.T, entries, heads []byte) {
		var pack bytes.Buffer
		p := packWriter{zip.NewWriter(&pack), time.Now()}
		for name, content := range map[string][]byte{packHead: signed, packEntries: entries, packHeads: heads} {
			require.NoError(t, p.file(name, content))
		}
		require.NoError(t, p.zip.Close())
		report, err := Verify(t.Context(), bytes.NewReader(pack.Bytes()), int64(pack.Len()), VerifyOptions{Keys: keys, Whole: true})
		require.NoError(t, err)
		if report.Right() {
			require.EqualValues(t, 4, report.Entries)
		}
	})
}

// TestWhatTheSignerSignedCanBeWrong packs entries that are in the tree and
// should not have come there.
func TestWhatTheSignerSignedCanBeWrong(t *testing.T) {
	t.Parallel()
	keys, signer := fuzzKeys(t)
	for code, change := range map[Code]func(*Leaf){
		FoundOrigin: func(l *Leaf) { l.Log = "audit.example/2025" },
		FoundTwice:  func(l *Leaf) { l.Seq = 2 },
		FoundGap:    func(l *Leaf) { l.Seq = 9 },
		"":          func(*Leaf) {},
	} {
		var e edge
		var entries, pack bytes.Buffer
		for n := range 4 {
			l := someLeaf(n)
			if n == 3 {
				change(&l)
			}
			text := l.append(nil)
			require.NoError(t, line(&entries, lineOf(int64(n), e.add(tlog.RecordHash(text), nil), text)))
		}
		signed, err := SignHead(t.Context(), signer, Head{Origin: "audit.example/2026", Size: e.size, Root: e.root()})
		require.NoError(t, err)
		p := packWriter{zip.NewWriter(&pack), time.Now()}
		for name, content := range map[string][]byte{packHead: signed, packEntries: entries.Bytes(), packHeads: nil} {
			require.NoError(t, p.file(name, content))
		}
		require.NoError(t, p.zip.Close())
		report, err := Verify(t.Context(), bytes.NewReader(pack.Bytes()), int64(pack.Len()), VerifyOptions{Keys: keys})
		require.NoError(t, err)
		require.Equal(t, code == "", report.Right(), "%v", report.Findings)
		require.Equal(t, code != "", report.Has(code))
	}
}

func TestNoPackIsSaidToBeNone(t *testing.T) {
	t.Parallel()
	keys, _ := fuzzKeys(t)
	for what, write := range map[string]func(*zip.Writer){
		"empty": func(*zip.Writer) {},
		"one twice": func(z *zip.Writer) {
			_, _ = z.Create(packHead)
			_, _ = z.Create(packHead)
			_, _ = z.Create(packEntries)
		},
	} {
		var pack bytes.Buffer
		z := zip.NewWriter(&pack)
		write(z)
		require.NoError(t, z.Close())
		_, err := Verify(t.Context(), bytes.NewReader(pack.Bytes()), int64(pack.Len()), VerifyOptions{Keys: keys})
		require.ErrorIs(t, err, ErrPack, what)
	}
	_, err := Verify(t.Context(), bytes.NewReader([]byte("PK?")), 3, VerifyOptions{Keys: keys})
	require.ErrorIs(t, err, ErrPack)
}

func TestKeysAreReadStrictly(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing\n", "x", "a+b+c", "audit.example+00000000+AQ=="} {
		_, err := ParseLogKeys(text)
		require.Error(t, err, text)
	}
	for _, name := range []string{"", "Audit", "a b", "a+b", "/a", "a/", "a//b", "a\n"} {
		require.Error(t, CheckName(name), name)
	}
}

// BenchmarkProof proves and checks an entry in a log of a million, beside the
// bare hashes of its path.
func BenchmarkProof(b *testing.B) {
	const size = 1_000_000
	var e edge
	stored := make(flat, 0, 2*size)
	leaf := someLeaf(1).append(nil)
	for n := range size {
		h := tlog.RecordHash(leaf)
		h[0] ^= byte(n)
		stored = append(stored, e.add(h, nil)...)
	}
	root := e.root()
	b.Run("prove and check", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			n := int64(i) * 7919 % size
			p, err := tlog.ProveRecord(size, n, stored)
			if err != nil {
				b.Fatal(err)
			}
			if err := tlog.CheckRecord(p, size, root, n, stored[tlog.StoredHashIndex(0, n)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	keys, signer := fuzzKeys(b)
	signed, err := SignHead(context.Background(), signer, Head{Origin: "audit.example/2026", Size: size, Root: root})
	require.NoError(b, err)
	b.Run("open the signed head", func(b *testing.B) {
		for b.Loop() {
			if _, err := OpenHead(signed, keys); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare path of 20 hashes", func(b *testing.B) {
		h := tlog.Hash{}
		for b.Loop() {
			for range 20 {
				h = tlog.NodeHash(h, root)
			}
		}
	})
}
