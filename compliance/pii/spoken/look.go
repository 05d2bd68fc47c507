package spoken

import "strings"

// Look reads the tokens' words and tells for each language how many of them
// could be part of something spoken. A text whose counts are all small is clean.
// The tokens must stay as they are until Read has been called.
func (r *Reader) Look(tokens []Token) (counts [Languages]int) {
	r.tokens, r.entries, r.marks, r.dated = tokens, r.entries[:0], 0, 0
	r.told, r.ground, r.beside = r.told[:0], r.ground[:0], false
	all, run := 0, 0
	var here, known [Languages]int
	var hereLanes, knownLanes uint64
	var at, dot uint8 // languages in which the signs of an address were said
	for i := range tokens {
		if i&(laneTokens-1) == 0 {
			spill(&here, &hereLanes)
			spill(&known, &knownLanes)
		}
		t := &tokens[i]
		if t.Kind != Word {
			r.entries = append(r.entries, nil)
			switch {
			case t.Kind == Number:
				all += len(t.Fold)
			case t.Fold == "@":
				at = everyLanguage
			case t.Fold == "." && i > 0 && i+1 < len(tokens) && tokens[i-1].End == t.Start && t.End == tokens[i+1].Start:
				dot = everyLanguage
			}
			continue
		}
		e := r.lexicon.words[t.Fold]
		if e == nil && len(t.Fold) >= shortestThousand {
			e = r.lexicon.thousands(t.Fold)
		}
		r.entries = append(r.entries, e)
		if single(t.Fold) || twofold(t.Fold) {
			r.told = append(r.told, told{int32(i), everyLanguage})
		} else if e != nil && e.any|e.mask != 0 {
			r.told = append(r.told, told{int32(i), e.any | e.mask})
		}
		if e != nil {
			at |= e.at
			dot |= e.dot
			if e.dot != 0 && i > 1 && besides[tokens[i-2].Fold] && providers[tokens[i-1].Fold] {
				at, r.beside = everyLanguage, true // "bei gmail punkt com"
			}
			r.marks |= e.marks
			r.dated |= e.dated
			knownLanes += lanes[e.any]
		}
		switch {
		case e != nil && e.mask != 0:
			hereLanes += lanes[e.mask]
		case single(t.Fold) && (!strings.Contains(commonLetters, t.Fold) || i > 0 && single(tokens[i-1].Fold) && tokens[i-1].Kind == Word):
			run++
		}
	}
	spill(&here, &hereLanes)
	spill(&known, &knownLanes)
	r.known = known
	for n := range Languages {
		if here[n] > 0 || run >= fewestLetters {
			counts[n] = here[n] + min(all, 4) + run
		}
		if at&dot>>n&1 == 1 {
			counts[n] += AddressWords
		}
	}
	return counts
}

// lanes has for a set of languages a one in the byte of each, so that one
// addition counts for all of them; laneTokens is how many additions a byte
// holds.
var lanes = func() (table [1 << Languages]uint64) {
	for set := range table {
		for n := range Languages {
			table[set] |= uint64(set>>n&1) << (8 * n)
		}
	}
	return table
}()

const laneTokens = 128

// spill adds what lanes counted to counts.
func spill(counts *[Languages]int, lanes *uint64) {
	for n := range counts {
		counts[n] += int(*lanes >> (8 * n) & 0xff)
	}
	*lanes = 0
}

// Known tells how many words of the text the Lexicon knows in each language:
// it tells languages apart where many have the same numbers.
func (r *Reader) Known() [Languages]int { return r.known }

// Marks gives the bits of the marked words that Look saw.
func (r *Reader) Marks() uint16 { return r.marks }

// MarksOf gives the bits of the word that token i is.
func (r *Reader) MarksOf(i int) uint16 {
	if i < 0 || i >= len(r.entries) || r.entries[i] == nil {
		return 0
	}
	return r.entries[i].marks
}

// Dated gives the languages in which a month's name or an ordinal stands in the
// text, as bits.
func (r *Reader) Dated() uint8 { return r.dated }
