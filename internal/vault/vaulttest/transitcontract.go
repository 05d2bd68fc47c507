package vaulttest

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
)

func transitTests() map[string]func(*testing.T, Subject) {
	return map[string]func(*testing.T, Subject){
		"transit opens what it encrypted":       transits,
		"transit opens only what was encrypted": tampers,
		"transit cuts a large batch":            largeBatches,
		"transit destroys a key":                destroys,
		"transit rotates a key":                 rotates,
		"transit signs":                         signs,
		"transit keeps keys apart":              kinds,
		"transit refuses what cannot be":        wrongNames,
		"transit is denied other keys":          otherKeys,
		"transit tells that Vault is sealed":    sealedTransit,
	}
}

const wrapping, signing = WrappingPrefix + "2026-11", SigningPrefix + "2026"

func openTransit(t *testing.T, s Subject) *vault.Transit {
	t.Helper()
	transit := Open(t, s).Transit(TransitMount)
	require.NoError(t, transit.CreateKey(t.Context(), wrapping, vault.KeyWrapping))
	return transit
}

func transits(t *testing.T, s Subject) {
	transit := openTransit(t, s)
	items := []vault.TransitItem{{Plaintext: []byte(value), AAD: []byte("a")}, {Plaintext: []byte{0, 255}}, {Plaintext: []byte(value), AAD: []byte{0, 1, 254}}}
	texts, err := transit.EncryptBatch(t.Context(), wrapping, items)
	require.NoError(t, err)
	require.Len(t, texts, 3)
	var sealed []vault.TransitSealed
	for i, text := range texts {
		require.NotContains(t, text, value)
		sealed = append(sealed, vault.TransitSealed{Ciphertext: text, AAD: items[i].AAD})
	}
	plain, err := transit.DecryptBatch(t.Context(), wrapping, sealed)
	require.NoError(t, err)
	for i, item := range items {
		require.Equal(t, item.Plaintext, plain[i])
	}
	again, err := transit.EncryptBatch(t.Context(), wrapping, items[:1])
	require.NoError(t, err)
	require.NotEqual(t, texts[0], again[0], "every text has a nonce of its own")
	none, err := transit.EncryptBatch(t.Context(), wrapping, nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func tampers(t *testing.T, s Subject) {
	transit := openTransit(t, s)
	require.NoError(t, transit.CreateKey(t.Context(), WrappingPrefix+"other", vault.KeyWrapping))
	texts, err := transit.EncryptBatch(t.Context(), wrapping, []vault.TransitItem{{Plaintext: []byte(value), AAD: []byte("row 1")}})
	require.NoError(t, err)
	good := vault.TransitSealed{Ciphertext: texts[0], AAD: []byte("row 1")}
	last := good.Ciphertext[len("vault:v1:")]
	swapped := strings.Replace(good.Ciphertext, "vault:v1:"+string(last), "vault:v1:"+string('A'+(last+1)%26), 1)
	for name, bad := range map[string]vault.TransitSealed{
		"other AAD":     {Ciphertext: good.Ciphertext, AAD: []byte("row 2")},
		"no AAD":        {Ciphertext: good.Ciphertext},
		"changed":       {Ciphertext: swapped, AAD: good.AAD},
		"truncated":     {Ciphertext: good.Ciphertext[:20], AAD: good.AAD},
		"newer version": {Ciphertext: strings.Replace(good.Ciphertext, ":v1:", ":v2:", 1), AAD: good.AAD},
		"no text":       {AAD: good.AAD},
		"something":     {Ciphertext: "a row's \x00 content", AAD: good.AAD},
	} {
		_, err = transit.DecryptBatch(t.Context(), wrapping, []vault.TransitSealed{bad})
		require.ErrorIs(t, err, vault.ErrCiphertext, name)
		_, err = transit.DecryptBatch(t.Context(), wrapping, []vault.TransitSealed{good, bad})
		require.ErrorIs(t, err, vault.ErrCiphertext, name+" beside a good one")
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), value)
	}
	_, err = transit.DecryptBatch(t.Context(), WrappingPrefix+"other", []vault.TransitSealed{good})
	require.ErrorIs(t, err, vault.ErrCiphertext, "another key")
	_, err = transit.DecryptBatch(t.Context(), wrapping, []vault.TransitSealed{good})
	require.NoError(t, err)
}

