package attest

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pen signs with one key in memory.
type pen struct {
	key  ed25519.PrivateKey
	fail error
}

func newPen() pen {
	return pen{key: ed25519.NewKeyFromSeed([]byte(strings.Repeat("7", ed25519.SeedSize)))}
}

func (p pen) Sign(_ context.Context, message []byte) ([]byte, int, error) {
	return ed25519.Sign(p.key, message), 3, p.fail
}

func (p pen) PublicKeys(context.Context) (map[int][]byte, error) {
	return map[int][]byte{3: p.key.Public().(ed25519.PublicKey)}, nil
}

func (p pen) keys() Keys { return Keys{p.key.Public().(ed25519.PublicKey)} }

func claim(t *testing.T) Envelope {
	t.Helper()
	e, err := Sign(t.Context(), newPen(), Predicates+"test/v1", []Subject{Digested("thing", []byte("x"))}, map[string]string{"state": "done"})
	require.NoError(t, err)
	return e
}

// The encoding that is signed is the one of the DSSE protocol's own example.
func TestTheEncodingIsDSSEs(t *testing.T) {
	t.Parallel()
	require.Equal(t, "DSSEv1 29 http://example.com/HelloWorld 11 hello world", string(signed("http://example.com/HelloWorld", []byte("hello world"))))
}

func TestWhatIsSignedIsVerified(t *testing.T) {
	t.Parallel()
	e := claim(t)
	require.Equal(t, e, claim(t), "the same claim is the same envelope")
	text, err := json.Marshal(e)
	require.NoError(t, err)
	parsed, err := Parse(text)
	require.NoError(t, err)
	s, err := Verify(parsed, newPen().keys())
	require.NoError(t, err)
	require.Equal(t, StatementType, s.Type)
	require.Equal(t, Predicates+"test/v1", s.PredicateType)
	require.JSONEq(t, `{"state": "done"}`, string(s.Predicate))
	require.Len(t, s.Subject[0].Digest["sha256"], 64)

	// Base64 for URLs is as good.
	text = []byte(strings.NewReplacer("+", "-", "/", "_").Replace(string(text)))
	text = []byte(strings.Replace(string(text), "application_vnd.in-toto-json", PayloadType, 1))
	parsed, err = Parse(text)
	require.NoError(t, err)
	_, err = Verify(parsed, newPen().keys())
	require.NoError(t, err)
}

func TestForgedStatementsAreRefused(t *testing.T) {
	t.Parallel()
	good := newPen().keys()
	other := pen{key: ed25519.NewKeyFromSeed([]byte(strings.Repeat("8", ed25519.SeedSize)))}.keys()
	for name, bend := range map[string]func(*Envelope){
		"payload":     func(e *Envelope) { e.Payload[len(e.Payload)-3] ^= 1 },
		"signature":   func(e *Envelope) { e.Signatures[0].Sig[0] ^= 1 },
		"cut":         func(e *Envelope) { e.Signatures[0].Sig = e.Signatures[0].Sig[:10] },
		"of the text": func(e *Envelope) { e.Signatures[0].Sig = ed25519.Sign(newPen().key, e.Payload) },
	} {
		e := claim(t)
		bend(&e)
		_, err := Verify(e, good)
		require.ErrorIs(t, err, ErrSignature, name)
	}
	_, err := Verify(claim(t), other)
	require.ErrorIs(t, err, ErrSignature)
	_, err = Verify(claim(t), nil)
	require.ErrorIs(t, err, ErrSignature)
	for name, bend := range map[string]func(*Envelope){
		"type":       func(e *Envelope) { e.PayloadType = "text/plain" },
		"empty":      func(e *Envelope) { e.Payload = nil },
		"unsigned":   func(e *Envelope) { e.Signatures = nil },
		"too many":   func(e *Envelope) { e.Signatures = make([]Signature, 17) },
		"no JSON":    func(e *Envelope) { resign(e, `no`) },
		"no subject": func(e *Envelope) { resign(e, `{"_type": "`+StatementType+`", "predicateType": "x"}`) },
		"other type": func(e *Envelope) { resign(e, `{"_type": "x", "subject": [{}], "predicateType": "x"}`) },
	} {
		e := claim(t)
		bend(&e)
		_, err := Verify(e, good)
		require.ErrorIs(t, err, ErrEnvelope, name)
	}
	for _, text := range []string{"", "no", `{"payload": "%"}`, `{"signatures": [{"sig": "%"}]}`} {
		_, err := Parse([]byte(text))
		require.ErrorIs(t, err, ErrEnvelope, text)
	}
	_, err = Parse(make([]byte, 2*MaxPayload+1))
	require.ErrorIs(t, err, ErrEnvelope)
}

func resign(e *Envelope, payload string) {
	e.Payload = []byte(payload)
	e.Signatures[0].Sig = ed25519.Sign(newPen().key, signed(PayloadType, e.Payload))
}

func TestWhatCannotBeSigned(t *testing.T) {
	t.Parallel()
	subject := []Subject{Digested("thing", nil)}
	_, err := Sign(t.Context(), newPen(), "", subject, 1)
	require.Error(t, err)
	_, err = Sign(t.Context(), newPen(), "x", nil, 1)
	require.Error(t, err)
	_, err = Sign(t.Context(), newPen(), "x", subject, func() {})
	require.Error(t, err)
	_, err = Sign(t.Context(), newPen(), "x", subject, strings.Repeat("a", MaxPayload))
	require.Error(t, err)
	away := errors.New("away")
	_, err = Sign(t.Context(), pen{newPen().key, away}, "x", subject, 1)
	require.ErrorIs(t, err, away)
}

// FuzzParse: no text makes Parse or Verify do anything but answer.
func FuzzParse(f *testing.F) {
	f.Add(`{"payloadType": "x", "payload": "` + base64.StdEncoding.EncodeToString([]byte("y")) + `", "signatures": [{"sig": "AA=="}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := Parse([]byte(text)); err == nil {
			_, err := Verify(e, newPen().keys())
			require.Error(t, err)
		}
	})
}
