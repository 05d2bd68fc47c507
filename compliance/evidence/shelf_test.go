//go:build unix

package evidence_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/internal/objects"
)

const officer = "compliance:0123456789abcdef"

// A room is a house with a shelf in a folder.
type room struct {
	*consenttest.House
	t      *testing.T
	shelf  *evidence.Shelf
	folder string
}

func openRoom(t *testing.T) *room {
	t.Helper()
	r := &room{House: consenttest.New(t), t: t, folder: filepath.Join(t.TempDir(), "store")}
	store, err := objects.OpenDirectory(r.folder)
	require.NoError(t, err)
	r.shelf = &evidence.Shelf{Pool: r.Pool, Auditor: r.Writer, Store: store, Term: 24 * time.Hour, Temp: t.TempDir()}
	return r
}

// bytesOf are n bytes that no other seed makes.
func bytesOf(n int, seed byte) []byte {
	all := bytes.Repeat([]byte{seed, 1, 2, 3, 5, 7, 11}, n/7+1)[:n]
	for i := 0; i < n; i += 4096 {
		all[i] = byte(i >> 12)
	}
	return all
}

func month(n time.Month) evidence.Summary {
	from := time.Date(2026, n, 1, 0, 0, 0, 0, time.UTC)
	return evidence.Summary{Hotel: aurora, From: from, Until: from.AddDate(0, 1, 0), Satisfied: 7, NotSatisfied: 1, NotTested: 2}
}

func (r *room) keep(of evidence.Summary, pack []byte) evidence.Kept {
	r.t.Helper()
	kept, err := r.shelf.Keep(r.t.Context(), officer, of, bytes.NewReader(pack), int64(len(pack)))
	require.NoError(r.t, err)
	return kept
}

func (r *room) kinds() (all []string) {
	for _, kind := range audittest.Kinds(audittest.Waiting(r.t, r.Database.AdminURL, r.Ring)) {
		all = append(all, string(kind))
	}
	return all
}

// parts are the files of the packs, in their order.
func (r *room) parts() (all []string) {
	r.t.Helper()
	require.NoError(r.t, filepath.WalkDir(filepath.Join(r.folder, "evidence"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, path)
		}
		return err
	}))
	slices.Sort(all)
	return all
}

func TestAPackIsKeptWholeAndHandedOut(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	const mega = 1 << 20
	for i, size := range []int{1, mega - 1, mega, mega + 1, 3*mega + 7} {
		pack := bytesOf(size, byte(i))
		kept := r.keep(month(time.Month(i+1)), pack)
		sum := sha256.Sum256(pack)
		require.Equal(t, hex.EncodeToString(sum[:]), kept.SHA256)
		require.EqualValues(t, size, kept.Bytes)
		require.Equal(t, officer, kept.By)
		require.Equal(t, []int{7, 1, 2}, []int{kept.Satisfied, kept.NotSatisfied, kept.NotTested})
		require.InDelta(t, 24, kept.Ends.Sub(kept.At).Hours(), 0.1)
		out, err := r.shelf.Open(t.Context(), aurora, kept.ID, officer)
		require.NoError(t, err, size)
		got, err := io.ReadAll(out)
		require.NoError(t, err)
		require.True(t, bytes.Equal(pack, got), size)
		require.NoError(t, out.Close())
	}
	left, err := os.ReadDir(r.shelf.Temp)
	require.NoError(t, err)
	require.Empty(t, left, "what was on its way out is gone")
	require.Equal(t, "evidence.kept", r.kinds()[0])
	require.Equal(t, "evidence.handed_out", r.kinds()[1])
	found, err := r.shelf.Of(t.Context(), aurora, month(3).From, month(3).Until)
	require.NoError(t, err)
	require.EqualValues(t, mega, found.Bytes)
	_, err = r.shelf.Of(t.Context(), aurora, month(3).From, month(4).Until)
	require.ErrorIs(t, err, evidence.ErrUnknownPack)
}

