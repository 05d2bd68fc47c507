package contracttest

import (
	"bytes"
	"context"
	"log/slog"
	"sync"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/transport"
)

// A Log keeps what a bench's transport logs, for Bench.Log. Its zero value is
// empty; it is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String returns what was logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Transport are the options of a bench's transport: everything is logged, and
// no limit of our own is in the way of many callers at once.
func (l *Log) Transport() transport.Options {
	return transport.Options{
		Limits: transport.NewBuckets(transport.Rate{PerSecond: 1e6, Burst: 1e6}),
		Logger: slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// Credentials is a credentials.Store with one entry, whatever it is asked for.
type Credentials credentials.Credentials

// Credentials implements credentials.Store.
func (c Credentials) Credentials(context.Context, string) (credentials.Credentials, error) {
	return credentials.Credentials(c), nil
}
