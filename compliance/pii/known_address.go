package pii

import "unicode/utf8"

// knownGap is how many words may stand between two parts of an address: "9
// in 28195 Bremen".
const knownGap = 2

// knownAddress finds what of a known address is said together: at least a word
// of its own and one part more.
func (s *scan) knownAddress(tokens []token, address string, value finding) {
	if len(address) > 256 {
		address = address[:256]
	}
	parts, _ := tokenize(nil, nil, address)
	s.keyTokens()
	from, last, own, count := -1, -1, 0, 0
	done := func() {
		if own > 0 && count > 1 {
			value.start, value.end = tokens[from].start, tokens[last].end
			s.add(value)
		}
		from, last, own, count = -1, -1, 0, 0
	}
	for i := range tokens {
		same, distinct := s.inAddress(i, parts)
		switch {
		case same:
			if from < 0 {
				from = i
			}
			last, count = i, count+1
			if distinct {
				own++
			}
		case tokens[i].kind == punct && tokens[i].fold != "," && tokens[i].fold != "." && tokens[i].fold != "-" && tokens[i].fold != "/":
			done()
		case from >= 0 && i-last > knownGap:
			done()
		}
	}
	done()
}

// inAddress tells whether token i is a part of an address, and one of its own:
// not a word such as street.
func (s *scan) inAddress(i int, parts []token) (same, distinct bool) {
	t := &s.tokens[i]
	if t.kind == punct {
		return false, false
	}
	for p := range parts {
		part := &parts[p]
		if part.kind != t.kind {
			continue
		}
		if t.kind == number {
			if t.fold == part.fold {
				return true, false
			}
			continue
		}
		name := string(appendKey(nil, part.fold))
		key := s.known.key(i)
		if key == "" || key != name && (utf8.RuneCountInString(name) < 5 || !inflected(key, name, true) && !slip(key, name)) {
			continue
		}
		l := s.lexeme(i)
		plain := l != nil && l.flags&(isPlain|isParticle|isStreet|isTitle) != 0
		if plain && key != name {
			continue
		}
		return true, !plain && len(name) >= 3
	}
	return false, false
}
