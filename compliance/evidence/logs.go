package evidence

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/audit"
)

// maxProofs bounds the entries that get a proof file each. Beyond it the tree
// in the pack proves them all the same.
const maxProofs = 20_000

// a logPart is the hotel's part of a year's log, as a pack of its own.
type logPart struct {
	year    int
	file    *os.File
	size    int64
	entries int64
	kinds   map[int64]string // of the entries told
	report  *audit.Report
}

func (l logPart) name() string { return fmt.Sprintf("audit/%d.zip", l.year) }

func (j *job) close() {
	for _, l := range j.logs {
		discard(l.file)
	}
}

func discard(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// exportLogs takes the hotel's part of the log of each year of the period, and
// checks it at once as whoever gets the pack will.
func (j *job) exportLogs(ctx context.Context) error {
	pseudonym, err := j.Pseudonym(ctx, j.Hotel)
	if err != nil {
		return err
	}
	keys, err := audit.ParseLogKeys(strings.Join(j.keys, "\n"))
	if err != nil {
		return err
	}
	for year := j.From.Year(); year <= j.Until.Add(-1).Year(); year++ {
		o := audit.ExportOptions{Year: year, Tenant: j.Hotel, Pseudonym: pseudonym, From: j.From, Until: j.Until, Proofs: true}
		part, err := j.exportLog(ctx, o)
		if errors.Is(err, audit.ErrNoHead) {
			continue
		}
		if err != nil {
			return err
		}
		j.logs = append(j.logs, part)
		last := &j.logs[len(j.logs)-1]
		if last.kinds, err = entryKinds(part.file, part.size); err != nil {
			return err
		}
		if last.report, err = audit.Verify(ctx, part.file, part.size, audit.VerifyOptions{Keys: keys}); err != nil {
			return fmt.Errorf("evidence: check the log's part of %d: %w", year, err)
		}
	}
	return nil
}

func (j *job) exportLog(ctx context.Context, o audit.ExportOptions) (part logPart, err error) {
	raw, err := os.CreateTemp("", "evidence-*")
	if err != nil {
		return logPart{}, err
	}
	defer discard(raw)
	entries, err := j.Log.Export(ctx, raw, o)
	if err == nil && entries > maxProofs {
		o.Proofs = false
		if _, err = raw.Seek(0, io.SeekStart); err == nil {
			err = raw.Truncate(0)
		}
		if err == nil {
			entries, err = j.Log.Export(ctx, raw, o)
		}
	}
	if err != nil {
		return logPart{}, err
	}
	size, err := raw.Seek(0, io.SeekCurrent)
	if err != nil {
		return logPart{}, err
	}
	return j.steady(raw, size, logPart{year: o.Year, entries: entries})
}

// steady writes a log's pack anew without what tells when it was made.
func (j *job) steady(raw *os.File, size int64, part logPart) (_ logPart, err error) {
	in, err := zip.NewReader(raw, size)
	if err != nil {
		return logPart{}, err
	}
	if part.file, err = os.CreateTemp("", "evidence-*"); err != nil {
		return logPart{}, err
	}
	defer func() {
		if err != nil {
			discard(part.file)
		}
	}()
	files := slices.Clone(in.File)
	slices.SortFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(part.file)
	for _, f := range files {
		if f.Name == "manifest.json" { // which tells people when it was made
			continue
		}
		if err := copyFile(out, f, j.Until); err != nil {
			return logPart{}, err
		}
	}
	if err := out.Close(); err != nil {
		return logPart{}, err
	}
	part.size, err = part.file.Seek(0, io.SeekCurrent)
	return part, err
}

func copyFile(out *zip.Writer, f *zip.File, at time.Time) error {
	from, err := f.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at})
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return err
}

// entryKinds are the entries that a log's pack tells, by what sort they are.
func entryKinds(pack io.ReaderAt, size int64) (map[int64]string, error) {
	in, err := zip.NewReader(pack, size)
	if err != nil {
		return nil, err
	}
	f, err := in.Open("entries.jsonl")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	kinds := map[int64]string{}
	decoder := json.NewDecoder(f)
	for decoder.More() {
		var line struct {
			N    int64           `json:"n"`
			Leaf json.RawMessage `json:"leaf"`
		}
		if err := decoder.Decode(&line); err != nil {
			return nil, err
		}
		if leaf, err := audit.ParseLeaf(line.Leaf); err == nil {
			kinds[line.N] = string(leaf.Kind)
		}
	}
	return kinds, nil
}
