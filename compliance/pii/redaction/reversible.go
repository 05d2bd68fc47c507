package redaction

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/voicehive/voicehive/compliance/pii"
)

// maxValue bounds a value that can be restored, in bytes.
const maxValue = 4096

// sivSize is how much of a token is its check and its nonce.
const sivSize = 16

// hash is keyed, for a bare hash of a phone number is guessed in minutes.
func (r *Redactor) hash(ctx context.Context, t pii.Type, value string) (string, error) {
	sum, err := r.mac(ctx, "hash", t, []byte(value))
	if err != nil {
		return "", err
	}
	return mark(t, 'h', hex.EncodeToString(sum[:sivSize])), nil
}

func (r *Redactor) encrypt(ctx context.Context, t pii.Type, value string) (string, error) {
	if r.keys == nil {
		return "", ErrKeys
	}
	sealed, err := r.keys.Seal(ctx, place(t), []byte(value))
	if err != nil {
		return "", fmt.Errorf("redaction: encrypt a value: %w", err)
	}
	return mark(t, 'e', base64.RawURLEncoding.EncodeToString(sealed)), nil
}

// tokenise encrypts so that a value always gives the same token: a synthetic
// nonce that is the keyed hash of type and value, and a key stream from the
// same function. Who reads a token checks it by making the hash again.
func (r *Redactor) tokenise(ctx context.Context, t pii.Type, value string) (string, error) {
	if len(value) > maxValue {
		return "<" + string(t) + ">", nil
	}
	sum, err := r.mac(ctx, "token", t, []byte(value))
	if err != nil {
		return "", err
	}
	token := append(sum[:sivSize:sivSize], value...)
	if err := r.stream(ctx, t, token[:sivSize], token[sivSize:]); err != nil {
		return "", err
	}
	return mark(t, 't', base64.RawURLEncoding.EncodeToString(token)), nil
}

// stream adds the key stream of a nonce to text.
func (r *Redactor) stream(ctx context.Context, t pii.Type, nonce, text []byte) error {
	for block := uint32(0); len(text) > 0; block++ {
		pad, err := r.mac(ctx, "stream", t, binary.BigEndian.AppendUint32(append([]byte(nil), nonce...), block))
		if err != nil {
			return err
		}
		n := min(len(text), len(pad))
		for i := range n {
			text[i] ^= pad[i]
		}
		text = text[n:]
	}
	return nil
}

func (r *Redactor) mac(ctx context.Context, use string, t pii.Type, message []byte) ([]byte, error) {
	if r.keys == nil {
		return nil, ErrKeys
	}
	sum, err := r.keys.MAC(ctx, append([]byte("redaction/"+use+"/"+string(t)+"\x00"), message...))
	if err != nil {
		return nil, fmt.Errorf("redaction: hash a value: %w", err)
	}
	if len(sum) < 32 {
		return nil, errors.New("redaction: the keyed hash is shorter than 32 bytes")
	}
	return sum[:32:32], nil
}

func place(t pii.Type) string { return "redaction/" + string(t) }

func mark(t pii.Type, kind byte, text string) string {
	return "<" + string(t) + ":" + string(kind) + ":" + text + ">"
}

// An Auditor notes that somebody restores personal data, before it is done.
type Auditor interface {
	Restoring(ctx context.Context, actor, reason string, values int) error
}

// ErrNoReason: nobody restores without saying who and why.
var ErrNoReason = errors.New("redaction: restoring needs an actor, a reason and an audit log")

// Restore puts back what Redact hid and can be restored. It is noted in the
// audit log first, and refused where that fails. Marks that are not of this
// call stay.
func (r *Redactor) Restore(ctx context.Context, text string, audit Auditor, actor, reason string) (string, error) {
	if audit == nil || actor == "" || reason == "" {
		return "", ErrNoReason
	}
	places := literal.FindAllStringIndex(text, -1)
	if err := audit.Restoring(ctx, actor, reason, len(places)); err != nil {
		return "", fmt.Errorf("redaction: note a restore: %w", err)
	}
	var out strings.Builder
	from := 0
	for _, p := range places {
		value, err := r.restore(ctx, text[p[0]:p[1]])
		if err != nil {
			return "", err
		}
		out.WriteString(text[from:p[0]])
		out.WriteString(value)
		from = p[1]
	}
	out.WriteString(text[from:])
	return out.String(), nil
}

// restore gives the value of a mark, or the mark where it is none of ours.
func (r *Redactor) restore(ctx context.Context, m string) (string, error) {
	t, rest, sealed := strings.Cut(strings.Trim(m, "<>"), ":")
	if !sealed {
		r.mu.Lock()
		defer r.mu.Unlock()
		if value, ok := r.marks[m]; ok {
			return value, nil
		}
		return m, nil
	}
	kind, body, _ := strings.Cut(rest, ":")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || r.keys == nil {
		return m, nil
	}
	switch kind {
	case "e":
		plain, err := r.keys.Open(ctx, place(pii.Type(t)), raw)
		if err != nil {
			return "", fmt.Errorf("redaction: open a value: %w", err)
		}
		return string(plain), nil
	case "t":
		return r.detokenise(ctx, pii.Type(t), raw, m)
	}
	return m, nil
}

func (r *Redactor) detokenise(ctx context.Context, t pii.Type, raw []byte, m string) (string, error) {
	if len(raw) <= sivSize || len(raw) > maxValue+sivSize {
		return m, nil
	}
	value := append([]byte(nil), raw[sivSize:]...)
	if err := r.stream(ctx, t, raw[:sivSize], value); err != nil {
		return "", err
	}
	sum, err := r.mac(ctx, "token", t, value)
	if err != nil {
		return "", err
	}
	if !hmac.Equal(sum[:sivSize], raw[:sivSize]) {
		return m, nil
	}
	return string(value), nil
}
