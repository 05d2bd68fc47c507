package temporal

import (
	"context"
	"errors"

	commonpb "go.temporal.io/api/common/v1"
)

// ErrWithheld: whoever asks may not open this payload.
var ErrWithheld = errors.New("payload is withheld: the role may not open it")

// Opened is what became of one payload.
type Opened struct {
	// KeyID names the key it is sealed under; "" when it is not sealed.
	KeyID string
	// Payload is the content, or a tombstone (see IsErased); nil with an error.
	Payload *commonpb.Payload
	// Err is ErrWithheld, ErrPlaintext, ErrEnvelope or ErrTampered, or
	// ErrKeyMalformed, ErrKeyUnknown or ErrKeyNotLoaded: the last says that the
	// keys are out of reach just now.
	Err error
}

// KeyID returns the id of the key that a payload says it is sealed under,
// "" when it is not sealed. Nothing vouches for it until the payload opens.
func KeyID(p *commonpb.Payload) string {
	id, err := sealedUnder(p)
	if err != nil {
		return ""
	}
	return id
}

// Open opens payloads for people, each by itself: one that does not open keeps
// no other back. may tells, by key id, what may be opened; of the rest it is
// only told whether the key is destroyed. Keys are loaded in one batch.
func (p *Plugin) Open(ctx context.Context, payloads []*commonpb.Payload, may func(keyID string) bool) []Opened {
	set := map[string]struct{}{}
	for _, sealed := range payloads {
		if id := KeyID(sealed); id != "" {
			set[id] = struct{}{}
		}
	}
	// When this fails, those keys that are in memory still serve, and the
	// others tell that they are not.
	_ = p.loader.load(ctx, sorted(set))
	out := make([]Opened, len(payloads))
	for i, sealed := range payloads {
		out[i] = p.codec.openFor(sealed, may)
	}
	return out
}

func (c *codec) openFor(sealed *commonpb.Payload, may func(string) bool) Opened {
	if c.isClear(sealed) {
		return Opened{Payload: sealed}
	}
	id, err := sealedUnder(sealed)
	if err == nil && id == "" {
		err = ErrKeyMalformed
	}
	if err != nil {
		return Opened{Err: err}
	}
	out := Opened{KeyID: id}
	if may(id) {
		out.Payload, out.Err = c.unseal(id, sealed.GetData())
	} else {
		_, out.Err = c.keys.ByID(id)
		if !errors.Is(out.Err, ErrKeyDestroyed) {
			out.Err = ErrWithheld
		}
	}
	if errors.Is(out.Err, ErrKeyDestroyed) {
		out.Payload, out.Err = newTombstone(id), nil
	}
	return out
}
