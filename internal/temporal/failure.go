package temporal

import (
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/converter"
	sdktemporal "go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

// Texts that stand where a message could not be sealed or opened.
const (
	withheldText = "message withheld: it could not be sealed (see the worker's log)"
	erasedText   = "message erased: the key it was sealed under was destroyed"
)

// failureConverter seals messages, stack traces and details. The SDK's own
// does, too, but ignores the workflow it works for, and panics when it fails.
type failureConverter struct {
	data  converter.DataConverter
	codec converter.PayloadCodec
	inner converter.FailureConverter
}

var _ converter.FailureConverterWithSerializationContext = (*failureConverter)(nil)

func newFailureConverter(data converter.DataConverter, codec converter.PayloadCodec) *failureConverter {
	return &failureConverter{
		data:  data,
		codec: codec,
		inner: sdktemporal.NewDefaultFailureConverter(sdktemporal.DefaultFailureConverterOptions{
			DataConverter:          data,
			EncodeCommonAttributes: true,
		}),
	}
}

// WithSerializationContext implements converter.FailureConverterWithSerializationContext.
func (f *failureConverter) WithSerializationContext(ctx converter.SerializationContext) converter.FailureConverter {
	codec := f.codec
	if c, ok := codec.(converter.PayloadCodecWithSerializationContext); ok {
		codec = c.WithSerializationContext(ctx)
	}
	return newFailureConverter(converter.WithDataConverterSerializationContext(f.data, ctx), codec)
}

// ErrorToFailure implements converter.FailureConverter. It never panics: the
// SDK calls it while it reports a panic, partly without saying for which
// workflow. What cannot be sealed is left out, and type and retry behaviour
// stay.
func (f *failureConverter) ErrorToFailure(err error) (failure *failurepb.Failure) {
	defer func() {
		if recover() != nil {
			failure = bareFailure(err)
		}
	}()
	return f.inner.ErrorToFailure(err)
}

// bareFailure keeps only what may be read by anyone.
func bareFailure(err error) (failure *failurepb.Failure) {
	text := withheldText
	defer func() {
		if recover() != nil { // details that cannot even be written as JSON
			failure = &failurepb.Failure{Source: "GoSDK", Message: text}
		}
	}()
	if strings.HasPrefix(err.Error(), notLoadedText) {
		text = notLoadedText
	}
	failure = proto.Clone(sdktemporal.GetDefaultFailureConverter().ErrorToFailure(err)).(*failurepb.Failure)
	for f := failure; f != nil; f = f.Cause {
		f.Message, f.StackTrace, f.EncodedAttributes = text, "", nil
		dropDetails(f)
	}
	return failure
}

func dropDetails(f *failurepb.Failure) {
	switch info := f.GetFailureInfo().(type) {
	case *failurepb.Failure_ApplicationFailureInfo:
		info.ApplicationFailureInfo.Details = nil
	case *failurepb.Failure_CanceledFailureInfo:
		info.CanceledFailureInfo.Details = nil
	case *failurepb.Failure_TimeoutFailureInfo:
		info.TimeoutFailureInfo.LastHeartbeatDetails = nil
	case *failurepb.Failure_ResetWorkflowFailureInfo:
		info.ResetWorkflowFailureInfo.LastHeartbeatDetails = nil
	}
}

// FailureToError implements converter.FailureConverter. It works on a copy: the
// SDK opens failures in place, and opens the failure of a local activity before
// it writes that same one into the workflow's history.
//
// A message whose key is destroyed says so; the SDK would leave it empty.
func (f *failureConverter) FailureToError(failure *failurepb.Failure) error {
	failure = proto.Clone(failure).(*failurepb.Failure)
	for link := failure; link != nil; link = link.Cause {
		if f.isErased(link) {
			link.Message, link.StackTrace, link.EncodedAttributes = erasedText, "", nil
		}
	}
	return f.inner.FailureToError(failure)
}

func (f *failureConverter) isErased(failure *failurepb.Failure) bool {
	if failure.GetEncodedAttributes() == nil {
		return false
	}
	decoded, err := f.codec.Decode([]*commonpb.Payload{failure.GetEncodedAttributes()})
	return err == nil && IsErased(decoded[0])
}
