package redaction

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/voicehive/voicehive/compliance/pii"
)

// Bounds of what a stream holds back and remembers.
const (
	// softTokens is after how many words a stream stops waiting where nothing is
	// open, and hardTokens where something is.
	softTokens = 64
	hardTokens = 192
	// maxSegment bounds a segment, in bytes, and maxLearned the names that a
	// call's speakers told.
	maxSegment = 64 << 10
	maxLearned = 64
)

// A Word is a word of a segment with its time in the call's audio.
type Word struct {
	Text     string
	From, To time.Duration
	// Masked tells that the audio from From to To must be silent.
	Masked bool
}

// A Segment is a piece of what one speaker said: a recogniser's final result.
type Segment struct {
	ID      string
	Speaker string
	Text    string
	Words   []Word
}

// Failures counts segments that were suppressed, over all streams.
var Failures atomic.Int64

// A Stream masks the transcript of one call while it is spoken. It holds a
// segment back while a number, a name or an address may go on in the next one,
// gives each exactly once, and masks the same however the words were cut into
// segments. It is for one goroutine.
type Stream struct {
	redactor *Redactor
	request  pii.Request
	speakers map[string]*speaker
	learned  []string
	given    []given
}

// A speaker is what one of them has said and is not given yet.
type speaker struct {
	expect   []pii.Type
	text     []byte
	segments []held
	done     int // bytes of text that are masked
	spans    []pii.Span
	failed   error
}

// held is a segment with its place in its speaker's text.
type held struct {
	segment    Segment
	start, end int
}

// given is what was given out, kept to be looked through again at the end.
type given struct {
	segment Segment
	text    string
	failed  bool
}

// NewStream returns a stream. The request gives language, region, what the call
// knows and what must stay; its text is not read.
func NewStream(r *Redactor, request pii.Request) *Stream {
	request.Known.Names = slices.Clone(request.Known.Names)
	return &Stream{redactor: r, request: request, speakers: map[string]*speaker{}}
}

// Push takes the next segment and gives those that are masked now, of any
// speaker. An error tells why segments of the answer are suppressed; the
// stream goes on.
func (s *Stream) Push(ctx context.Context, segment Segment) ([]Segment, error) {
	p := s.speakers[segment.Speaker]
	if p == nil {
		p = &speaker{expect: s.request.Expect}
		s.speakers[segment.Speaker] = p
	}
	if len(p.text) > 0 {
		p.text = append(p.text, ' ')
	}
	start := len(p.text)
	if len(segment.Text) > maxSegment {
		p.failed = errors.Join(p.failed, pii.ErrTooLong)
	} else {
		p.text = append(p.text, segment.Text...)
	}
	p.segments = append(p.segments, held{segment, start, len(p.text)})
	for p.failed == nil {
		cut := boundary(string(p.text[p.done:]))
		if cut == 0 {
			break
		}
		s.look(p, p.done+cut)
	}
	return s.give(ctx, p)
}

// Asked tells what the agent asked for, so that the speaker's answer is read as
// that. It ends the turn of that speaker first.
func (s *Stream) Asked(ctx context.Context, name string, types []pii.Type) ([]Segment, error) {
	out, err := s.EndTurn(ctx, name)
	p := s.speakers[name]
	if p == nil {
		p = &speaker{}
		s.speakers[name] = p
	}
	p.expect = types
	return out, err
}

// EndTurn gives what is held back of a speaker: he will not go on.
func (s *Stream) EndTurn(ctx context.Context, name string) ([]Segment, error) {
	p := s.speakers[name]
	if p == nil {
		return nil, nil
	}
	if p.failed == nil && p.done < len(p.text) {
		s.look(p, len(p.text))
	}
	p.expect = nil
	return s.give(ctx, p)
}

