package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// SequencerOptions of a Sequencer. Name, Signer and Store are needed.
type SequencerOptions struct {
	// Name of the installation; see CheckName.
	Name   string
	Signer Signer
	// Store keeps a copy of each signed head, out of reach of who runs the
	// database.
	Store objects.Store
	// Witnesses are asked to cosign heads; none without it.
	Witnesses []Witness
	// Batch is how many events are sequenced in one transaction. Default 8,192.
	Batch int
	// Interval is how often the outbox is looked at. Default 1 s.
	Interval time.Duration
	// WitnessInterval is how often witnesses are asked at most. Default 1 min.
	WitnessInterval time.Duration
	Registerer      prometheus.Registerer
	Logger          *slog.Logger
}

// A Sequencer takes the outbox into the log and signs its heads. Several may
// run, in as many processes: one at a time works, under a lock of the database
// that ends with the transaction that took it. So a process that was paused
// cannot write behind the back of the one that took over.
type Sequencer struct {
	pool    *postgres.Pool
	options SequencerOptions
	log     *slog.Logger
	metrics *sequencerMetrics
	cache   *cache
	// What the last batch of this process left; read again when another process
	// was in between.
	year int
	edge *edge
	// asked is when the witnesses were.
	asked time.Time
	// counted is when lost events were.
	counted time.Time
	// What was proved last, and when: a log that did not grow is proved again
	// once a minute only.
	provedYear int
	provedSize int64
	provedAt   time.Time
	// The process's clock and the database's; see nextYear.
	clock        func() time.Time
	databaseYear func(context.Context, pgx.Tx) (int, error)
}

// NewSequencer returns a sequencer of the database of pool.
func NewSequencer(pool *postgres.Pool, o SequencerOptions) (*Sequencer, error) {
	if err := CheckName(o.Name); err != nil {
		return nil, err
	}
	if o.Signer == nil || o.Store == nil {
		return nil, errors.New("audit: a sequencer needs a signer, and a store for the copies of heads")
	}
	if o.Batch <= 0 {
		o.Batch = 8192
	}
	if o.Interval <= 0 {
		o.Interval = time.Second
	}
	if o.WitnessInterval <= 0 {
		o.WitnessInterval = time.Minute
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	metrics, err := newSequencerMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("audit: show metrics: %w", err)
	}
	return &Sequencer{pool: pool, options: o, log: o.Logger, metrics: metrics, cache: newCache(4096), clock: time.Now, databaseYear: databaseYear}, nil
}

// Run works until ctx ends. What fails is logged and tried again: events wait
// in the outbox, and nothing is lost. A log that was rewritten is never signed
// again; that is logged at each try, and an alert's matter.
func (s *Sequencer) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.options.Interval)
	defer ticker.Stop()
	for {
		if err := s.Round(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "The audit log is not up to date.", "error", err, "rewritten", errors.Is(err, ErrRewritten))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// Round sequences all that waits, signs the head and asks the witnesses when it
// is time. It is what Run does at each interval.
func (s *Sequencer) Round(ctx context.Context) error {
	err := s.drain(ctx)
	published, signErr := s.Publish(ctx)
	if signErr == nil && published && s.clock().Sub(s.asked) >= s.options.WitnessInterval && len(s.options.Witnesses) > 0 {
		s.asked = s.clock()
		signErr = s.AskWitnesses(ctx)
	}
	return errors.Join(err, signErr, s.observe(ctx))
}

// drain takes whole batches and what is left, and comes to an end while events
// keep coming: the head has to be signed as well.
func (s *Sequencer) drain(ctx context.Context) error {
	for range mostBatches {
		n, err := s.Sequence(ctx)
		if err != nil || n < s.options.Batch {
			return err
		}
	}
	return nil
}

// mostBatches bounds the batches between two signed heads.
const mostBatches = 50
