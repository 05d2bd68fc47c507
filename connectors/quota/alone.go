package quota

import (
	"context"
	"time"
)

// alone is how a process goes on that cannot ask the ledger.
type alone struct {
	is     bool
	pace   pace
	spent  int       // requests that the ledger does not know of
	tryAt  time.Time // when to look for the ledger again
	trying bool
}

// lease asks the ledger, or this process's own pace while there is no ledger.
func (m *meter) lease(a ask) reply {
	m.mu.Lock()
	if m.alone.is {
		defer m.mu.Unlock()
		return m.leaseAlone(a)
	}
	a.spent, m.alone.spent = m.alone.spent, 0
	m.mu.Unlock()

	r, err := m.askLedger(a)
	if err == nil {
		return r
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alone.spent += a.spent
	m.lose(err)
	return m.leaseAlone(a)
}

func (m *meter) askLedger(a ask) (reply, error) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	r, err := m.limits.base.lease(ctx, a)
	outcome := "granted"
	switch {
	case err != nil:
		outcome = "failed"
	case r.closed:
		outcome = "closed"
	case r.granted == 0 && a.wanted > 0:
		outcome = "later"
	}
	m.counts.leases.WithLabelValues(outcome).Inc()
	return r, err
}

// leaseAlone grants by this process's own pace. It looks for the ledger beside,
// so that nobody waits for one that does not answer.
func (m *meter) leaseAlone(a ask) reply {
	now := time.Now()
	if !m.alone.trying && !now.Before(m.alone.tryAt) {
		m.alone.trying = true
		go m.find()
	}
	r := m.alone.pace.lease(slower(a), now)
	m.alone.spent = min(m.alone.spent+r.granted, a.burst)
	return r
}

// lose begins to go on alone.
func (m *meter) lose(err error) {
	m.alone.tryAt = time.Now().Add(askAgain)
	if m.alone.is {
		return
	}
	m.alone.is, m.alone.pace = true, pace{}
	m.counts.alone.Inc()
	m.limits.log.Warn("The database with the shared request limits does not answer. This process keeps to a part of the limit by itself.",
		"vendor", m.vendor, "part", localShare, "error", err)
}

// find asks the ledger for nothing, and tells it what was sent meanwhile.
func (m *meter) find() {
	m.mu.Lock()
	a := asking(m, m.limits.rate(m.vendor), 0)
	a.spent = m.alone.spent
	m.mu.Unlock()

	r, err := m.askLedger(a)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alone.trying = false
	if err != nil {
		m.lose(err)
		return
	}
	m.alone.is = false
	m.alone.spent -= min(a.spent, m.alone.spent)
	if r.closed {
		m.closedUntil = later(m.closedUntil, time.Now().Add(r.pause))
	}
	m.counts.alone.Dec()
	m.limits.log.Info("The shared request limits are kept in the database again.", "vendor", m.vendor)
}
