package retention

import (
	"fmt"
	"time"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
)

// A Record is something that may have to go.
type Record struct {
	Class   register.Class
	Country string
	// Purpose chooses among the rules; empty takes those of every purpose, the
	// longest minimum and the shortest maximum of them.
	Purpose string
	// Scope is its key scope, which holds name; a record without one is kept by
	// every hold of its class.
	Scope string
	// Anchors are when what counts happened. A stay that was cancelled has no
	// arrival and no departure.
	Anchors map[Anchor]time.Time
	// Asked: the person wants it gone. Then only a hold, the law and a stay that
	// is not over keep it.
	Asked bool
}

// Settings are a hotel's own.
type Settings struct {
	// Zone is where the hotel's days begin; UTC when nil.
	Zone *time.Location
	// Terms replace the default of a class.
	Terms map[register.Class]Period
}

func (s Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// An Action is what a verdict says.
type Action string

// The actions.
const (
	Erase       Action = "erase"
	RestrictNow Action = "restrict" // kept for a statute, and for nothing else
	HoldIt      Action = "hold"
	Defer       Action = "defer" // asked for, and not possible before a stay is over
	Keep        Action = "keep"
)

// A Verdict says what becomes of a record, and why.
type Verdict struct {
	Action Action `json:"action"`
	// How it goes, now or then.
	How Act `json:"how,omitempty"`
	// Until is from when on it may go; zero where nobody can say.
	Until   time.Time `json:"until,omitzero"`
	Rule    string    `json:"rule,omitempty"` // or the hold's id, or OpenRequest
	Statute string    `json:"statute,omitempty"`
	Source  string    `json:"source,omitempty"`
	// Why is the chain of all that was looked at, the deciding one last.
	Why []string `json:"why"`
}

// a term is where a rule leads for a record.
type term struct {
	rule Rule
	last time.Time // the last day on which it is kept
	set  bool      // by the hotel
}

// SettingRule names the hotel's own term in place of a rule.
func SettingRule(class register.Class) string { return "hotel-setting/" + string(class) }

func (t term) id() string {
	if t.set {
		return SettingRule(t.rule.Class)
	}
	return t.rule.ID
}

// Resolve tells what becomes of a record. held are holds that bind just now
// (holds.In).
func (p *Policy) Resolve(r Record, s Settings, held []holds.Hold, now time.Time) Verdict {
	var v Verdict
	zone := s.zone()
	base, least, unsure := p.terms(r, s, now, &v)
	for _, h := range held {
		if h.Keeps(r.Class, r.Scope) || r.Scope == "" && h.Keeps(r.Class, firstOf(h.Scopes)) {
			v.say("hold %s of matter %s", h.ID, h.Matter)
			v.Action, v.Rule, v.Until = HoldIt, h.ID, time.Time{}
			return v
		}
	}
	today := dayOf(now, zone)
	lawful := least != nil && !today.After(least.last)
	own := !r.Asked && base != nil && !today.After(base.last)
	switch {
	case lawful && !own:
		v.governed(*least, zone)
		v.Action = RestrictNow // for the law, and for nothing else
		return v
	case r.Asked:
		return asked(v, r, base, unsure, now)
	case unsure != "":
		v.Action = Keep
		v.unsure(unsure)
		return v
	case base == nil && least == nil:
		v.Action = Keep
		v.say("no rule ends it")
		return v
	}
	v.governed(later(base, least), zone)
	v.How, v.Action = how(base), Keep
	if !now.Before(v.Until) {
		if v.Action = Erase; v.How == Restrict {
			v.Action = RestrictNow
		}
	}
	return v
}

// how a record goes: as its own term says. What only a law kept is deleted.
func how(base *term) Act {
	if base == nil {
		return Delete
	}
	return base.rule.Action
}

// asked is the verdict on what a person wants gone and no law keeps.
func asked(v Verdict, r Record, base *term, unsure string, now time.Time) Verdict {
	if unsure != "" {
		v.Action, v.Rule = RestrictNow, unsure
		v.unsure(unsure)
		return v
	}
	if departure, ok := r.Anchors[Departure]; ok && departure.After(now) {
		v.Action, v.Until = Defer, departure
		v.say("the stay is not over")
		return v
	}
	v.Action, v.How = Erase, how(base)
	if v.How == Restrict {
		v.How = Delete
	}
	v.say("the person asked for it and nothing keeps it")
	return v
}

// terms are what ends the record by itself, and what keeps it by law, each nil
// where there is none; unsure is a law's rule whose event is not known.
func (p *Policy) terms(r Record, s Settings, now time.Time, v *Verdict) (base, least *term, unsure string) {
	zone := s.zone()
	var most *term
	for _, rule := range p.standing(r.Class, r.Country, r.Purpose, dayOf(now, zone)) {
		day, ok := p.anchorDay(rule.Anchor, r.Anchors, zone, 0)
		switch {
		case !ok:
			v.say("%s: %s is not known", rule.ID, rule.Anchor)
			if rule.Bound == Min {
				unsure = rule.ID
			}
			continue
		case !rule.covers(day):
			v.say("%s: does not hold for %s", rule.ID, day.Format(time.DateOnly))
			continue
		}
		t := term{rule: rule, last: rule.Period.after(day)}
		switch rule.Bound {
		case Min:
			v.say("%s: not before %s", t.id(), t.last.Format(time.DateOnly))
			if least == nil || t.last.After(least.last) {
				least = &t
			}
		case Max:
			v.say("%s: until %s at most", t.id(), t.last.Format(time.DateOnly))
			if most == nil || t.last.Before(most.last) {
				most = &t
			}
		case Default:
			if own, set := s.Terms[r.Class]; set {
				t.last, t.set = own.after(day), true
			}
			v.say("%s: until %s", t.id(), t.last.Format(time.DateOnly))
			if base == nil || t.last.After(base.last) {
				base = &t
			}
		}
	}
	// What nobody but a law wants kept goes when the law lets it.
	if most != nil && (base == nil && least == nil || base != nil && most.last.Before(base.last)) {
		base = most
	}
	return base, least, unsure
}

// anchorDay is the day of an anchor, derived or not.
func (p *Policy) anchorDay(a Anchor, known map[Anchor]time.Time, zone *time.Location, depth int) (time.Time, bool) {
	if at, ok := known[a]; ok && !at.IsZero() {
		return dayOf(at, zone), true
	}
	if a == Ended {
		departure, stayed := p.anchorDay(Departure, known, zone, depth)
		called, rang := p.anchorDay(CallEnd, known, zone, depth)
		if rang && called.After(departure) {
			return called, true
		}
		return departure, stayed || rang
	}
	d, ok := p.anchors[a]
	if !ok || depth > len(p.anchors) {
		return time.Time{}, false
	}
	base, ok := p.anchorDay(d.of, known, zone, depth+1)
	return d.day(base), ok
}

// later is the law's term when it ends after the record's own.
func later(base, least *term) term {
	if base == nil || least != nil && least.last.After(base.last) {
		return *least
	}
	return *base
}

// governed writes down which rule decides.
func (v *Verdict) governed(t term, zone *time.Location) {
	v.How, v.Rule, v.Statute, v.Source = t.rule.Action, t.id(), t.rule.Statute, t.rule.Source
	v.Until = startOf(t.last.AddDate(0, 0, 1), zone)
	v.say("%s decides", t.id())
}

// unsure says that a law counts from something that nobody told: the safe side
// is to keep.
func (v *Verdict) unsure(rule string) { v.say("%s keeps it: its event is not known", rule) }

func (v *Verdict) say(format string, args ...any) {
	v.Why = append(v.Why, fmt.Sprintf(format, args...))
}

func firstOf(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}