// look finds what is personal in a speaker's text up to end.
func (s *Stream) look(p *speaker, end int) {
	request := s.request
	request.Text, request.Expect = string(p.text[p.done:end]), p.expect
	request.Known.Names = slices.Concat(s.request.Known.Names, s.learned)
	spans, err := s.redactor.scan(request)
	if err != nil {
		p.failed = err
		return
	}
	for _, span := range spans {
		if span.Type == pii.Person && span.Source != pii.FromKnown && span.Score >= 0.75 {
			s.learn(request.Text[span.Start:span.End])
		}
		span.Start, span.End = span.Start+p.done, span.End+p.done
		p.spans = append(p.spans, span)
	}
	p.done = end
}

// learn remembers a name that somebody told.
func (s *Stream) learn(name string) {
	if len(s.learned) < maxLearned && !slices.Contains(s.learned, name) && !singles(name) {
		s.learned = append(s.learned, strings.Clone(name))
	}
}

// Learn takes the names out of a turn of the same call that was masked before:
// its tokens are sealed with the call, so that a stream that begins in the
// middle of one knows what was told until then. The names stay in the stream.
func (s *Stream) Learn(ctx context.Context, masked string) error {
	for _, place := range literal.FindAllStringIndex(masked, -1) {
		mark := masked[place[0]:place[1]]
		if !strings.HasPrefix(mark, "<"+string(pii.Person)+":") {
			continue
		}
		name, err := s.redactor.restore(ctx, mark)
		if err != nil {
			return err
		}
		if name != mark {
			s.learn(name)
		}
	}
	return nil
}

// singles tells whether a name was only spelled: its letters are no name's
// parts.
func singles(name string) bool {
	for _, part := range strings.Fields(name) {
		if len([]rune(strings.Trim(part, ",.-"))) > 1 {
			return false
		}
	}
	return true
}

// give hands out the segments that lie in what is looked through.
func (s *Stream) give(ctx context.Context, p *speaker) ([]Segment, error) {
	var out []Segment
	if err := p.failed; err != nil {
		for _, h := range p.segments {
			out = append(out, s.suppress(h.segment))
		}
		*p = speaker{expect: p.expect}
		return out, err
	}
	n := 0
	for n < len(p.segments) && p.segments[n].end <= p.done {
		n++
	}
	// A span that goes on in the next segment is given with all its segments.
	for n > 0 && n < len(p.segments) && p.crosses(p.segments[n-1].end) {
		n--
	}
	var failure error
	for _, h := range p.segments[:n] {
		masked, err := s.mask(ctx, p, h)
		if err != nil {
			failure = err
			masked = s.suppress(h.segment)
		} else {
			s.given = append(s.given, given{segment: h.segment, text: masked.Text})
		}
		out = append(out, masked)
	}
	p.forget(n)
	return out, failure
}

func (p *speaker) crosses(at int) bool {
	for _, span := range p.spans {
		if span.Start < at && at < span.End {
			return true
		}
	}
	return false
}

// forget drops the first n segments.
func (p *speaker) forget(n int) {
	if n == 0 {
		return
	}
	from := len(p.text)
	if n < len(p.segments) {
		from = p.segments[n].start
	}
	clear(p.text[:from])
	p.text = append([]byte(nil), p.text[from:]...)
	p.segments = slices.Clone(p.segments[n:])
	p.done = max(p.done-from, 0)
	p.spans = slices.DeleteFunc(p.spans, func(span pii.Span) bool { return span.End <= from })
	for i := range p.spans {
		p.spans[i].Start, p.spans[i].End = p.spans[i].Start-from, p.spans[i].End-from
	}
	for i := range p.segments {
		p.segments[i].start, p.segments[i].end = p.segments[i].start-from, p.segments[i].end-from
	}
}

func (s *Stream) suppress(segment Segment) Segment {
	Failures.Add(1)
	s.given = append(s.given, given{segment: segment, text: Suppressed, failed: true})
	return hideAll(segment)
}

func hideAll(segment Segment) Segment {
	segment.Text, segment.Words = Suppressed, slices.Clone(segment.Words)
	for i := range segment.Words {
		segment.Words[i].Text, segment.Words[i].Masked = Suppressed, true
	}
	return segment
}
