package pii

import "strings"

// knownParts are made once by New; knownWork is one scan's.
type (
	knownParts struct{ lexicon map[string]*lexeme }
	knownWork  struct {
		arena  []byte
		places []stretch
		sets   []uint32 // the letters of each key
		forms  []form
		hits   []hit
		names  []string // introduced in this text
		cased  bool

		lexemes []*lexeme // of each token, see lexeme
		lexed   bool
	}
)

func newKnownParts() knownParts { return knownParts{lexicon: nameLexicon()} }

// knownStage finds values that the call knows, names and remarks on health.
func knownStage(s *scan) {
	known := &s.request.Known
	any := len(known.Names)+len(known.Phones)+len(known.Emails)+len(known.Bookings)+len(known.Addresses) > 0
	listens := s.wants(Person) || s.wants(Health) || s.wants(Address) || s.wants(BIC) || s.wants(LicensePlate)
	if !any && !listens {
		return
	}
	if any {
		s.knownSaid()
		s.knownWritten()
	}
	if listens {
		s.introductions()
		s.widenAddresses()
	}
	s.answers()
	if !s.wants(Person) {
		return
	}
	s.matchNames(known.Names, finding{kind: Person, score: 1, source: FromKnown, rank: rankKnown, reason: "a name that the call knows"})
	if len(s.known.names) > 0 {
		s.saidInFull()
		s.matchNames(s.known.names, finding{kind: Person, score: 0.7, source: FromCue, rank: rankContext, reason: "a name that was introduced"})
	}
	clear(s.known.names)
	s.known.names = s.known.names[:0]
}

// knownSaid raises what other stages found and the call knows: what was meant
// is compared, so a number counts however it was said.
func (s *scan) knownSaid() {
	for i := range s.found {
		f := s.found[i]
		if f.rank == rankKnown {
			continue
		}
		value := f.canonical
		if value == "" {
			value = s.text[f.start:f.end]
		}
		if kind, ok := s.knownValue(value); ok {
			f.kind, f.score, f.source, f.rank, f.reason = kind, 1, FromKnown, rankKnown, "a value that the call knows"
			s.add(f)
		}
	}
}

// knownValue tells as what the call knows a value, if it does.
func (s *scan) knownValue(value string) (Type, bool) {
	known := &s.request.Known
	for _, e := range known.Emails {
		if len(e) >= 3 && sameValue(e, value) {
			return Email, true
		}
	}
	for _, p := range known.Phones {
		if samePhone(p, value) {
			return Phone, true
		}
	}
	for _, b := range known.Bookings {
		if len(b) >= 4 && sameValue(b, value) {
			return BookingRef, true
		}
	}
	return "", false
}

// samePhone compares the last digits of two numbers, seven at least.
func samePhone(a, b string) bool {
	i, j, same := len(a), len(b), 0
	for {
		for i > 0 && !isDigit(a[i-1]) {
			if isLetter(a[i-1]) {
				return false
			}
			i--
		}
		for j > 0 && !isDigit(b[j-1]) {
			if isLetter(b[j-1]) {
				return false // more than a phone was said
			}
			j--
		}
		if i == 0 || j == 0 || a[i-1] != b[j-1] {
			return same >= 7
		}
		same, i, j = same+1, i-1, j-1
	}
}

// knownWritten finds phones, e-mails, booking codes and addresses where they
// are written out.
func (s *scan) knownWritten() {
	known := &s.request.Known
	value := finding{score: 1, source: FromKnown, rank: rankKnown, reason: "a value that the call knows"}
	tokens := s.words()
	if len(known.Phones) > 0 {
		value.kind = Phone
		s.knownPhones(tokens, value)
		s.knownEndings(tokens, value)
	}
	for _, b := range known.Bookings {
		value.kind = BookingRef
		s.knownCode(tokens, b, 4, value)
	}
	for _, e := range known.Emails {
		value.kind = Email
		s.knownCode(tokens, e, 6, value)
	}
	for _, a := range known.Addresses {
		value.kind = Address
		s.knownAddress(tokens, a, value)
	}
}

// knownPhones compares each run of digits.
func (s *scan) knownPhones(tokens []token, value finding) {
	for i := 0; i < len(tokens); i++ {
		if tokens[i].kind != number {
			continue
		}
		last := i
		for j := i + 1; j < len(tokens) && j <= last+3 && s.inPhone(&tokens[j]); j++ {
			if tokens[j].kind == number {
				last = j
			}
		}
		start := tokens[i].start
		if start > 0 && s.text[start-1] == '+' {
			start--
		}
		for _, p := range s.request.Known.Phones {
			if samePhone(p, s.text[start:tokens[last].end]) {
				value.start, value.end = start, tokens[last].end
				s.add(value)
				break
			}
		}
		i = last
	}
}

func (s *scan) inPhone(t *token) bool {
	return t.kind == number || t.kind == punct && strings.Contains("-./()", t.fold)
}

// knownCode finds a code's letters and digits in their order, whatever stands
// between them.
func (s *scan) knownCode(tokens []token, code string, least int, value finding) {
	var buf [96]byte
	key := buf[:0]
	for i := 0; i < len(code) && len(key) < cap(key); i++ {
		if valueByte(code[i]) {
			key = append(key, lowerByte(code[i]))
		}
	}
	if len(key) < least {
		return
	}
	for i := range tokens {
		rest := key
		for j := i; j < len(tokens); j++ {
			t := &tokens[j]
			if t.kind == punct && j > i {
				continue
			}
			if t.kind == punct || len(t.fold) > len(rest) || string(rest[:len(t.fold)]) != t.fold {
				break
			}
			if rest = rest[len(t.fold):]; len(rest) == 0 {
				value.start, value.end = tokens[i].start, t.end
				s.add(value)
				break
			}
		}
	}
}
