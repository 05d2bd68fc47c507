package attest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/voicehive/voicehive/compliance/audit"
)

// Names that the formats give.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PayloadType   = "application/vnd.in-toto+json"
)

// Predicates is where the house's predicate types stand: put what it is and its
// version behind, such as Predicates + "erasure/v1".
const Predicates = "https://github.com/voicehive/voicehive/attest/"

// MaxPayload bounds a statement, in bytes.
const MaxPayload = 4 << 20

const maxSignatures = 16

var (
	// ErrEnvelope: the text is no statement in an envelope.
	ErrEnvelope = errors.New("attest: not a signed statement")
	// ErrSignature: no given key has signed it as it stands; it is forged or
	// changed, or the keys are of another house.
	ErrSignature = errors.New("attest: no key given has signed this statement as it stands: do not trust it")
)

// A Signer signs with an Ed25519 key that may have several versions.
// audit.Signer is one.
type Signer interface {
	Sign(ctx context.Context, message []byte) (signature []byte, version int, err error)
	PublicKeys(ctx context.Context) (map[int][]byte, error)
}

// A Subject is something that a statement is about.
type Subject struct {
	Name string `json:"name"`
	// Digest is by algorithm, in hexadecimal.
	Digest map[string]string `json:"digest"`
}

// Digested is a subject by the SHA-256 of its content.
func Digested(name string, content []byte) Subject {
	sum := sha256.Sum256(content)
	return Subject{Name: name, Digest: map[string]string{"sha256": hex.EncodeToString(sum[:])}}
}

// A Statement is what was claimed.
type Statement struct {
	Type          string          `json:"_type"`
	Subject       []Subject       `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

// An Envelope is a statement with its signatures.
type Envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     []byte      `json:"payload"` // base64 in JSON
	Signatures  []Signature `json:"signatures"`
}

// A Signature is over the payload and its type. KeyID is a hint only.
type Signature struct {
	KeyID string `json:"keyid"`
	Sig   []byte `json:"sig"`
}

// Sign claims a predicate about subjects. The same claim under the same key is
// the same envelope, byte for byte.
func Sign(ctx context.Context, signer Signer, predicateType string, subjects []Subject, predicate any) (Envelope, error) {
	if predicateType == "" || len(subjects) == 0 {
		return Envelope{}, errors.New("attest: a statement needs a predicate type and at least one subject")
	}
	claimed, err := json.Marshal(predicate)
	if err != nil {
		return Envelope{}, fmt.Errorf("attest: %T cannot be written as JSON", predicate) // the cause may quote it
	}
	payload, err := json.Marshal(Statement{StatementType, subjects, predicateType, claimed})
	if err != nil {
		return Envelope{}, fmt.Errorf("attest: write a statement: %w", err)
	}
	if len(payload) > MaxPayload {
		return Envelope{}, fmt.Errorf("attest: a statement has %d bytes, at most %d are allowed", len(payload), MaxPayload)
	}
	signature, version, err := signer.Sign(ctx, signed(PayloadType, payload))
	if err != nil {
		return Envelope{}, fmt.Errorf("attest: sign a statement: %w", err)
	}
	public, err := signer.PublicKeys(ctx)
	if err != nil {
		return Envelope{}, fmt.Errorf("attest: read the public keys of the signer: %w", err)
	}
	key := Keys{public[version]}
	e := Envelope{PayloadType, payload, []Signature{{KeyID(public[version]), signature}}}
	if _, err := Verify(e, key); err != nil {
		return Envelope{}, errors.New("attest: the signer's signature does not fit its own public key")
	}
	return e, nil
}

// Keys are public keys that a verifier trusts.
type Keys []ed25519.PublicKey

// ParseKeys reads C2SP vkeys, one in a line, as `voicehive audit status` prints
// them: what proves the log proves a statement too.
func ParseKeys(text string) (Keys, error) {
	known, err := audit.ParseLogKeys(text)
	if err != nil {
		return nil, err
	}
	var all Keys
	for _, public := range known.Public() {
		all = append(all, public)
	}
	return all, nil
}

// SignerKeys are the keys of a signer itself.
func SignerKeys(ctx context.Context, signer Signer) (Keys, error) {
	public, err := signer.PublicKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("attest: read the public keys of the signer: %w", err)
	}
	var all Keys
	for _, key := range public {
		all = append(all, key)
	}
	return all, nil
}

// KeyID names a key: the SHA-256 of it.
func KeyID(public []byte) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:])
}

// KeyName is what an installation's keys of statements are called, where they are
// not those of its log: the name of no year's log, whose heads they cannot sign.
func KeyName(installation string) string { return installation + "/certificates" }

// Parse reads an envelope from JSON.
func Parse(text []byte) (Envelope, error) {
	var e Envelope
	if len(text) > 2*MaxPayload {
		return e, fmt.Errorf("%w: it has more than %d bytes", ErrEnvelope, 2*MaxPayload)
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("%w: it is no JSON of an envelope", ErrEnvelope)
	}
	return e, nil
}

// UnmarshalJSON reads base64 of either alphabet, as the format demands.
func (s *Signature) UnmarshalJSON(text []byte) error {
	var raw struct{ KeyID, Sig string }
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	sig, err := decode(raw.Sig)
	s.KeyID, s.Sig = raw.KeyID, sig
	return err
}

// UnmarshalJSON reads base64 of either alphabet, as the format demands.
func (e *Envelope) UnmarshalJSON(text []byte) error {
	var raw struct {
		PayloadType, Payload string
		Signatures           []Signature
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	payload, err := decode(raw.Payload)
	e.PayloadType, e.Payload, e.Signatures = raw.PayloadType, payload, raw.Signatures
	return err
}

func decode(text string) ([]byte, error) {
	out, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		out, err = base64.URLEncoding.DecodeString(text)
	}
	return out, err
}

// Verify checks an envelope offline and returns what it says. ErrEnvelope is a
// text of another kind, ErrSignature one that must not be believed.
func Verify(e Envelope, keys Keys) (Statement, error) {
	switch {
	case e.PayloadType != PayloadType:
		return Statement{}, fmt.Errorf("%w: its payload is of another type", ErrEnvelope)
	case len(e.Payload) == 0 || len(e.Payload) > MaxPayload:
		return Statement{}, fmt.Errorf("%w: its payload has %d bytes", ErrEnvelope, len(e.Payload))
	case len(e.Signatures) == 0 || len(e.Signatures) > maxSignatures:
		return Statement{}, fmt.Errorf("%w: it has %d signatures", ErrEnvelope, len(e.Signatures))
	case !believed(e, keys):
		return Statement{}, ErrSignature
	}
	var s Statement
	if err := json.Unmarshal(e.Payload, &s); err != nil {
		return Statement{}, fmt.Errorf("%w: its payload is no JSON of a statement", ErrEnvelope)
	}
	if s.Type != StatementType || s.PredicateType == "" || len(s.Subject) == 0 {
		return Statement{}, fmt.Errorf("%w: its payload is no in-toto Statement v1", ErrEnvelope)
	}
	return s, nil
}

func believed(e Envelope, keys Keys) bool {
	message := signed(e.PayloadType, e.Payload)
	for _, s := range e.Signatures {
		for _, key := range keys {
			if len(key) == ed25519.PublicKeySize && ed25519.Verify(key, message, s.Sig) {
				return true
			}
		}
	}
	return false
}

// signed is the pre-authentication encoding of DSSE: what the signature is over.
func signed(payloadType string, payload []byte) []byte {
	return append(fmt.Appendf(nil, "DSSEv1 %d %s %d ", len(payloadType), payloadType, len(payload)), payload...)
}
