package redaction

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/voicehive/voicehive/compliance/pii"
)

// Suppressed stands for a text that could not be looked through.
const Suppressed = "<SUPPRESSED>"

// ErrKeys: an action needs keys, and there are none.
var ErrKeys = errors.New("redaction: this policy needs the guest's keys")

// ErrBroken: the detector gave up on a text, which must not be shown then.
var ErrBroken = errors.New("redaction: the detector broke")

// Keys are those of one guest or call. compliance/keys makes them.
type Keys interface {
	// MAC is a keyed hash of at least 32 bytes.
	MAC(ctx context.Context, message []byte) ([]byte, error)
	// Seal and Open encrypt with authentication, bound to a place.
	Seal(ctx context.Context, place string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, place string, sealed []byte) ([]byte, error)
}

// A Detector finds personal data. *pii.Detector is one.
type Detector interface {
	Scan(dst []pii.Span, r pii.Request) ([]pii.Span, error)
}

// A Redactor masks the texts of one call by one policy. It may be used from
// several goroutines.
type Redactor struct {
	detector Detector
	policy   Policy
	keys     Keys

	mu     sync.Mutex
	number map[string]int    // of a type's values
	marks  map[string]string // value by pseudonym
	names  map[string]string // pseudonym by type and folded value
}

// New returns a redactor of one call. Keys may be nil where the policy needs
// none.
func New(d Detector, p Policy, k Keys) (*Redactor, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if k == nil && needsKeys(p) {
		return nil, ErrKeys
	}
	return &Redactor{
		detector: d, policy: p, keys: k,
		number: map[string]int{}, marks: map[string]string{}, names: map[string]string{},
	}, nil
}

func needsKeys(p Policy) bool {
	needs := func(r Rule) bool { return r.Action == Hash || r.Action == Encrypt || r.Action == Tokenise }
	for _, r := range p.Types {
		if needs(r) {
			return true
		}
	}
	return needs(p.Default)
}

// Redact masks a text. On an error the answer is Suppressed, so that nothing is
// shown by mistake.
func (r *Redactor) Redact(ctx context.Context, request pii.Request) (string, error) {
	spans, err := r.scan(request)
	if err != nil {
		return Suppressed, err
	}
	text, err := r.Apply(ctx, request.Text, spans)
	if err != nil {
		return Suppressed, err
	}
	return text, nil
}

// scan looks for everything. A detector that breaks is an error like another.
func (r *Redactor) scan(request pii.Request) (spans []pii.Span, err error) {
	defer func() {
		if recover() != nil { // its words may quote the text
			spans, err = nil, ErrBroken
		}
	}()
	request.Entities = nil
	if spans, err = r.detector.Scan(nil, request); err != nil {
		return nil, fmt.Errorf("redaction: look through a text: %w", err)
	}
	if err := check(request.Text, spans); err != nil {
		return nil, err
	}
	return asCards(request, spans), nil
}

// check refuses spans that do not lie in their text one after the other.
func check(text string, spans []pii.Span) error {
	from := 0
	for _, s := range spans {
		if s.Start < from || s.End > len(text) || s.Start >= s.End || !utf8.RuneStart(text[s.Start]) || s.End < len(text) && !utf8.RuneStart(text[s.End]) {
			return errSpan
		}
		from = s.End
	}
	return nil
}

var errSpan = errors.New("redaction: a span lies outside its text or over another")

// asCards takes a row of digits for a card's where the agent asked for one: who
// reads it out in parts says no part that looks like a card.
func asCards(request pii.Request, spans []pii.Span) []pii.Span {
	if !slices.Contains(request.Expect, pii.CreditCard) {
		return spans
	}
	for i := range spans {
		if spans[i].Type == pii.NumberSequence {
			spans[i].Type = pii.CreditCard
		}
	}
	return spans
}

// Apply masks spans that were found in text.
func (r *Redactor) Apply(ctx context.Context, text string, spans []pii.Span) (string, error) {
	return r.substitute(ctx, text, r.withLiterals(text, spans))
}

// substitute puts what stands for them in the place of spans.
func (r *Redactor) substitute(ctx context.Context, text string, spans []pii.Span) (string, error) {
	var out strings.Builder
	from := 0
	if err := check(text, spans); err != nil {
		return "", err
	}
	for _, s := range spans {
		instead, err := r.operate(ctx, s, text[s.Start:s.End])
		if err != nil {
			return "", err
		}
		out.WriteString(text[from:s.Start])
		out.WriteString(instead)
		from = s.End
	}
	out.WriteString(text[from:])
	return out.String(), nil
}

// literal matches what looks like a mark of ours. Where a guest's text has it
// already it is masked itself, or it would be restored as something else.
var literal = regexp.MustCompile(`<[A-Z][A-Z0-9_]*(?::[a-z]:[A-Za-z0-9_-]*|_[0-9]+)>`)

const literalType pii.Type = "LITERAL"

// withLiterals adds our own marks in the text to its spans. Only what can be
// restored needs it.
func (r *Redactor) withLiterals(text string, spans []pii.Span) []pii.Span {
	if strings.IndexByte(text, '<') < 0 || !reversible(r.policy) {
		return spans
	}
	all := slices.Clone(spans)
	for _, place := range literal.FindAllStringIndex(text, -1) {
		start, end := place[0], place[1]
		all = slices.DeleteFunc(all, func(s pii.Span) bool {
			if s.Start >= end || start >= s.End {
				return false
			}
			start, end = min(start, s.Start), max(end, s.End)
			return true
		})
		all = append(all, pii.Span{Type: literalType, Start: start, End: end})
	}
	slices.SortFunc(all, func(a, b pii.Span) int { return a.Start - b.Start })
	return all
}

// reversible tells whether anything that a policy hides can be restored.
func reversible(p Policy) bool {
	back := func(r Rule) bool { return r.Action == Pseudonym || r.Action == Encrypt || r.Action == Tokenise }
	for _, r := range p.Types {
		if back(r) {
			return true
		}
	}
	return back(p.Default)
}

// operate gives what stands in a value's place.
func (r *Redactor) operate(ctx context.Context, s pii.Span, value string) (string, error) {
	rule := r.policy.rule(s, value)
	switch rule.Action {
	case Keep:
		return value, nil
	case Redact:
		return "", nil
	case Mask:
		return mask(value, rule.Last), nil
	case Pseudonym:
		return r.pseudonym(s.Type, value), nil
	case Hash:
		return r.hash(ctx, s.Type, value)
	case Encrypt:
		return r.encrypt(ctx, s.Type, value)
	case Tokenise:
		return r.tokenise(ctx, s.Type, value)
	}
	return "<" + string(s.Type) + ">", nil
}

// mask hides letters and digits but the last ones. Of what was spoken nothing
// is kept: its last letters say no digit.
func mask(value string, last int) string {
	runes := []rune(value)
	for _, c := range runes {
		if unicode.IsLetter(c) {
			last = 0
		}
	}
	kept := 0
	for i := len(runes) - 1; i >= 0; i-- {
		if !unicode.IsLetter(runes[i]) && !unicode.IsDigit(runes[i]) {
			continue
		}
		if kept < last {
			kept++
			continue
		}
		runes[i] = '*'
	}
	return string(runes)
}

// pseudonym numbers the values of a type.
func (r *Redactor) pseudonym(t pii.Type, value string) string {
	key := string(t) + "\x00" + value // exact: what is restored is what was said
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.names[key]; ok {
		return p
	}
	r.number[string(t)]++
	p := "<" + string(t) + "_" + strconv.Itoa(r.number[string(t)]) + ">"
	r.names[key], r.marks[p] = p, value
	return p
}
