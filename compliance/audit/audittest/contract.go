package audittest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/voicehive/voicehive/compliance/audit"
)

// A Subject is a signer to be tested.
type Subject struct {
	Signer audit.Signer
	// Rotate adds a version to the key; nil where a key has one version only.
	Rotate func(context.Context) error
	// Other is a signer with another key.
	Other audit.Signer
}

// SignerContract runs what a signer must do on subjects that start makes, one
// for each test.
func SignerContract(t *testing.T, start func(t testing.TB) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"signs what its public key verifies": signs,
		"signs the bytes as they are":        signsBytes,
		"makes heads that others can open":   heads,
		"is not mistaken for another":        others,
		"opens old heads after a rotation":   rotates,
		"signs nothing when it is cut off":   cutOff,
	} {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

func signs(t *testing.T, s Subject) {
	message := []byte("audit.example/2026\n1\nroot\n")
	signature, version, err := s.Signer.Sign(t.Context(), message)
	require.NoError(t, err)
	require.Len(t, signature, ed25519.SignatureSize)
	public, err := s.Signer.PublicKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, public[version], ed25519.PublicKeySize)
	require.True(t, ed25519.Verify(public[version], message, signature))
	require.False(t, ed25519.Verify(public[version], append(message, '\n'), signature))
}

// signsBytes: a signer that hashes first makes signatures that nobody can check.
func signsBytes(t *testing.T, s Subject) {
	for _, message := range [][]byte{{}, {0, 255, '\n'}, []byte(strings.Repeat("a", 4096))} {
		signature, version, err := s.Signer.Sign(t.Context(), message)
		require.NoError(t, err)
		public, err := s.Signer.PublicKeys(t.Context())
		require.NoError(t, err)
		require.True(t, ed25519.Verify(public[version], message, signature))
	}
}

func head() audit.Head {
	return audit.Head{Origin: "audit.example/2026", Size: 5, Root: sha256.Sum256([]byte("root"))}
}

func keysOf(t *testing.T, signer audit.Signer, name string) audit.LogKeys {
	t.Helper()
	lines, err := audit.VerifierKeys(t.Context(), signer, name)
	require.NoError(t, err)
	keys, err := audit.ParseLogKeys(strings.Join(lines, "\n"))
	require.NoError(t, err)
	return keys
}

func heads(t *testing.T, s Subject) {
	signed, err := audit.SignHead(t.Context(), s.Signer, head())
	require.NoError(t, err)
	for _, name := range []string{"audit.example", "audit.example/2026"} {
		opened, err := audit.OpenHead(signed, keysOf(t, s.Signer, name))
		require.NoError(t, err)
		require.Equal(t, head(), opened)
	}
	// The library that the form comes from.
	lines, err := audit.VerifierKeys(t.Context(), s.Signer, "audit.example/2026")
	require.NoError(t, err)
	verifier, err := note.NewVerifier(lines[len(lines)-1])
	require.NoError(t, err)
	_, err = note.Open(signed, note.VerifierList(verifier))
	require.NoError(t, err)
}

func others(t *testing.T, s Subject) {
	signed, err := audit.SignHead(t.Context(), s.Other, head())
	require.NoError(t, err)
	_, err = audit.OpenHead(signed, keysOf(t, s.Signer, "audit.example"))
	require.ErrorIs(t, err, audit.ErrSignature)
	signed, err = audit.SignHead(t.Context(), s.Signer, head())
	require.NoError(t, err)
	_, err = audit.OpenHead(signed, keysOf(t, s.Signer, "audit.elsewhere"))
	require.ErrorIs(t, err, audit.ErrOrigin)
}

func rotates(t *testing.T, s Subject) {
	if s.Rotate == nil {
		return
	}
	before, err := audit.SignHead(t.Context(), s.Signer, head())
	require.NoError(t, err)
	_, old, err := s.Signer.Sign(t.Context(), []byte("x"))
	require.NoError(t, err)
	require.NoError(t, s.Rotate(t.Context()))
	after, err := audit.SignHead(t.Context(), s.Signer, head())
	require.NoError(t, err)
	_, fresh, err := s.Signer.Sign(t.Context(), []byte("x"))
	require.NoError(t, err)
	require.Greater(t, fresh, old)
	require.NotEqual(t, before, after)
	for _, signed := range [][]byte{before, after} {
		_, err := audit.OpenHead(signed, keysOf(t, s.Signer, "audit.example"))
		require.NoError(t, err)
	}
}

func cutOff(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := audit.SignHead(ctx, s.Signer, head())
	require.ErrorIs(t, err, context.Canceled)
}
