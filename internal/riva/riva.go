// Package riva speaks with NVIDIA Riva, the speech server on the GPU machines.
// For now it asks for health over the standard gRPC protocol; recognition
// joins it with the call's media.
//
// It stands on the internal floor and knows nothing of hotels.
package riva

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// ErrNotServing: the server answers, and says that it cannot serve.
var ErrNotServing = errors.New("riva: the server is up but does not serve; look at its model repository")

// Client is a connection to one Riva server. It is safe for concurrent use.
type Client struct {
	conn   *grpc.ClientConn
	health grpc_health_v1.HealthClient
}

// Dial prepares a connection; the first call makes it. An empty address is
// refused rather than taken for some default server. Options say how to connect;
// without them any host is connected to.
func Dial(address string, useTLS bool, options ...grpc.DialOption) (*Client, error) {
	if address == "" {
		return nil, errors.New("riva: no address; set RIVA_ADDRESS to the server's host:port")
	}
	transport := insecure.NewCredentials()
	if useTLS {
		transport = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	conn, err := grpc.NewClient(address, append(options, grpc.WithTransportCredentials(transport))...)
	if err != nil {
		return nil, fmt.Errorf("riva: prepare the connection: %w", err)
	}
	return &Client{conn: conn, health: grpc_health_v1.NewHealthClient(conn)}, nil
}

// Health reports whether the server serves. ErrNotServing when it says no.
func (c *Client) Health(ctx context.Context) error {
	answer, err := c.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		return fmt.Errorf("riva: ask for health: %w", err)
	}
	if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return ErrNotServing
	}
	return nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }
