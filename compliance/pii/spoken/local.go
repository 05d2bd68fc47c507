package spoken

import "strings"

// mostLocal bounds the parts of an address's name.
const mostLocal = 64

// local finds where the name of an address begins that ends with item last, and
// reads it. Items before from belong to something else.
func (r *Reader) local(last, from int) []element {
	for last > from && r.items[last].role&roleCase != 0 && r.items[last].role&(roleNumber|roleLetter) == 0 && r.items[last].fold != "big" && r.items[last].fold != "small" {
		last-- // "anna berg, all one word, at"
	}
	first := r.begin(last, from)
	if first > last {
		return nil
	}
	return r.name(first, last)
}

// begin goes left from item last over all that can be part of the name.
func (r *Reader) begin(last, from int) (first int) {
	spelled := false
	first = last + 1
	open := true // the next item must be part of the name
	for i := last; i >= from && last-i < mostLocal; i-- {
		it := &r.items[i]
		if k := r.explained(i, from); k >= 0 {
			first, spelled, open, i = k, true, false, k
			continue
		}
		switch {
		case it.role&(roleSign|rolePunct) != 0 && it.text == "@":
			return first
		case r.connects(i):
			open = true
			first = i
		case it.role == rolePunct && it.text == "'" && !open && r.elided(i, from):
			first, i = i-1, i-1
		case it.role == rolePunct:
			if i == from || !r.commaInside(i, first, last) {
				return r.trim(first, last)
			}
		case r.spells(i, from, first, open):
			first, spelled, open = i, true, false
		case !open && r.initial(i, first, from):
			return i
		case it.role&(roleCase|roleFiller|roleAnd|roleAs) != 0 && !open && spelled && i > from && r.spelled(i-1):
		case !open && r.particle(i, from):
			first, i = i-1, i-1
		case open && (it.role&roleStop == 0 || i == last || it.role&roleSign == 0 && r.connects(i+1)):
			first, open = i, false
		case !open && r.joined(i, from):
			first = i
		case it.role&roleStop != 0:
			if inner[it.fold] && !r.spelled(first) && last > first && !r.connects(first) && !r.connects(first+1) && (i == 0 || copulas[r.items[i-1].fold]) {
				return i // "is the little bakery"
			}
			return r.trim(first, last)
		case r.plainWord(i) && i-2 >= from && r.items[i-1].text == "," && r.connects(i-2):
			first = i
		case r.plainWord(i) && r.spelled(first) && r.leads(i, from) && !r.particle(i-1, from):
			if i > from && r.initial(i-1, i, from) {
				return i - 1
			}
			return i
		case r.plainWord(i) && r.spelled(first) && i > from && single(r.items[i-1].fold) && r.items[i-1].role&roleLetter != 0 && (i-1 == from || r.leads(i-1, from)) &&
			!strings.Contains(commonLetters, r.items[i-1].fold):
			return i - 1 // "d ramanathan three seven at"
		case r.afterCue(i, from):
			first = i
		default:
			return r.trim(first, last)
		}
	}
	return r.trim(first, last)
}

// initial tells whether item i is a letter that is a word too and stands for a
// first name here: "is a smith at", "è e rossi".
func (r *Reader) initial(i, first, from int) bool {
	it := &r.items[i]
	if !single(it.fold) || it.fold[0] >= 0x80 || it.role&roleLetter == 0 || i == from || first != i+1 || !r.plainWord(first) || len(r.items[first].fold) < 3 {
		return false
	}
	before := &r.items[i-1]
	return copulas[before.fold] || !strings.Contains(commonLetters, it.fold) && (before.role&roleStop != 0 || before.fold == "à")
}

// explained gives the letter that "as in bravo", which ends with item i, tells;
// or -1.
func (r *Reader) explained(i, from int) int {
	for k := i - 2; k >= max(from, i-3); k-- {
		if r.is(k, roleLetter) && (r.is(k+1, roleAs) || r.is(k+1, rolePunct)) && r.asIn(k+1) == i+1 {
			return k
		}
	}
	return -1
}

// commaInside tells whether the comma at item i, or a hyphen, stands between two
// parts of a name whose part right of it begins at first.
func (r *Reader) commaInside(i, first, last int) bool {
	if r.items[i].text != "," && r.items[i].text != "-" {
		return false
	}
	left := r.spelled(i-1) || r.connects(i-1) || r.explained(i-1, max(0, i-4)) >= 0
	switch {
	case i == last, first <= last && r.connects(first):
		return left || r.plainWord(i-1) && (first <= last || r.connects(i-2) || i > 2 && r.items[i-2].text == "," && r.connects(i-3))
	case r.connects(i - 1):
		return true
	case r.is(i-1, roleStop) && !r.connects(i-1) && !single(r.items[i-1].fold):
		return false
	}
	return left && (first > last || r.spelled(first))
}

// elided tells whether the apostrophe at item i stands behind an article that
// belongs to a name: "l'atelier", "dall'oglio".
func (r *Reader) elided(i, from int) bool {
	return i > from && r.items[i].touches && (single(r.items[i-1].fold) || elided[r.items[i-1].fold]) &&
		(i-1 == from || r.is(i-2, roleStop) || r.is(i-2, rolePunct) || r.connects(i-2))
}

// elided are longer words that an apostrophe leaves of a particle.
var elided = map[string]bool{"dell": true, "dall": true, "all": true, "nell": true, "sant": true, "degl": true, "sull": true}

// particle tells whether item i is a small word inside a name, as in "familie de
// wit": the word before it is plain, and nothing else stands before that.
func (r *Reader) particle(i, from int) bool {
	if i-1 < from || !inner[r.items[i].fold] || !r.plainWord(i-1) || r.is(i-1, roleStop) {
		return false
	}
	return i-1 == from || r.is(i-2, roleStop) && !inner[r.items[i-2].fold] || r.is(i-2, rolePunct) && r.items[i-2].text != ","
}

