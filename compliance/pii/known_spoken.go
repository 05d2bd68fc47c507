package pii

import (
	"strings"

	"github.com/voicehive/voicehive/compliance/pii/spoken"
)

// knownRun finds what the call knows in what was said in one breath: a booking
// code and a phone may come as one run. It tells whether hardly anything else
// is left of the run.
func (s *scan) knownRun(r *spoken.Run) bool {
	known := &s.request.Known
	if len(known.Bookings)+len(known.Phones)+len(known.Emails)+len(known.Names) == 0 {
		return false
	}
	text, covered := strings.ToLower(r.Text), 0
	for _, code := range known.Bookings {
		key := string(appendAlnum(nil, code))
		if len(key) < 4 {
			continue
		}
		if at := strings.Index(text, key); at >= 0 {
			s.sayKnown(r, at, at+len(key), BookingRef)
			covered += len(key)
		}
	}
	for _, phone := range known.Phones {
		if at, end := phoneIn(text, string(appendAlnum(nil, phone))); end > 0 {
			s.sayKnown(r, at, end, Phone)
			covered += end - at
		}
	}
	if s.endsKnownPhone(text) && s.toldByEnding(r.First) {
		s.sayKnown(r, 0, len(text), Phone)
		return true
	}
	if r.Mail {
		for _, mail := range known.Emails {
			if len(mail) >= 6 && (sameValue(mail, text) || slip(string(appendAlnum(nil, mail)), string(appendAlnum(nil, text)))) {
				s.sayKnown(r, 0, len(text), Email)
				return true
			}
		}
	}
	if r.Digits == 0 && !r.Mail && s.knownSpelled(text) {
		s.sayKnown(r, 0, len(text), Person)
		return true
	}
	return covered > 0 && len(text)-covered < 6
}

// knownSpelled tells whether letters spell a part of a known name.
func (s *scan) knownSpelled(text string) bool {
	key := string(appendKey(nil, text))
	if len(key) < 3 {
		return false
	}
	for _, name := range s.request.Known.Names {
		parts, _ := tokenize(nil, nil, name[:min(len(name), 256)])
		whole := ""
		for _, p := range parts {
			part := string(appendKey(nil, p.fold))
			whole += part
			if p.kind == word && (part == key || whole == key || slip(part, key)) {
				return true
			}
		}
	}
	return false
}

// phoneIn finds the last digits of a phone in text, and what was said of its
// beginning before them.
func phoneIn(text, digits string) (start, end int) {
	for n := len(digits); n >= 7; n-- {
		at := strings.Index(text, digits[len(digits)-n:])
		if at < 0 {
			continue
		}
		end = at + n
		for at > 0 && end-at < n+6 && (isDigit(text[at-1]) || text[at-1] == '+') {
			at--
		}
		return at, end
	}
	if said := strings.TrimPrefix(text, "+"); len(said) >= 9 && len(said) < 16 && onlyDigits(said) {
		n := min(len(said), len(digits), 9) // one digit may be misheard
		if n >= 9 && distance(said[len(said)-n:], digits[len(digits)-n:], 1) <= 1 {
			return 0, len(text)
		}
	}
	return 0, 0
}

func appendAlnum(dst []byte, value string) []byte {
	for i := range len(value) {
		if isAlnum(value[i]) {
			dst = append(dst, lowerByte(value[i]))
		}
	}
	return dst
}

func (s *scan) sayKnown(r *spoken.Run, start, end int, kind Type) {
	first, last := r.Span(start, end)
	s.add(finding{
		kind: kind, start: first, end: last, score: 1, source: FromKnown, rank: rankKnown,
		reason: "a value that the call knows, spoken", canonical: r.Text[start:end],
	})
}
