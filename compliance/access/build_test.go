//go:build unix

package access_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

var errCut = errors.New("cut off")

// cut is a store whose Put fails after, or before, it wrote.
type cut struct {
	*objects.ErasableDirectory
	before, after error
	stored        func()
}

func (c *cut) Put(ctx context.Context, name string, content io.ReadSeeker) error {
	if c.before != nil {
		return c.before
	}
	err := c.ErasableDirectory.Put(ctx, name, content)
	if c.stored != nil {
		c.stored()
	}
	return errors.Join(err, c.after)
}

// TestABuildThatWasCutOffLeavesNothing: whatever step it ends at, the next try
// makes one pack, and one object.
func TestABuildThatWasCutOffLeavesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.open(rights.Access, h.book(ada))
	store := &cut{ErasableDirectory: h.objects}
	parts := h.parts
	parts.Objects = store
	desk, err := access.New(parts)
	require.NoError(t, err)
	build := func() error {
		_, err := desk.Build(t.Context(), aurora, c.Case.ID, false, func() {})
		return err
	}
	store.before = errCut
	require.ErrorIs(t, build(), errCut)
	require.Zero(t, h.packs())
	store.before, store.after = nil, errCut
	require.ErrorIs(t, build(), errCut)
	require.Equal(t, 1, h.packs(), "stored, and not known to be")
	require.ErrorIs(t, build(), errCut)
	require.Equal(t, 1, h.packs(), "what an earlier try left is deleted")
	_, err = desk.Pack(t.Context(), aurora, ulid.Make().String())
	require.ErrorIs(t, err, access.ErrNotFound)
	store.after = nil
	require.NoError(t, build())
	require.Equal(t, 1, h.packs())
	require.Equal(t, 1, h.Count(`select count(*) from access_pack where state = 'ready'`))
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'access.pack_built'`))
	require.Empty(t, h.left())
	require.Contains(t, h.unpack(h.build(c, false)), "data.json")
}

// TestTwoBuildsAtOnce: a worker that was taken for dead goes on beside the next
// one. One pack counts, and the other's object is deleted.
func TestTwoBuildsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.open(rights.Access, h.book(ada))
	meanwhile := sync.OnceFunc(func() { h.build(c, false) })
	parts := h.parts
	parts.Objects = &cut{ErasableDirectory: h.objects, stored: meanwhile}
	slow, err := access.New(parts)
	require.NoError(t, err)
	late, err := slow.Build(t.Context(), aurora, c.Case.ID, false, func() {})
	require.NoError(t, err)
	require.Equal(t, h.build(c, false), late, "the one that was finished first")
	require.Equal(t, 1, h.packs())
	require.Contains(t, h.unpack(late), "data.json")
}

const killedCase, killedHome = "ACCESS_TEST_KILLED_CASE", "ACCESS_TEST_KILLED_HOME"

// TestKilledBuilder is the process that TestABuilderIsKilled kills: it builds
// until it is told to stop, which it never is.
func TestKilledBuilder(t *testing.T) {
	id := os.Getenv(killedCase)
	if id == "" {
		return
	}
	home := os.Getenv(killedHome)
	ctx := t.Context()
	root, err := keys.OpenLocalKeyring(filepath.Join(home, "keyring.json"), "test")
	require.NoError(t, err)
	main, err := postgres.Open(ctx, os.Getenv("ACCESS_TEST_DATABASE"))
	require.NoError(t, err)
	inKeys, err := postgres.Open(ctx, os.Getenv("ACCESS_TEST_KEYS"))
	require.NoError(t, err)
	parts := partsOn(t, main, keys.New(keys.NewPostgres(inKeys), root, keys.Options{Buckets: 4}), casesOf{
		id: {Case: rights.Case{Hotel: aurora, ID: id, Kind: rights.Access}, people: []string{os.Getenv("ACCESS_TEST_SCOPE")}},
	})
	parts.Temp = filepath.Join(home, "temp")
	parts.Objects = &cut{ErasableDirectory: objects.NewErasableDirectory(filepath.Join(home, "objects")), stored: func() {
		fmt.Println("stored")
		select {}
	}}
	desk, err := access.New(parts)
	require.NoError(t, err)
	_, _ = desk.Build(ctx, aurora, id, false, func() {})
}

// TestABuilderIsKilled: kill -9 between the object and its note. Nothing in the
// clear is left on the disk, and the next try makes the one pack.
func TestABuilderIsKilled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	scope := h.book(ada)
	c := h.open(rights.Access, scope)
	home := filepath.Dir(h.folder)
	require.NoError(t, os.Mkdir(filepath.Join(home, "temp"), 0o700))
	keyring, err := os.ReadFile(h.Keyring)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(home, "keyring.json"), keyring, 0o600))
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledBuilder$", "-test.v")
	command.Env = append(os.Environ(), killedCase+"="+c.Case.ID, killedHome+"="+home, "ACCESS_TEST_SCOPE="+scope,
		"ACCESS_TEST_DATABASE="+h.Database.URL, "ACCESS_TEST_KEYS="+h.KeysDB.URL)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	said := &bytes.Buffer{}
	buffer := make([]byte, 1024)
	for !bytes.Contains(said.Bytes(), []byte("stored")) {
		n, err := out.Read(buffer)
		said.Write(buffer[:n])
		require.NoError(t, err, said.String())
	}
	require.NoError(t, command.Process.Kill())
	_ = command.Wait()
	require.Equal(t, 1, h.packs())
	left, err := os.ReadDir(filepath.Join(home, "temp"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.Equal(t, 1, h.Count(`select count(*) from access_pack where state = 'building'`))

	p := h.build(c, false)
	require.Equal(t, 1, h.packs())
	require.Contains(t, h.unpack(p), "data.json")
}

// sampling are keys that look at something each time when so many were opened.
type sampling struct {
	*keys.Ring
	opened int
	look   func()
}

func (s *sampling) Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error) {
	if s.opened++; s.opened%1000 == 0 {
		s.look()
	}
	return s.Ring.Open(ctx, scope, purpose, place, sealed)
}

// TestTenThousandRecords: a pack needs the memory of a page, and not of a
// person. It runs alone, for it measures what lives in the process, while the
// builder waits for a key.
func TestTenThousandRecords(t *testing.T) {
	h := newHouse(t)
	ctx, scope := t.Context(), h.book(ada)
	const records = 10_000
	ids, sealed := make([]string, records), make([][]byte, records)
	for i := range records {
		var err error
		ids[i] = fmt.Sprintf("01%024d", i)
		sealed[i], err = h.Ring.Seal(ctx, keys.Scope{Tenant: aurora, ID: scope}, keys.Operations, "message.sealed/"+ids[i], []byte(`{"to": "ada@example.com"}`))
		require.NoError(t, err)
	}
	_, err := h.Pool.Tenant(aurora).Exec(ctx, `
		insert into message (hotel, id, scope, purpose, channel, kind, state, sent_at, sealed)
		select $1, id, $2, 'operations', 'email', repeat('letter_', 450), 'sent', now(), sealed from unnest($3::text[], $4::bytea[]) as m (id, sealed)`,
		aurora, scope, ids, sealed)
	require.NoError(t, err)
	ids, sealed = nil, nil
	// What is loaded once for all packs, such as lists of names, does not count.
	h.build(h.open(rights.Access, full(h)...), false)
	before, most := heap(), uint64(0)
	ring := &sampling{Ring: h.Ring, look: func() { most = max(most, heap()) }}
	parts := h.parts
	parts.Keys = ring
	desk, err := access.New(parts)
	require.NoError(t, err)
	c := h.open(rights.Access, scope)
	p, err := desk.Build(ctx, aurora, c.Case.ID, false, func() {})
	require.NoError(t, err)
	require.Greater(t, ring.opened, 2*records, "for the data, and for the page")
	t.Logf("a pack of %d records: %d KB of heap more", records, (max(most, before)-before)/1024)
	all := h.unpack(p)
	require.Greater(t, len(all["data.json"]), 31_000_000, "the records are much larger than what may be held")
	require.Len(t, decode(t, all["data.json"])["messages"], records)
	require.Less(t, most, before+8<<20)
}

// heap is what lives in memory.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