// The newest stands first, page by page, and a hotel sees its own.
func TestPacksAreListed(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	var want []string
	for i := range 5 {
		want = append([]string{r.keep(month(time.Month(i+1)), bytesOf(10, byte(i))).ID}, want...)
	}
	var seen []string
	for before := ""; ; before = seen[len(seen)-1] {
		page, err := r.shelf.List(t.Context(), aurora, before, 2)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		for _, k := range page {
			seen = append(seen, k.ID)
		}
	}
	require.Equal(t, want, seen)
	others, err := r.shelf.List(t.Context(), consenttest.Boreal, "", 10)
	require.NoError(t, err)
	require.Empty(t, others)
	_, err = r.shelf.Open(t.Context(), consenttest.Boreal, want[0], officer)
	require.ErrorIs(t, err, evidence.ErrUnknownPack)
}

// The same bytes are one pack, also when several keep them at once.
func TestTheSamePackIsKeptOnce(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	pack := bytesOf(2<<20, 9)
	ids := make([]string, 4)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			kept, err := r.shelf.Keep(context.WithoutCancel(t.Context()), officer, month(1), bytes.NewReader(pack), int64(len(pack)))
			if err == nil {
				ids[i] = kept.ID
			}
		})
	}
	group.Wait()
	require.NotEmpty(t, ids[0])
	require.Equal(t, []string{ids[0]}, slices.Compact(ids))
	require.Equal(t, []string{"evidence.kept"}, r.kinds())
	require.Len(t, r.parts(), 2)
}

// spoil writes other bytes over a part, which only its folder's owner can.
func spoil(t *testing.T, part string, content []byte) {
	t.Helper()
	require.NoError(t, os.Chmod(part, 0o600))
	require.NoError(t, os.WriteFile(part, content, 0o600))
}

