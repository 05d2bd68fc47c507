package temporal

import (
	"context"
	"encoding/json"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/proxy"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// metadataClear marks a summary that travels in the open. It is written and
// believed only together with a text that Options.Clear knows.
const metadataClear = "clear-summary"

// maxClear bounds a summary in the open, in bytes of its JSON. The server
// allows some 400.
const maxClear = 400

// clearSummaries takes the seal off those summaries of a message that are of a
// known form, so that operations can follow a timeline without any key, also
// when the keys are out of reach or gone. The codec cannot do this: it sees
// payloads and not what they are for. Whatever does not open, or is of no
// known form, stays sealed.
func (l *loader) clearSummaries(ctx context.Context, message proto.Message) error {
	if l.codec.clear == nil {
		return nil
	}
	return proxy.VisitPayloads(ctx, message, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(visit *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			if _, ok := visit.Parent.(*sdkpb.UserMetadata); !ok {
				return payloads, nil
			}
			out := make([]*commonpb.Payload, len(payloads))
			for i, p := range payloads {
				out[i] = l.codec.uncovered(p)
			}
			return out, nil
		},
		// Updates travel as Any and have no summary; the default would marshal
		// each of them again.
		WellKnownAnyVisitor: func(*proxy.VisitPayloadsContext, *anypb.Any) error { return nil },
	})
}

// uncovered returns the payload in the open when it may be, else as it is.
func (c *codec) uncovered(p *commonpb.Payload) *commonpb.Payload {
	id, err := sealedUnder(p)
	if err != nil {
		return p
	}
	plain, err := c.unseal(id, p.GetData())
	if err != nil || string(plain.GetMetadata()[converter.MetadataEncoding]) != converter.MetadataEncodingJSON {
		return p
	}
	bare := &commonpb.Payload{
		Metadata: map[string][]byte{
			converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON),
			metadataClear:              []byte("1"),
		},
		Data: plain.GetData(),
	}
	if !c.isClear(bare) {
		return p
	}
	return bare
}

// isClear tells whether a payload is a summary that may stand in the open: one
// of a known form, and marked. The mark alone proves nothing, for anyone at
// the server could write it.
func (c *codec) isClear(p *commonpb.Payload) bool {
	metadata := p.GetMetadata()
	if c.clear == nil || len(metadata) != 2 || string(metadata[metadataClear]) != "1" ||
		string(metadata[converter.MetadataEncoding]) != converter.MetadataEncodingJSON ||
		len(p.GetData()) > maxClear || len(p.GetExternalPayloads()) != 0 {
		return false
	}
	var text *string
	return json.Unmarshal(p.GetData(), &text) == nil && text != nil && c.clear(*text)
}
