package access

import (
	"context"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/redaction"
	"github.com/voicehive/voicehive/compliance/subjects"
)

const (
	// mostTogether bounds the turns of a call that are looked through as one.
	mostTogether = 4000
	// mostJoined bounds what one speaker says in one go, in bytes.
	mostJoined = 48 << 10
	// mostOthers bounds the names of others that are looked for again.
	mostOthers = 64
	// mostOwn bounds the values of the person, of each kind.
	mostOwn = 100
)

// A masker takes out of a text what is about others, by the policy of exports
// for a data subject. A stream of package redaction would not do: it takes a
// name that is told in the call for known, and this policy keeps what is known.
type masker struct {
	detector redaction.Detector
	redactor *redaction.Redactor
	own      pii.Known
	allow    []string
	region   string
}

func newMasker(d redaction.Detector, own pii.Known, hotel Hotel) (*masker, error) {
	policy, err := redaction.PolicyOf("dsar_export")
	if err != nil {
		return nil, err
	}
	// A day or an hour names nobody.
	policy.Types = map[pii.Type]redaction.Rule{pii.DateTime: {Action: redaction.Keep}}
	redactor, err := redaction.New(d, policy, nil)
	if err != nil {
		return nil, err
	}
	return &masker{detector: d, redactor: redactor, own: own, allow: append(slices.Clone(hotel.Phones), hotel.Name), region: hotel.Country}, nil
}

// text masks one text that stands alone.
func (m *masker) text(ctx context.Context, language, text string) (masked string, changed bool) {
	if text == "" {
		return "", false
	}
	g := &group{text: text, turns: []placed{{end: len(text)}}}
	m.look(g, language, nil)
	m.again([]*group{g}, language)
	masked = m.apply(ctx, g)[0]
	return masked, masked != text
}

// A group is what one speaker says before another does, in one text.
type group struct {
	text   string
	turns  []placed
	spans  []pii.Span
	failed bool
}

// placed is a turn's place in the text of its group.
type placed struct {
	turn       calls.Turn
	start, end int
}

// turns masks a piece of a call, at most mostTogether turns.
func (m *masker) turns(ctx context.Context, language string, all []calls.Turn) []Turn {
	groups := join(all)
	var expect []pii.Type
	for _, g := range groups {
		speaker := g.turns[0].turn.Speaker
		if speaker == calls.Caller {
			m.look(g, language, expect)
			continue
		}
		m.look(g, language, nil)
		expect = pii.Asked(g.turns[len(g.turns)-1].turn.Text)
	}
	m.again(groups, language)
	out := make([]Turn, 0, len(all))
	for _, g := range groups {
		for i, text := range m.apply(ctx, g) {
			t := g.turns[i].turn
			out = append(out, Turn{
				Seq: t.Seq, Speaker: string(t.Speaker), FromMS: t.From.Milliseconds(), ToMS: t.To.Milliseconds(),
				Text: text, Masked: text != t.Text,
			})
		}
	}
	return out
}

// join puts together what a speaker says in several turns, where a number or a
// name may go on from one to the next.
func join(all []calls.Turn) []*group {
	var groups []*group
	var text strings.Builder
	for i, t := range all {
		fresh := i == 0 || all[i-1].Speaker != t.Speaker || text.Len()+len(t.Text) > mostJoined
		if fresh {
			text.Reset()
			groups = append(groups, &group{})
		} else {
			text.WriteByte(' ')
		}
		g := groups[len(groups)-1]
		start := text.Len()
		text.WriteString(t.Text)
		g.turns = append(g.turns, placed{t, start, text.Len()})
		g.text = text.String()
	}
	return groups
}

// look finds what is personal in a group; of a text that cannot be looked
// through nothing is shown.
func (m *masker) look(g *group, language string, expect []pii.Type) {
	g.spans, g.failed = m.scan(pii.Request{
		Text: g.text, Language: language, Known: m.own, Allow: m.allow, Region: m.region, Expect: expect,
	})
	for i, s := range g.spans {
		if m.isOwn(g.text[s.Start:s.End]) {
			g.spans[i].Source = pii.FromKnown
		}
	}
}

// isOwn tells whether an address or number is the person's, however it was
// found and written.
func (m *masker) isOwn(value string) bool {
	email, phone := subjects.Email(value), subjects.Phone(value, m.region)
	return email != "" && slices.ContainsFunc(m.own.Emails, func(own string) bool { return subjects.Email(own) == email }) ||
		phone != "" && slices.ContainsFunc(m.own.Phones, func(own string) bool { return subjects.Phone(own, m.region) == phone })
}

func (m *masker) scan(r pii.Request) (spans []pii.Span, failed bool) {
	defer func() {
		if recover() != nil { // its words may quote the text
			spans, failed = nil, true
		}
	}()
	spans, err := m.detector.Scan(nil, r)
	return spans, err != nil
}

// again looks for the names of others everywhere: who was introduced once is
// called by the first name later.
func (m *masker) again(groups []*group, language string) {
	var others []string
	for _, g := range groups {
		for _, s := range g.spans {
			name := g.text[s.Start:s.End]
			if s.Type == pii.Person && s.Source != pii.FromKnown && len(name) >= 3 && len(others) < mostOthers && !slices.Contains(others, name) {
				others = append(others, name)
			}
		}
	}
	if len(others) == 0 {
		return
	}
	for _, g := range groups {
		if g.failed {
			continue
		}
		var found []pii.Span
		found, g.failed = m.scan(pii.Request{Text: g.text, Language: language, Known: pii.Known{Names: others}})
		for _, s := range found {
			if s.Type == pii.Person && s.Source == pii.FromKnown {
				s.Source = pii.FromOther
				g.spans = with(g.spans, s)
			}
		}
	}
}

// with adds a span about another person. Where it says no more than what the
// person is called too, that stays.
func with(spans []pii.Span, s pii.Span) []pii.Span {
	for _, other := range spans {
		if other.Start <= s.Start && s.End <= other.End {
			return spans
		}
	}
	spans = slices.DeleteFunc(slices.Clone(spans), func(other pii.Span) bool {
		if other.Start >= s.End || s.Start >= other.End {
			return false
		}
		s.Start, s.End = min(s.Start, other.Start), max(s.End, other.End)
		return true
	})
	spans = append(spans, s)
	slices.SortFunc(spans, func(a, b pii.Span) int { return a.Start - b.Start })
	return spans
}

// apply gives the masked text of each turn of a group.
func (m *masker) apply(ctx context.Context, g *group) []string {
	out := make([]string, len(g.turns))
	for i, p := range g.turns {
		out[i] = redaction.Suppressed
		if g.failed {
			continue
		}
		var inside []pii.Span
		for _, s := range g.spans {
			if s.Start >= p.end || p.start >= s.End {
				continue
			}
			// What goes on in the next turn is taken out of both.
			s.Start, s.End = max(s.Start, p.start)-p.start, min(s.End, p.end)-p.start
			inside = append(inside, s)
		}
		if masked, err := m.redactor.Apply(ctx, g.text[p.start:p.end], inside); err == nil {
			out[i] = masked
		}
	}
	return out
}
