package presidio

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/voicehive/voicehive/compliance/pii"
)

// A First is the engine whose spans stand. *pii.Detector is one.
type First interface {
	Scan(dst []pii.Span, r pii.Request) ([]pii.Span, error)
}

// A Both is two engines behind the interface of one.
type Both struct {
	first  First
	second *Client
}

// With returns first with the second opinion of c.
func With(first First, c *Client) *Both { return &Both{first, c} }

// Scan finds what either engine finds. Without an answer of the second, what
// the first found stands.
func (b *Both) Scan(dst []pii.Span, r pii.Request) ([]pii.Span, error) {
	before := len(dst)
	dst, err := b.first.Scan(dst, r)
	if err != nil {
		return dst, err
	}
	more, err := b.second.Analyze(context.Background(), nil, r)
	if err != nil {
		return dst, nil // it is counted; nothing is lost that was found
	}
	return append(dst[:before], Union(r.Text, dst[before:], more)...), nil
}

// Union adds to spans what of more lies beside them. Both are sorted, and so is
// the result; no two spans of it lie over each other.
func Union(text string, spans, more []pii.Span) []pii.Span {
	out := slices.Clone(spans)
	for _, m := range more {
		at := m.Start
		for _, s := range slices.Clone(out) {
			if s.End <= at || s.Start >= m.End {
				continue
			}
			if s.Start > at {
				out = append(out, part(text, m, at, s.Start))
			}
			at = max(at, s.End)
		}
		if at < m.End {
			out = append(out, part(text, m, at, m.End))
		}
		slices.SortFunc(out, func(a, b pii.Span) int { return a.Start - b.Start })
	}
	return out
}

func part(text string, s pii.Span, start, end int) pii.Span {
	s.RuneStart = utf8.RuneCountInString(text[:start])
	s.RuneEnd = s.RuneStart + utf8.RuneCountInString(text[start:end])
	s.Start, s.End = start, end
	return s
}
