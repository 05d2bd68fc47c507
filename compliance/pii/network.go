package pii

import (
	"net/netip"
	"strings"

	"github.com/voicehive/voicehive/compliance/pii/numbers"
)

// network looks for the addresses of machines in the row of pieces.
func (w *writtenWork) network() {
	for i := range w.pieces {
		p := &w.pieces[i]
		if i > 0 && p.sep&space == 0 {
			continue
		}
		if end := ipv4(w.text, p.start); end > 0 && !w.touches(p.start, end) {
			w.machine(IP, p.start, end)
			w.taken = append(w.taken, stretch{p.start, end})
		} else if end := hardware(w.text, p.start); end > 0 {
			w.machine(MAC, p.start, end)
			w.taken = append(w.taken, stretch{p.start, end})
		}
	}
}

// touches tells whether the stretch is part of a longer row of numbers.
func (w *writtenWork) touches(start, end int) bool {
	return start > 0 && (w.text[start-1] == '.' || w.text[start-1] == ':') ||
		end+1 < len(w.text) && w.text[end] == '.' && isAlnum(w.text[end+1]) || end < len(w.text) && isAlnum(w.text[end])
}

func (w *writtenWork) machine(kind Type, start, end int) {
	f := finding{kind: kind, start: start, end: end, score: 0.6, rank: rankChecksum, reason: "the form of a machine's address"}
	if w.around(start, end).has(aboutNetwork) {
		f.score, f.source = raised(f.score), FromContext
	}
	w.put(f)
}

// ipv4 gives the end of four numbers up to 255 with dots between, or 0.
func ipv4(text string, i int) int {
	for n := range 4 {
		v, at := readNumber(text, i, 3)
		if at == i || v > 255 {
			return 0
		}
		if n == 3 {
			return at
		}
		if at >= len(text) || text[at] != '.' {
			return 0
		}
		i = at + 1
	}
	return 0
}

// hardware gives the end of a network card's address, or 0: six pairs of
// hexadecimal digits, or three groups of four with dots.
func hardware(text string, i int) int {
	size, count, sep := 2, 6, byte('-')
	if i+4 < len(text) && text[i+4] == '.' {
		size, count, sep = 4, 3, '.'
	} else if i+2 < len(text) && text[i+2] == ':' {
		sep = ':'
	}
	digits, same := 0, true
	start := i
	for n := range count {
		for range size {
			if i >= len(text) || !isHex(text[i]) {
				return 0
			}
			if isDigit(text[i]) {
				digits++
			}
			same = same && lowerByte(text[i]) == 'f'
			i++
		}
		if n < count-1 {
			if i >= len(text) || text[i] != sep {
				return 0
			}
			i++
		}
	}
	if i < len(text) && (isAlnum(text[i]) || text[i] == sep) || same || start > 0 && (isAlnum(text[start-1]) || text[start-1] == sep) {
		return 0
	}
	return i
}

func isHex(b byte) bool { return isDigit(b) || lowerByte(b)-'a' < 6 }

// colon looks at what stands around the colon at i and gives where to go on.
func (w *writtenWork) colon(i int) int {
	text := w.text
	if strings.HasPrefix(text[i:], "://") {
		return w.link(i)
	}
	if i+1 >= len(text) || !isHex(text[i+1]) && text[i+1] != ':' {
		return i + 1
	}
	start, end := i, i
	for start > 0 && i-start < 8 && isHex(text[start-1]) {
		start--
	}
	for end < len(text) && end-start < 64 && (isHex(text[end]) || text[end] == ':' || text[end] == '.') {
		end++
	}
	for end > i && text[end-1] == '.' {
		end--
	}
	if start > 0 && isAlnum(text[start-1]) || end < len(text) && isAlnum(text[end]) {
		return i + 1
	}
	if at := hardware(text, start); at == end {
		w.machine(MAC, start, end)
		w.lastNumber = max(w.lastNumber, end)
		return end
	}
	if strings.Count(text[start:end], ":") < 2 {
		return i + 1
	}
	if _, err := netip.ParseAddr(text[start:end]); err != nil || end-start < 3 {
		return i + 1
	}
	w.machine(IP, start, end)
	w.lastNumber = max(w.lastNumber, end)
	return end
}

// Lengths of the addresses of purses.
const (
	shortestWallet = 26
	longestWallet  = 90
)

// wallet looks for the addresses of cryptographic money.
func (w *writtenWork) wallet() {
	for i := range w.pieces {
		p := &w.pieces[i]
		if n := p.end - p.start; n < shortestWallet || n > longestWallet {
			continue
		}
		if !w.scan.wants(Crypto) || !numbers.Crypto(w.text[p.start:p.end]) {
			continue
		}
		w.put(finding{kind: Crypto, start: p.start, end: p.end, score: 1, source: FromChecksum, rank: rankChecksum, reason: "form and check of a purse's address"})
	}
}
