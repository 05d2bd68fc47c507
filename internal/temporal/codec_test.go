package temporal

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"
)

// fixed is a key source of loaded keys, by id.
type fixed map[string]cipher.AEAD

func (fixed) Load(context.Context, ...string) error { return nil }

func (f fixed) Current(scope string) (string, cipher.AEAD, error) {
	aead, err := f.ByID(scope + "/1")
	return scope + "/1", aead, err
}

func (f fixed) ByID(id string) (cipher.AEAD, error) {
	aead, ok := f[id]
	switch {
	case id == "bad":
		return nil, ErrKeyMalformed
	case !ok:
		return nil, ErrKeyNotLoaded
	case aead == nil:
		return nil, ErrKeyDestroyed
	}
	return aead, nil
}

func testCipher(t testing.TB, seed byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(bytes.Repeat([]byte{seed}, 32))
	require.NoError(t, err)
	aead, err := cipher.NewGCMWithRandomNonce(block)
	require.NoError(t, err)
	return aead
}

func asIs(workflowID string) (string, error) {
	if workflowID == "none" {
		return "", ErrNoScope
	}
	return workflowID, nil
}

func testCodec(t testing.TB, namespace string) *codec {
	return &codec{
		namespace: namespace, scopeOf: asIs, missed: &names{},
		// a and b share their key on purpose: only the AAD tells them apart.
		keys: fixed{"a/1": testCipher(t, 1), "b/1": testCipher(t, 1), "c/1": testCipher(t, 2), "gone/1": nil},
	}
}

func in(c *codec, workflowID string) converter.PayloadCodec {
	return c.WithSerializationContext(converter.WorkflowSerializationContext{Namespace: c.namespace, WorkflowID: workflowID})
}

func seal(t require.TestingT, c *codec, workflowID string, p *commonpb.Payload) *commonpb.Payload {
	sealed, err := in(c, workflowID).Encode([]*commonpb.Payload{p})
	require.NoError(t, err)
	return sealed[0]
}

func open(c *codec, p *commonpb.Payload) (*commonpb.Payload, error) {
	opened, err := in(c, "a").Decode([]*commonpb.Payload{p})
	if err != nil {
		return nil, err
	}
	return opened[0], nil
}

func payload(text string) *commonpb.Payload {
	return &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(text)}
}

func TestCodecRoundTrip(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	rapid.Check(t, func(rt *rapid.T) {
		plain := &commonpb.Payload{
			Metadata: rapid.MapOf(rapid.StringMatching(`[ -~]{0,8}`), rapid.SliceOfN(rapid.Byte(), 0, 20)).Draw(rt, "metadata"),
			Data:     rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(rt, "data"),
		}
		workflowID := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "scope")
		sealed := seal(rt, c, workflowID, plain)
		require.Equal(rt, workflowID+"/1", string(sealed.Metadata[metadataKeyID]))
		opened, err := open(c, sealed) // in the context of a, whatever it was
		require.NoError(rt, err)
		require.True(rt, proto.Equal(plain, opened))
	})
}

func TestCodecFindsEveryChange(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	sealed := seal(t, c, "a", payload(`"Ada Lovelace"`))
	require.NotContains(t, sealed.String(), "json/plain", "the payload's own metadata is sealed too")

	for i := range len(sealed.Data) * 8 {
		changed := proto.Clone(sealed).(*commonpb.Payload)
		changed.Data[i/8] ^= 1 << (i % 8)
		_, err := open(c, changed)
		require.ErrorIs(t, err, ErrTampered)
	}
	for n := range len(sealed.Data) {
		_, err := open(c, &commonpb.Payload{Metadata: sealed.Metadata, Data: sealed.Data[:n]})
		require.ErrorIs(t, err, ErrTampered)
	}
}

func TestCodecBindsNamespaceAndKey(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	sealed := seal(t, c, "a", payload(`1`))
	_, err := open(testCodec(t, "ns2"), sealed)
	require.ErrorIs(t, err, ErrTampered)

	moved := proto.Clone(sealed).(*commonpb.Payload)
	moved.Metadata[metadataKeyID] = []byte("b/1") // same key bytes, other id
	_, err = open(c, moved)
	require.ErrorIs(t, err, ErrTampered)
}

func TestAssociatedDataIsFixed(t *testing.T) {
	t.Parallel()
	require.Equal(t, "\x00\x00\x00\x02ns\x00\x00\x00\x03a/1\x00\x00\x00\x011", string(associatedData("ns", "a/1")))
	require.NotEqual(t, associatedData("ab", "c"), associatedData("a", "bc"))
}

