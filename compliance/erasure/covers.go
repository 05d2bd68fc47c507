package erasure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/compliance/register"
)

// Approvals are what people agreed to. *rights.Store is one.
type Approvals interface {
	// Recheck takes back each approval of a case whose terms covers refuses, and
	// tells whether enough people still agree.
	Recheck(ctx context.Context, hotel, request string, covers func(terms []byte) bool) (stands bool, err error)
}

// Terms are what somebody who approves a plan agrees to: whose bookings and
// calls, and what becomes of each class. They hold ids and words, nothing of a
// guest, and no numbers and dates, which move by themselves.
type Terms struct {
	Case   string  `json:"case"`
	Groups []Group `json:"groups"`
	// Held are the cases whose copies a legal hold keeps.
	Held []string `json:"held,omitempty"`
}

// A Group are bookings and calls with the same verdicts.
type Group struct {
	Verdicts map[register.Class]Action `json:"verdicts,omitempty"`
	Scopes   []string                  `json:"scopes"`
}

// derived are the classes that come and go with a booking or call by
// themselves, or that the law keeps once a stay is over: they stand in the terms
// and do not name them.
var derived = map[register.Class]bool{
	register.Run: true, register.AuditDetail: true, register.Task: true, register.Call: true,
	register.Consent: true, register.Invoice: true, register.GuestRegister: true,
}

// Terms are those of the plan.
func (p Plan) Terms() Terms {
	t := Terms{Case: p.Case}
	byScope := make(map[string]map[register.Class]Action, len(p.Scopes))
	for _, scope := range p.Scopes {
		byScope[scope] = map[register.Class]Action{}
	}
	for _, l := range p.Lines {
		verdicts, ours := byScope[l.Scope]
		if !ours {
			if l.Class == register.Pack && l.Action == Hold {
				t.Held = append(t.Held, l.Scope)
			}
			continue
		}
		if known, ok := verdicts[l.Class]; !ok || known == Keep {
			verdicts[l.Class] = l.Action
		}
	}
	groups := map[string]*Group{}
	for _, scope := range p.Scopes {
		name := fmt.Sprint(byScope[scope]) // maps are printed in the order of their keys
		if groups[name] == nil {
			groups[name] = &Group{Verdicts: byScope[scope]}
		}
		groups[name].Scopes = append(groups[name].Scopes, scope)
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		t.Groups = append(t.Groups, *groups[name])
	}
	return t
}

// fate is what an action comes to in the end: what waits for a stay goes too.
func fate(a Action) string {
	switch a {
	case Erase, Defer, Manual:
		return "goes"
	case Hold, Restrict:
		return string(a)
	}
	return ""
}

// Hash names the terms to whoever approves. Time alone does not move it.
func (t Terms) Hash() string {
	var lines []string
	for _, g := range t.Groups {
		for _, scope := range g.Scopes {
			lines = append(lines, scope)
			for class, action := range g.Verdicts {
				if comes := fate(action); comes != "" && !derived[class] {
					lines = append(lines, scope+" "+string(class)+" "+comes)
				}
			}
		}
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte("voicehive/erasure/terms/1\n" + t.Case + "\n" + strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:])
}

// Covers tells whether all that a plan erases now is within the terms. Fewer
// lines are, and what the law or a stay keeps meanwhile. A booking or call that
// was not there is not, nor what was to be kept.
func (t Terms) Covers(p Plan) bool {
	if t.Case != p.Case {
		return false
	}
	agreed := map[string]map[register.Class]Action{}
	for _, g := range t.Groups {
		for _, scope := range g.Scopes {
			agreed[scope] = g.Verdicts
		}
	}
	for _, scope := range p.Scopes {
		if _, ok := agreed[scope]; !ok {
			return false
		}
	}
	return !slices.ContainsFunc(p.Lines, func(l Line) bool {
		verdicts, ours := agreed[l.Scope]
		switch {
		case l.Action == Hold || l.Action == Restrict || l.Action == Defer:
			return false // it stays for now
		case !ours:
			return slices.Contains(t.Held, l.Scope)
		}
		return !goes(verdicts, l.Class)
	})
}

// CoveredBy tells whether terms that were kept as JSON cover the plan.
func (p Plan) CoveredBy(terms []byte) bool {
	var t Terms
	return json.Unmarshal(terms, &t) == nil && t.Covers(p)
}

// goes tells whether it was agreed that a class of a booking or call goes. What
// came since goes with the rest, unless a dispute kept any of that.
func goes(verdicts map[register.Class]Action, class register.Class) bool {
	was, seen := verdicts[class]
	if !seen {
		return !slices.Contains(slices.Collect(maps.Values(verdicts)), Hold)
	}
	return was != Hold && was != Restrict
}

// agreed refuses a plan that not enough people agreed to.
func (o *Office) agreed(ctx context.Context, p Plan) error {
	if o.Approvals == nil {
		return nil
	}
	stands, err := o.Approvals.Recheck(ctx, p.Hotel, p.Case, p.CoveredBy)
	if err == nil && !stands {
		err = ErrPlanChanged
	}
	return wrap(err, "ask who agreed")
}
