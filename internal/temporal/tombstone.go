package temporal

import (
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

const metadataTombstone = "erased"

// Tombstone is what a payload reads as once its key is destroyed. Decode into
// it (or into a converter.RawValue, see IsErased) to tell erased from empty.
// Any other type keeps its zero value, without an error: an error would fail a
// workflow that merely looks back on something erased.
type Tombstone struct {
	Erased bool `json:"erased"`
	// Key is the id of the destroyed key.
	Key string `json:"key"`
}

// IsErased tells whether a decoded payload is a tombstone.
func IsErased(p *commonpb.Payload) bool {
	return len(p.GetMetadata()[metadataTombstone]) > 0
}

// newTombstone is plain JSON, so that the Web UI shows it as it is.
func newTombstone(keyID string) *commonpb.Payload {
	return &commonpb.Payload{
		Metadata: map[string][]byte{
			converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON),
			metadataTombstone:          []byte("true"),
		},
		Data: fmt.Appendf(nil, `{"erased":true,"key":%q}`, keyID),
	}
}

// jsonConverter is the SDK's, but for tombstones.
type jsonConverter struct {
	*converter.JSONPayloadConverter
}

// FromPayload implements converter.PayloadConverter.
func (c jsonConverter) FromPayload(p *commonpb.Payload, target any) error {
	if !IsErased(p) {
		return c.JSONPayloadConverter.FromPayload(p, target)
	}
	switch target := target.(type) {
	case *Tombstone:
		return c.JSONPayloadConverter.FromPayload(p, target)
	case *any:
		var stone Tombstone
		err := c.JSONPayloadConverter.FromPayload(p, &stone)
		*target = stone
		return err
	}
	return nil
}

// newDataConverter is the SDK's default one with tombstones, under the codec.
func newDataConverter(c *codec) converter.DataConverter {
	return converter.NewCodecDataConverter(converter.NewCompositeDataConverter(
		converter.NewNilPayloadConverter(),
		converter.NewByteSlicePayloadConverter(),
		converter.NewProtoJSONPayloadConverter(),
		converter.NewProtoPayloadConverter(),
		jsonConverter{converter.NewJSONPayloadConverter()},
	), c)
}
