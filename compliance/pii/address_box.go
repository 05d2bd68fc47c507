package pii

import "strings"

// boxWords name a box at a post office, before its number.
var boxWords = [...]string{
	"po box", "p.o. box", "p.o.box", "pobox", "post office box", "postfach", "boîte postale", "boite postale", "b.p.", "apartado de correos", "apartado postal",
	"casella postale", "postbus", "skrytka pocztowa", "skr. poczt.",
}

// box reads a box at a post office whose number begins with a piece: "Postfach
// 12 34".
func (w *writtenWork) box(p *piece) (start, end int, ok bool) {
	at := p.start
	for at > 0 && p.start-at < 5 && strings.IndexByte(" .:,", w.text[at-1]) >= 0 {
		at--
	}
	for _, name := range boxWords {
		start = at - len(strings.TrimRight(name, "."))
		if start < 0 || !strings.EqualFold(w.text[start:at], strings.TrimRight(name, ".")) || start > 0 && wordByte(w.text[start-1]) {
			continue
		}
		end = p.end
		for end+3 <= len(w.text) && w.text[end] == ' ' && isDigit(w.text[end+1]) && isDigit(w.text[end+2]) {
			_, next := readNumber(w.text, end+1, 4)
			if next-end > 4 { // a post code
				break
			}
			end = next
		}
		return start, end, true
	}
	return 0, 0, false
}

// numberSigns say that a house number follows.
var numberSigns = streetWords("no nr num numero nummer numer n")

// beforeSign goes back over "nº" or "nummer" before a house number.
func beforeSign(text string, at int) int {
	from, to := wordBefore(text, at, at-longestWord)
	if from == to || at-to > 2 {
		return at
	}
	var buf [longestWord]byte
	word := string(plainWord(buf[:0], text[from:to]))
	if numberSigns[strings.TrimRight(word, "º°o")] || numberSigns[word] {
		return from
	}
	return at
}
