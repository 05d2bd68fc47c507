package quota

import (
	"math"
	"time"

	"github.com/voicehive/voicehive/connectors/transport"
)

// A pace is the ledger of one process alone, for one credential: what the
// database does, by the process's own clock.
type pace struct {
	arrival, readArrival time.Time
}

// slower is the question at the share of the rate that one process takes
// without the others.
func slower(a ask) ask {
	a.spacing = time.Duration(float64(a.spacing) / localShare)
	a.burst = max(1, int(float64(a.burst)*localShare))
	return a
}

func (p *pace) lease(a ask, now time.Time) reply {
	p.arrival, p.readArrival = later(p.arrival, now), later(p.readArrival, now)
	room := time.Duration(a.burst) * a.spacing
	pause := p.arrival.Add(a.spacing - room).Sub(now)
	free := now.Add(room).Sub(p.arrival) / a.spacing
	if a.effect == transport.Read {
		readRoom := time.Duration(math.Round(max(1, float64(a.burst)*a.readShare) * float64(a.step())))
		pause = max(pause, p.readArrival.Add(a.step()-readRoom).Sub(now))
		free = min(free, now.Add(readRoom).Sub(p.readArrival)/a.step())
	}
	var r reply
	switch {
	case free >= 1:
		r.granted = min(int(free), a.wanted)
	case a.effect == transport.Write && pause <= a.patience:
		r = reply{granted: min(a.waiting, 1+int((a.patience-pause)/a.spacing)), pause: pause}
	default:
		r.pause = pause
	}
	p.arrival = p.arrival.Add(time.Duration(r.granted) * a.spacing)
	if a.effect == transport.Read {
		p.readArrival = p.readArrival.Add(time.Duration(r.granted) * a.step())
	}
	return r
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
