package pii

// knownHouses finds known addresses whose house number is said in words:
// "kerkstraat honderdtwintig". What is written knownAddress finds.
func (s *scan) knownHouses() {
	known := s.request.Known.Addresses
	if len(known) == 0 {
		return
	}
	s.keyTokens()
	for _, address := range known {
		parts, _ := tokenize(nil, nil, address[:min(len(address), 256)])
		for i := 0; i < len(s.tokens); i++ {
			if s.tokens[i].kind != word || !s.spoken.reader.Worded(i) {
				continue
			}
			text, _, last, ok := s.spoken.reader.Number(i)
			if ok && hasNumber(parts, text) {
				s.knownHouse(i, last, parts)
			}
			i = max(i, last)
		}
	}
}

// addressReach bounds the words of an address on each side of its number.
const addressReach = 12

func hasNumber(parts []token, text string) bool {
	for i := range parts {
		if parts[i].kind == number && parts[i].fold == text {
			return true
		}
	}
	return false
}

// knownHouse takes in the words of a known address around the spoken number
// from token first to last.
func (s *scan) knownHouse(first, last int, parts []token) {
	start, stop, own := first, last, 0
	grow := func(i, step int) int {
		end := i - step
		for gap, steps := 0, 0; i >= 0 && i < len(s.tokens) && gap <= knownGap && steps < addressReach; i, steps = i+step, steps+1 {
			same, distinct := s.inAddress(i, parts)
			if !same {
				gap++
				continue
			}
			end, gap = i, 0
			if distinct {
				own++
			}
		}
		return end
	}
	start = min(start, grow(first-1, -1))
	stop = max(stop, grow(last+1, 1))
	if own > 0 {
		s.add(finding{
			kind: Address, start: s.tokens[start].start, end: s.tokens[stop].end, score: 1, source: FromKnown, rank: rankKnown,
			reason: "an address that the call knows, its number spoken",
		})
	}
}
