package pii

import "strings"

// Bounds of the digits that a phone is told by: "the one ending 3456".
const (
	leastEnding = 3
	mostEnding  = 6
	endingReach = 6 // tokens before them in which a word says so
)

// knownEndings finds the last digits of a known phone where they are written.
func (s *scan) knownEndings(tokens []token, value finding) {
	for i := 0; i < len(tokens); i++ {
		if tokens[i].kind != number {
			continue
		}
		last, size := i, tokens[i].end-tokens[i].start
		for last+1 < len(tokens) && tokens[last+1].kind == number {
			last++
			size += tokens[last].end - tokens[last].start
		}
		if size >= leastEnding && size <= mostEnding {
			var buf [mostEnding]byte
			digits := buf[:0]
			for k := i; k <= last; k++ {
				digits = append(digits, tokens[k].fold...)
			}
			if s.endsKnownPhone(string(digits)) && s.toldByEnding(i) {
				value.start, value.end = tokens[i].start, tokens[last].end
				s.add(value)
			}
		}
		i = last
	}
}

// endsKnownPhone tells whether a known phone ends with the digits.
func (s *scan) endsKnownPhone(digits string) bool {
	if len(digits) < leastEnding || len(digits) > mostEnding || !onlyDigits(digits) {
		return false
	}
	for _, phone := range s.request.Known.Phones {
		if strings.HasSuffix(string(appendAlnum(nil, phone)), digits) {
			return true
		}
	}
	return false
}

// toldByEnding tells whether words before token i say that the end of a number
// follows.
func (s *scan) toldByEnding(i int) bool {
	for at := i - 1; at >= 0 && at >= i-endingReach; at-- {
		switch t := &s.tokens[at]; {
		case t.kind == word && endingWords[t.fold]:
			return true
		case t.kind == number || t.fold == "?":
			return false
		}
	}
	return false
}

var endingWords = nameSet(`ending ends end last finishing finishes finish endet enden endend endung endziffern endnummer letzten letzte hinten finit finissant finissent termine terminant terminent fini dernier derniers dernières fin
acaba acabado acabada acaban termina terminado terminada terminan últimas últimos terminación finisce finiscono finale finali ultime ultimi terminano finisco
eindigt eindigend eindigen laatste kończy kończący kończąca kończącym końcówka końcówką końcówkę ostatnie ostatnich końcu`)
