package audit

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A WitnessServer is a witness for others' logs (C2SP tlog-witness). It keeps,
// in a folder, its key and the newest head of each log that it has cosigned.
type WitnessServer struct {
	folder string
	logs   LogKeys
	signer *cosignature.Signer
	vkey   string

	mu sync.Mutex // one head after the other: what was seen must not be undone
}

// OpenWitness opens the witness of a folder, whose key is made when missing. It
// is named name and cosigns the logs that keys are of. Only one process may use
// a folder.
func OpenWitness(folder, name string, logs LogKeys) (*WitnessServer, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	path := filepath.Join(folder, "key")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		private, _, err := note.GenerateKey(rand.Reader, name)
		if err == nil {
			err = writePrivate(path, private+"\n", false)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("audit: making the witness's key: %w", err)
		}
	}
	private, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("audit: reading the witness's key: %w", err)
	}
	signer, err := cosignature.NewSignerForCosignatureV1(strings.TrimSpace(private))
	if err != nil || signer.Name() != name {
		return nil, fmt.Errorf("audit: %s holds no key of a witness named %s", path, name)
	}
	public, err := publicOf(strings.TrimSpace(private))
	if err != nil {
		return nil, err
	}
	return &WitnessServer{folder: folder, logs: logs, signer: signer, vkey: cosignerKey(name, public)}, nil
}

// Key is the witness's vkey, for policies.
func (s *WitnessServer) Key() string { return s.vkey }

// publicOf is the public key of a private one in the form of package note.
func publicOf(private string) ([]byte, error) {
	parts := strings.SplitN(private, "+", 5) // PRIVATE+KEY+name+hash+key, and the key may have a +
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(parts) != 5 || len(raw) != 33 {
		return nil, errors.New("audit: the witness's key is damaged")
	}
	return publicKey(raw[1:]), nil
}

// cosignerKey is the vkey of a cosigner: kind 4, an Ed25519 key.
func cosignerKey(name string, public []byte) string {
	key := append([]byte{4}, public...)
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return fmt.Sprintf("%s+%s+%s", name, hex.EncodeToString(sum[:4]), base64.StdEncoding.EncodeToString(key))
}

// A refusal is a witness's no: a status, and a size or a reason.
type refusal struct {
	status int
	size   int64
	reason string
}

func (r refusal) Error() string { return r.reason }

// ServeHTTP answers POST /add-checkpoint.
func (s *WitnessServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/add-checkpoint" {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 2*maxNote))
	if err != nil {
		http.Error(w, "the request is too large or was cut off", http.StatusBadRequest)
		return
	}
	line, err := s.add(body)
	var no refusal
	switch {
	case err == nil:
		_, _ = io.WriteString(w, line)
	case errors.As(err, &no) && no.status == http.StatusConflict && no.reason == "":
		w.Header().Set("Content-Type", sizeType)
		w.WriteHeader(no.status)
		fmt.Fprintf(w, "%d\n", no.size)
	case errors.As(err, &no):
		http.Error(w, no.reason, no.status)
	default:
		http.Error(w, "the witness cannot keep what it saw, so it cosigns nothing", http.StatusInternalServerError)
	}
}

// add checks a head against the last one and cosigns it, after it is kept.
func (s *WitnessServer) add(body []byte) (line string, err error) {
	old, proof, signed, err := parseAddCheckpoint(body)
	if err != nil {
		return "", refusal{status: http.StatusBadRequest, reason: err.Error()}
	}
	head, err := OpenHead(signed, s.logs)
	switch {
	case errors.Is(err, ErrOrigin):
		return "", refusal{status: http.StatusNotFound, reason: "this log is not known here"}
	case errors.Is(err, ErrSignature):
		return "", refusal{status: http.StatusForbidden, reason: "no key of the log has signed this head"}
	case err != nil:
		return "", refusal{status: http.StatusBadRequest, reason: "this is no head of a log"}
	case old > head.Size:
		return "", refusal{status: http.StatusBadRequest, reason: "the old size is larger than the head's"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last, err := s.last(head.Origin)
	if err != nil {
		return "", err
	}
	if err := follows(last, old, proof, head); err != nil {
		return "", err
	}
	n, err := note.Open(signed, note.VerifierList(s.logs.of(head.Origin)...))
	if err != nil {
		return "", err
	}
	cosigned, err := note.Sign(&note.Note{Text: n.Text}, s.signer)
	if err != nil {
		return "", err
	}
	if err := writePrivate(s.file(head.Origin), string(signed), true); err != nil {
		return "", err
	}
	return string(cosigned[len(n.Text)+1:]), nil
}

// follows returns a refusal unless head goes on from the last one.
func follows(last Head, old int64, proof tlog.TreeProof, head Head) error {
	switch {
	case old != last.Size:
		return refusal{status: http.StatusConflict, size: last.Size}
	case last.Size == 0 && len(proof) > 0:
		return refusal{status: http.StatusUnprocessableEntity, reason: "there is nothing to prove from the empty log"}
	case last.Size == 0:
		return nil
	case last.Size == head.Size && last.Root != head.Root:
		return refusal{status: http.StatusConflict, reason: "another head of this size was cosigned before"}
	}
	if err := tlog.CheckTree(proof, head.Size, head.Root, last.Size, last.Root); err != nil {
		return refusal{status: http.StatusUnprocessableEntity, reason: "the head does not go on from the one that was cosigned before"}
	}
	return nil
}

// parseAddCheckpoint reads the body of a request to a witness.
func parseAddCheckpoint(body []byte) (old int64, proof tlog.TreeProof, signed []byte, err error) {
	top, signed, ok := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(top), "\n")
	number, isOld := strings.CutPrefix(lines[0], "old ")
	old, err = strconv.ParseInt(number, 10, 64)
	if !ok || !isOld || err != nil || old < 0 || strconv.FormatInt(old, 10) != number {
		return 0, nil, nil, errors.New("the request begins with no old size")
	}
	if len(lines) > 64 {
		return 0, nil, nil, errors.New("the proof is too long")
	}
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return 0, nil, nil, errors.New("a line of the proof is no hash")
		}
		proof = append(proof, tlog.Hash(raw))
	}
	return old, proof, signed, nil
}

// last is the newest head of a log that was cosigned; empty when none was.
func (s *WitnessServer) last(origin string) (Head, error) {
	text, err := readPrivate(s.file(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return Head{Origin: origin}, nil
	}
	if err != nil {
		return Head{}, err
	}
	return OpenHead([]byte(text), s.logs)
}

func (s *WitnessServer) file(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(s.folder, hex.EncodeToString(sum[:16])+".head")
}
