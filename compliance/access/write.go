package access

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/audio"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
)

// Why a recording is not in a pack.
const (
	othersAudible  = "others_audible"
	notTranscribed = "not_transcribed"
)

// A writer writes a pack into a zip, from the front to the back.
type writer struct {
	*source
	zip       *zip.Writer
	generated time.Time
	// talks are the calls with their files, which data.json and the page name.
	talks    []Call
	withheld int
}

// write writes all of a pack. What was said comes first: the data names its
// files.
func (w *writer) write(ctx context.Context) error {
	if err := w.conversations(ctx); err != nil {
		return err
	}
	if err := w.data(ctx); err != nil {
		return err
	}
	masked := w.masked // the page reads the same once more
	if err := w.page(ctx); err != nil {
		return err
	}
	w.masked = masked
	return w.schema()
}

// file begins a file of the pack; the one before it has ended then.
func (w *writer) file(name string, packed bool) (io.Writer, error) {
	method := zip.Deflate
	if !packed {
		method = zip.Store
	}
	f, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: w.generated})
	return f, named(err, "begin a file of the pack")
}

// conversations writes what was said, in writing and as audio.
func (w *writer) conversations(ctx context.Context) error {
	return w.calls(ctx, func(c Call) error {
		turns, err := w.said(ctx, c)
		if err != nil {
			return err
		}
		all := turns
		if w.portable {
			turns = callerOnly(slices.Clone(turns))
		}
		c.Turns = len(turns)
		for _, t := range turns {
			if t.Masked {
				c.Masked++
			}
		}
		w.masked += c.Masked
		if len(turns) > 0 {
			w.present[register.Turn] = true
			c.Transcript = "calls/" + c.ID + "/transcript.json"
			if err := w.transcript(c, turns); err != nil {
				return err
			}
		}
		if !w.portable { // the agent speaks in it too
			if err := w.audio(ctx, &c, all); err != nil {
				return err
			}
		}
		w.talks = append(w.talks, c)
		return nil
	})
}

func (w *writer) transcript(c Call, turns []Turn) error {
	f, err := w.file(c.Transcript, true)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(f)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(Transcript{Schema: SchemaID, Call: c.ID, Turns: turns}); err != nil {
		return named(err, "write a transcript")
	}
	f, err = w.file("calls/"+c.ID+"/transcript.html", true)
	if err != nil {
		return err
	}
	return w.pageOf(f, c, turns)
}

// audio writes a call's recordings. Where others are spoken of they are silent;
// one that cannot be silenced, or of which nobody knows what is said in it, is
// withheld for a person to look at.
func (w *writer) audio(ctx context.Context, c *Call, turns []Turn) error {
	all, err := w.recordings(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, r := range all {
		w.present[register.Recording] = true
		a := Audio{FromMS: r.From.Milliseconds(), ToMS: r.To.Milliseconds()}
		spans := others(turns, r)
		a.Muted = len(spans)
		if len(turns) == 0 {
			a.Withheld = notTranscribed
		} else if err := w.recording(ctx, r, spans, &a); err != nil {
			return err
		}
		if a.Withheld != "" {
			w.withheld++
			a.Muted = 0
		}
		c.Recordings = append(c.Recordings, a)
		w.beat()
	}
	return nil
}

// others are the spans of a recording in which others are spoken of.
func others(turns []Turn, r calls.Recording) []span {
	var spans []span
	for _, t := range turns {
		s := span{time.Duration(t.FromMS) * time.Millisecond, time.Duration(t.ToMS) * time.Millisecond}
		if s, ok := s.within(r.From, r.To); ok && t.Masked {
			spans = append(spans, s)
		}
	}
	return spans
}

func (w *writer) recording(ctx context.Context, r calls.Recording, spans []span, a *Audio) error {
	if w.Objects == nil {
		return ErrObjects
	}
	sealed, err := w.Objects.Read(ctx, r.Object)
	if err != nil {
		return named(err, "read a recording")
	}
	defer closing(sealed)
	plain, err := audio.NewReader(ctx, w.Keys, keys.Scope{Tenant: w.hotel, ID: r.Call}, r.Place(), sealed)
	if errors.Is(err, keys.ErrDestroyed) {
		a.Withheld = "erased"
		return nil
	}
	if err != nil {
		return named(err, "open a recording")
	}
	buffered := bufio.NewReaderSize(plain, audio.ChunkSize)
	head, err := readWave(buffered)
	name := fmt.Sprintf("calls/%s/audio-%d", r.Call, r.From.Milliseconds())
	switch {
	case err != nil && len(spans) > 0:
		a.Withheld = othersAudible
		return nil
	case err != nil:
		a.File = name + "." + extension(head.head)
		f, err := w.file(a.File, false)
		if err != nil {
			return err
		}
		if _, err = f.Write(head.head); err == nil {
			_, err = io.Copy(f, buffered)
		}
		return named(err, "write a recording")
	}
	a.File = name + ".wav"
	f, err := w.file(a.File, true)
	if err != nil {
		return err
	}
	return named(head.silenced(f, buffered, spans), "write a recording")
}

// extension names what a sound's first bytes tell.
func extension(head []byte) string {
	if len(head) >= 4 {
		switch string(head[:4]) {
		case "OggS":
			return "ogg"
		case "fLaC":
			return "flac"
		case "RIFF":
			return "wav"
		}
	}
	return "bin"
}

// schema puts the description of the data beside it.
func (w *writer) schema() error {
	f, err := w.file("schema.json", true)
	if err == nil {
		_, err = f.Write(Schema())
	}
	return named(err, "write the schema")
}
