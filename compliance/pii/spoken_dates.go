package pii

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/pii/spoken"
)

// How many tokens before a spoken date the word stands that tells what it is,
// and how many may stand between a card's number and its expiry.
const (
	dateReach  = 12
	nearReach  = 4
	afterReach = 6
	cardGap    = 10
	mostFound  = 512 // findings that are looked at for a card
)

// spokenDates finds days of birth and the expiry of cards among what was said
// in a language. Other dates are no one's own.
func (s *scan) spokenDates(language int) {
	r, asked := s.spoken.reader, s.spoken.asked
	cues := r.Marks() | asked
	named := r.Dated()>>language&1 == 1
	if cues&(cueBirth|cueExpiry) == 0 && !named {
		return
	}
	births := named || cues&cueBirth != 0 || s.lettersOfBirth()
	for i := r.NextDate(0); i < len(s.tokens); i = r.NextDate(i + 1) {
		if births {
			if last, ok := s.birthAt(i, asked); ok {
				i = last
				continue
			}
		}
		if last, ok := s.expiryAt(i, asked); ok {
			i = last
		}
	}
}

// lettersOfBirth tells whether D.O.B. may be said in the text, which no word's
// mark tells.
func (s *scan) lettersOfBirth() bool {
	for i := range s.tokens {
		if s.tokens[i].fold == "b" {
			return true
		}
	}
	return false
}

// birthAt looks whether a day of birth is said at token i.
func (s *scan) birthAt(i int, asked uint16) (last int, ok bool) {
	d, ok := s.spoken.reader.Day(i)
	if !ok {
		if d, ok = s.spoken.reader.Expiry(i); ok && (!d.Named || s.ledBy(i, nearReach, cueBirth) < 0 && asked&cueBirth == 0 || s.ledBy(i, nearReach, cueExpiry) >= 0) {
			return 0, false // a month and a year are told of births only where a word says so
		}
	}
	if !ok || d.Full && d.Year > 0 && d.Year > time.Now().Year() {
		return 0, false
	}
	f := finding{kind: DateOfBirth, start: d.Start, end: d.End, score: 0.85, source: FromSpoken, rank: rankStrong, reason: "a spoken date and a word of birth"}
	birth := s.ledBy(i, dateReach, cueBirth|cueExpiry|cueStreet)
	switch {
	case birth >= 0 && s.marksAt(birth)&cueBirth != 0 && (d.Named || d.Year > 0 || i-birth < nearReach):
	case asked&cueBirth != 0 && (d.Named || d.Year > 0):
		f.source, f.reason = FromExpectation, "a spoken date, and a day of birth was asked for"
	case s.cueBehind(d.Last, cueBirth) && d.Year > 0:
	case d.Named && d.Full && d.Year <= time.Now().Year()-youngest && asked == 0 && birth < 0:
		f.score, f.rank, f.reason = 0.45, rankWeak, "a spoken date long past"
	default:
		return 0, false
	}
	if i > 0 && articles[s.tokens[i-1].fold] {
		f.start = s.tokens[i-1].start
	}
	if end := d.Last + 1; end < len(s.tokens) && s.tokens[end].fold == "roku" {
		f.end = s.tokens[end].end
	}
	s.note(f)
	return d.Last, true
}

// articles stand before a day and are told with it.
var articles = streetWords("the le el il")

// cueBehind tells whether a marked word stands right behind token last.
func (s *scan) cueBehind(last int, bits uint16) bool {
	for i := last + 1; i <= last+afterReach && i < len(s.tokens); i++ {
		if s.marksAt(i)&bits != 0 {
			return true
		}
		if s.tokens[i].kind == punct && s.tokens[i].fold != "," {
			return false
		}
	}
	return false
}

