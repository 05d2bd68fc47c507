package capability

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Options of Open. The zero value logs nowhere, shows no metrics and looks at
// the file every five seconds.
type Options struct {
	Registerer prometheus.Registerer
	Logger     *slog.Logger
	// Every is how often the file is looked at; 0 means five seconds.
	Every time.Duration
	// Changed is told of each new matrix, one after the other, after Current
	// answers with it. It should be quick.
	Changed func(*Matrix)
}

// Live is the matrix that is in force: the one of the program with the vendors
// of the operator's file put over it. It is safe for concurrent use.
type Live struct {
	path    string
	log     *slog.Logger
	changed func(*Matrix)
	metrics metrics

	current atomic.Pointer[Matrix]

	mu   sync.Mutex // of Reload
	seen string     // digest of the content that was looked at last

	stop context.CancelFunc
	done chan struct{}
}

// Open reads the operator's file and watches it until Close; with path "" the
// matrix of the program is in force for good. A file that cannot be used is an
// error now; later, the matrix before stays in force.
func Open(path string, o Options) (*Live, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Every <= 0 {
		o.Every = 5 * time.Second
	}
	shown, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("capability: metrics: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &Live{path: path, log: o.Logger, changed: o.Changed, metrics: shown, stop: stop, done: make(chan struct{})}
	l.put(Default())
	if path == "" {
		close(l.done)
		return l, nil
	}
	if err := l.Reload(); err != nil {
		stop()
		return nil, err
	}
	go l.watch(ctx, o.Every)
	return l, nil
}

// Current is the matrix that is in force.
func (l *Live) Current() *Matrix { return l.current.Load() }

// Capabilities answers for one vendor from the matrix that is in force at each
// call: what Guard asks.
func (l *Live) Capabilities(vendor string) func() pms.Capabilities {
	return func() pms.Capabilities { return l.Current().Capabilities(vendor) }
}

// Close ends the watching. Current answers on.
func (l *Live) Close() {
	l.stop()
	<-l.done
}

func (l *Live) watch(ctx context.Context, every time.Duration) {
	defer close(l.done)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			// The matrix before stays in force; Reload says why.
			_ = l.Reload()
		}
	}
}

// Reload looks at the file now. One that is as before changes nothing; one
// that cannot be used is refused, and the matrix before stays in force. The
// error, which names everything that is wrong, is logged and counted once for
// each content.
func (l *Live) Reload() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.path == "" {
		return nil
	}
	document, err := readFile(l.path)
	// The content is what counts: a file's time may stay or lie.
	content := digest(document)
	if err != nil {
		content = err.Error()
	}
	if content == l.seen {
		return nil
	}
	l.seen = content
	if err == nil {
		err = l.replace(document)
	}
	if err != nil {
		l.metrics.reloads.WithLabelValues("refused").Inc()
		l.log.Error("the capability matrix was refused; the one before stays in force", "file", l.path, "version", l.Current().Version(), "error", err)
		return err
	}
	l.metrics.reloads.WithLabelValues("applied").Inc()
	l.log.Info("the capability matrix is in force", "file", l.path, "version", l.Current().Version(), "vendors", l.Current().Vendors())
	return nil
}

func (l *Live) replace(document []byte) error {
	override, err := Parse(l.path, document)
	if err != nil {
		return fmt.Errorf("capability: %w", err)
	}
	l.put(Default().With(override))
	return nil
}

func (l *Live) put(m *Matrix) {
	l.current.Store(m)
	l.metrics.version.Reset()
	l.metrics.version.WithLabelValues(m.Version()).Set(1)
	if l.changed != nil {
		l.changed(m)
	}
}

type metrics struct {
	reloads *prometheus.CounterVec
	version *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) (metrics, error) {
	m := metrics{
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "voicehive_capability_matrix_reloads_total",
			Help: "How often a new capability matrix was applied, or refused because it cannot be used.",
		}, []string{"outcome"}),
		version: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "voicehive_capability_matrix_info",
			Help: "1 for the version of the capability matrix that is in force.",
		}, []string{"version"}),
	}
	for _, outcome := range []string{"applied", "refused"} {
		m.reloads.WithLabelValues(outcome)
	}
	if r == nil {
		return m, nil
	}
	return m, errors.Join(r.Register(m.reloads), r.Register(m.version))
}
