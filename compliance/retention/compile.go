package retention

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/register"
)

// compiled is what Resolve says, as expressions of SQL over the rows of a table.
type compiled struct {
	due   string // the last day on which a row is kept; null where nothing ends it
	rule  string // the rule that decides
	sole  bool   // there is no other rule, so that one decides for each row
	joins string // what both build on
	act   Act
}

// compile turns the rules of a class into SQL. anchors are the days of a row's
// events. ok is false when no rule ends such rows. today is when it is asked:
// a rule that is not yet in force changes nothing.
func (p *Policy) compile(class register.Class, country string, s Settings, anchors map[Anchor]string, today time.Time) (c compiled, ok bool, err error) {
	var ends, mosts, leasts []clause
	for _, r := range p.standing(class, country, "", today) {
		day, err := p.anchorSQL(r, anchors)
		if err != nil {
			return c, false, err
		}
		own, set := s.Terms[class]
		if set = set && r.Bound == Default; !set {
			own = r.Period
		}
		t := clause{id: term{rule: r, set: set}.id(), last: dueSQL(r, day, own), bound: r.Bound}
		switch r.Bound {
		case Default:
			ends = append(ends, t)
		case Max:
			mosts = append(mosts, t)
		case Min:
			t.unsure = fmt.Sprintf("(%s) is null", day)
			leasts = append(leasts, t)
		}
		if r.Bound == Default || c.act == "" && r.Bound == Max {
			c.act = r.Action
		}
	}
	if len(ends)+len(mosts)+len(leasts) == 0 || c.act == Restrict {
		return c, false, nil
	}
	if c.act == "" {
		c.act = Delete
	}
	c.write(ends, mosts, leasts)
	return c, true, nil
}

// A clause is one rule as SQL: the last day it gives, null where it does not
// hold.
type clause struct {
	id, last, unsure string
	bound            Bound
	name             string // the column that has it
}

// write puts the clauses together as Resolve does: the longest default, no
// longer than the shortest maximum, no shorter than the longest minimum; a
// minimum alone where there is no default, a maximum alone where there is
// neither; and nothing where a minimum's event is not known.
func (c *compiled) write(ends, mosts, leasts []clause) {
	all := slices.Concat(ends, mosts, leasts)
	columns := make([]string, len(all))
	names := map[Bound][]string{}
	unsure := "false"
	for i := range all {
		all[i].name = fmt.Sprintf("term.d%d", i)
		columns[i] = fmt.Sprintf("%s as d%d", all[i].last, i)
		names[all[i].bound] = append(names[all[i].bound], all[i].name)
		if all[i].unsure != "" {
			unsure += " or " + all[i].unsure
		}
	}
	if len(all) == 1 && len(ends) == 1 {
		// The usual rule, as cheap for the database as if it were written by hand.
		c.joins, c.due, c.rule, c.sole = "", ends[0].last, quoted(ends[0].id), true
		return
	}
	own, law := combine("greatest", names[Default]), combine("greatest", names[Min])
	base := fmt.Sprintf("case when %s is not null then %s else coalesce(%s, %s) end",
		own, combine("least", append([]string{own}, names[Max]...)), law, combine("least", names[Max]))
	c.joins = fmt.Sprintf(`
		cross join lateral (select %s) term
		cross join lateral (select %s as own, %s as base) ends
		cross join lateral (select case when ends.base is null or %s then null else greatest(%s) end as last) kept`,
		strings.Join(columns, ", "), own, base, unsure, strings.Join(append([]string{"ends.base"}, names[Min]...), ", "))
	c.due = "kept.last"
	// The same order as in Resolve: a law's minimum that reaches further, a
	// maximum that cuts, and else the term itself.
	var cases strings.Builder
	for _, t := range slices.Concat(all[len(ends)+len(mosts):], all[len(ends):len(ends)+len(mosts)], all[:len(ends)]) {
		more := ""
		switch t.bound {
		case Min:
			more = " and (ends.own is null or kept.last > ends.base)"
		case Max:
			more = " and (ends.own is null or ends.own > ends.base)"
		}
		fmt.Fprintf(&cases, " when %s = kept.last%s then %s", t.name, more, quoted(t.id))
	}
	c.rule = "case" + cases.String() + " end"
}

func combine(how string, names []string) string {
	switch len(names) {
	case 0:
		return "null::date"
	case 1:
		return names[0]
	}
	return how + "(" + strings.Join(names, ", ") + ")"
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// dueSQL is the last day that a rule gives to a row.
func dueSQL(r Rule, day string, own Period) string {
	last := fmt.Sprintf("((%s) + %s)::date", day, own.sql())
	var when []string
	if !r.ValidFrom.IsZero() {
		when = append(when, fmt.Sprintf("(%s) >= date '%s'", day, r.ValidFrom.Format(time.DateOnly)))
	}
	if !r.ValidTo.IsZero() {
		when = append(when, fmt.Sprintf("(%s) < date '%s'", day, r.ValidTo.Format(time.DateOnly)))
	}
	if len(when) == 0 {
		return last
	}
	return fmt.Sprintf("case when %s then %s end", strings.Join(when, " and "), last)
}

// anchorSQL is the day that a rule counts from.
func (p *Policy) anchorSQL(r Rule, anchors map[Anchor]string) (string, error) {
	var steps []derived
	a := r.Anchor
	for {
		if day, ok := anchors[a]; ok {
			for _, d := range slices.Backward(steps) {
				if d.yearEnd {
					day = fmt.Sprintf("(date_trunc('year', (%s)::timestamp) + interval '1 year -1 days')::date", day)
				}
				if !d.plus.IsZero() {
					day = fmt.Sprintf("((%s) + %s)::date", day, d.plus.sql())
				}
			}
			return day, nil
		}
		d, ok := p.anchors[a]
		if !ok {
			return "", r.from.wrong("rule %s counts from %s, which rows of class %s do not have", r.ID, a, r.Class)
		}
		steps, a = append(steps, d), d.of
	}
}
