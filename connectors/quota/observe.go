package quota

import (
	"cmp"
	"context"
	"time"

	"github.com/voicehive/voicehive/connectors/transport"
)

// What a vendor means that says no and names no time, until the ledger, which
// knows of earlier refusals, says it better.
const (
	pauseRefused = 5 * time.Second
	pauseEmpty   = time.Second
)

// knownWell is by how much a closing must be longer than what is known already
// to be worth a question to the ledger: requests that are under way together
// bring the same word.
const knownWell = 100 * time.Millisecond

// Observe implements transport.Observer: a refusal, or nothing remaining,
// closes the credential for all processes.
func (m *meter) Observe(ctx context.Context, o transport.Observation) {
	lasting := o.Wait
	pause := cmp.Or(lasting, pauseRefused)
	switch {
	case !o.Refused && o.Remaining != 0:
		return
	case !o.Refused:
		lasting = cmp.Or(lasting, pauseEmpty)
		pause = lasting
	}
	if !m.shut(pause) {
		return
	}
	m.counts.closed.Inc()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	spacing := asking(m, m.limits.rate(m.vendor), transport.Write).spacing
	told, err := m.limits.base.close(ctx, m.key, m.vendor, spacing, lasting)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.lose(err)
		return
	}
	m.closedUntil = time.Now().Add(told)
}

// shut closes the credential in this process; a pause lasts longer than any
// lease. It is false when it was closed for that long already.
func (m *meter) shut(pause time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	until := time.Now().Add(pause)
	if until.Before(m.closedUntil.Add(knownWell)) {
		return false
	}
	m.closedUntil = until
	return true
}
