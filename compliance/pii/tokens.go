package pii

import (
	"unicode"
	"unicode/utf8"
	"unsafe"
)

type tokenKind uint8

const (
	word   tokenKind = iota // letters and marks
	number                  // digits
	punct                   // one other character that is not a space
)

// A token is one word, number or sign of the folded text. Letters beside digits
// are tokens of their own: "4b" is two that touch.
type token struct {
	start, end int // bytes of the folded text
	kind       tokenKind
	// fold is the token in lower case. It lies in memory that the next scan
	// uses again: whoever keeps it longer copies it.
	fold string
}

// words gives the tokens of the folded text, made when first asked for.
func (s *scan) words() []token {
	if !s.tokenized {
		s.tokenized = true
		s.tokens, s.lower = tokenize(s.tokens[:0], s.lower[:0], s.text)
	}
	return s.tokens
}

// tokenize appends the tokens of text. It lowers them into buf, which it grows
// once at the start only, for the tokens point into it.
func tokenize(dst []token, buf []byte, text string) ([]token, []byte) {
	if need := len(text) + len(text)/2 + utf8.UTFMax; cap(buf) < need {
		buf = make([]byte, 0, need)
	}
	for i := 0; i < len(text); {
		b := text[i]
		switch {
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			i++
		case isDigit(b):
			start := i
			for i < len(text) && isDigit(text[i]) {
				i++
			}
			dst = append(dst, token{start, i, number, text[start:i]})
		case isLetter(b) || b >= utf8.RuneSelf && startsWord(text[i:]):
			start := i
			var fold string
			buf, i, fold = lowerWord(buf, text, i)
			dst = append(dst, token{start, i, word, fold})
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			if !unicode.IsSpace(r) {
				dst = append(dst, token{i, i + size, punct, text[i : i+size]})
			}
			i += size
		}
	}
	return dst, buf
}

func startsWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

// lowerWord reads the word at i. A word that is in lower case already is not
// copied.
func lowerWord(buf []byte, text string, i int) ([]byte, int, string) {
	start, changed, mark := i, false, len(buf)
	for i < len(text) {
		b := text[i]
		if b < utf8.RuneSelf {
			if !isLetter(b) {
				break
			}
			changed = changed || b < 'a'
			buf = append(buf, b|0x20)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		lower := unicode.ToLower(r)
		changed = changed || lower != r
		buf = utf8.AppendRune(buf, lower)
		i += size
	}
	if !changed {
		return buf[:mark], i, text[start:i]
	}
	return buf, i, unsafe.String(&buf[mark], len(buf)-mark)
}

func isDigit(b byte) bool  { return b-'0' < 10 }
func isLetter(b byte) bool { return b|0x20-'a' < 26 }
func isUpper(b byte) bool  { return b-'A' < 26 }
func isAlnum(b byte) bool  { return isDigit(b) || isLetter(b) }

// follows tells whether words stand from token i on.
func (s *scan) follows(i int, words []string) bool {
	if i+len(words) > len(s.tokens) {
		return false
	}
	for k, w := range words {
		if s.tokens[i+k].fold != w {
			return false
		}
	}
	return true
}