// largeBatches: more than one call carries, in order, to the last.
func largeBatches(t *testing.T, s Subject) {
	transit := openTransit(t, s)
	items := make([]vault.TransitItem, 4096)
	for i := range items {
		items[i] = vault.TransitItem{Plaintext: fmt.Appendf(nil, "key %d", i), AAD: fmt.Append(nil, i)}
	}
	items = append(items, vault.TransitItem{Plaintext: bytes.Repeat([]byte{7}, 400<<10)}, vault.TransitItem{Plaintext: bytes.Repeat([]byte{8}, 500<<10)})
	texts, err := transit.EncryptBatch(t.Context(), wrapping, items)
	require.NoError(t, err)
	sealed := make([]vault.TransitSealed, len(texts))
	for i, text := range texts {
		sealed[i] = vault.TransitSealed{Ciphertext: text, AAD: items[i].AAD}
	}
	plain, err := transit.DecryptBatch(t.Context(), wrapping, sealed)
	require.NoError(t, err)
	require.Len(t, plain, len(items))
	for i, item := range items {
		require.True(t, bytes.Equal(item.Plaintext, plain[i]), i)
	}
	sealed[4000].AAD = nil
	_, err = transit.DecryptBatch(t.Context(), wrapping, sealed)
	require.ErrorIs(t, err, vault.ErrCiphertext)
	_, err = transit.EncryptBatch(t.Context(), wrapping, []vault.TransitItem{{Plaintext: make([]byte, 1<<20)}})
	require.ErrorIs(t, err, vault.ErrRefused, "it is too large for one item")
	_, _, err = transit.Sign(t.Context(), signing, make([]byte, 1<<20))
	require.ErrorIs(t, err, vault.ErrRefused)
}

func destroys(t *testing.T, s Subject) {
	transit := openTransit(t, s)
	texts, err := transit.EncryptBatch(t.Context(), wrapping, []vault.TransitItem{{Plaintext: []byte(value)}})
	require.NoError(t, err)
	names, err := transit.Keys(t.Context())
	require.NoError(t, err)
	require.Contains(t, names, wrapping)
	require.NoError(t, transit.DeleteKey(t.Context(), wrapping))
	for range 2 { // not even a key of the same name brings it back
		_, err = transit.DecryptBatch(t.Context(), wrapping, []vault.TransitSealed{{Ciphertext: texts[0]}})
		require.ErrorIs(t, err, vault.ErrNotFound)
		_, err = transit.EncryptBatch(t.Context(), wrapping, []vault.TransitItem{{Plaintext: []byte(value)}})
		require.ErrorIs(t, err, vault.ErrNotFound, "encrypting makes no key")
		require.ErrorIs(t, transit.DeleteKey(t.Context(), wrapping), vault.ErrNotFound)
		_, err = transit.RotateKey(t.Context(), wrapping)
		require.ErrorIs(t, err, vault.ErrNotFound)
		_, _, err = transit.Sign(t.Context(), SigningPrefix+"none", []byte("m"))
		require.ErrorIs(t, err, vault.ErrNotFound)
		_, err = transit.PublicKeys(t.Context(), SigningPrefix+"none")
		require.ErrorIs(t, err, vault.ErrNotFound)
	}
	names, err = transit.Keys(t.Context())
	require.NoError(t, err)
	require.NotContains(t, names, wrapping)
	require.NoError(t, transit.CreateKey(t.Context(), wrapping, vault.KeyWrapping))
	_, err = transit.DecryptBatch(t.Context(), wrapping, []vault.TransitSealed{{Ciphertext: texts[0]}})
	require.ErrorIs(t, err, vault.ErrCiphertext)
}

func rotates(t *testing.T, s Subject) {
	transit := openTransit(t, s)
	item := []vault.TransitItem{{Plaintext: []byte(value)}}
	old, err := transit.EncryptBatch(t.Context(), wrapping, item)
	require.NoError(t, err)
	version, err := transit.RotateKey(t.Context(), wrapping)
	require.NoError(t, err)
	require.Equal(t, 2, version)
	young, err := transit.EncryptBatch(t.Context(), wrapping, item)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(young[0], "vault:v2:"), young)
	plain, err := transit.DecryptBatch(t.Context(), wrapping, []vault.TransitSealed{{Ciphertext: old[0]}, {Ciphertext: young[0]}})
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte(value), []byte(value)}, plain)
}

func signs(t *testing.T, s Subject) {
	transit := openTransit(t, s)
	require.NoError(t, transit.CreateKey(t.Context(), signing, vault.KeySigning))
	for want := 1; want <= 2; want++ {
		for _, message := range [][]byte{[]byte("voicehive.example/2026\n5\nroot\n"), {}, bytes.Repeat([]byte{0}, 1000)} {
			signature, version, err := transit.Sign(t.Context(), signing, message)
			require.NoError(t, err)
			require.Equal(t, want, version)
			public, err := transit.PublicKeys(t.Context(), signing)
			require.NoError(t, err)
			require.Len(t, public, want)
			require.True(t, ed25519.Verify(public[version], message, signature))
			require.False(t, ed25519.Verify(public[version], append([]byte("x"), message...), signature))
		}
		_, err := transit.RotateKey(t.Context(), signing)
		require.NoError(t, err)
	}
}

