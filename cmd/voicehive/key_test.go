package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/starter/auth"
)

// A key in wrong hands is revoked though the log cannot be told; what else goes
// wrong is no reason to leave the log out.
func TestRevokingDoesNotWaitForVault(t *testing.T) {
	t.Parallel()
	gone := errors.New("the database is gone")
	for name, c := range map[string]struct {
		told, want error
		untold     int
	}{
		"told":           {},
		"vault is away":  {told: fmt.Errorf("seal: %w", keys.ErrUnavailable), untold: 1},
		"unknown key":    {told: auth.ErrUnknownKey, want: auth.ErrUnknownKey},
		"database error": {told: gone, want: gone},
	} {
		var log bytes.Buffer
		untold := 0
		err := revokeKey(t.Context(), slog.New(slog.NewTextHandler(&log, nil)),
			func(context.Context) error { return c.told },
			func(context.Context) error { untold++; return nil })
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, c.untold, untold, name)
		require.Equal(t, c.untold > 0, log.Len() > 0, name)
	}
}
