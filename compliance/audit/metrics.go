package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/internal/postgres"
)

// Patience is after how long an event that no signed head covers is told as an
// error: by the sequencer in its log, and by what asks Behind.
const Patience = 5 * time.Minute

type sequencerMetrics struct {
	waiting, oldest, size, signed, signedAt, rewritten, lost prometheus.Gauge
	gaps                                                     prometheus.Counter
}

func newSequencerMetrics(registerer prometheus.Registerer) (*sequencerMetrics, error) {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "voicehive", Subsystem: "audit", Name: name, Help: help})
	}
	m := &sequencerMetrics{
		waiting:   gauge("outbox_rows", "Events that wait to be sequenced."),
		oldest:    gauge("outbox_oldest_seconds", "How long the oldest of them has waited."),
		size:      gauge("log_size", "Entries of this year's log."),
		signed:    gauge("signed_size", "Entries that the newest signed head covers."),
		signedAt:  gauge("signed_timestamp_seconds", "When the newest head was signed, in Unix time."),
		rewritten: gauge("rewritten", "1 while the log does not agree with a head that was signed before, and is not signed."),
		lost:      gauge("lost_events", "Events that were written last of their writer and are neither in the log nor in the outbox."),
		gaps: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "voicehive", Subsystem: "audit", Name: "gaps_total",
			Help: "How often events were missing in a writer's count: they were taken away before they were sequenced."}),
	}
	if registerer == nil {
		return m, nil
	}
	var failed []error
	for _, c := range []prometheus.Collector{m.waiting, m.oldest, m.size, m.signed, m.signedAt, m.rewritten, m.lost, m.gaps} {
		failed = append(failed, registerer.Register(c))
	}
	return m, errors.Join(failed...)
}

// told notes how publishing went.
func (m *sequencerMetrics) told(err error) {
	switch {
	case errors.Is(err, ErrRewritten):
		m.rewritten.Set(1)
	case err == nil:
		m.rewritten.Set(0)
	}
}

// A Status is where the log stands.
type Status struct {
	Origin  string        `json:"origin"`
	Size    int64         `json:"size"`
	Signed  int64         `json:"signed"`
	At      time.Time     `json:"signed_at,omitzero"`
	Waiting int64         `json:"waiting"`
	Oldest  time.Duration `json:"oldest_waiting_ns"`
	// Lost counts events that were the last of their writer and are neither in
	// the log nor in the outbox; those before are gaps in the log.
	Lost int64 `json:"lost"`
	// Cosigned is the size of the newest head that each witness has signed.
	Cosigned map[string]int64 `json:"cosigned,omitempty"`
}

// readStatus reads it in a transaction of the sequencer or the auditor.
// Lost events are counted with all only, for that goes through every writer.
func readStatus(ctx context.Context, tx pgx.Tx, name string, all bool) (Status, error) {
	year, size, err := end(ctx, tx)
	if err != nil {
		return Status{}, err
	}
	s := Status{Origin: Origin(name, year), Size: size, Cosigned: map[string]int64{}}
	var at *time.Time
	err = tx.QueryRow(ctx, `
		select (select count(*) from audit_outbox),
		  (select coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8 from (select at from audit_outbox order by id limit 1) first),
		  coalesce((select max(size) from audit_checkpoint where year = $1), 0),
		  (select signed_at from audit_checkpoint where year = $1 order by size desc limit 1)`, year).
		Scan(&s.Waiting, (*seconds)(&s.Oldest), &s.Signed, &at)
	if err != nil {
		return Status{}, err
	}
	if at != nil {
		s.At = *at
	}
	if all {
		// A writer's count was committed with the events: in one snapshot they agree.
		err = tx.QueryRow(ctx, `
			select coalesce(sum(w.next - 1 - greatest(coalesce(o.seq, 0), coalesce(
			  (select seq from audit_leaf l where l.tenant = w.tenant and l.writer = w.writer order by seq desc limit 1),
			  (select seq from audit_writer_end e where e.of_tenant = w.tenant and e.writer = w.writer), 0))), 0)
			from audit_writer w left join (select tenant, writer, max(seq) as seq from audit_outbox group by 1, 2) o using (tenant, writer)`).
			Scan(&s.Lost)
		if err != nil {
			return Status{}, err
		}
	}
	rows, err := tx.Query(ctx, "select witness, max(size) from audit_cosignature where year = $1 group by 1", year)
	if err != nil {
		return Status{}, err
	}
	var witness string
	_, err = pgx.ForEachRow(rows, []any{&witness, &size}, func() error { s.Cosigned[witness] = size; return nil })
	return s, err
}

// behind is how long the oldest event has waited that no signed head covers, by
// the database's clock: one in the outbox, or the first entry behind the newest
// head. It reads three rows by their index, however long the log is.
func behind(ctx context.Context, tx pgx.Tx) (time.Duration, error) {
	year, size, err := end(ctx, tx)
	if err != nil {
		return 0, err
	}
	signed, err := lastSigned(ctx, tx, year)
	if err != nil {
		return 0, err
	}
	var now, oldest time.Time
	err = tx.QueryRow(ctx, "select clock_timestamp(), coalesce((select at from audit_outbox order by id limit 1), clock_timestamp())").Scan(&now, &oldest)
	if err != nil {
		return 0, err
	}
	if signed.size < size {
		var text []byte
		if err := tx.QueryRow(ctx, "select leaf from audit_leaf where year = $1 and n = $2", year, signed.size).Scan(&text); err != nil {
			return 0, err
		}
		leaf, err := ParseLeaf(text)
		if err != nil {
			return 0, err
		}
		if leaf.Time.Before(oldest) {
			oldest = leaf.Time
		}
	}
	return max(0, now.Sub(oldest)), nil
}

// seconds scans a number of seconds.
type seconds time.Duration

// Scan implements sql.Scanner.
func (s *seconds) Scan(v any) error {
	f, ok := v.(float64)
	if !ok {
		return fmt.Errorf("a number of seconds is a %T", v)
	}
	*s = seconds(f * float64(time.Second))
	return nil
}

// observe shows where the log stands, and says when it is not signed.
func (s *Sequencer) observe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var at Status
	var late time.Duration
	all := s.clock().Sub(s.counted) >= time.Minute
	err := s.pool.AsRole(ctx, postgres.RoleSequencer, func(tx pgx.Tx) (err error) {
		if at, err = readStatus(ctx, tx, s.options.Name, all); err == nil {
			late, err = behind(ctx, tx)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("audit: reading where the log stands: %w", err)
	}
	m := s.metrics
	if all {
		s.counted = s.clock()
		m.lost.Set(float64(at.Lost))
		if at.Lost > 0 {
			s.log.ErrorContext(ctx, "Events are neither in the audit log nor in the outbox, although they were written.", "lost", at.Lost)
		}
	}
	m.waiting.Set(float64(at.Waiting))
	m.oldest.Set(at.Oldest.Seconds())
	m.size.Set(float64(at.Size))
	m.signed.Set(float64(at.Signed))
	if !at.At.IsZero() {
		m.signedAt.Set(float64(at.At.Unix()))
	}
	if late > Patience {
		s.log.ErrorContext(ctx, "Audit events have waited too long for a signed head.", "waiting", at.Waiting, "unsigned", at.Size-at.Signed, "for", late.Round(time.Second))
	}
	return nil
}