// kinds: a key has one use, and asking for it again changes nothing. A policy
// tells keys by their names alone, so both kinds stand under one prefix here.
func kinds(t *testing.T, s Subject) {
	const wraps = SigningPrefix + "wraps"
	transit := openTransit(t, s)
	require.NoError(t, transit.CreateKey(t.Context(), signing, vault.KeySigning))
	require.NoError(t, transit.CreateKey(t.Context(), wraps, vault.KeyWrapping))
	texts, err := transit.EncryptBatch(t.Context(), wrapping, []vault.TransitItem{{Plaintext: []byte(value)}})
	require.NoError(t, err)
	require.NoError(t, transit.CreateKey(t.Context(), wrapping, vault.KeyWrapping))
	_, err = transit.DecryptBatch(t.Context(), wrapping, []vault.TransitSealed{{Ciphertext: texts[0]}})
	require.NoError(t, err)
	require.ErrorIs(t, transit.CreateKey(t.Context(), wraps, vault.KeySigning), vault.ErrConflict)
	require.ErrorIs(t, transit.CreateKey(t.Context(), WrappingPrefix+"x", "rsa-4096"), vault.ErrRefused)
	_, _, err = transit.Sign(t.Context(), wraps, []byte("m"))
	require.ErrorIs(t, err, vault.ErrRefused)
	_, err = transit.PublicKeys(t.Context(), wraps)
	require.ErrorIs(t, err, vault.ErrRefused)
	_, err = transit.EncryptBatch(t.Context(), signing, []vault.TransitItem{{Plaintext: []byte(value)}})
	require.ErrorIs(t, err, vault.ErrRefused)
	require.NotContains(t, err.Error(), value)
}

func wrongNames(t *testing.T, s Subject) {
	transit := Open(t, s).Transit(TransitMount)
	for _, name := range []string{"", "a/b", "../keys/x", "a b", "a?b", "ä", ".x", strings.Repeat("a", 129)} {
		_, err := transit.EncryptBatch(t.Context(), name, []vault.TransitItem{{Plaintext: []byte(value)}})
		require.ErrorIs(t, err, vault.ErrRefused, name)
		require.ErrorIs(t, transit.CreateKey(t.Context(), name, vault.KeyWrapping), vault.ErrRefused, name)
		require.ErrorIs(t, transit.DeleteKey(t.Context(), name), vault.ErrRefused, name)
		_, err = transit.RotateKey(t.Context(), name)
		require.ErrorIs(t, err, vault.ErrRefused, name)
		_, _, err = transit.Sign(t.Context(), name, []byte("m"))
		require.ErrorIs(t, err, vault.ErrRefused, name)
		_, err = transit.PublicKeys(t.Context(), name)
		require.ErrorIs(t, err, vault.ErrRefused, name)
	}
	// A wrong mount must not look like a key that was destroyed.
	nowhere := Open(t, s).Transit("nowhere")
	_, err := nowhere.DecryptBatch(t.Context(), wrapping, []vault.TransitSealed{{Ciphertext: "vault:v1:AAAA"}})
	require.Error(t, err)
	require.NotErrorIs(t, err, vault.ErrNotFound)
	_, err = nowhere.EncryptBatch(t.Context(), wrapping, []vault.TransitItem{{Plaintext: []byte(value)}})
	require.Error(t, err)
	require.NotErrorIs(t, err, vault.ErrNotFound)
}

func otherKeys(t *testing.T, s Subject) {
	transit := Open(t, s).Transit(TransitMount)
	const foreign = "payroll"
	_, err := transit.EncryptBatch(t.Context(), foreign, []vault.TransitItem{{Plaintext: []byte(value)}})
	require.ErrorIs(t, err, vault.ErrDenied)
	require.NotContains(t, err.Error(), value)
	_, err = transit.DecryptBatch(t.Context(), foreign, []vault.TransitSealed{{Ciphertext: "vault:v1:AAAA"}})
	require.ErrorIs(t, err, vault.ErrDenied)
	require.ErrorIs(t, transit.CreateKey(t.Context(), foreign, vault.KeyWrapping), vault.ErrDenied)
	require.ErrorIs(t, transit.DeleteKey(t.Context(), foreign), vault.ErrDenied)
	_, _, err = transit.Sign(t.Context(), foreign, []byte("m"))
	require.ErrorIs(t, err, vault.ErrDenied)
}

func sealedTransit(t *testing.T, s Subject) {
	transit := openTransit(t, s)
	texts, err := transit.EncryptBatch(t.Context(), wrapping, []vault.TransitItem{{Plaintext: []byte(value)}})
	require.NoError(t, err)
	s.Seal(t)
	_, err = transit.DecryptBatch(t.Context(), wrapping, []vault.TransitSealed{{Ciphertext: texts[0]}})
	require.ErrorIs(t, err, vault.ErrSealed)
	require.NotErrorIs(t, err, vault.ErrNotFound)
	_, _, err = transit.Sign(t.Context(), signing, []byte("m"))
	require.ErrorIs(t, err, vault.ErrSealed)
}
