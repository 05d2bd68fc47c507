//go:build unix

package access_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/audio"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

const aurora, boreal = consenttest.Aurora, consenttest.Boreal

var (
	_ access.Cases       = (*rights.Store)(nil)
	_ access.Calls       = (*calls.Store)(nil)
	_ access.Transcripts = (*transcript.Transcripts)(nil)
	_ access.Consents    = (*consent.Store)(nil)
	_ access.Keys        = (*keys.Ring)(nil)
)

// cases are requests as the test says; the real store has tests of its own.
type cases struct {
	rights.Case
	rights.Wish
	rights.Reply
	people []string
}

type casesOf map[string]*cases

func (m casesOf) Read(_ context.Context, _, id string) (rights.Case, error) {
	if c, ok := m[id]; ok {
		return c.Case, nil
	}
	return rights.Case{}, rights.ErrNotFound
}

func (m casesOf) Wish(_ context.Context, _, id string) (rights.Wish, error) {
	if c, ok := m[id]; ok {
		return c.Wish, nil
	}
	return rights.Wish{}, rights.ErrNotFound
}

func (m casesOf) People(_ context.Context, _, id string) (rights.People, error) {
	if c, ok := m[id]; ok {
		return rights.People{Scopes: c.people}, nil
	}
	return rights.People{}, rights.ErrNotFound
}

func (m casesOf) Reply(_ context.Context, _, id string) (rights.Reply, bool, error) {
	if c, ok := m[id]; ok {
		return c.Reply, true, nil
	}
	return rights.Reply{}, false, rights.ErrNotFound
}

// A house is a hotel with guests, cases and a desk on real parts.
type house struct {
	*consenttest.House
	t       testing.TB
	cases   casesOf
	objects *objects.ErasableDirectory
	folder  string
	parts   access.Parts
	desk    *access.Desk
}

func newHouse(t testing.TB) *house {
	h := &house{House: consenttest.New(t), t: t, cases: casesOf{}, folder: filepath.Join(t.TempDir(), "objects")}
	h.objects = objects.NewErasableDirectory(h.folder)
	h.parts = partsOn(t, h.Pool, h.Ring, h.cases)
	h.parts.Objects, h.parts.Temp = h.objects, t.TempDir()
	var err error
	h.desk, err = access.New(h.parts)
	require.NoError(t, err)
	return h
}

// partsOn are all parts but the store of objects.
func partsOn(t testing.TB, pool *postgres.Pool, ring *keys.Ring, c casesOf) access.Parts {
	t.Helper()
	known, err := register.Load()
	require.NoError(t, err)
	detector, writer := pii.New(pii.Options{}), audit.NewWriter(ring)
	all := calls.New(pool, ring, writer)
	return access.Parts{
		Pool: pool, Keys: ring, Auditor: writer, Cases: c, Calls: all, Consents: consent.New(pool, ring, writer), Detector: detector,
		Transcripts: transcript.New(transcript.Parts{Calls: all, Keys: ring, Detector: detector, Pool: pool, Auditor: writer}),
		Hotels: func(context.Context, string) (access.Hotel, error) {
			return access.Hotel{Name: "Hotel Aurora", Country: "DE", Vendor: "apaleo", Privacy: "privacy@aurora.example", Phones: []string{"+493055501234"}}, nil
		},
		Register: known,
	}
}

// open opens a case about some scopes.
func (h *house) open(kind rights.Kind, scopes ...string) *cases {
	h.t.Helper()
	id := h.Scope(aurora)
	require.NoError(h.t, h.Ring.Ensure(h.t.Context(), keys.Case, keys.Scope{Tenant: aurora, ID: id}))
	received := time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)
	c := &cases{
		Case:  rights.Case{Hotel: aurora, ID: id, Kind: kind, Language: "de", Clock: rights.Clock{Received: received}},
		Reply: rights.Reply{Channel: "email", To: "ada@example.com", Language: "de"}, people: scopes,
	}
	h.cases[id] = c
	return c
}

// guest is a booking's guest as the edge seals it.
type guest struct {
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Language  string `json:"language,omitempty"`
	Comment   string `json:"comment,omitempty"`
	ID        string `json:"id,omitempty"`
}

var (
	ada   = guest{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com", Phone: "+4915112345678", Language: "de", ID: "G-1"}
	bruno = guest{FirstName: "Bruno", LastName: "Sattelmann", Email: "bruno.sattelmann@example.net", Phone: "+4916087654321"}
)

func (g guest) person() subjects.Person {
	return subjects.Person{FirstName: g.FirstName, LastName: g.LastName, Email: g.Email, Phone: g.Phone, Country: "DE"}
}

// book makes a booking as it is after a hotel's system took it.
func (h *house) book(g guest) string {
	h.t.Helper()
	ctx, id := h.t.Context(), h.Booking(aurora, g.person())
	plain, err := json.Marshal(g)
	require.NoError(h.t, err)
	sealed, err := h.Ring.Seal(ctx, keys.Scope{Tenant: aurora, ID: id}, keys.Operations, "guest", plain)
	require.NoError(h.t, err)
	require.NoError(h.t, h.Pool.InTenant(ctx, aurora, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update guest set sealed = $3 where hotel = $1 and booking = $2`, aurora, id, sealed); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			update booking set vendor_booking = 'V' || id, confirmation = 'C' || right(id, 6), stays = $3 where hotel = $1 and id = $2`, aurora, id,
			`[{"id": "V-1", "status": "confirmed", "room_type": {"id": "1", "code": "DBL", "name": "Double"}, "rate_plan": {"id": "2", "code": "FLEX"},
			   "arrival": "2027-03-01", "departure": "2027-03-03", "occupancy": {"adults": 2, "children_ages": [4]}}]`)
		return err
	}))
	return id
}

