package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxNote bounds a signed note: a head with some dozen signatures.
const maxNote = 16 << 10

var (
	// ErrHead says that a text is no head of this log that was signed by its key.
	ErrHead = errors.New("audit: not a signed head of this log")
	// ErrOrigin is an ErrHead: the head is of a log that no given key is of.
	ErrOrigin = fmt.Errorf("%w: it is of another log", ErrHead)
	// ErrSignature is an ErrHead: no key of the log has signed the text.
	ErrSignature = fmt.Errorf("%w: its signature is wrong or missing", ErrHead)
)

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}(/[a-z0-9][a-z0-9._-]{0,63}){0,3}$`)

// Origin names the log of a year: the installation's name and the year.
func Origin(name string, year int) string { return name + "/" + strconv.Itoa(year) }

// CheckName refuses what cannot be an installation's name, the first part of
// every origin: a host name, perhaps with a path, such as
// "audit.example.com/eu1". It must never change.
func CheckName(name string) error {
	if !namePattern.MatchString(name) {
		return errors.New("audit: an installation's name is a host name in small letters, perhaps with a path")
	}
	return nil
}

// A Head is the state of a log: how many entries, and the hash over all of them.
type Head struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// text is the C2SP checkpoint, without signatures.
func (h Head) text() string { return fmt.Sprintf("%s\n%d\n%s\n", h.Origin, h.Size, h.Root) }

// parseHead reads a checkpoint and accepts the canonical form only. Lines that
// extend it are refused: nothing here writes them, and nothing would check them.
func parseHead(text string) (Head, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" {
		return Head{}, fmt.Errorf("%w: it has not the three lines of one", ErrHead)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, hashErr := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || size < 0 || hashErr != nil || len(root) != tlog.HashSize {
		return Head{}, fmt.Errorf("%w: its size or root cannot be read", ErrHead)
	}
	h := Head{Origin: lines[0], Size: size, Root: tlog.Hash(root)}
	if h.text() != text {
		return Head{}, fmt.Errorf("%w: it is not in the canonical form", ErrHead)
	}
	return h, nil
}

// OpenHead checks a signed head: it is of a log that keys know, and its key
// signed it. Signatures of others are ignored. ErrOrigin and ErrSignature tell
// what is wrong; both are ErrHead.
func OpenHead(signed []byte, keys LogKeys) (Head, error) {
	if len(signed) > maxNote {
		return Head{}, fmt.Errorf("%w: it has more than %d bytes", ErrHead, maxNote)
	}
	origin, _, _ := strings.Cut(string(signed), "\n")
	known := keys.of(origin)
	if len(known) == 0 {
		return Head{}, fmt.Errorf("%w (it says %q)", ErrOrigin, origin[:min(len(origin), 200)])
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return Head{}, ErrSignature
	}
	return parseHead(n.Text)
}

// VerifierKeys are the signer's keys as C2SP vkeys: what an auditor has to be
// given once, by another way than the log. Named by an origin they are good for
// that log, and by an installation's name for its logs of all years; programs
// of others know the former only.
func VerifierKeys(ctx context.Context, signer Signer, name string) ([]string, error) {
	public, err := signer.PublicKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("audit: reading the public keys of the signer: %w", err)
	}
	var all []string
	for _, version := range slices.Sorted(maps.Keys(public)) {
		key, err := verifierKey(name, public[version])
		if err != nil {
			return nil, err
		}
		all = append(all, key)
	}
	return all, nil
}

func verifierKey(origin string, public []byte) (string, error) {
	if len(public) != ed25519.PublicKeySize {
		return "", fmt.Errorf("audit: the signer's public key has %d bytes; an Ed25519 key is needed", len(public))
	}
	key, err := note.NewEd25519VerifierKey(origin, ed25519.PublicKey(public))
	if err != nil {
		return "", fmt.Errorf("audit: the log's name: %w", err)
	}
	return key, nil
}

// LogKeys are the keys of logs. A key that is named after an installation is
// good for the logs of all its years.
type LogKeys struct {
	keys []logKey
}

type logKey struct {
	name   string
	public []byte
}

var yearPattern = regexp.MustCompile(`^/[0-9]{4}$`)

// of are the verifiers for the log of an origin.
func (k LogKeys) of(origin string) []note.Verifier {
	var all []note.Verifier
	for _, key := range k.keys {
		rest, ok := strings.CutPrefix(origin, key.name)
		if !ok || rest != "" && !yearPattern.MatchString(rest) {
			continue
		}
		text, err := verifierKey(origin, key.public)
		if err != nil {
			continue
		}
		if v, err := note.NewVerifier(text); err == nil {
			all = append(all, v)
		}
	}
	return all
}

// ParseLogKeys reads C2SP vkeys with Ed25519 keys, one in a line; empty lines
// and those that begin with # do not count.
func ParseLogKeys(text string) (LogKeys, error) {
	if len(text) > 64<<10 {
		return LogKeys{}, errors.New("audit: the file of verifier keys is too large")
	}
	var k LogKeys
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return LogKeys{}, fmt.Errorf("audit: verifier key %d is no C2SP vkey with an Ed25519 key", len(k.keys)+1)
		}
		// What NewVerifier accepts is name+hash+key, the key with one byte before it.
		raw, err := base64.StdEncoding.DecodeString(line[len(v.Name())+len("+12345678+"):])
		if err != nil || len(raw) != 1+ed25519.PublicKeySize {
			return LogKeys{}, fmt.Errorf("audit: verifier key %d is no C2SP vkey with an Ed25519 key", len(k.keys)+1)
		}
		k.keys = append(k.keys, logKey{v.Name(), raw[1:]})
	}
	if len(k.keys) == 0 {
		return LogKeys{}, errors.New("audit: there is no verifier key; the log's operator prints them with `voicehive audit status`")
	}
	return k, nil
}

// Public are the keys themselves, for what else the log's signer has signed.
func (k LogKeys) Public() [][]byte {
	all := make([][]byte, len(k.keys))
	for i, key := range k.keys {
		all[i] = key.public
	}
	return all
}

// signerKeys are the keys of the installation's own signer.
func signerKeys(ctx context.Context, signer Signer, name string) (LogKeys, error) {
	keys, err := VerifierKeys(ctx, signer, name)
	if err != nil {
		return LogKeys{}, err
	}
	return ParseLogKeys(strings.Join(keys, "\n"))
}

// SignHead signs a head and checks what came back: a signer may be another
// process. Only a head that goes on from those signed before may be signed; see
// Sequencer.Publish.
func SignHead(ctx context.Context, signer Signer, h Head) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("audit: signing a head: %w", err)
	}
	text := h.text()
	signature, version, err := signer.Sign(ctx, []byte(text))
	if err != nil {
		return nil, fmt.Errorf("audit: signing a head: %w", err)
	}
	public, err := signer.PublicKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("audit: reading the public keys of the signer: %w", err)
	}
	key, err := verifierKey(h.Origin, public[version])
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, fmt.Errorf("audit: the log's verifier key: %w", err)
	}
	keys := LogKeys{[]logKey{{h.Origin, public[version]}}}
	signed, err := note.Sign(&note.Note{Text: text}, finished{verifier, signature})
	if err != nil {
		return nil, fmt.Errorf("audit: signing a head: %w", err)
	}
	opened, err := OpenHead(signed, keys)
	if err != nil || opened != h {
		return nil, errors.New("audit: the signer's signature does not fit its own public key")
	}
	return signed, nil
}

// finished is a note.Signer whose signature is there already.
type finished struct {
	note.Verifier
	signature []byte
}

func (f finished) Sign([]byte) ([]byte, error) { return f.signature, nil }

// withSignatures adds lines of signatures to a signed note.
func withSignatures(signed []byte, lines ...string) []byte {
	out := bytes.Clone(signed)
	for _, line := range lines {
		out = append(append(out, strings.TrimSuffix(line, "\n")...), '\n')
	}
	return out
}