// expiryAt looks whether the end of a card's time is said at token i.
func (s *scan) expiryAt(i int, asked uint16) (last int, ok bool) {
	d, ok := s.spoken.reader.Expiry(i)
	if !ok || d.Full && (d.Year < 2020 || d.Year > 2060) || !d.Full && (d.Year < 20 || d.Year > 60) {
		return 0, false
	}
	f := finding{kind: CardExpiry, start: d.Start, end: d.End, score: 0.85, source: FromSpoken, rank: rankStrong, reason: "a spoken month and year beside a card's words"}
	cue := s.ledBy(i, dateReach, cueExpiry|cueBirth|cuePaper|cueCVV)
	switch {
	case cue >= 0 && s.marksAt(cue)&cueExpiry != 0 && !s.cueBefore(cue, dateReach, cuePaper):
	case asked&cueExpiry != 0:
		f.source, f.reason = FromExpectation, "a spoken month and year, and the expiry was asked for"
	case s.cardBefore(d.Start, i) && (d.Named || d.Full || s.small(d)):
	default:
		return 0, false
	}
	f.start = s.monthsEnd(i, f.start)
	s.note(f)
	return d.Last, true
}

// small tells whether a month and a year are said as a card has them: two
// numbers, with nothing that they count behind them.
func (s *scan) small(d spoken.Date) bool { return !s.unitBehind(d.Last + 1) }

// cardBefore tells whether a card's number, or its expiry, stands a few tokens
// before token i, which begins at start.
func (s *scan) cardBefore(start, i int) bool {
	from := s.tokens[max(0, i-cardGap)].start
	for f := max(0, len(s.found)-mostFound); f < len(s.found); f++ {
		if c := &s.found[f]; (c.kind == CreditCard || c.kind == CardExpiry) && c.end <= start && c.end >= from {
			return true
		}
	}
	return false
}

// monthsEnd takes in "end of" before a month at token i.
func (s *scan) monthsEnd(i, start int) int {
	for n := 0; i > 0 && n < 2; n++ {
		i--
		switch s.tokens[i].fold {
		case "of", "de", "di", "van", "do", "w":
			if n == 0 && s.tokens[i].fold == "do" {
				start = s.tokens[i].start
			}
		case "end", "ende", "fin", "fine", "finales", "eind", "einde", "końca", "koniec", "końcem", "konca":
			return s.tokens[i].start
		default:
			return start
		}
	}
	return start
}

// note adds a finding, and keeps its place from being read as a number.
func (s *scan) note(f finding) {
	s.add(f)
	s.spoken.noted = append(s.spoken.noted, stretch{f.start, f.end})
}

// isNoted tells whether most of a stretch was read as a date or an address.
func (s *scan) isNoted(start, end int) bool {
	noted := s.spoken.noted
	at, _ := slices.BinarySearchFunc(noted, start, func(n stretch, start int) int { return cmp.Compare(n.end, start) })
	for _, n := range noted[at:] {
		if n.start >= end {
			return false
		}
		if start < n.end && n.start < end {
			rest := max(0, n.start-start) + max(0, end-n.end)
			if rest == 0 || strings.Count(strings.TrimSpace(s.text[start:max(start, n.start)]), " ")+strings.Count(strings.TrimSpace(s.text[min(end, n.end):end]), " ") < 3 {
				return true
			}
		}
	}
	return false
}

// securityCode tells whether the three or four digits at token at are a card's
// security code: a word says so, or "code" beside a card's words.
func (s *scan) securityCode(at int) bool {
	if s.spoken.asked&cueCVV != 0 {
		return true
	}
	cue := s.ledBy(at, dateReach, cueCVV|cueExpiry|cuePostCode)
	if cue >= 0 && s.marksAt(cue)&cueCVV != 0 {
		return true
	}
	code := s.ledBy(at, 8, cueCode)
	if code < 0 {
		return false
	}
	back := s.ledBy(at, dateReach, cueCard|cueExpiry)
	return back >= 0 && (back > code-8) || s.cardBefore(s.tokens[at].start, at)
}
