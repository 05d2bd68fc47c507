package breach

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Clock is something that is due. It lives in histories: never change one.
type Clock string

// The clocks.
const (
	TellControllers Clock = "controllers"
	TellAuthority   Clock = "authority"
	// Finish comes round while a breach is open and everybody has been told the
	// first time: what is found out follows without undue delay (33(4)).
	Finish Clock = "finish"
)

// Duties are what is still to be done of a breach, by the register as it stands.
type Duties struct {
	Closed bool `json:"closed"`
	// Aware is when the clocks began.
	Aware time.Time `json:"aware"`
	// Due are the clocks that run, with their ends.
	Due map[Clock]time.Time `json:"due"`
	// Untold are how many hotels were not told yet.
	Untold int `json:"untold"`
}

// Risk is the last assessment's; empty before the first.
func (b Breach) Risk() Risk {
	for _, n := range slices.Backward(b.Notes) {
		if n.Act == Assessed {
			return n.Risk
		}
	}
	return ""
}

func (b Breach) told(phase Phase) bool {
	return slices.ContainsFunc(b.Notes, func(n Note) bool { return n.Act == AuthorityTold && (phase == "" || n.Phase == phase) })
}

// Untold are the hotels that were not told yet.
func (b Breach) Untold() []string {
	told := map[string]bool{}
	for _, n := range b.Notes {
		told[n.Hotel] = true
	}
	return slices.DeleteFunc(slices.Clone(b.Hotels), func(hotel string) bool { return told[hotel] })
}

// Duties tells what there is still to do.
func (b Breach) Duties() Duties {
	d := Duties{Closed: !b.ClosedAt.IsZero(), Aware: b.Aware, Due: map[Clock]time.Time{}, Untold: len(b.Untold())}
	if d.Closed {
		return d
	}
	if d.Untold > 0 {
		d.Due[TellControllers] = b.ControllerDue
	}
	if !b.told("") && b.Risk() != Unlikely {
		d.Due[TellAuthority] = b.AuthorityDue
	}
	return d
}

// undone says in plain words what has to be done before it is closed.
func (b Breach) undone() []string {
	var left []string
	if untold := b.Untold(); len(untold) > 0 {
		left = append(left, fmt.Sprintf("%d hotels were not told: %s", len(untold), strings.Join(untold[:min(len(untold), 10)], ", ")))
	}
	risk := b.Risk()
	if risk == "" {
		left = append(left, "nobody has assessed the risk")
	}
	if risk != "" && risk != Unlikely && !b.told(Final) {
		left = append(left, "the authority has no final notice")
	}
	persons := slices.ContainsFunc(b.Notes, func(n Note) bool { return n.Act == PersonsTold })
	if risk == High && !persons {
		left = append(left, "the risk is high and no guest was told, nor why none has to be (Article 34(3))")
	}
	if !slices.ContainsFunc(b.Notes, func(n Note) bool { return n.Act == Remedied }) {
		left = append(left, "nothing was done about it")
	}
	return left
}
