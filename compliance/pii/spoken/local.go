package spoken

import "slices"

// mostLocal bounds the parts of an address's name.
const mostLocal = 64

// local finds where the name of an address begins that ends with item last, and
// reads it. Items before from belong to something else.
func (r *Reader) local(last, from int) []element {
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
		switch {
		case i-2 >= from && r.is(i-2, roleLetter) && r.is(i-1, roleAs) && r.asIn(i-1) == i+1:
			first, spelled, open = i-2, true, false
			i -= 2
		case it.role&(roleSign|rolePunct) != 0 && it.text == "@":
			return first
		case r.connects(i):
			open = true
			first = i
		case it.role == rolePunct:
			if it.text != "," && it.text != "-" || i == from || !r.spelled(i-1) || !r.spelled(i+1) && i != last {
				return r.trim(first, last)
			}
		case r.spells(i, from, open):
			first, spelled, open = i, true, false
		case it.role&(roleCase|roleFiller|roleAnd|roleAs) != 0 && !open && spelled && i > from && r.spelled(i-1):
		case open && (it.role&roleStop == 0 || i == last || it.role&roleSign == 0 && r.connects(i+1)):
			first, open = i, false
		case !open && r.joined(i, from):
			first = i
		case it.role&roleStop != 0:
			return r.trim(first, last)
		case r.plainWord(i) && r.spelled(first) && r.leads(i, from):
			return i
		case r.afterCue(i, from):
			first = i
		default:
			return r.trim(first, last)
		}
	}
	return r.trim(first, last)
}

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
// are words too need another one, or a sign, beside them.
func (r *Reader) spells(i, from int, open bool) bool {
	it := &r.items[i]
	switch {
	case it.role&(roleNumber|roleDigits|roleTimes|roleHundred) != 0 && it.role&roleStop == 0:
		return true
	case it.role&roleLetter == 0 || !single(it.fold) && it.role&roleStop != 0:
		return false
	case it.role&roleStop != 0 && it.fold[0] >= 0x80:
		return false // "è" is "is"
	case it.role&roleStop != 0:
		return open || r.spelled(i+1) && (it.role&roleWeak == 0 || i > from && r.spelled(i-1) || r.afterCue(i, from))
	case it.role&roleWeak != 0:
		return open && single(it.fold) || r.spelled(i+1) && !r.plainWord(i+1)
	}
	return true
}

// plainWord tells whether item i is a word that spells nothing where it stands,
// such as "Anna" where it is no letter of a spelled word.
func (r *Reader) plainWord(i int) bool {
	it := &r.items[i]
	return it.role == rolePlain || it.role&roleWeak != 0 && !single(it.fold) && it.role&roleNumber == 0
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

func (r *Reader) spelled(i int) bool {
	return r.is(i, roleLetter|roleNumber|roleDigits|roleTimes)
}

// afterCue tells whether a word that leads to an address, such as "is", stands
// within three words before item i.
func (r *Reader) afterCue(i, from int) bool {
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
	var all []element
	for i := first; i <= last; {
		it := &r.items[i]
		switch {
		case r.connects(i):
			all = append(all, r.sign(i))
			r.elements = r.elements[:0]
			i++
		case it.role&rolePunct != 0, it.role&(roleCase|roleFiller) != 0 && it.role&(roleNumber|roleLetter) == 0 && r.silent(i, last):
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
	return slices.Clip(all)
}

// silent tells whether a filler inside a name says nothing: it stands beside
// letters, not where the name's only word must be.
func (r *Reader) silent(i, last int) bool {
	return i < last && !r.connects(i+1) && (i == 0 || !r.connects(i-1) || r.items[i].role&roleCase != 0)
}
