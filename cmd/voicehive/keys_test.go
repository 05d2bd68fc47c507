//go:build unix

package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/keys/keystest"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// TestKeysRollByTheOperator goes the whole way of an epoch: roll, backup,
// restore, check, retire. What was sealed stays readable.
func TestKeysRollByTheOperator(t *testing.T) {
	office(t)
	database := postgrestest.New(t, keys.Migrations)
	t.Setenv("KEYS_DATABASE_URL", database.URL)
	p, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	defer p.close()
	scope, err := p.ring.Create(t.Context(), "hotel-aurora")
	require.NoError(t, err)
	sealed, err := p.ring.Seal(t.Context(), scope, keys.Operations, "place", []byte("Ada"))
	require.NoError(t, err)
	first := keys.NewEpochName(time.Now())

	_, err = verb(t, "keys", "retire", first)
	require.ErrorIs(t, err, keys.ErrNotRetirable)
	done := must[keys.Rolled](t, "keys", "roll", "2031-01")
	require.Equal(t, []string{first}, done.Ended)
	text, err := verb(t, "keys", "status")
	require.NoError(t, err)
	require.Contains(t, text, "check a backup")

	_, err = verb(t, "keys", "backup-check", "--by", "Ada")
	require.ErrorContains(t, err, "--restored")
	_, err = verb(t, "keys", "backup-check", "--by", "Ada", "--restored", os.Getenv("KEYS_DATABASE_URL"))
	require.ErrorIs(t, err, keys.ErrBackup)
	_, err = verb(t, "keys", "backup-check", "--by", "Ada", "--restored", "postgres://u:hush@db.x.eu-west-2.rds.amazonaws.com/x")
	require.ErrorIs(t, err, region.ErrRefused, "a copy in London")
	require.NotContains(t, err.Error(), "hush")
	checked := must[struct {
		Epochs []string
		Rows   int64
	}](t, "keys", "backup-check", "--by", "Ada", "--restored", keystest.Backup(t, database).URL)
	require.Equal(t, []string{first}, checked.Epochs)
	require.Positive(t, checked.Rows)

	text, err = verb(t, "keys", "retire", first)
	require.NoError(t, err)
	require.Contains(t, text, "is destroyed")
	status := must[struct{ Epochs []keys.EpochStatus }](t, "keys", "status")
	require.Len(t, status.Epochs, 2)
	require.False(t, status.Epochs[0].Retired.IsZero())

	later, err := openStores(t.Context(), "test")
	require.NoError(t, err)
	defer later.close()
	opened, err := later.ring.Open(t.Context(), scope, keys.Operations, "place", sealed)
	require.NoError(t, err)
	require.Equal(t, "Ada", string(opened))
}
