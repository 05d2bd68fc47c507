package server

import (
	"net"
	"strconv"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/primitives"
)

const (
	clusterName = "active"

	// historyShards cannot change once a store exists. Four spread the work of
	// a two-core machine; one makes workflows wait for each other.
	historyShards = 4

	// internalPorts are those of the services nobody outside calls: history,
	// matching, worker, and the frontend's HTTP API, which Nexus needs.
	internalPorts = 4

	archivalOff = "disabled"
)

// newConfig is the static configuration of a single-node server.
func newConfig(o Options, s store, ports []int) *config.Config {
	cfg := &config.Config{
		Global: config.Global{
			Membership: config.Membership{
				MaxJoinDuration:  30 * time.Second,
				BroadcastAddress: DefaultIP,
			},
		},
		Persistence:     s.persistence(),
		ClusterMetadata: newClusterMetadata(o),
		DCRedirectionPolicy: config.DCRedirectionPolicy{
			Policy: "noop",
		},
		Services: map[string]config.Service{
			string(primitives.FrontendService): newFrontend(o.IP, o.Port, ports[3]),
			string(primitives.HistoryService):  newService(DefaultIP, ports[0]),
			string(primitives.MatchingService): newService(DefaultIP, ports[1]),
			string(primitives.WorkerService):   newService(DefaultIP, ports[2]),
		},
		PublicClient: config.PublicClient{HostPort: o.frontend()},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: archivalOff},
			Visibility: config.VisibilityArchival{State: archivalOff},
		},
		NamespaceDefaults: config.NamespaceDefaults{
			Archival: config.ArchivalNamespaceDefaults{
				History:    config.HistoryArchivalNamespaceDefaults{State: archivalOff},
				Visibility: config.VisibilityArchivalNamespaceDefaults{State: archivalOff},
			},
		},
	}
	if o.MetricsPort != 0 {
		cfg.Global.Metrics = &metrics.Config{
			Prometheus: &metrics.PrometheusConfig{
				ListenAddress: net.JoinHostPort(o.IP, strconv.Itoa(o.MetricsPort)),
				HandlerPath:   "/metrics",
			},
		}
	}
	return cfg
}

func newClusterMetadata(o Options) *cluster.Config {
	return &cluster.Config{
		EnableGlobalNamespace:    false,
		FailoverVersionIncrement: 10,
		MasterClusterName:        clusterName,
		CurrentClusterName:       clusterName,
		ClusterInformation: map[string]cluster.ClusterInformation{
			clusterName: {
				Enabled:                true,
				InitialFailoverVersion: 1,
				RPCAddress:             o.frontend(),
			},
		},
	}
}

func newFrontend(ip string, port, httpPort int) config.Service {
	frontend := newService(ip, port)
	frontend.RPC.HTTPPort = httpPort
	return frontend
}

func newService(ip string, port int) config.Service {
	return config.Service{RPC: config.RPC{BindOnIP: ip, GRPCPort: port}}
}
