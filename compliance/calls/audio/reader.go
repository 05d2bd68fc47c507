package audio

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/voicehive/voicehive/compliance/keys"
)

// Reader opens a stream. It gives out only bytes that are proved, and ends with
// io.EOF only behind the last chunk; after any other error it gives nothing.
type Reader struct {
	stream
	from   *bufio.Reader
	sealed []byte
	open   []byte // what is proved and not read yet
	err    error
}

// NewReader opens the stream that was sealed for the same scope and place. It
// fails with ErrFormat, ErrTruncated, or the errors of package keys: with
// keys.ErrDestroyed the recording is gone for good.
func NewReader(ctx context.Context, k Keys, scope keys.Scope, place string, from io.Reader) (*Reader, error) {
	return NewReaderFor(ctx, k, scope, keys.Recording, place, from)
}

// NewReaderFor opens what NewWriterFor sealed for the same purpose.
func NewReaderFor(ctx context.Context, k Keys, scope keys.Scope, purpose keys.Purpose, place string, from io.Reader) (*Reader, error) {
	buffered := bufio.NewReaderSize(from, ChunkSize+overhead+1)
	header := make([]byte, len(magic)+prefixSize+2)
	if _, err := io.ReadFull(buffered, header); err != nil {
		return nil, short(err)
	}
	size := int(binary.BigEndian.Uint16(header[len(magic)+prefixSize:]))
	if string(header[:len(magic)]) != magic || size > maxWrapped {
		return nil, ErrFormat
	}
	wrapped := make([]byte, size)
	if _, err := io.ReadFull(buffered, wrapped); err != nil {
		return nil, short(err)
	}
	key, err := k.Open(ctx, scope, purpose, place, wrapped)
	if err != nil {
		return nil, fmt.Errorf("audio: open the stream's key: %w", err)
	}
	s, err := newStream(key, append(header, wrapped...), scope, purpose, place)
	if err != nil {
		return nil, err
	}
	return &Reader{stream: s, from: buffered, sealed: make([]byte, ChunkSize+overhead)}, nil
}

// short tells a stream that ends from one that cannot be read.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return fmt.Errorf("audio: read the recording: %w", err)
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.open) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.next()
	}
	n := copy(p, r.open)
	r.open = r.open[n:]
	return n, nil
}

// next opens one chunk. It is the last when nothing stands behind it; whether
// the writer meant it so, its nonce tells.
func (r *Reader) next() {
	n, err := io.ReadFull(r.from, r.sealed)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		r.err = short(err)
		return
	}
	last := err != nil
	if !last {
		_, err := r.from.Peek(1)
		if err != nil && !errors.Is(err, io.EOF) {
			r.err = short(err)
			return
		}
		last = err != nil
	}
	if r.chunk >= maxChunks {
		r.err = ErrTooLong
		return
	}
	r.open, err = r.aead.Open(nil, r.nonce(last), r.sealed[:n], r.aad)
	switch {
	case err == nil && last:
		r.err = io.EOF
	case err != nil:
		r.open, r.err = nil, r.why(last, n)
	}
	r.chunk++
}

// why tells a stream that was cut between two chunks from one that was changed.
// Neither gives out what it could not prove.
func (r *Reader) why(last bool, n int) error {
	if last {
		if _, err := r.aead.Open(nil, r.nonce(false), r.sealed[:n], r.aad); err == nil {
			return ErrTruncated
		}
	}
	return ErrTampered
}
