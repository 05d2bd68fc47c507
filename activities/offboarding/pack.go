package offboarding

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/calls/audio"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// manifestName is the file that lists the others.
const manifestName = "manifest.json"

// A manifest lists a pack's files by their digests.
type manifest struct {
	Format string `json:"format"` // voicehive-return/1
	Hotel  string `json:"hotel"`
	Sealed bool   `json:"sealed"`
	Files  []file `json:"files"`
	// NotReturned says of what is left out why.
	NotReturned map[string]string `json:"not_returned"`
}

type file struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Rows   int    `json:"rows,omitempty"`
}

// Return writes what is kept for the hotel into a folder, and its digest into
// the record. A pack that is written to its end is left as it is; one that was
// cut off is written anew.
func (a *Activities) Return(ctx context.Context, ref Ref) (Pack, error) {
	r, err := a.Store.Read(ctx, ref.Offboarding)
	if err != nil {
		return Pack{}, answer(err)
	}
	if r.Pack != nil {
		return *r.Pack, nil
	}
	stop := heartbeat.Start(ctx)
	defer stop()
	p, err := a.pack(ctx, ref, r)
	if err == nil {
		err = a.Store.returned(ctx, ref, p)
	}
	return p, answer(err)
}

func (a *Activities) pack(ctx context.Context, ref Ref, r Record) (p Pack, err error) {
	whole := filepath.Join(a.Folder, ref.Offboarding)
	if text, err := os.ReadFile(filepath.Join(whole, manifestName)); err == nil {
		return summed(text, ref.Offboarding)
	}
	half := whole + ".partial"
	if err := os.RemoveAll(half); err != nil {
		return p, fmt.Errorf("offboarding: clear a pack that was cut off: %w", bare(err))
	}
	w := &packer{a: a, hotel: ref.Hotel, folder: half, m: manifest{Format: "voicehive-return/1", Hotel: ref.Hotel, NotReturned: notReturned}}
	if r.GiveBack == Sealed {
		if w.to, err = age.ParseX25519Recipient(r.Recipient); err != nil {
			return p, fmt.Errorf("%w: the key is no age public key", ErrInvalid)
		}
		w.m.Sealed = true
	}
	if err := w.tables(ctx); err != nil {
		return p, err
	}
	if err := w.recordings(ctx); err != nil {
		return p, err
	}
	text, err := json.MarshalIndent(w.m, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(half, manifestName), text, 0o600)
	}
	if err == nil {
		err = os.Rename(half, whole)
	}
	if err != nil {
		return p, fmt.Errorf("offboarding: finish the pack: %w", bare(err))
	}
	return summed(text, ref.Offboarding)
}

// summed is a pack by its manifest.
func summed(text []byte, folder string) (Pack, error) {
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return Pack{}, fmt.Errorf("offboarding: the pack's manifest is no JSON: %w", err)
	}
	sum := sha256.Sum256(text)
	p := Pack{SHA256: hex.EncodeToString(sum[:]), Files: len(m.Files), Folder: folder}
	for _, f := range m.Files {
		p.Rows, p.Bytes = p.Rows+f.Rows, p.Bytes+f.Bytes
	}
	return p, nil
}

// packer writes a pack's files.
type packer struct {
	a      *Activities
	hotel  string
	folder string
	to     age.Recipient // nil: plain
	m      manifest
}

// tables writes a file of JSON lines for each table that holds anything of the
// hotel and is returned.
func (w *packer) tables(ctx context.Context) error {
	all, err := w.a.leaving(ctx, w.hotel)
	if err != nil {
		return err
	}
	for _, t := range all {
		if notReturned[t.name] != "" {
			continue
		}
		if err := w.table(ctx, t); err != nil {
			return fmt.Errorf("offboarding: return %s: %w", t.name, err)
		}
	}
	return nil
}

