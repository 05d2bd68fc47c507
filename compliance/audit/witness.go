package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/voicehive/voicehive/internal/postgres"
)

// sizeType is the media type of a witness's answer that it knows another size.
const sizeType = "text/x.tlog.size"

// ErrWitness says that a witness did not cosign. It refuses a log that does not
// agree with what it has seen.
var ErrWitness = errors.New("audit: the witness did not cosign")

// A Witness keeps the size and the root of the newest head that it has seen,
// and cosigns only heads that agree with it (C2SP tlog-witness). It is somebody
// else: a partner hotel, an auditor.
type Witness struct {
	url      string
	verifier note.Verifier
	client   *http.Client
}

// staleError is the answer that the witness knows another size.
type staleError struct{ size int64 }

func (e staleError) Error() string { return fmt.Sprintf("the witness is at %d entries", e.size) }

// cosign hands a signed head over, with the proof that it goes on from the old
// one, and returns the witness's line.
func (w Witness) cosign(ctx context.Context, old int64, proof tlog.TreeProof, signed []byte) (line string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(addCheckpoint(old, proof, signed)))
	if err != nil {
		return "", fmt.Errorf("%w: its address: %w", ErrWitness, err)
	}
	answer, err := w.client.Do(request)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrWitness, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxNote))
	if err != nil {
		return "", fmt.Errorf("%w: reading its answer: %w", ErrWitness, err)
	}
	switch {
	case answer.StatusCode == http.StatusConflict && answer.Header.Get("Content-Type") == sizeType:
		size, err := strconv.ParseInt(strings.TrimSuffix(string(body), "\n"), 10, 64)
		if err != nil || size < 0 {
			return "", fmt.Errorf("%w: its answer cannot be read", ErrWitness)
		}
		return "", staleError{size}
	case answer.StatusCode != http.StatusOK:
		return "", fmt.Errorf("%w: it answered %s", ErrWitness, answer.Status)
	}
	return w.line(signed, string(body))
}

// line picks the witness's own line out of its answer, when it is right.
func (w Witness) line(signed []byte, answer string) (string, error) {
	for line := range strings.Lines(answer) {
		if names := signers(withSignatures(signed, line), []note.Verifier{w.verifier}); len(names) == 1 {
			return strings.TrimSuffix(line, "\n"), nil
		}
	}
	return "", fmt.Errorf("%w: its answer holds no signature of %s", ErrWitness, w.verifier.Name())
}

// addCheckpoint is the body of a request to a witness.
func addCheckpoint(old int64, proof tlog.TreeProof, signed []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	for _, h := range proof {
		fmt.Fprintf(&b, "%s\n", h)
	}
	b.WriteByte('\n')
	b.Write(signed)
	return b.Bytes()
}

// AskWitnesses lets each witness cosign the newest signed head, and keeps what
// they sign. One that cannot be reached does not keep the others from it.
func (s *Sequencer) AskWitnesses(ctx context.Context) error {
	var failed []error
	for _, w := range s.options.Witnesses {
		if err := s.ask(ctx, w); err != nil {
			failed = append(failed, fmt.Errorf("witness %s: %w", w.verifier.Name(), err))
		}
	}
	return errors.Join(failed...)
}

// ask asks again when the witness is at another size than was thought.
func (s *Sequencer) ask(ctx context.Context, w Witness) error {
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	old := int64(-1)
	for range 2 {
		year, head, proof, known, err := s.questionFor(ctx, w, old)
		if err != nil || head.size == 0 || known == head.size && old < 0 {
			return err // nothing new
		}
		line, err := w.cosign(ctx, known, proof, head.note)
		var stale staleError
		if errors.As(err, &stale) && old != stale.size {
			old = stale.size
			continue
		}
		if err != nil {
			return err
		}
		return s.pool.AsRole(ctx, postgres.RoleSequencer, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "insert into audit_cosignature (year, size, witness, line) values ($1, $2, $3, $4) on conflict do nothing",
				year, head.size, w.verifier.Name(), line)
			return err
		})
	}
	return fmt.Errorf("%w: it does not say which size it is at", ErrWitness)
}

// questionFor reads the newest signed head and the proof from the size that the
// witness is at: old, or the last that it cosigned.
func (s *Sequencer) questionFor(ctx context.Context, w Witness, old int64) (year int, head signedHead, proof tlog.TreeProof, known int64, err error) {
	err = s.pool.AsRole(ctx, postgres.RoleSequencer, func(tx pgx.Tx) error {
		if year, _, err = end(ctx, tx); err != nil {
			return err
		}
		if head, err = lastSigned(ctx, tx, year); err != nil || head.size == 0 {
			return err
		}
		known = old
		if old < 0 {
			err := tx.QueryRow(ctx, "select coalesce(max(size), 0) from audit_cosignature where year = $1 and witness = $2", year, w.verifier.Name()).Scan(&known)
			if err != nil {
				return err
			}
		}
		if known > head.size {
			return fmt.Errorf("%w: the witness %s has cosigned %d entries, and there are %d", ErrRewritten, w.verifier.Name(), known, head.size)
		}
		if known > 0 {
			proof, err = tlog.ProveTree(head.size, known, hashes{ctx: ctx, tx: tx, year: year, cache: s.cache})
		}
		return err
	})
	return year, head, proof, known, err
}
