package pii

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A topic is what a word beside a number says of it. Each rule with words of its
// own has a topic of its own, behind the common ones and
// those of countries.
type topic uint16

const (
	aboutPhone topic = iota
	aboutCard
	aboutCVV
	aboutExpiry
	aboutBank
	aboutPassport
	aboutIdentity
	aboutLicence
	aboutPlate
	aboutTax
	aboutSocial
	aboutHealth
	aboutCompany
	aboutBirth
	aboutAddress
	aboutPostCode
	aboutBooking
	aboutLoyalty
	aboutCrypto
	aboutNetwork
	aboutWeb
	aboutMail
	aboutDate
	aboutRoom   // the number of a room, a floor or a table
	aboutFlight // the number of a flight or a train
	aboutMoney
	ownTopics
)

// topicSet is a set of topics.
type topicSet [5]uint64

func (t *topicSet) put(at topic) { t[at>>6] |= 1 << (at & 63) }

func (t *topicSet) add(o topicSet) {
	for i := range t {
		t[i] |= o[i]
	}
}

func (t *topicSet) has(at topic) bool { return t[at>>6]>>(at&63)&1 != 0 }

// count tells how many topics both sets have.
func (t *topicSet) count(o *topicSet) int {
	n := 0
	for i := range t {
		n += bits.OnesCount64(t[i] & o[i])
	}
	return n
}

func topics(list ...topic) topicSet {
	var set topicSet
	for _, t := range list {
		set.put(t)
	}
	return set
}

// How far words of context may stand from a number, and what they add.
const (
	wordsBefore  = 5
	wordsAfter   = 2
	contextBonus = 0.35
	contextFloor = 0.4
	longestWord  = 40 // bytes
	shortestStem = 3
	contextReach = 160 // bytes on each side, whatever the words' length
)

// lexicon holds the words of context: whole ones, pairs with a space between,
// and beginnings and endings of compounds and inflected words.
type lexicon struct {
	whole, begins, ends map[string]topicSet
}

var contextWords = newLexicon()

// newLexicon reads the word lists: "_" joins a pair, a star stands for any
// letters.
func newLexicon() *lexicon {
	l := &lexicon{map[string]topicSet{}, map[string]topicSet{}, map[string]topicSet{}}
	for t, words := range topicWords {
		l.put(words, topic(t))
	}
	for i, c := range countryWords {
		l.put(c.words, ownTopics+topic(i))
	}
	for i := range rules {
		if rules[i].words != "" {
			l.put(rules[i].words, rules[i].own)
		}
	}
	return l
}

func (l *lexicon) put(words string, t topic) {
	for w := range strings.FieldsSeq(words) {
		into := l.whole
		switch {
		case strings.HasSuffix(w, "*"):
			into, w = l.begins, strings.TrimSuffix(w, "*")
		case strings.HasPrefix(w, "*"):
			into, w = l.ends, strings.TrimPrefix(w, "*")
		}
		w = strings.ReplaceAll(w, "_", " ")
		set := into[w]
		set.put(t)
		into[w] = set
	}
}

// of adds the topics of one word to set.
func (l *lexicon) of(word []byte, set *topicSet) {
	set.add(l.whole[string(word)])
	for n := shortestStem; n <= len(word); n++ {
		if found, ok := l.begins[string(word[:n])]; ok {
			set.add(found)
		}
		if found, ok := l.ends[string(word[len(word)-n:])]; ok {
			set.add(found)
		}
	}
}

// around gives the topics of the words near a stretch of text.
func (l *lexicon) around(text string, start, end int) topicSet {
	var set topicSet
	var now, later [longestWord]byte
	var both [2*longestWord + 1]byte
	at, length := start, 0
	for range wordsBefore {
		from, to := wordBefore(text, at, start-contextReach)
		if from == to {
			break
		}
		word := plainWord(now[:0], text[from:to])
		l.of(word, &set)
		if length > 0 {
			pair := append(append(both[:0], word...), ' ')
			set.add(l.whole[string(append(pair, later[:length]...))])
		}
		length = copy(later[:], word)
		at = from
	}
	l.behind(text, end, &set)
	return set
}

// behind adds the topics of the words after a number.
func (l *lexicon) behind(text string, end int, set *topicSet) {
	at := end
	for range wordsAfter {
		from, to := wordAfter(text, at, end+contextReach)
		if from == to {
			return
		}
		var buf [longestWord]byte
		l.of(plainWord(buf[:0], text[from:to]), set)
		at = to
	}
}

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