func TestDecodeIsStrict(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	sealed := seal(t, c, "a", payload(`1`))
	change := func(key, value string) *commonpb.Payload {
		p := &commonpb.Payload{Metadata: maps.Clone(sealed.Metadata), Data: sealed.Data}
		p.Metadata[key] = []byte(value)
		return p
	}
	for name, test := range map[string]struct {
		payload *commonpb.Payload
		err     error
	}{
		"plaintext":         {payload(`1`), ErrPlaintext},
		"empty":             {&commonpb.Payload{}, ErrPlaintext},
		"null":              {&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("binary/null")}}, ErrPlaintext},
		"forged tombstone":  {newTombstone("a/1"), ErrPlaintext},
		"newer envelope":    {change(metadataEnvelope, "2"), ErrEnvelope},
		"unsealed metadata": {change("messageType", "x"), ErrEnvelope},
		"malformed key id":  {change(metadataKeyID, "bad"), ErrKeyMalformed},
	} {
		_, err := open(c, test.payload)
		require.ErrorIs(t, err, test.err, name)
	}
}

func TestEncodeFailsClosed(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	for name, test := range map[string]struct {
		codec converter.PayloadCodec
		err   error
	}{
		"no context":          {c, ErrNoScope},
		"standalone activity": {c.WithSerializationContext(converter.ActivitySerializationContext{Namespace: "ns"}), ErrNoScope},
		"nexus":               {c.WithSerializationContext(converter.NexusSerializationContext{}), ErrNoScope},
		"other namespace":     {c.WithSerializationContext(converter.WorkflowSerializationContext{Namespace: "x", WorkflowID: "a"}), ErrNoScope},
		"id without a scope":  {in(c, "none"), ErrNoScope},
		"destroyed":           {in(c, "gone"), ErrKeyDestroyed},
	} {
		sealed, err := test.codec.Encode([]*commonpb.Payload{payload(`"Ada"`)})
		require.ErrorIs(t, err, test.err, name)
		require.Empty(t, sealed, name)
	}
}

func TestMissingKeyPanicsInTheSDKOnly(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	sealed := seal(t, c, "a", payload(`1`))
	sealed.Metadata[metadataKeyID] = []byte("later/1")

	_, err := c.Decode([]*commonpb.Payload{sealed})
	require.ErrorIs(t, err, ErrKeyNotLoaded)

	for name, call := range map[string]func(){
		"decode": func() { _, _ = in(c, "a").Decode([]*commonpb.Payload{sealed}) },
		"encode": func() { _, _ = in(c, "child").Encode([]*commonpb.Payload{payload(`1`)}) },
	} {
		func() {
			defer func() {
				missing, ok := recover().(*NotLoadedError)
				require.True(t, ok, name)
				require.ErrorIs(t, missing, ErrKeyNotLoaded, name)
			}()
			call()
			require.Fail(t, "no panic", name)
		}()
	}
	wanted := map[string]struct{}{}
	c.missed.take(wanted)
	require.Equal(t, []string{"child", "later/1"}, sorted(wanted), "what was missed is loaded with the next task")
}

func TestDestroyedKeyReadsAsATombstone(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	sealed := seal(t, c, "a", payload(`{"Name":"Ada"}`))
	c.keys.(fixed)["a/1"] = nil
	data := newDataConverter(c)

	var stone Tombstone
	require.NoError(t, data.FromPayload(sealed, &stone))
	require.Equal(t, Tombstone{Erased: true, Key: "a/1"}, stone)
	var anything any
	require.NoError(t, data.FromPayload(sealed, &anything))
	require.Equal(t, stone, anything)
	var raw converter.RawValue
	require.NoError(t, data.FromPayload(sealed, &raw))
	require.True(t, IsErased(raw.Payload()))
	require.Contains(t, data.ToString(sealed), "erased")

	for _, target := range []any{new(string), new(int), new([]string), &struct{ Name string }{}, new(*string)} {
		require.NoError(t, data.FromPayload(sealed, target), "%T", target)
	}
}

func FuzzDecode(f *testing.F) {
	c := testCodec(f, "ns")
	sealed := seal(f, c, "a", payload(`"Ada"`))
	f.Add([]byte(encodingSealed), []byte("a/1"), []byte("1"), sealed.Data)
	f.Add([]byte("json/plain"), []byte(""), []byte(""), []byte(`"x"`))
	f.Fuzz(func(t *testing.T, encoding, id, version, data []byte) {
		opened, err := c.Decode([]*commonpb.Payload{{Metadata: map[string][]byte{
			"encoding": encoding, metadataKeyID: id, metadataEnvelope: version,
		}, Data: data}})
		if err == nil && !IsErased(opened[0]) {
			// Another process of the fuzzer sealed its own seed: compare what opens.
			require.True(t, proto.Equal(payload(`"Ada"`), opened[0]), "something was forged")
		}
	})
}

func BenchmarkPayload1KB(b *testing.B) {
	c := testCodec(b, "ns")
	plain := payload(string(bytes.Repeat([]byte("x"), 1024)))
	b.Run("bare AES-GCM", func(b *testing.B) {
		aead, aad := testCipher(b, 1), associatedData("ns", "a/1")
		b.SetBytes(int64(len(plain.Data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := aead.Open(nil, nil, aead.Seal(nil, nil, plain.Data, aad), aad); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("codec", func(b *testing.B) {
		with := in(c, "a")
		b.SetBytes(int64(len(plain.Data)))
		b.ReportAllocs()
		for b.Loop() {
			sealed, err := with.Encode([]*commonpb.Payload{plain})
			if err == nil {
				_, err = with.Decode(sealed)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