// talk makes a call with a yes to recording and transcription.
func (h *house) talk(said ...string) calls.Call {
	h.t.Helper()
	c := h.Call(aurora, 10*time.Minute)
	h.Notice(aurora, c)
	h.Append(h.Said(aurora, c, consent.Recording, consent.Given, 8*time.Second))
	h.Append(h.Said(aurora, c, consent.Transcription, consent.Given, 9*time.Second))
	for i, text := range said {
		speaker := calls.Caller
		if after, ok := strings.CutPrefix(text, "agent: "); ok {
			speaker, text = calls.Agent, after
		}
		at := 10*time.Second + time.Duration(i)*2*time.Second
		require.NoError(h.t, h.Calls.AddTurn(h.t.Context(), aurora, calls.Turn{
			Call: c.ID, Seq: i + 1, Speaker: speaker, Text: text, From: at, To: at + time.Second,
		}))
	}
	return c
}

// record stores sound of a call, from 10 s on.
func (h *house) record(c calls.Call, sound []byte, length time.Duration) {
	h.t.Helper()
	ctx := h.t.Context()
	standing, err := h.Consents.AllowedAt(ctx, aurora, c.ID, consent.Recording, time.Now())
	require.NoError(h.t, err)
	id := ulid.Make().String()
	r := calls.Recording{ID: id, Call: c.ID, Object: "recordings/" + id, From: 10 * time.Second, To: 10*time.Second + length, Consent: standing.Event.ID}
	var sealed bytes.Buffer
	w, err := audio.NewWriter(ctx, h.Ring, keys.Scope{Tenant: aurora, ID: c.ID}, r.Place(), &sealed)
	require.NoError(h.t, err)
	_, err = w.Write(sound)
	require.NoError(h.t, err)
	require.NoError(h.t, w.Close())
	sum := sha256.Sum256(sealed.Bytes())
	r.Bytes, r.SHA256 = int64(sealed.Len()), sum[:]
	require.NoError(h.t, h.objects.Put(ctx, r.Object, bytes.NewReader(sealed.Bytes())))
	require.NoError(h.t, h.Calls.AddRecording(ctx, aurora, r))
}

// wave is PCM of 8 kHz, 16 bits: each sample says its second.
func wave(seconds int) []byte {
	const rate = 8000
	var b bytes.Buffer
	b.WriteString("RIFF\x00\x00\x00\x00WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16)} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(2*rate*seconds))
	for s := range seconds {
		for range rate {
			_ = binary.Write(&b, binary.LittleEndian, int16(s+1))
		}
	}
	return b.Bytes()
}

func (h *house) build(c *cases, portable bool) access.Pack {
	h.t.Helper()
	p, err := h.desk.Build(h.t.Context(), aurora, c.Case.ID, portable, func() {})
	require.NoError(h.t, err)
	return p
}

// link makes a link whose letter is a row and no more.
func (h *house) link(p access.Pack, attempt int) access.Link {
	h.t.Helper()
	link, err := h.desk.MakeLink(h.t.Context(), aurora, p, attempt, func(access.Link) (postgres.Step, error) {
		return func(context.Context, pgx.Tx) error { return nil }, nil
	})
	require.NoError(h.t, err)
	return link
}

// unpack hands a pack out by a link, as a guest gets it.
func (h *house) unpack(p access.Pack) map[string][]byte {
	h.t.Helper()
	ctx := h.t.Context()
	download, err := h.desk.Redeem(ctx, h.link(p, 1).Token)
	require.NoError(h.t, err)
	whole, err := io.ReadAll(download)
	require.NoError(h.t, err)
	require.NoError(h.t, download.Close(ctx, true))
	require.EqualValues(h.t, p.Bytes, len(whole))
	sum := sha256.Sum256(whole)
	require.Equal(h.t, p.SHA256, sum[:])
	return files(h.t, whole)
}

func files(t testing.TB, whole []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	require.NoError(t, err)
	all := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		all[f.Name], err = io.ReadAll(r)
		require.NoError(t, err, f.Name)
	}
	return all
}

// eachObject reads what lies in the folder of the store.
func (h *house) eachObject(each func(name string, content []byte)) {
	h.t.Helper()
	require.NoError(h.t, filepath.WalkDir(filepath.Join(h.folder, "packs"), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		each(path, content)
		return err
	}))
}

// packs counts the objects of packs.
func (h *house) packs() (n int) {
	h.eachObject(func(string, []byte) { n++ })
	return n
}

// left are the files in the folder of what is being written.
func (h *house) left() []os.DirEntry {
	h.t.Helper()
	entries, err := os.ReadDir(h.parts.Temp)
	require.NoError(h.t, err)
	return entries
}