// What was lost or altered is said, stands in the audit log, and is handed out
// to nobody.
func TestADamagedPackIsHandedOutToNobody(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, parts []string)
		want  error
	}{
		"a part is missing":       {func(t *testing.T, parts []string) { require.NoError(t, os.Remove(parts[1])) }, evidence.ErrGone},
		"all of it is missing":    {func(t *testing.T, parts []string) { require.NoError(t, os.RemoveAll(filepath.Dir(parts[0]))) }, evidence.ErrGone},
		"a bit is flipped":        {func(t *testing.T, parts []string) { spoil(t, parts[0], bytesOf(1<<20, 8)) }, evidence.ErrAltered},
		"a part is cut":           {func(t *testing.T, parts []string) { spoil(t, parts[1], []byte("short")) }, evidence.ErrAltered},
		"a part is too large":     {func(t *testing.T, parts []string) { spoil(t, parts[1], bytesOf(2<<20, 1)) }, evidence.ErrAltered},
		"the parts are exchanged": {func(t *testing.T, parts []string) { exchange(t, parts[0], parts[1]) }, evidence.ErrAltered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := openRoom(t)
			kept := r.keep(month(1), bytesOf(1<<20+100, 3))
			tc.spoil(t, r.parts())
			_, err := r.shelf.Open(t.Context(), aurora, kept.ID, officer)
			require.ErrorIs(t, err, tc.want)
			require.Equal(t, []string{"evidence.kept", "evidence.found_damaged"}, r.kinds())
			left, err := os.ReadDir(r.shelf.Temp)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

func exchange(t *testing.T, one, other string) {
	t.Helper()
	require.NoError(t, os.Rename(one, one+".x"))
	require.NoError(t, os.Rename(other, one))
	require.NoError(t, os.Rename(one+".x", other))
}

// Keeping a pack again brings back what the store has lost, and nothing takes
// the place of what is there.
func TestKeepingAgainMendsAndReplacesNothing(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	pack := bytesOf(1<<20+100, 3)
	kept := r.keep(month(1), pack)
	require.NoError(t, os.Remove(r.parts()[1]))
	require.Equal(t, kept, r.keep(month(1), pack))
	out, err := r.shelf.Open(t.Context(), aurora, kept.ID, officer)
	require.NoError(t, err)
	require.NoError(t, out.Close())
	spoil(t, r.parts()[0], []byte("another"))
	_, err = r.shelf.Keep(t.Context(), officer, month(1), bytes.NewReader(pack), int64(len(pack)))
	require.ErrorIs(t, err, evidence.ErrAltered)
}

var errAway = errors.New("away for the test")

// awayStore answers nothing after so many parts.
type awayStore struct {
	objects.Store
	after int
}

func (s *awayStore) Put(ctx context.Context, name string, content []byte) error {
	if s.after--; s.after < 0 {
		return errAway
	}
	return s.Store.Put(ctx, name, content)
}

// A Keep that is cut off leaves no row that names what is not there, and the
// next one goes on.
func TestAKeepThatIsCutOff(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	whole := r.shelf.Store
	r.shelf.Store = &awayStore{whole, 1}
	pack := bytesOf(3<<20, 4)
	_, err := r.shelf.Keep(t.Context(), officer, month(1), bytes.NewReader(pack), int64(len(pack)))
	require.ErrorIs(t, err, errAway)
	all, err := r.shelf.List(t.Context(), aurora, "", 10)
	require.NoError(t, err)
	require.Empty(t, all)
	require.Empty(t, r.kinds())
	r.shelf.Store = whole
	r.keep(month(1), pack)
	require.Len(t, r.parts(), 3)
}

func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	for _, size := range []int64{0, -1, evidence.MaxPack + 1} {
		_, err := r.shelf.Keep(t.Context(), officer, month(1), bytes.NewReader(nil), size)
		require.ErrorIs(t, err, evidence.ErrLargePack, size)
	}
	kept := r.keep(month(1), []byte("pack"))
	r.shelf.Store = nil
	_, err := r.shelf.Keep(t.Context(), officer, month(1), bytes.NewReader([]byte("x")), 1)
	require.ErrorIs(t, err, evidence.ErrNoStore)
	_, err = r.shelf.Open(t.Context(), aurora, kept.ID, officer)
	require.ErrorIs(t, err, evidence.ErrNoStore)
	all, err := r.shelf.List(t.Context(), aurora, "", 10)
	require.NoError(t, err)
	require.Len(t, all, 1, "they are listed where the store cannot be reached")
	_, err = r.shelf.Open(t.Context(), aurora, "01JD3Z8Q4X0000000000000000", officer)
	require.ErrorIs(t, err, evidence.ErrUnknownPack)
}

// A pack is forgotten when its time is over and not before, whoever asks.
func TestPacksAreForgotten(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	old, young := r.keep(month(1), []byte("old")), r.keep(month(2), []byte("young"))
	forgotten, err := r.shelf.Forget(t.Context(), aurora)
	require.NoError(t, err)
	require.Zero(t, forgotten)
	tag, err := r.Pool.Tenant(aurora).Exec(t.Context(), `delete from evidence_pack where id = $1`, young.ID)
	require.NoError(t, err)
	require.Zero(t, tag.RowsAffected(), "the database keeps it until its time is over")
	_, err = r.Pool.Tenant(aurora).Exec(t.Context(), `update evidence_pack set keep_until = now()`)
	require.Error(t, err, "nobody changes what is kept")
	r.Database.Admin(t, `update evidence_pack set kept_at = kept_at - interval '3 days', keep_until = keep_until - interval '3 days' where id = '`+old.ID+`'`)
	forgotten, err = r.shelf.Forget(t.Context(), aurora)
	require.NoError(t, err)
	require.Equal(t, 1, forgotten)
	all, err := r.shelf.List(t.Context(), aurora, "", 10)
	require.NoError(t, err)
	require.Equal(t, []evidence.Kept{young}, all)
	require.Equal(t, []string{"evidence.kept", "evidence.kept", "evidence.forgotten"}, r.kinds())
}
