package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordBefore gives the word that ends before at, not before least.
func wordBefore(text string, at, least int) (from, to int) {
	least = max(least, 0)
	for at > least && !wordByte(text[at-1]) {
		at--
	}
	to = at
	for at > least && wordByte(text[at-1]) {
		at--
	}
	return at, to
}

// wordAfter gives the word that begins behind at, not behind most.
func wordAfter(text string, at, most int) (from, to int) {
	most = min(most, len(text))
	for at < most && !wordByte(text[at]) {
		at++
	}
	from = at
	for at < most && wordByte(text[at]) {
		at++
	}
	return from, at
}

// wordByte tells whether b can be part of a word: letters, and all that is not
// ASCII.
func wordByte(b byte) bool { return isLetter(b) || b >= utf8.RuneSelf }

// plainWord writes a word in lower case and without marks over its letters, so
// that it is found however it was written.
func plainWord(dst []byte, word string) []byte {
	for _, r := range word {
		if len(dst)+2 > longestWord {
			break
		}
		if r < utf8.RuneSelf {
			dst = append(dst, lowerByte(byte(r)))
			continue
		}
		r = unicode.ToLower(r)
		if at := strings.IndexRune(marked, r); at >= 0 {
			dst = append(dst, plainOf[utf8.RuneCountInString(marked[:at])])
		} else if r == 'ß' {
			dst = append(dst, "ss"...)
		} else if len(dst)+utf8.RuneLen(r) <= longestWord {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// marked are letters with marks, plainOf the same without.
const (
	marked  = "àáâãäåāăąçćčďđèéêëēėęěğìíîïīįķłļľñńňòóôõöøőŕřśšşțťùúûüūůűųýÿźżž"
	plainOf = "aaaaaaaaacccddeeeeeeeegiiiiiiklllnnnooooooorrsssttuuuuuuuuyyzzz"
)

// A wordTable gives the topics of words. Most words of a text are in none: bits of
// their hashes tell so before the map is asked.
type wordTable struct {
	bits [1 << 10]uint64
	sets map[string]topicSet
}

// wordHash is a hash of a word that grows byte by byte (FNV-1a).
type wordHash uint32

const emptyHash wordHash = 2166136261

func (h wordHash) with(b byte) wordHash { return (h ^ wordHash(b)) * 16777619 }

func (t *wordTable) may(h wordHash) bool { return t.bits[h>>22]>>(h>>16&63)&1 != 0 }

func (t *wordTable) put(word string, h wordHash, at topic) {
	if t.sets == nil {
		t.sets = map[string]topicSet{}
	}
	set := t.sets[word]
	set.put(at)
	t.sets[word] = set
	t.bits[h>>22] |= 1 << (h >> 16 & 63)
}

func (t *wordTable) add(word []byte, h wordHash, set *topicSet) {
	if t.may(h) {
		if found, ok := t.sets[string(word)]; ok {
			set.add(found)
		}
	}
}

func hashOf(word string) wordHash {
	h := emptyHash
	for i := range len(word) {
		h = h.with(word[i])
	}
	return h
}

func hashBack(word string) wordHash {
	h := emptyHash
	for i := len(word) - 1; i >= 0; i-- {
		h = h.with(word[i])
	}
	return h
}
