package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// appendKey appends what is left of a word when case, marks and the ways to
// write an umlaut are taken away: Müller, Mueller and MULLER are the same.
func appendKey(dst []byte, word string) []byte {
	from := len(dst)
	for _, r := range word {
		if r < utf8.RuneSelf {
			if isAlnum(byte(r)) {
				dst = putKey(dst, from, lowerByte(byte(r)))
			}
			continue
		}
		r = unicode.ToLower(r)
		switch r {
		case 'ß':
			dst = append(dst, "ss"...)
		case 'æ':
			dst = append(dst, 'a')
		case 'œ', 'ø':
			dst = append(dst, 'o')
		case 'ł':
			dst = append(dst, 'l')
		case 'đ', 'ð':
			dst = append(dst, 'd')
		case 'ı':
			dst = append(dst, 'i')
		case 'þ':
			dst = append(dst, "th"...)
		default:
			dst = putMarked(dst, from, r)
		}
	}
	return dst
}

// putMarked appends a letter without its marks.
func putMarked(dst []byte, from int, r rune) []byte {
	if r >= 0x300 && unicode.Is(unicode.Mn, r) || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return dst
	}
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], r)
	if d := norm.NFD.Properties(buf[:n]).Decomposition(); len(d) > 0 && d[0] < utf8.RuneSelf {
		return putKey(dst, from, d[0])
	}
	return append(dst, buf[:n]...)
}

// putKey appends b, but not the e that stands for an umlaut's dots.
func putKey(dst []byte, from int, b byte) []byte {
	if b == 'e' && len(dst) > from {
		if last := dst[len(dst)-1]; last == 'a' || last == 'o' || last == 'u' {
			return dst
		}
	}
	return append(dst, b)
}

// endings are what the grammar of the seven languages puts behind a name.
const (
	shortEndings = " s es a em y u owi n en "
	endings      = shortEndings + "e ie i om ow ami ach ns ens ą ę iem owie ow ej iej ego iego emu iemu im ym imi ymi ich ych owa owej owna sche schen z "
)

func hasEnding(list, ending string) bool {
	if ending == "" || strings.Contains(ending, " ") {
		return false
	}
	at := strings.Index(list, ending)
	for at >= 0 {
		if list[at-1] == ' ' && list[at+len(ending)] == ' ' {
			return true
		}
		next := strings.Index(list[at+1:], ending)
		if next < 0 {
			return false
		}
		at += 1 + next
	}
	return false
}

// inflected tells whether word is name with an ending. Polish names change
// before the ending too.
func inflected(word, name string, polish bool) bool {
	if rest, ok := strings.CutPrefix(word, name); ok {
		if len(name) < 5 {
			return hasEnding(shortEndings, rest)
		}
		return hasEnding(endings, rest)
	}
	if !polish || len(name) < 4 || len(word) < 4 {
		return false
	}
	last, stem := name[len(name)-1], name[:len(name)-1]
	switch {
	case strings.IndexByte("aeioy", last) >= 0:
		if rest, ok := strings.CutPrefix(word, stem); ok && hasEnding(endings+"o ", rest) {
			return true
		}
		soft := softened(stem[len(stem)-1])
		return soft != "" && word == stem[:len(stem)-1]+soft
	case name[len(name)-2] == 'e': // Marek, Marka
		rest, ok := strings.CutPrefix(word, name[:len(name)-2]+string(last))
		return ok && hasEnding(endings, rest)
	}
	return false
}

// softened is what the last letter of a Polish name's stem becomes before the
// ending of some cases.
func softened(last byte) string {
	switch last {
	case 'k':
		return "ce"
	case 'g':
		return "dze"
	case 'r':
		return "rze"
	case 't':
		return "cie"
	case 'd':
		return "dzie"
	case 'l':
		return "le"
	}
	return ""
}

// slip tells whether two keys differ by one slip of the ear, or by two in long
// words: a letter more, less or another, or two that changed places.
func slip(a, b string) bool {
	if i := strings.Index(a, "ij"); i > 0 && len(b) == len(a)-1 && i < len(b) && b[i] == 'y' {
		return a[:i] == b[:i] && a[i+2:] == b[i+1:] // the Dutch ij sounds and looks like y
	}
	if i := strings.Index(b, "ij"); i > 0 && len(a) == len(b)-1 && i < len(a) && a[i] == 'y' {
		return b[:i] == a[:i] && b[i+2:] == a[i+1:]
	}
	most := 0
	switch n := min(len(a), len(b)); {
	case n >= 8 && max(len(a), len(b)) >= 9:
		most = 2
	case max(len(a), len(b)) >= 5 && n >= 4:
		most = 1
	}
	if most == 0 || len(a)-len(b) > most || len(b)-len(a) > most || len(a) > 40 || len(b) > 40 {
		return false
	}
	return distance(a, b, most) <= most
}

// distance is that of Damerau and Levenshtein, given up beyond most.
func distance(a, b string, most int) int {
	var rows [3][41]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, over := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], over[j-2]+1)
			}
			best = min(best, row[j])
		}
		if best > most {
			return best
		}
	}
	return rows[len(a)%3][len(b)]
}
