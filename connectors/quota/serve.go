package quota

import (
	"context"
	"time"

	"github.com/voicehive/voicehive/connectors/transport"
)

// serve asks for those who wait in a line until nobody does.
func (m *meter) serve(effect transport.Effect) {
	for {
		m.mu.Lock()
		l := &m.lines[effect]
		if len(l.waiting) == 0 {
			l.served = false
			m.mu.Unlock()
			return
		}
		a, asked := m.ask(l, effect), time.Now()
		closed := m.closedUntil.Sub(asked)
		m.mu.Unlock()

		r := reply{pause: closed, closed: true}
		if closed <= 0 {
			r = m.lease(a)
		}
		m.mu.Lock()
		m.hand(l, a, r, asked)
		wait := r.granted == 0 && len(l.waiting) > 0
		m.mu.Unlock()
		if wait {
			sleep(context.Background(), min(r.pause, askAgain))
		}
	}
}

// ask makes the question of those who wait, and of those who will come if as
// many do as lately.
func (m *meter) ask(l *line, effect transport.Effect) ask {
	now := time.Now()
	a := asking(m, m.limits.rate(m.vendor), effect)
	l.step = a.step()
	lately := float64(l.used) * float64(leaseTime) / float64(max(now.Sub(l.since), leaseTime))
	a.waiting = min(len(l.waiting), a.block())
	a.wanted = min(len(l.waiting)+int(lately), a.block())
	l.used, l.since = 0, now
	a.patience = askTimeout
	if first := l.waiting[0].deadline; !first.IsZero() {
		a.patience = first.Sub(now)
	}
	return a
}

// hand gives the turns to those who wait, keeps what is left as leased, and
// refuses those whose turn would come too late.
func (m *meter) hand(l *line, a ask, r reply, asked time.Time) {
	now := time.Now()
	at, turns := now.Add(r.pause), r.granted
	for turns > 0 && len(l.waiting) > 0 {
		w := l.waiting[0]
		l.waiting = l.waiting[1:]
		if late(w, at) {
			w.turn <- turn{err: tooLate(at.Sub(now))}
			continue
		}
		w.turn <- turn{at: at}
		turns--
		if r.pause > 0 {
			at = at.Add(a.spacing)
		}
	}
	switch {
	case r.granted == 0:
		m.postpone(l, r, now)
	case r.pause == 0:
		m.counts.unused.Add(float64(l.leased))
		// They were counted after the question was asked.
		l.leased, l.ends = turns, asked.Add(leaseTime)
	}
}

// postpone remembers when there will be turns again, and refuses those who
// cannot wait for theirs.
func (m *meter) postpone(l *line, r reply, now time.Time) {
	l.next = now.Add(r.pause)
	if r.closed {
		m.closedUntil = later(m.closedUntil, l.next)
	}
	stay := l.waiting[:0]
	for _, w := range l.waiting {
		at := l.next.Add(time.Duration(len(stay)) * l.step)
		if late(w, at) {
			w.turn <- turn{err: tooLate(at.Sub(now))}
			continue
		}
		stay = append(stay, w)
	}
	clear(l.waiting[len(stay):])
	l.waiting = stay
}
