package pii

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A folded text says the same as the original with plain signs: the digits of
// other scripts and full-width letters are ASCII, hyphens and spaces of all
// kinds are plain, what has no width is gone, and marks are joined to their
// letters. from and to give for each of its bytes where the character that it
// came from begins and ends in the original. Both are empty when nothing
// changed.
type folded struct {
	buf      []byte
	from, to []int32
}

// fold folds text into f. It tells whether anything changed.
func (f *folded) fold(text string) bool {
	f.buf, f.from, f.to = f.buf[:0], f.from[:0], f.to[:0]
	first := firstToFold(text)
	if first < 0 {
		return false
	}
	for i := 0; i < len(text); {
		i = f.next(text, i)
	}
	return true
}

// original gives the bytes of the original text that a stretch of the folded
// one came from.
func (f *folded) original(start, end int) (int, int) {
	if len(f.from) == 0 || start >= end {
		return start, end
	}
	return int(f.from[start]), int(f.to[end-1])
}

// next folds the character at i and gives the place after it.
func (f *folded) next(text string, i int) int {
	b := text[i]
	r, size := rune(b), 1
	if b >= utf8.RuneSelf {
		r, size = utf8.DecodeRuneInString(text[i:])
	}
	end := i + size
	for end < len(text) && text[end] >= utf8.RuneSelf {
		mark, n := utf8.DecodeRuneInString(text[end:])
		if !isCombining(mark) {
			break
		}
		end += n
	}
	switch {
	case end > i+size && b < utf8.RuneSelf && !isLetter(b):
		f.putASCII(text, i) // a mark over it says nothing
		f.widen(end)
	case end > i+size && !unicode.IsLetter(r):
		f.putRune(r, text, i, i+size)
		f.widen(end)
	case end > i+size:
		f.put(norm.NFC.String(text[i:end]), i, end)
	case b < utf8.RuneSelf:
		return f.putASCII(text, i)
	default:
		f.putRune(r, text, i, end)
	}
	return end
}

// putASCII folds the byte at i and gives where to go on.
func (f *folded) putASCII(text string, i int) int {
	end, changes := asciiFolds(text, i)
	switch {
	case !changes:
		f.put(text[i:i+1], i, i+1)
		return i + 1
	case asciiFold[text[i]] != asciiControl || text[i] == '\r':
		f.put(" ", i, end)
	}
	return end
}

// widen takes what ends at end into the last sign.
func (f *folded) widen(end int) {
	if n := len(f.to); n > 0 {
		f.to[n-1] = int32(end)
	}
}

func (f *folded) putRune(r rune, text string, i, end int) {
	switch to, class := foldRune(r); class {
	case foldPoint:
		if partsDigits(text, i, end-i) {
			f.put(" ", i, end)
			return
		}
		f.put(text[i:end], i, end)
	case foldNumber:
		f.put(raisedDigits(r), i, end)
	case foldKeep:
		f.put(text[i:end], i, end)
	case foldTo:
		f.put(string(to), i, end)
	case foldCompat:
		f.put(norm.NFKC.String(text[i:end]), i, end)
	case foldDrop:
	}
}

func (f *folded) put(s string, from, to int) {
	for i := range len(s) {
		f.buf = append(f.buf, s[i])
		f.from = append(f.from, int32(from))
		f.to = append(f.to, int32(to))
	}
}

// firstToFold gives the place of the first character that folding would change,
// or -1.
func firstToFold(text string) int {
	for i := 0; i < len(text); {
		if b := text[i]; b < utf8.RuneSelf {
			if asciiFold[b] != asciiKeep {
				if _, changes := asciiFolds(text, i); changes {
					return i
				}
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r < 0xC0 || r >= 0x300 {
			if _, class := foldRune(r); class == foldPoint && partsDigits(text, i, size) || class != foldKeep && class != foldPoint || isCombining(r) {
				return i
			}
		}
		i += size
	}
	return -1
}

type foldClass uint8

const (
	foldKeep foldClass = iota
	foldTo
	foldCompat
	foldDrop
	foldPoint  // a space where digits stand on both sides
	foldNumber // a number's sign
)

// foldRune says what becomes of a character that is not ASCII.
func foldRune(r rune) (rune, foldClass) {
	switch {
	case r < utf8.RuneSelf:
		return r, foldKeep
	case r == 0x85:
		return ' ', foldTo
	case isPoint(r):
		return r, foldPoint
	case r < 0xA0, r == 0xAD, r == 0x34F, r == 0x61C, r >= 0x180B && r <= 0x180F, r == 0xFEFF,
		r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFFA0, r >= 0xFFF0 && r <= 0xFFFB,
		r >= 0x20DD && r <= 0x20E4, r >= 0xE0000 && r <= 0xE0FFF,
		r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F,
		r >= 0xFE00 && r <= 0xFE0F:
		return r, foldDrop
	case r == 0x2028, r == 0x2029:
		return ' ', foldTo
	case r == 0xA0, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000:
		return ' ', foldTo
	case r >= 0x2010 && r <= 0x2015, r == 0x2212, r == 0xFE58, r == 0xFE63:
		return '-', foldTo
	case r == 0x2018 || r == 0x2019 || r == 0x2BC:
		return '\'', foldTo
	case r == 0x2024:
		return '.', foldTo
	case r == 0x2044 || r == 0x2215:
		return '/', foldTo
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0, foldTo
	case r >= 0x1D400 && r <= 0x1D7FF, r >= 0xFB00 && r <= 0xFB06:
		return r, foldCompat
	case r >= 0xB2 && r <= 0xB9 || r >= 0x2070 && r <= 0x2089 || r >= 0x2460 && r <= 0x2793 || r >= 0x1F100 && r <= 0x1F10A:
		if raisedDigits(r) != "" {
			return r, foldNumber
		}
	case r >= 0x660 && unicode.IsDigit(r):
		return '0' + digitValue(r), foldTo
	}
	return r, foldKeep
}

// digitValue gives the value of a decimal digit of any script: they stand in
// blocks of ten, each from 0 to 9, so the value is the distance to the nearest
// place below that is no digit or begins a new ten.
func digitValue(r rune) rune {
	for _, block := range unicode.Nd.R16 {
		if rune(block.Lo) <= r && r <= rune(block.Hi) {
			return (r - rune(block.Lo)) % 10
		}
	}
	for _, block := range unicode.Nd.R32 {
		if rune(block.Lo) <= r && r <= rune(block.Hi) {
			return (r - rune(block.Lo)) % 10
		}
	}
	return 0
}

func isCombining(r rune) bool { return r >= 0x300 && unicode.Is(unicode.Mn, r) && !isSelector(r) }

func isSelector(r rune) bool {
	return r == 0x34F || r >= 0xFE00 && r <= 0xFE0F || r == 0x17B4 || r == 0x17B5 || r >= 0x180B && r <= 0x180F || r >= 0xE0100 && r <= 0xE01EF
}
