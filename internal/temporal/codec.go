package temporal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// Envelope v1. Committed replay histories depend on it: change it only by
// adding a version.
const (
	metadataKeyID    = "encryption-key-id"
	metadataEnvelope = "encryption-envelope"

	encodingSealed  = "binary/encrypted"
	envelopeVersion = "1"

	// The namespace the SDK gives to its replayer.
	replayNamespace = "ReplayNamespace"
)

// codec seals payloads under the key of the workflow that its context names.
// Without a context it opens but does not seal.
type codec struct {
	namespace string
	keys      Keys
	scopeOf   ScopeOf
	clear     func(summary string) bool // nil: nothing may stand in the open
	missed    *names

	inContext  bool
	workflowID string
	contextErr error
}

var _ converter.PayloadCodecWithSerializationContext = (*codec)(nil)

// WithSerializationContext implements converter.PayloadCodecWithSerializationContext.
func (c *codec) WithSerializationContext(ctx converter.SerializationContext) converter.PayloadCodec {
	with := *c
	with.inContext = true
	var namespace string
	switch ctx := ctx.(type) {
	case converter.WorkflowSerializationContext:
		namespace, with.workflowID = ctx.Namespace, ctx.WorkflowID
	case converter.ActivitySerializationContext:
		namespace, with.workflowID = ctx.Namespace, ctx.WorkflowID
	default:
		with.contextErr = fmt.Errorf("%w (%T)", ErrNoScope, ctx)
		return &with
	}
	if namespace != c.namespace && namespace != replayNamespace {
		with.contextErr = fmt.Errorf("%w (this plugin seals for namespace %q only)", ErrNoScope, c.namespace)
	}
	return &with
}

// Encode implements converter.PayloadCodec.
func (c *codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	if c.contextErr != nil {
		return nil, c.contextErr
	}
	if c.workflowID == "" {
		return nil, ErrNoScope
	}
	scope, err := c.scopeOf(c.workflowID)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoScope, err)
	}
	id, aead, err := c.keys.Current(scope)
	if err != nil {
		return nil, c.missing(scope, err)
	}
	aad, out := associatedData(c.namespace, id), make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("seal payload: %w", err)
		}
		out[i] = &commonpb.Payload{
			Metadata: map[string][]byte{
				converter.MetadataEncoding: []byte(encodingSealed),
				metadataKeyID:              []byte(id),
				metadataEnvelope:           []byte(envelopeVersion),
			},
			Data: aead.Seal(nil, nil, plain, aad),
		}
	}
	return out, nil
}

// Decode implements converter.PayloadCodec. The key is the one the payload
// names, whatever the context: a child's result is sealed under the child's.
func (c *codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if c.isClear(p) {
			out[i] = p
			continue
		}
		id, err := sealedUnder(p)
		if err != nil {
			return nil, err
		}
		if out[i], err = c.open(id, p.GetData()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// open is unseal as the SDK needs it.
func (c *codec) open(id string, sealed []byte) (*commonpb.Payload, error) {
	plain, err := c.unseal(id, sealed)
	switch {
	case errors.Is(err, ErrKeyDestroyed):
		return newTombstone(id), nil
	case errors.Is(err, ErrKeyNotLoaded), errors.Is(err, ErrKeyUnknown):
		return nil, c.missing(id, err)
	}
	return plain, err
}

// unseal opens with a key in memory. Its errors are those of Keys.ByID, and
// ErrTampered.
func (c *codec) unseal(id string, sealed []byte) (*commonpb.Payload, error) {
	aead, err := c.keys.ByID(id)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed, associatedData(c.namespace, id))
	if err != nil {
		return nil, ErrTampered // AEAD errors say nothing more
	}
	payload := new(commonpb.Payload)
	if err := proto.Unmarshal(plain, payload); err != nil {
		return nil, ErrTampered
	}
	return payload, nil
}

// missing turns a key that is not at hand, but may be soon, into a panic when
// the SDK is at work, and remembers it for the next load. Outside the SDK (no
// context) and for anything final it returns the error.
func (c *codec) missing(name string, err error) error {
	err = fmt.Errorf("payload key: %w", err)
	if !errors.Is(err, ErrKeyNotLoaded) && !errors.Is(err, ErrKeyUnknown) {
		return err
	}
	c.missed.add(name)
	if c.inContext {
		panic(&NotLoadedError{Name: name, Err: err})
	}
	return &NotLoadedError{Name: name, Err: err}
}

// sealedUnder returns the id of the key, for exactly the metadata that Encode
// writes: what the seal does not protect must not vary.
func sealedUnder(p *commonpb.Payload) (string, error) {
	metadata := p.GetMetadata()
	if string(metadata[converter.MetadataEncoding]) != encodingSealed {
		return "", ErrPlaintext
	}
	if string(metadata[metadataEnvelope]) != envelopeVersion || len(metadata) != 3 || len(p.GetExternalPayloads()) != 0 {
		return "", ErrEnvelope
	}
	return string(metadata[metadataKeyID]), nil
}

// associatedData is fixed for envelope v1: namespace, key id, version, each
// behind its length.
func associatedData(namespace, keyID string) []byte {
	var out []byte
	for _, field := range [...]string{namespace, keyID, envelopeVersion} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(field)))
		out = append(out, field...)
	}
	return out
}

// names is a small set of what the codec missed. A workflow that signals or
// starts another one seals under a key no poll would have loaded.
type names struct {
	mu  sync.Mutex
	set map[string]struct{}
}

const maxMissed = 1000

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.set == nil {
		n.set = map[string]struct{}{}
	}
	if len(n.set) < maxMissed { // a lost one is missed, and added, again
		n.set[name] = struct{}{}
	}
}

// take moves all names into set.
func (n *names) take(set map[string]struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for name := range n.set {
		set[name] = struct{}{}
	}
	clear(n.set)
}
