// Package audio seals recordings as streams: of any length, in constant memory,
// and so that a part that is missing, moved or changed is noticed before a byte
// of it is heard.
//
// A stream has a random key of its own, sealed in its header under the scope's
// recording key; destroying that key makes every copy of the stream noise. The
// audio follows in chunks of 64 KiB, each AES-256-GCM whose nonce counts the
// chunks and marks the last: the STREAM construction of Hoang, Reyhanitabar,
// Rogaway and Vizár. Every chunk is bound to tenant, scope, purpose, place and
// header.
//
// In the house it is part of the compliance floor, beside package calls, which
// keeps the rows about recordings.
package audio

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/voicehive/voicehive/compliance/keys"
)

// ChunkSize is how many bytes of audio a chunk holds; the last has fewer.
const ChunkSize = 64 << 10

const (
	magic       = "VHA1"
	prefixSize  = 7
	counterSize = 4
	overhead    = 16 // a chunk's tag
	maxWrapped  = 1 << 10
	// maxChunks is what the counter can tell apart: 256 TiB of audio.
	maxChunks = 1<<32 - 1
)

// What a stream can be refused for.
var (
	// ErrTruncated: the stream ends before its last chunk. What was read of it
	// is real, and more is missing.
	ErrTruncated = errors.New("audio: the recording ends early: its last part is missing")
	// ErrTampered: a chunk was changed, moved or taken from elsewhere.
	ErrTampered = errors.New("audio: the recording is not authentic: it was changed or belongs elsewhere")
	// ErrFormat: this is no sealed recording.
	ErrFormat = errors.New("audio: not a sealed recording of a known version")
	// ErrTooLong: the counter of chunks is at its end.
	ErrTooLong = errors.New("audio: the recording is too long for one stream; begin another")
)

// Keys makes a scope's recording key, and seals and opens under it.
type Keys interface {
	Ensure(ctx context.Context, purpose keys.Purpose, scopes ...keys.Scope) error
	Seal(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, scope keys.Scope, purpose keys.Purpose, place string, sealed []byte) ([]byte, error)
}

// stream is what both directions share.
type stream struct {
	aead   cipher.AEAD
	prefix [prefixSize]byte
	aad    []byte
	chunk  uint64
}

// newStream takes the key over and wipes it.
func newStream(key, header []byte, scope keys.Scope, purpose keys.Purpose, place string) (stream, error) {
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return stream{}, ErrFormat
	}
	s := stream{}
	if s.aead, err = cipher.NewGCM(block); err != nil {
		return stream{}, fmt.Errorf("audio: %w", err)
	}
	copy(s.prefix[:], header[len(magic):])
	for _, field := range [][]byte{[]byte("voicehive/audio/1"), []byte(scope.Tenant), []byte(scope.ID), []byte(purpose), []byte(place), header} {
		s.aad = binary.BigEndian.AppendUint32(s.aad, uint32(len(field)))
		s.aad = append(s.aad, field...)
	}
	return s, nil
}

// nonce is that of the next chunk.
func (s *stream) nonce(last bool) []byte {
	nonce := append(make([]byte, 0, prefixSize+counterSize+1), s.prefix[:]...)
	nonce = binary.BigEndian.AppendUint32(nonce, uint32(s.chunk))
	if last {
		return append(nonce, 1)
	}
	return append(nonce, 0)
}

// Writer seals what is written to it. Close it: without its last chunk a
// stream counts as cut off.
type Writer struct {
	stream
	into    io.Writer
	pending []byte
	sealed  []byte
	err     error
}

// NewWriter begins a stream for a place ("recording/<call>/<id>") of a scope,
// whose recording key it makes when there is none yet.
func NewWriter(ctx context.Context, k Keys, scope keys.Scope, place string, into io.Writer) (*Writer, error) {
	return NewWriterFor(ctx, k, scope, keys.Recording, place, into)
}

// NewWriterFor is NewWriter for what is no recording but as long as one, under
// the scope's key for another purpose.
func NewWriterFor(ctx context.Context, k Keys, scope keys.Scope, purpose keys.Purpose, place string, into io.Writer) (*Writer, error) {
	key, prefix := make([]byte, 32), make([]byte, prefixSize)
	rand.Read(key)
	rand.Read(prefix)
	if err := k.Ensure(ctx, purpose, scope); err != nil {
		return nil, fmt.Errorf("audio: the %s key: %w", purpose, err)
	}
	wrapped, err := k.Seal(ctx, scope, purpose, place, key)
	if err != nil {
		return nil, fmt.Errorf("audio: seal the stream's key: %w", err)
	}
	header := append([]byte(magic), prefix...)
	header = binary.BigEndian.AppendUint16(header, uint16(len(wrapped)))
	header = append(header, wrapped...)
	if _, err := into.Write(header); err != nil {
		return nil, fmt.Errorf("audio: write the header: %w", err)
	}
	s, err := newStream(key, header, scope, purpose, place)
	if err != nil {
		return nil, err
	}
	return &Writer{stream: s, into: into, pending: make([]byte, 0, ChunkSize)}, nil
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 && w.err == nil {
		if len(w.pending) == ChunkSize {
			// More follows, so this one is not the last.
			if w.flush(false); w.err != nil {
				break
			}
		}
		took := copy(w.pending[len(w.pending):ChunkSize], p)
		w.pending = w.pending[:len(w.pending)+took]
		n, p = n+took, p[took:]
	}
	return n, w.err
}

// Close writes the last chunk. It does not close what lies below.
func (w *Writer) Close() error {
	if w.err == nil {
		w.flush(true)
	}
	if w.err != nil && !errors.Is(w.err, errClosed) {
		return w.err
	}
	w.err = errClosed
	return nil
}

var errClosed = errors.New("audio: the stream is closed")

func (w *Writer) flush(last bool) {
	if w.chunk >= maxChunks {
		w.err = ErrTooLong
		return
	}
	w.sealed = w.aead.Seal(w.sealed[:0], w.nonce(last), w.pending, w.aad)
	clear(w.pending)
	w.pending = w.pending[:0]
	w.chunk++
	if _, err := w.into.Write(w.sealed); err != nil {
		w.err = fmt.Errorf("audio: write a chunk: %w", err)
	}
}
