// Package server runs a real Temporal server, and its Web UI, inside one
// process for development and tests.
//
// It is the bottom of the house when no other Temporal cluster is at hand: the
// product, the demo and the tests talk to it exactly as they would talk to a
// production cluster. State lives in memory, in a SQLite file that survives
// kill -9, or in PostgreSQL. Namespaces and search attributes are written to
// the store before the server listens, so a client that can connect at all can
// also use them.
//
// It has no access control of its own and belongs on the loopback interface.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
	"go.uber.org/zap"
)

const (
	readyTimeout = 60 * time.Second
	readyPoll    = 25 * time.Millisecond
)

// Server is a running Temporal server. Stop it with Stop.
type Server struct {
	frontend string
	temporal temporal.Server
	ui       *webUI
	level    zap.AtomicLevel
}

// Start validates the options, prepares the store, starts the server and the
// Web UI, and returns when both answer. Errors name the flag to change.
//
// The Temporal libraries end the process by themselves, with one line on
// stderr, on some faults that show only after the checks made here.
func Start(ctx context.Context, options Options) (*Server, error) {
	options, err := options.complete()
	if err != nil {
		return nil, err
	}
	logger, level, err := newLogger(options.LogLevel, options.LogFormat)
	if err != nil {
		return nil, err
	}
	if err := options.checkPorts(); err != nil {
		return nil, err
	}
	if options.UI != nil {
		if err := options.UI.checkIssuer(ctx); err != nil {
			return nil, err
		}
	}

	settings, err := newSettings(options.DynamicConfig)
	if err != nil {
		return nil, err
	}
	store, err := openStore(ctx, options, logger)
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(internalPorts)
	if err != nil {
		return nil, err
	}
	cfg := newConfig(options, store, ports)
	if err := seed(ctx, cfg, options, logger); err != nil {
		return nil, err
	}

	inner, err := newTemporal(cfg, settings, logger)
	if err != nil {
		return nil, err
	}
	if err := inner.Start(); err != nil {
		return nil, fmt.Errorf("start the Temporal server: %w", err)
	}
	s := &Server{frontend: options.frontend(), temporal: inner, level: level}
	if err := s.await(ctx, options.Namespaces); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	if options.UI != nil {
		if s.ui, err = startUI(ctx, options); err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	return s, nil
}

// Frontend is the host:port of the gRPC frontend.
func (s *Server) Frontend() string { return s.frontend }

// UI is the address of the Web UI, or "" when it is switched off.
func (s *Server) UI() string {
	if s.ui == nil {
		return ""
	}
	return s.ui.url
}

// Stop ends the Web UI and then the server. It may take some seconds.
func (s *Server) Stop() error {
	if s.ui != nil {
		s.ui.stop()
	}
	if level := s.level.Level(); level == zap.WarnLevel || level == zap.ErrorLevel {
		// The services complain about each other going away. Whether the stop
		// succeeded is this function's to say.
		s.level.SetLevel(zap.FatalLevel)
	}
	if err := s.temporal.Stop(); err != nil {
		return fmt.Errorf("stop the Temporal server: %w", err)
	}
	return nil
}

// await returns when the frontend knows every namespace.
func (s *Server) await(ctx context.Context, namespaces []string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	quiet := sdklog.NewStructuredLogger(discard())
	c, err := client.NewLazyClient(client.Options{HostPort: s.frontend, Logger: quiet})
	if err != nil {
		return fmt.Errorf("create a client for the new server: %w", err)
	}
	defer c.Close()

	for _, namespace := range namespaces {
		request := &workflowservice.DescribeNamespaceRequest{Namespace: namespace}
		err := retry(ctx, func() error {
			_, err := c.WorkflowService().DescribeNamespace(ctx, request)
			return err
		})
		if err != nil {
			return fmt.Errorf("the server did not become ready with namespace %q: %w", namespace, err)
		}
	}
	return nil
}

func newTemporal(cfg *config.Config, settings dynamicconfig.Client, logger log.Logger) (temporal.Server, error) {
	inner, err := temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(staticHosts(cfg)),
		temporal.WithLogger(logger),
		temporal.WithDynamicConfigClient(settings),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper {
			return authorization.NewNoopClaimMapper()
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("build the Temporal server: %w", err)
	}
	return inner, nil
}

// staticHosts replaces the gossip ring: each service has exactly one host.
func staticHosts(cfg *config.Config) map[primitives.ServiceName]static.Hosts {
	hosts := make(map[primitives.ServiceName]static.Hosts, len(cfg.Services))
	for name, service := range cfg.Services {
		host := dialable(service.RPC.BindOnIP)
		address := net.JoinHostPort(host, strconv.Itoa(service.RPC.GRPCPort))
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(address)
	}
	return hosts
}

// retry calls attempt until it succeeds or ctx ends, and then tells the last
// failure, which says more than "deadline exceeded".
func retry(ctx context.Context, attempt func() error) error {
	ticker := time.NewTicker(readyPoll)
	defer ticker.Stop()
	for {
		err := attempt()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (last answer: %w)", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}
