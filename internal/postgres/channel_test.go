//go:build unix

package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

func TestChannelIsHeardByEveryProcess(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	ctx, cancel := context.WithCancel(t.Context())
	heard, ended := make(chan string, 10), make(chan error, 2)
	for range 2 {
		opened := make(chan struct{})
		pool := database.Pool(t)
		go func() {
			ended <- pool.Channel("news").Receive(ctx, func() { close(opened) }, func(word string) { heard <- word })
		}()
		<-opened
	}
	sender := database.Pool(t)
	require.NoError(t, sender.Channel("gossip").Send(ctx, "not for us"))
	require.NoError(t, sender.Channel("news").Send(ctx, "hotel-aurora", "it's \"quoted\""))
	got := map[string]int{}
	for range 4 {
		select {
		case word := <-heard:
			got[word]++
		case <-time.After(time.Minute):
			t.Fatal("nobody heard")
		}
	}
	require.Equal(t, map[string]int{"hotel-aurora": 2, "it's \"quoted\"": 2}, got)

	cancel()
	for range 2 {
		require.ErrorIs(t, <-ended, context.Canceled)
	}
}

// TestChannelTellsThatItBroke: whoever receives must know that words were lost.
func TestChannelTellsThatItBroke(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	opened, ended := make(chan struct{}), make(chan error, 1)
	pool := database.Pool(t, postgres.WithApplicationName("listener"), postgres.WithMaxConns(1))
	go func() {
		ended <- pool.Channel("news").Receive(t.Context(), func() { close(opened) }, func(string) {})
	}()
	<-opened
	require.NoError(t, pool.Ping(t.Context()), "the pool is not a connection short")
	database.Admin(t, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listener' and query like 'listen%'")
	require.Error(t, <-ended)
}
