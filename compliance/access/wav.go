package access

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"time"
)

// margin is what is silenced before and after what was said of others: the
// times of words are a recogniser's guess.
const margin = 250 * time.Millisecond

// maxHead bounds what stands before the sound in a file.
const maxHead = 64 << 10

// A span of time in a recording.
type span struct{ from, to time.Duration }

// overlaps tells whether a span lies in a piece of audio, and where.
func (s span) within(from, to time.Duration) (span, bool) {
	s.from, s.to = max(s.from-margin, from)-from, min(s.to+margin, to)-from
	return s, s.from < s.to
}

// A wave is the head of a WAVE file whose samples can be silenced one by one.
type wave struct {
	head    []byte // up to the first sample
	rate    uint32 // bytes in a second
	block   int64  // bytes of a sample of all channels
	silence byte
	size    int64 // bytes of samples, as the head says
}

// errNoWave: the sound cannot be silenced in parts.
var errNoWave = errors.New("access: no WAVE file of plain samples")

// readWave reads the head of a WAVE file of PCM, A-law or mu-law.
func readWave(r *bufio.Reader) (w wave, err error) {
	take := func(n int) []byte {
		if err != nil || len(w.head)+n > maxHead {
			err = errNoWave
			return make([]byte, n)
		}
		piece := make([]byte, n)
		got, failed := io.ReadFull(r, piece)
		if failed != nil {
			err = errNoWave
		}
		w.head = append(w.head, piece[:got]...)
		return piece
	}
	riff := take(12)
	if err != nil || !bytes.Equal(riff[:4], []byte("RIFF")) || !bytes.Equal(riff[8:], []byte("WAVE")) {
		return w, errNoWave
	}
	for err == nil {
		chunk := take(8)
		size := binary.LittleEndian.Uint32(chunk[4:])
		if err == nil && string(chunk[:4]) == "data" {
			if w.rate == 0 {
				return w, errNoWave
			}
			w.size = int64(size)
			return w, nil
		}
		if size > maxHead {
			return w, errNoWave
		}
		body := take(int(size + size%2))
		if err == nil && string(chunk[:4]) == "fmt " {
			err = w.format(body)
		}
	}
	return w, err
}

func (w *wave) format(body []byte) error {
	if len(body) < 16 {
		return errNoWave
	}
	kind, bits := binary.LittleEndian.Uint16(body), binary.LittleEndian.Uint16(body[14:])
	w.rate, w.block = binary.LittleEndian.Uint32(body[8:]), int64(binary.LittleEndian.Uint16(body[12:]))
	if w.rate == 0 || w.block == 0 {
		return errNoWave
	}
	switch {
	case kind == 1 && bits == 8:
		w.silence = 0x80
	case kind == 1:
	case kind == 6:
		w.silence = 0xD5
	case kind == 7:
		w.silence = 0xFF
	default:
		return errNoWave
	}
	return nil
}

// silenced writes the file with some spans silent.
func (w wave) silenced(into io.Writer, samples io.Reader, spans []span) error {
	if _, err := into.Write(w.head); err != nil {
		return err
	}
	type bytesOf struct{ from, to int64 }
	var quiet []bytesOf
	for _, s := range spans {
		from, to := w.at(s.from), w.at(s.to)+w.block
		quiet = append(quiet, bytesOf{from, to})
	}
	slices.SortFunc(quiet, func(a, b bytesOf) int { return int(a.from - b.from) })
	buffer, done := make([]byte, 32<<10), int64(0)
	for {
		n, err := io.ReadFull(samples, buffer)
		for _, q := range quiet {
			for i := max(q.from-done, 0); i < min(q.to-done, int64(n)); i++ {
				buffer[i] = w.silence
			}
		}
		if _, err := into.Write(buffer[:n]); err != nil {
			return err
		}
		done += int64(n)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// at is the byte of a moment, where a sample begins.
func (w wave) at(t time.Duration) int64 {
	b := int64(t.Seconds() * float64(w.rate))
	return b - b%w.block
}
