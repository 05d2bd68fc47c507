package temporal

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc"
)

// Config says how to reach Temporal. Plugin is required.
type Config struct {
	// Address is host:port. Default 127.0.0.1:7233.
	Address string
	// Namespace must be the plugin's; empty means the plugin's.
	Namespace   string
	TLS         *tls.Config
	Credentials client.Credentials
	// Identity is shown for this process in Temporal. Default pid@host.
	Identity string
	Logger   *slog.Logger
	Metrics  client.MetricsHandler
	// Tracer makes spans of workflows and activities, and carries a caller's
	// span to them in a header; nil makes none.
	Tracer trace.TracerProvider
	Plugin *Plugin
	// DialOptions say how to connect, such as through a guard; without them any
	// host is connected to.
	DialOptions []grpc.DialOption
	// Interceptors see every call of the client before its payloads are sealed.
	Interceptors []interceptor.ClientInterceptor
	// Patience is how long Dial waits for a server that is not there yet.
	// Default 10 s.
	Patience time.Duration
}

// Environment reads address, namespace, TLS and credentials from TEMPORAL_*
// variables and the profile of temporal.toml, as Temporal's own tools do.
func Environment() (Config, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return Config{}, fmt.Errorf("read TEMPORAL_* settings: %w", err)
	}
	return Config{
		Address:     options.HostPort,
		Namespace:   options.Namespace,
		TLS:         options.ConnectionOptions.TLS,
		Credentials: options.Credentials,
	}, nil
}

// Dial connects and proves that the server answers. It repeats while the server
// is not reachable yet, and fails at once when it refuses.
func Dial(ctx context.Context, config Config) (client.Client, error) {
	if config.Plugin == nil {
		return nil, errors.New("dial temporal: no plugin, payloads would not be sealed")
	}
	if config.Address == "" {
		config.Address = client.DefaultHostPort
	}
	if config.Patience <= 0 {
		config.Patience = 10 * time.Second
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	options := client.Options{
		HostPort:          config.Address,
		Namespace:         config.Namespace,
		Identity:          config.Identity,
		Logger:            log.NewStructuredLogger(config.Logger),
		MetricsHandler:    config.Metrics,
		Credentials:       config.Credentials,
		ConnectionOptions: client.ConnectionOptions{TLS: config.TLS, DialOptions: config.DialOptions},
		Plugins:           []client.Plugin{config.Plugin},
		Interceptors:      config.Interceptors,
	}
	if config.Tracer != nil {
		tracing, err := tracingInterceptor(config.Tracer)
		if err != nil {
			return nil, fmt.Errorf("dial temporal: %w", err)
		}
		options.Interceptors = append([]interceptor.ClientInterceptor{tracing}, config.Interceptors...)
	}
	waiting, cancel := context.WithTimeout(ctx, config.Patience)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		c, err := client.DialContext(waiting, options)
		if err == nil {
			return c, nil
		}
		if !unreachable(err) {
			return nil, fmt.Errorf("dial temporal at %s: %w", config.Address, err)
		}
		select {
		case <-waiting.Done():
			return nil, fmt.Errorf("dial temporal: no server at %s for %s, start it or correct the address: %w", config.Address, config.Patience, err)
		case <-time.After(pause):
		}
	}
}

func unreachable(err error) bool {
	var unavailable *serviceerror.Unavailable
	var late *serviceerror.DeadlineExceeded
	return errors.As(err, &unavailable) || errors.As(err, &late) || errors.Is(err, context.DeadlineExceeded)
}
