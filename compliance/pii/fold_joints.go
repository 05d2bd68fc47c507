package pii

import (
	"strings"

	"github.com/voicehive/voicehive/compliance/pii/numbers"
)

// What a byte below 0x80 can need of folding.
const (
	asciiKeep    byte = iota
	asciiControl      // is no sign at all: it would cut a number in two
	asciiBreak        // a break of another kind than a line's
	asciiJoint        // between digits it only parts them
	asciiMarkup       // between digits it may begin a tag or a named space
)

var asciiFold = func() (table [256]byte) {
	for b := range ' ' {
		table[b] = asciiControl
	}
	table[0x7F] = asciiControl
	table['\t'] = asciiKeep
	table['\v'], table['\f'] = asciiBreak, asciiBreak
	for _, b := range "*|~;:\\\n\r" {
		table[b] = asciiJoint
	}
	table['<'], table['&'] = asciiMarkup, asciiMarkup
	return table
}()

// asciiFolds tells whether folding changes the byte at i, and how far what it
// changes goes.
func asciiFolds(text string, i int) (end int, changes bool) {
	switch asciiFold[text[i]] {
	case asciiControl, asciiBreak:
		return i + 1, true
	case asciiJoint:
		if text[i] == '\r' {
			return i + 1, i+1 < len(text) && text[i+1] == '\n' && partsDigits(text, i+1, 1)
		}
		return i + 1, partsDigits(text, i, 1)
	case asciiMarkup:
		end = markupEnd(text, i)
		return end, end > 0
	}
	return i + 1, false
}

// Bounds of a number whose digits a strange sign parts.
const (
	jointReach  = 48 // bytes to each side
	jointDigits = 9  // fewer are times, scores, lists
	cardDigits  = 13
)

// A jointRun is the digits around a sign that parts them.
type jointRun struct {
	digits   [2*jointReach + 4]byte
	n        int
	groups   int
	shortest int
	longest  int
	double   bool // the sign stands twice in a row
}

// partsDigits tells whether the sign at i, of so many bytes, stands between the
// digits of what could be one number rather than in a time, a list or the
// address of a machine.
func partsDigits(text string, i, size int) bool {
	if !digitBefore(text, i) || !digitAfter(text, i+size) {
		return false
	}
	sign := text[i : i+size]
	run := readJoints(text, i, sign)
	switch sign {
	case ":":
		return !run.double && run.n >= jointDigits && (run.shortest >= 3 && run.groups <= 6 || run.longest == 1)
	case "\n":
		number := string(run.digits[:run.n])
		return run.n >= cardDigits && (numbers.Card(number) || run.groups == 4 && run.shortest == 4 && run.longest == 4 && number[0] >= '3' && number[0] <= '6')
	}
	return run.n >= jointDigits
}

func digitBefore(text string, i int) bool {
	for i > 0 && (text[i-1] == ' ' || text[i-1] == '\r') {
		i--
	}
	return i > 0 && isDigit(text[i-1])
}

func digitAfter(text string, i int) bool {
	for i < len(text) && text[i] == ' ' {
		i++
	}
	return i < len(text) && isDigit(text[i])
}

// readJoints reads the digits around the sign at i, with that sign or spaces
// between them.
func readJoints(text string, i int, sign string) jointRun {
	from := i
	for from > 0 && i-from < jointReach {
		if b := text[from-1]; isDigit(b) || b == ' ' || b == '\r' {
			from--
		} else if strings.HasSuffix(text[:from], sign) {
			from -= len(sign)
		} else {
			break
		}
	}
	run := jointRun{shortest: jointReach}
	size, signs := 0, 0
	for at := from; at < len(text) && at < i+jointReach; {
		switch b := text[at]; {
		case isDigit(b):
			run.digits[run.n] = b
			run.n++
			size, signs = size+1, 0
			at++
			if at < len(text) && isDigit(text[at]) && at < i+jointReach {
				continue
			}
			run.groups++
			run.shortest, run.longest, size = min(run.shortest, size), max(run.longest, size), 0
		case b == ' ' || b == '\r':
			at++
		case strings.HasPrefix(text[at:], sign):
			signs++
			run.double = run.double || signs > 1
			at += len(sign)
		default:
			return run
		}
	}
	return run
}

// mostMarkup bounds the tags and named spaces between two digits, and the bytes
// of each.
const (
	mostMarkup    = 4
	longestMarkup = 24
)

// markupEnd gives where tags and named spaces end that begin at i between two
// digits, or 0.
func markupEnd(text string, i int) int {
	if i == 0 || !isDigit(text[i-1]) {
		return 0
	}
	for range mostMarkup {
		rest := text[i:min(len(text), i+longestMarkup)]
		closing := byte('>')
		if rest[0] == '&' {
			closing = ';'
		}
		end := strings.IndexByte(rest, closing)
		if end < 2 || !isAlnum(rest[1]) && rest[1] != '/' && rest[1] != '#' {
			return 0
		}
		if i += end + 1; i >= len(text) {
			return 0
		}
		if isDigit(text[i]) {
			return i
		}
		if text[i] != '<' && text[i] != '&' {
			return 0
		}
	}
	return 0
}

// isPoint tells whether r is a point in the middle of a line, as lists have it.
func isPoint(r rune) bool {
	return r == 0xB7 || r == 0x2022 || r == 0x2023 || r == 0x2027 || r == 0x2043 || r == 0x2219 || r == 0x22C5 || r == 0x25CF || r == 0x30FB || r == 0xFFFD
}

// raisedDigits gives the digits that a sign of one shows: raised, lowered, in a
// circle or with a full stop. It is empty for other signs.
func raisedDigits(r rune) string {
	const upTo20 = "1234567891011121314151617181920"
	numbered := func(n rune) string { // 1 to 20
		if n < 10 {
			return upTo20[n-1 : n]
		}
		return upTo20[9+2*(n-10) : 11+2*(n-10)]
	}
	for _, b := range digitSigns {
		if r >= b.first && r < b.first+b.count {
			if n := b.value + r - b.first; n > 0 {
				return numbered(n)
			}
			return "0"
		}
	}
	return ""
}

// digitSigns are the rows of signs that show numbers, and what the first of each
// shows.
var digitSigns = [...]struct{ first, count, value rune }{
	{0xB2, 2, 2}, {0xB9, 1, 1}, {0x2070, 1, 0}, {0x2074, 6, 4}, {0x2080, 10, 0}, {0x2460, 20, 1}, {0x2474, 20, 1}, {0x2488, 20, 1},
	{0x24EA, 1, 0}, {0x24EB, 10, 11}, {0x24F5, 10, 1}, {0x24FF, 1, 0}, {0x2776, 10, 1}, {0x2780, 10, 1}, {0x278A, 10, 1},
	{0x1F100, 1, 0}, {0x1F101, 10, 0},
}