func (w *packer) table(ctx context.Context, t table) error {
	return w.a.Pool.InTenantAs(ctx, postgres.RoleLeaver, w.hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, fmt.Sprintf("select to_jsonb(t), %s from %s t where t.%s = $1", sealedColumns(t.name), t.quoted(), t.tenant), w.hotel)
		if err != nil {
			return err
		}
		defer rows.Close()
		return w.file("tables/"+t.name+".jsonl", func(into io.Writer) (n int, err error) {
			for rows.Next() {
				var row map[string]any
				var sealed [][]byte
				if err := rows.Scan(&row, &sealed); err != nil {
					return n, err
				}
				if err := w.open(ctx, t.name, row, sealed); err != nil {
					return n, err
				}
				line, err := json.Marshal(row)
				if err != nil {
					return n, errors.New("a row cannot be written as JSON") // the cause may quote it
				}
				if _, err := into.Write(append(line, '\n')); err != nil {
					return n, bare(err)
				}
				n++
			}
			return n, rows.Err()
		})
	})
}

// open puts what lies sealed in a row into it in the clear: its keys go with it.
func (w *packer) open(ctx context.Context, name string, row map[string]any, sealed [][]byte) error {
	for i, o := range openers[name] {
		delete(row, o.column)
		if i >= len(sealed) || sealed[i] == nil {
			continue
		}
		scope, place := keys.Scope{Tenant: w.hotel, ID: text(row[o.scope])}, o.place(row)
		plain, err := w.a.Keys.Open(ctx, scope, o.purpose(row), place, sealed[i])
		switch {
		case errors.Is(err, keys.ErrDestroyed):
			row[o.column] = nil // an erased guest's
		case err != nil:
			return fmt.Errorf("open %s: %w", o.column, err)
		case json.Valid(plain):
			row[o.column] = json.RawMessage(plain)
		default:
			row[o.column] = string(plain)
		}
	}
	return nil
}

// recordings writes the audio of each recording.
func (w *packer) recordings(ctx context.Context) error {
	var all [][3]string // id, call, object
	err := w.a.Pool.InTenantAs(ctx, postgres.RoleLeaver, w.hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select id, call, object from recording where hotel = $1 order by call, id", w.hotel)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r [3]string, err error) { return r, row.Scan(&r[0], &r[1], &r[2]) })
		return err
	})
	if err != nil {
		return wrap(err, "list recordings")
	}
	for _, r := range all {
		sealed, err := w.a.Objects.Read(ctx, r[2])
		if err != nil {
			return wrap(err, "read a recording")
		}
		err = w.recording(ctx, r, sealed)
		_ = sealed.Close()
		if err != nil {
			return wrap(err, "return a recording")
		}
	}
	return nil
}

func (w *packer) recording(ctx context.Context, r [3]string, sealed io.Reader) error {
	plain, err := audio.NewReader(ctx, w.a.Keys, keys.Scope{Tenant: w.hotel, ID: r[1]}, "recording/"+r[1]+"/"+r[0], sealed)
	if errors.Is(err, keys.ErrDestroyed) {
		return nil
	}
	if err != nil {
		return err
	}
	return w.file("recordings/"+r[1]+"/"+r[0]+".audio", func(into io.Writer) (int, error) {
		_, err := io.Copy(into, plain)
		return 0, err
	})
}

// counted counts and digests what passes.
type counted struct {
	into io.Writer
	n    int64
	sum  hash.Hash
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.into.Write(p)
	c.n += int64(n)
	c.sum.Write(p[:n])
	return n, err
}

// file writes one file, sealed where the pack is. One without a row or a byte is
// not kept.
func (w *packer) file(name string, fill func(io.Writer) (rows int, err error)) error {
	if w.to != nil {
		name += ".age"
	}
	path := filepath.Join(w.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return bare(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return bare(err)
	}
	buffered := bufio.NewWriterSize(f, 1<<16)
	c := &counted{into: buffered, sum: sha256.New()}
	var into io.Writer = c
	finish := func() error { return nil }
	if w.to != nil {
		sealing, err := age.Encrypt(c, w.to)
		if err != nil {
			_ = f.Close()
			return err
		}
		into, finish = sealing, sealing.Close
	}
	rows, err := fill(into)
	if err == nil {
		err = errors.Join(finish(), buffered.Flush(), f.Sync())
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		return err
	}
	if rows == 0 && strings.HasPrefix(name, "tables/") {
		return bare(os.Remove(path))
	}
	w.m.Files = append(w.m.Files, file{Name: name, Bytes: c.n, SHA256: hex.EncodeToString(c.sum.Sum(nil)), Rows: rows})
	return nil
}

// bare is a file's error without its path, which belongs to the machine.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
