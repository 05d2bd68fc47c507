package retention

import (
	"slices"
	"strings"
	"time"
)

// check says what is wrong among rules that can each be read.
func (p *Policy) check() (wrong []error) {
	wrong = append(wrong, p.checkAnchors()...)
	wrong = append(wrong, p.checkReferences()...)
	if len(wrong) > 0 {
		return wrong // what follows counts with anchors and periods
	}
	for i, r := range p.rules {
		wrong = append(wrong, p.checkRule(r)...)
		for _, o := range p.rules[:i] {
			wrong = append(wrong, p.checkPair(o, r)...)
		}
	}
	return wrong
}

// checkAnchors: each leads to one that records have.
func (p *Policy) checkAnchors() (wrong []error) {
	for name, d := range p.anchors {
		path := []string{string(name)}
		for at := d; !slices.Contains(given(), at.of); {
			next, ok := p.anchors[at.of]
			if !ok {
				wrong = append(wrong, d.from.wrong("there is no anchor %s; there are %v", at.of, given()))
				break
			}
			if path = append(path, string(at.of)); len(path) > len(p.anchors) {
				wrong = append(wrong, d.from.wrong("the anchors go round in a cycle: %s", strings.Join(path, " of ")))
				break
			}
			at = next
		}
	}
	return wrong
}

// checkReferences fills in what a rule takes from the one that it is like.
func (p *Policy) checkReferences() (wrong []error) {
	for i := range p.rules {
		r := &p.rules[i]
		path := []string{r.ID}
		for like := r.like; like != ""; {
			at := slices.IndexFunc(p.rules, func(o Rule) bool { return o.ID == like })
			if at < 0 {
				wrong = append(wrong, r.from.wrong("rule %s is like %s, which is no rule", r.ID, clipped(like)))
				break
			}
			if path = append(path, like); len(path) > len(p.rules) {
				wrong = append(wrong, r.from.wrong("the rules go round in a cycle: %s", strings.Join(path[:min(len(path), 6)], " like ")))
				break
			}
			r.take(p.rules[at])
			like = p.rules[at].like
		}
	}
	return wrong
}

func (r *Rule) take(o Rule) {
	if r.Period.IsZero() {
		r.Period = o.Period
	}
	r.Anchor, r.Bound = Anchor(or(string(r.Anchor), string(o.Anchor))), Bound(or(string(r.Bound), string(o.Bound)))
	r.Action, r.Purpose, r.Basis = Act(or(string(r.Action), string(o.Action))), or(r.Purpose, o.Purpose), or(r.Basis, o.Basis)
	r.Statute, r.Source = or(r.Statute, o.Statute), or(r.Source, o.Source)
}

func (p *Policy) checkRule(r Rule) (wrong []error) {
	_, known := p.anchors[r.Anchor]
	for _, c := range []struct {
		wrong bool
		say   string
	}{
		{r.ID == "" || len(r.ID) > 60, "a rule needs an id of up to 60 characters"},
		{!known && !slices.Contains(given(), r.Anchor), "there is no anchor " + clipped(string(r.Anchor))},
		{!slices.Contains([]Bound{Min, Max, Default}, r.Bound), "a bound is min, max or default"},
		{!slices.Contains([]Act{Delete, Shred, Redact, Restrict}, r.Action), "an action is delete, shred, redact or restrict"},
		{r.Purpose == "", "a rule needs a purpose"},
		{r.Owner == "", "a rule needs an owner, of its own or of its file"},
		{r.Bound != Default && (r.Statute == "" || r.Source == ""), "what the law demands needs a statute and a source"},
		{!r.ValidTo.IsZero() && !r.ValidFrom.Before(r.ValidTo), "valid_to lies behind valid_from"},
		{r.Retro && r.ValidFrom.IsZero(), "a retroactive rule needs valid_from: since when it replaces the one before"},
	} {
		if c.wrong {
			wrong = append(wrong, r.from.wrong("rule %s: %s", clipped(r.ID), c.say))
		}
	}
	return wrong
}

// checkPair says what two rules cannot be beside each other.
func (p *Policy) checkPair(a, b Rule) []error {
	if a.ID == b.ID {
		return []error{b.from.wrong("there is a rule %s already, at %s:%d", b.ID, a.from.file, a.from.line)}
	}
	if a.Class != b.Class || a.Country != "" && b.Country != "" && a.Country != b.Country || !overlap(a, b) {
		return nil
	}
	if a.same(b) && !replaces(a, b) && !replaces(b, a) {
		return []error{b.from.wrong("rule %s holds at the same time as %s at %s:%d for the same class, purpose and country; end one with valid_to, or let the later be retroactive",
			b.ID, a.ID, a.from.file, a.from.line)}
	}
	if over(a, b) {
		a, b = b, a
	}
	if over(b, a) && p.ends(b, a) {
		return []error{b.from.wrong("%s %s ends before %s %s at %s:%d does", b.Bound, b.ID, a.Bound, a.ID, a.from.file, a.from.line)}
	}
	return nil
}

func overlap(a, b Rule) bool {
	return (a.ValidTo.IsZero() || b.ValidFrom.Before(a.ValidTo)) && (b.ValidTo.IsZero() || a.ValidFrom.Before(b.ValidTo))
}

// replaces tells whether the later of two rules takes the place of the other.
func replaces(later, earlier Rule) bool {
	return later.Retro && later.ValidFrom.After(earlier.ValidFrom)
}

// over tells whether upper must not end before lower.
func over(upper, lower Rule) bool {
	return upper.Bound == Max && (lower.Bound == Min || lower.Bound == Default)
}

// ends tells whether upper ends before lower for some day on which both count
// from the same event. Rules of different events cannot be compared.
func (p *Policy) ends(upper, lower Rule) bool {
	if p.root(upper.Anchor) != p.root(lower.Anchor) {
		return false
	}
	for day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2029; day = day.AddDate(0, 0, 1) {
		known := map[Anchor]time.Time{p.root(upper.Anchor): day}
		u, _ := p.anchorDay(upper.Anchor, known, time.UTC, 0)
		l, _ := p.anchorDay(lower.Anchor, known, time.UTC, 0)
		if upper.Period.after(u).Before(lower.Period.after(l)) {
			return true
		}
	}
	return false
}

// root is the anchor that records have and that another is made from.
func (p *Policy) root(a Anchor) Anchor {
	for {
		d, ok := p.anchors[a]
		if !ok {
			return a
		}
		a = d.of
	}
}
