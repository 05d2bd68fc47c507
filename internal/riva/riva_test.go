package riva_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/voicehive/voicehive/internal/riva"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	status := health.NewServer()
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, status)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)

	client, err := riva.Dial(listener.Addr().String(), false)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	require.NoError(t, client.Health(t.Context()))
	status.SetServingStatus("", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	require.ErrorIs(t, client.Health(t.Context()), riva.ErrNotServing)

	server.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	err = client.Health(ctx)
	require.Error(t, err)
	require.NotErrorIs(t, err, riva.ErrNotServing)
}

func TestPlainServerIsRefusedWithTLS(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	client, err := riva.Dial(listener.Addr().String(), true)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.Error(t, client.Health(ctx))
}

func TestDialWantsAnAddress(t *testing.T) {
	t.Parallel()
	_, err := riva.Dial("", false)
	require.ErrorContains(t, err, "RIVA_ADDRESS")
}
