package redaction

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voicehive/voicehive/compliance/pii"
)

// mask masks one held segment and its words. A span over several segments is
// told in the first one; of the others its part is taken away.
func (s *Stream) mask(ctx context.Context, p *speaker, h held) (Segment, error) {
	out := h.segment
	var text strings.Builder
	from := h.start
	var inside []pii.Span
	all := s.redactor.withLiterals(string(p.text), p.spans)
	for _, span := range all {
		if span.End <= h.start || span.Start >= h.end {
			continue
		}
		inside = append(inside, pii.Span{Start: max(span.Start, h.start) - h.start, End: min(span.End, h.end) - h.start})
		text.Write(p.text[from:max(span.Start, from)])
		if span.Start >= h.start {
			instead, err := s.redactor.operate(ctx, span, string(p.text[span.Start:span.End]))
			if err != nil {
				return Segment{}, err
			}
			text.WriteString(instead)
		}
		from = min(span.End, h.end)
	}
	text.Write(p.text[from:h.end])
	out.Text = strings.TrimSpace(text.String())
	out.Words = maskWords(h.segment.Text, h.segment.Words, inside)
	return out, nil
}

// maskWords masks the words that a span touches. Words that cannot be found in
// their text are all masked.
func maskWords(text string, words []Word, spans []pii.Span) []Word {
	masked := slices.Clone(words)
	at := 0
	for i := range masked {
		w := &masked[i]
		start := wordAt(text, at, w.Text)
		if start < 0 {
			for j := range masked {
				masked[j].Text, masked[j].Masked = Suppressed, true
			}
			return masked
		}
		at = start + len(w.Text)
		for _, span := range spans {
			if span.Start < at && start < span.End {
				w.Text, w.Masked = "***", true
				break
			}
		}
	}
	return masked
}

// wordAt gives where a word stands in text from at on, as a word of its own, or
// -1: "anna" is not in "annabel".
func wordAt(text string, at int, word string) int {
	if word == "" {
		return -1
	}
	for from := at; ; {
		found := strings.Index(text[from:], word)
		if found < 0 {
			return -1
		}
		start := from + found
		end := start + len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[end:])
		first, _ := utf8.DecodeRuneInString(word)
		last, _ := utf8.DecodeLastRuneInString(word)
		if !(letter(before) && letter(first)) && !(letter(last) && letter(after)) {
			return start
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		from = start + size
	}
}

func letter(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// Finish ends the call. It gives what was held back, and again those segments
// that say a name which was told only later.
func (s *Stream) Finish(ctx context.Context) (rest, revised []Segment, err error) {
	names := make([]string, 0, len(s.speakers))
	for name := range s.speakers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		out, failure := s.EndTurn(ctx, name)
		rest = append(rest, out...)
		if failure != nil {
			err = failure
		}
	}
	if len(s.learned) > 0 {
		revised, err = s.again(ctx, err)
	}
	s.given, s.learned = nil, nil
	return rest, revised, err
}

// again looks for the names that were told in all that was given.
func (s *Stream) again(ctx context.Context, err error) ([]Segment, error) {
	var revised []Segment
	request := pii.Request{Language: s.request.Language, Known: pii.Known{Names: s.learned}}
	for _, g := range s.given {
		if g.failed {
			continue
		}
		request.Text = g.text
		spans, failure := s.redactor.scan(request)
		if failure == nil {
			spans = slices.DeleteFunc(spans, func(span pii.Span) bool { return span.Type != pii.Person || span.Source != pii.FromKnown })
			spans = outsideMarks(g.text, spans)
		}
		if failure == nil && len(spans) == 0 {
			continue
		}
		segment, more := g.segment, ""
		if failure == nil {
			more, failure = s.redactor.substitute(ctx, g.text, spans)
		}
		if failure != nil {
			Failures.Add(1)
			err = failure
			revised = append(revised, hideAll(segment))
			continue
		}
		segment.Words = s.wordsAgain(g, request)
		segment.Text = more
		revised = append(revised, segment)
	}
	return revised, err
}

// wordsAgain masks the words of a segment by all that is known at the end.
func (s *Stream) wordsAgain(g given, late pii.Request) []Word {
	request := s.request
	request.Text, request.Known.Names = g.segment.Text, slices.Concat(s.request.Known.Names, late.Known.Names)
	spans, err := s.redactor.scan(request)
	if err != nil {
		return hideAll(g.segment).Words
	}
	return maskWords(g.segment.Text, g.segment.Words, spans)
}

// outsideMarks drops spans that touch a mark of ours.
func outsideMarks(text string, spans []pii.Span) []pii.Span {
	places := literal.FindAllStringIndex(text, -1)
	return slices.DeleteFunc(spans, func(span pii.Span) bool {
		for _, p := range places {
			if span.Start < p[1] && p[0] < span.End {
				return true
			}
		}
		return false
	})
}
