package pms_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func TestErrorTellsKindAndCause(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("wrapped: %w", &pms.Error{
		Kind: pms.ErrSoldOut, Vendor: "v", Operation: "create", Field: "f", Detail: "d", Status: 422, Cause: context.Canceled,
	})
	require.ErrorIs(t, err, pms.ErrSoldOut)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, pms.ErrConflict)
	require.Equal(t, "wrapped: v: create: sold out (field f): d [HTTP 422]", err.Error())
	require.Equal(t, "sold_out", pms.KindName(err))
	require.Empty(t, pms.KindName(nil))
	require.Equal(t, "internal", pms.KindName(errors.New("x")))
	require.Nil(t, pms.KindNamed("internal"))
	require.Equal(t, pms.ErrOutcomeUnknown, pms.KindNamed(pms.KindName(&pms.Error{Kind: pms.ErrOutcomeUnknown})))
}
