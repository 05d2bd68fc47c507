package temporal

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/converter"
	sdktemporal "go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/encoding/protojson"
)

func converterFor(c *codec, workflowID string) converter.FailureConverter {
	return newFailureConverter(newDataConverter(c), c).WithSerializationContext(
		converter.ActivitySerializationContext{Namespace: c.namespace, WorkflowID: workflowID})
}

func guestError() error {
	return fmt.Errorf("booking of Ada Lovelace: %w",
		sdktemporal.NewNonRetryableApplicationError("Ada Lovelace has no card", "NoCard", errors.New("cause Ada Lovelace"), "detail Ada Lovelace"))
}

func text(t *testing.T, f *failurepb.Failure) string {
	t.Helper()
	out, err := protojson.Marshal(f)
	require.NoError(t, err)
	return string(out)
}

func TestFailureIsSealedAndComesBack(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	failure := converterFor(c, "a").ErrorToFailure(guestError())
	require.NotContains(t, text(t, failure), "Lovelace")

	err := converterFor(c, "b").FailureToError(failure)
	require.ErrorContains(t, err, "booking of Ada Lovelace")
	var inner *sdktemporal.ApplicationError
	require.ErrorAs(t, errors.Unwrap(err), &inner)
	require.Equal(t, "NoCard", inner.Type())
	require.True(t, inner.NonRetryable())
	var detail string
	require.NoError(t, inner.Details(&detail))
	require.Equal(t, "detail Ada Lovelace", detail)
}

func TestFailureThatCannotBeSealedSaysNothing(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	for name, fc := range map[string]converter.FailureConverter{
		"no context":     newFailureConverter(newDataConverter(c), c), // how a failed workflow task is reported
		"no scope":       converterFor(c, "none"),
		"key not loaded": converterFor(c, "later"),
		"key destroyed":  converterFor(c, "gone"),
	} {
		failure := fc.ErrorToFailure(guestError())
		require.NotContains(t, text(t, failure), "Lovelace", name)
		require.Equal(t, withheldText, failure.Message, name)
		require.Equal(t, "NoCard", failure.Cause.GetApplicationFailureInfo().Type, name)
		require.True(t, failure.Cause.GetApplicationFailureInfo().NonRetryable, name)
	}
	failure := converterFor(c, "gone").ErrorToFailure(sdktemporal.NewApplicationError("Ada Lovelace", "T", make(chan int)))
	require.NotContains(t, text(t, failure), "Lovelace", "details that cannot be encoded")

	failure = newFailureConverter(newDataConverter(c), c).ErrorToFailure(&NotLoadedError{Name: "x", Err: ErrKeyNotLoaded})
	require.Equal(t, notLoadedText, failure.Message, "operators see why the task failed")
}

func TestFailureOutlivesItsKey(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	failure := converterFor(c, "a").ErrorToFailure(guestError())
	c.keys.(fixed)["a/1"] = nil
	before := text(t, failure)
	err := converterFor(c, "b").FailureToError(failure)
	require.ErrorContains(t, err, erasedText)
	require.NotContains(t, err.Error(), "Lovelace")
	require.Equal(t, before, text(t, failure), "the sealed original is left alone")
	var inner *sdktemporal.ApplicationError
	require.ErrorAs(t, errors.Unwrap(err), &inner)
	require.Equal(t, "NoCard", inner.Type())
	var stone Tombstone
	require.NoError(t, inner.Details(&stone))
	require.True(t, stone.Erased)
}

func TestPassedOnFailureStaysSealed(t *testing.T) {
	t.Parallel()
	c := testCodec(t, "ns")
	failure := converterFor(c, "a").ErrorToFailure(guestError())
	err := converterFor(c, "b").FailureToError(failure)
	require.NotContains(t, text(t, converterFor(c, "b").ErrorToFailure(err)), "Lovelace")
	require.NotContains(t, text(t, converterFor(c, "gone").ErrorToFailure(fmt.Errorf("Ada Lovelace again: %w", err))), "Lovelace")
}
