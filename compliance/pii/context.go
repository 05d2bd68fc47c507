package pii

import (
	"math/bits"
	"strings"
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
	aboutCode      // any code
	aboutPlateName // a number plate by its name
	aboutCar       // makes of cars
	aboutMine      // "my number": a phone, where nothing else names it
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

// How far words of context may stand from a number, and what they add. A word
// counts two, a small one such as "is" one.
const (
	reachBefore  = 9
	reachBehind  = 8
	reachShort   = 4
	contextBonus = 0.35
	contextFloor = 0.4
	longestWord  = 40 // bytes
	shortestStem = 3
	contextReach = 160 // bytes on each side, whatever the words' length
)

// lexicon holds the words of context: whole ones, pairs with a space between,
// and beginnings and endings of compounds and inflected words.
type lexicon struct {
	whole, begins, ends, pairs wordTable
}

// mutedWords are words of context that mean something else in a language.
var mutedWords = map[string]map[string]bool{
	"en": streetWords("via lot lid ice cap pas ne nee dic ur bel kom dag spi ten"),
	"de": streetWords("via lot cap pas bel kom ne dic"),
	"fr": streetWords("pas car via tel nee lot bel cap dni"),
	"es": streetWords("pas car via lot bel"),
	"it": streetWords("pas car bel lot dni"),
	"nl": streetWords("via nee pas kom lot dag dni cap"),
	"pl": streetWords("dni nie via lid pas bel car"),
}

var contextWords = newLexicon()

// newLexicon reads the word lists: "_" joins a pair, a star stands for any
// letters.
func newLexicon() *lexicon {
	l := new(lexicon)
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
		switch {
		case strings.HasSuffix(w, "*"):
			w = strings.TrimSuffix(w, "*")
			l.begins.put(w, hashOf(w), t)
		case strings.HasPrefix(w, "*"):
			w = strings.TrimPrefix(w, "*")
			l.ends.put(w, hashBack(w), t)
		case strings.Contains(w, "_"):
			w = strings.ReplaceAll(w, "_", " ")
			l.pairs.put(w, hashOf(w), t)
		default:
			l.whole.put(w, hashOf(w), t)
		}
	}
}

// of adds the topics of one word to set.
func (l *lexicon) of(word []byte, set *topicSet) {
	h := emptyHash
	for i, b := range word {
		if h = h.with(b); i+1 >= shortestStem {
			l.begins.add(word[:i+1], h, set)
		}
	}
	l.whole.add(word, h, set)
	h = emptyHash
	for i := len(word) - 1; i >= 0; i-- {
		if h = h.with(word[i]); len(word)-i >= shortestStem {
			l.ends.add(word[i:], h, set)
		}
	}
}

// pair adds the topics of two neighbours to set.
func (l *lexicon) pair(first, second []byte, set *topicSet) {
	h := emptyHash
	for _, b := range first {
		h = h.with(b)
	}
	h = h.with(' ')
	for _, b := range second {
		h = h.with(b)
	}
	if l.pairs.may(h) {
		var both [2*longestWord + 1]byte
		l.pairs.add(append(append(append(both[:0], first...), ' '), second...), h, set)
	}
}

// around gives the topics of the words near a stretch of text.
func (l *lexicon) around(text string, start, end int) topicSet {
	var set topicSet
	l.before(text, start, nil, &set)
	l.behind(text, end, nil, &set)
	return set
}

// before adds the topics of the words before a number.
func (l *lexicon) before(text string, start int, muted map[string]bool, set *topicSet) {
	l.within(text, start, reachBefore, muted, set)
}

// within adds the topics of the words before a number that are within reach.
func (l *lexicon) within(text string, start, reach int, muted map[string]bool, set *topicSet) {
	var now, later [longestWord]byte
	at, length := start, 0
	for {
		from, to := wordBefore(text, at, start-contextReach)
		if reach -= reachOf(to - from); from == to || reach < 0 {
			return
		}
		word := plainWord(now[:0], text[from:to])
		if !muted[string(word)] {
			l.of(word, set)
		}
		if length > 0 {
			l.pair(word, later[:length], set)
		}
		length = copy(later[:], word)
		at = from
	}
}

// reachOf is what a word takes of the reach.
func reachOf(length int) int {
	if length <= 3 {
		return 1
	}
	return 2
}

// behind adds the topics of the words after a number, in its sentence. Where
// another number follows, all but the nearest speak of that one.
func (l *lexicon) behind(text string, end int, muted map[string]bool, set *topicSet) {
	var now, earlier [longestWord]byte
	at, length, reach := end, 0, reachBehind
	if numberSoon(text, end) {
		reach = reachShort
	}
	for {
		from, to := wordAfter(text, at, end+contextReach)
		if reach -= reachOf(to - from); from == to || reach < 0 || sentenceEnds(text[at:from]) {
			return
		}
		word := plainWord(now[:0], text[from:to])
		if !muted[string(word)] {
			l.of(word, set)
		}
		if length > 0 {
			l.pair(earlier[:length], word, set)
		}
		length = copy(earlier[:], word)
		at = to
	}
}

// numberSoon tells whether another number follows in the sentence.
func numberSoon(text string, at int) bool {
	for i := at; i < len(text) && i < at+48; i++ {
		switch {
		case isDigit(text[i]):
			return true
		case text[i] == '!', text[i] == '?', text[i] == '.' && i+1 < len(text) && text[i+1] == ' ':
			return false
		}
	}
	return false
}

// sentenceEnds tells whether a gap between words has the sign of a sentence's
// end.
func sentenceEnds(gap string) bool {
	for i := range len(gap) {
		switch gap[i] {
		case '!', '?':
			return true
		case '.':
			return i+1 < len(gap) && gap[i+1] == ' '
		}
	}
	return false
}
