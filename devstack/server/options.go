package server

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
)

// Defaults of Options.
const (
	DefaultIP        = "127.0.0.1"
	DefaultPort      = 7233
	DefaultNamespace = "default"
	DefaultRetention = 24 * time.Hour
	DefaultLogLevel  = "warn"
	DefaultLogFormat = "text"

	// UIPortOffset is added to the frontend's port when no UI port is given.
	UIPortOffset = 1000

	// AnyPort as UI port picks a free one.
	AnyPort = -1

	minRetention = time.Hour // the server refuses less for a local namespace
)

// Options say how to run the server. The zero value is usable: an in-memory
// server on a free loopback port, without Web UI.
type Options struct {
	// IP and Port the gRPC frontend listens on. Port 0 picks a free one.
	IP   string
	Port int
	// Namespaces to create. Existing ones are kept.
	Namespaces []string
	// SearchAttributes to add, by name, to every namespace named above.
	SearchAttributes map[string]enumspb.IndexedValueType
	// Retention of closed workflows in namespaces this start creates; at least
	// an hour.
	Retention time.Duration
	// DBFilename is a SQLite file, created when missing. With neither
	// DBFilename nor PostgresURL all state is in memory.
	DBFilename string
	// PostgresURL is postgres://USER[:PASSWORD]@HOST:PORT/DATABASE[?options].
	// A second database, DATABASE_visibility, stands beside the first.
	PostgresURL string
	// DynamicConfig overrides the settings of this package, by key.
	DynamicConfig map[string]any
	// MetricsPort serves Prometheus metrics at /metrics; 0 is off.
	MetricsPort int
	// LogLevel is debug, info, warn, error or never; LogFormat text or json.
	LogLevel, LogFormat string
	// UI is nil to run without Web UI.
	UI *UI
}

// complete fills in defaults and refuses what cannot work.
func (o Options) complete() (Options, error) {
	if o.DBFilename != "" && o.PostgresURL != "" {
		return o, errors.New("--db-filename and --postgres exclude each other: give one of them")
	}
	if o.Retention == 0 {
		o.Retention = DefaultRetention
	}
	if o.Retention < minRetention {
		return o, fmt.Errorf("--retention %s is too short: the server keeps closed workflows for at least %s", o.Retention, minRetention)
	}
	if len(o.Namespaces) == 0 {
		o.Namespaces = []string{DefaultNamespace}
	}
	if o.UI != nil && o.UI.Port == 0 && o.Port == 0 {
		ui := *o.UI
		ui.Port = AnyPort // no fixed distance to a port nobody chose
		o.UI = &ui
	}
	var err error
	if o.IP, err = numericIP("--ip", o.IP); err != nil {
		return o, err
	}
	if o.Port, err = portOrFree("--port", o.Port); err != nil {
		return o, err
	}
	if o.MetricsPort < 0 || o.MetricsPort > maxPort {
		return o, fmt.Errorf("--metrics-port %d is not a port: use 1 to %d, or 0 for none", o.MetricsPort, maxPort)
	}
	if o.UI != nil {
		ui, err := o.UI.complete(o)
		if err != nil {
			return o, err
		}
		o.UI = &ui
	}
	return o, nil
}

// checkPorts turns a taken port into one clear error, before the Temporal
// libraries meet it and end the process.
func (o Options) checkPorts() error {
	if err := checkPort("--port", o.IP, o.Port); err != nil {
		return err
	}
	if o.MetricsPort != 0 {
		if err := checkPort("--metrics-port", o.IP, o.MetricsPort); err != nil {
			return err
		}
	}
	if o.UI != nil {
		return checkPort("--ui-port", o.UI.IP, o.UI.Port)
	}
	return nil
}

// frontend is the address clients on this machine dial.
func (o Options) frontend() string {
	return net.JoinHostPort(dialable(o.IP), strconv.Itoa(o.Port))
}