// inner are small words inside the names of families and houses.
var inner = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields("de del della di da du des la le les los las el il lo gli een van von der den dem het ten ter und and the et i y e zu am im") {
		set[w] = true
	}
	return set
}()

// trim takes signs and fillers off the front.
func (r *Reader) trim(first, last int) int {
	for first <= last && (r.connects(first) || r.items[first].role == rolePunct ||
		r.items[first].role&(roleFiller|roleAnd) != 0 && r.items[first].role&(roleNumber|roleLetter) == 0 && first < last && !r.connects(first+1)) {
		first++
	}
	return first
}

// connects tells whether item i joins two parts of a name.
func (r *Reader) connects(i int) bool {
	if i < 0 || i >= len(r.items) || r.items[i].role&(roleSign|rolePunct) == 0 {
		return false
	}
	switch r.items[i].text {
	case ".", "_", "-", "+":
		written := r.items[i].role&rolePunct != 0
		return !written || r.items[i].touches && i+1 < len(r.items) && r.items[i+1].touches
	}
	return false
}

// spells tells whether item i is a letter or a number of the name. Letters that
// are words too need another one, or a sign, beside them. The part right of it
// begins at first.
func (r *Reader) spells(i, from, first int, open bool) bool {
	it := &r.items[i]
	before := i - 1
	for before >= from && r.is(before, rolePunct) && r.items[before].text == "," {
		before--
	}
	switch {
	case it.role&(roleNumber|roleDigits|roleTimes|roleHundred|roleThousand) != 0 && it.role&roleStop == 0:
		return true
	case it.role&roleLetter == 0 || !single(it.fold) && it.role&roleStop != 0:
		return false
	case it.role&roleSoft != 0:
		return r.spelled(first) && (before >= from && r.spelled(before) && !r.is(before, roleStop) || r.is(first, roleLetter)) || open && before >= from && r.connects(before)
	case it.role&roleStop != 0 && it.fold[0] >= 0x80:
		return false // "è" is "is"
	case it.role&roleStop != 0:
		return open || r.spelled(first) && (it.role&roleWeak == 0 || before >= from && (r.spelled(before) || r.explained(before, from) >= 0) || i == 0 || r.afterCue(i, from))
	case it.role&roleWeak != 0:
		return open && single(it.fold) || r.spelled(first) && !r.plainWord(first)
	}
	return true
}

// plainWord tells whether item i is a word that spells nothing where it stands,
// such as "Anna" where it is no letter of a spelled word.
func (r *Reader) plainWord(i int) bool {
	it := &r.items[i]
	return it.role&rolePlain != 0 || it.role&roleWeak != 0 && !single(it.fold) && it.role&roleNumber == 0
}

// joined tells whether item i follows a sign, with at most two small words
// between, as in "j dot de vries".
func (r *Reader) joined(i, from int) bool {
	if !r.plainWord(i) && !r.is(i, roleFiller|roleAs) {
		return false
	}
	for j := i - 1; j >= max(from, i-3); j-- {
		if r.connects(j) {
			return true
		}
		if !r.is(j, roleFiller|roleAs) {
			return false
		}
	}
	return false
}

// leads tells whether nothing else is said before item i.
func (r *Reader) leads(i, from int) bool {
	return i == from || r.is(i-1, rolePunct|roleStop|roleCase|roleFiller)
}

// bare tells whether the text begins with the words up to item i, two at most
// beside small ones: nothing but the address was said.
func (r *Reader) bare(i int) bool {
	words := 0
	for j := 0; j <= i; j++ {
		switch {
		case inner[r.items[j].fold]:
		case r.plainWord(j):
			words++
		case r.is(j, roleNumber|roleDigits) && !r.is(j, roleStop):
		default:
			return false
		}
	}
	return words < 3
}

func (r *Reader) spelled(i int) bool {
	return r.is(i, roleLetter|roleNumber|roleDigits|roleTimes|roleHundred|roleThousand)
}

// afterCue tells whether a word that leads to an address, such as "is", stands
// within three words before item i.
func (r *Reader) afterCue(i, from int) bool {
	if from == 0 && r.bare(i) {
		return true
	}
	for j := i - 1; j >= max(from, i-3); j-- {
		if r.items[j].role&roleStop != 0 {
			return true
		}
		if r.items[j].role&rolePunct != 0 {
			return r.items[j].text == ":"
		}
	}
	return false
}

// name reads the items from first to last.
func (r *Reader) name(first, last int) []element {
	r.elements = r.elements[:0]
	all := r.left[:0]
	defer func() { r.left = all[:0] }()
	for i := first; i <= last; {
		it := &r.items[i]
		switch {
		case r.connects(i):
			all = append(all, r.sign(i))
			r.elements = r.elements[:0]
			i++
		case it.role&rolePunct != 0, it.role&(roleCase|roleFiller) != 0 && it.role&(roleNumber|roleLetter) == 0 && i > first && r.silent(i, last):
			i++
		default:
			e, next, ok := r.part(i)
			if !ok || next > last+1 || e.text == "+" {
				all, i = append(all, r.plain(i)), i+1
				r.elements = r.elements[:0]
				continue
			}
			all = append(all, e)
			r.elements = append(r.elements, e)
			i = next
		}
	}
	r.elements = r.elements[:0]
	return all
}

// silent tells whether a filler inside a name says nothing: it stands beside
// letters, not where the name's only word must be.
func (r *Reader) silent(i, last int) bool {
	return i < last && !r.connects(i+1) && (i == 0 || !r.connects(i-1) || r.items[i].role&roleCase != 0)
}
