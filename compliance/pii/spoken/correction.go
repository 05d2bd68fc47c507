package spoken

import "strings"

// correct reads "seven not nine" behind "no wait": e stands in the place of
// what was wrong. It gives the item to go on from.
func (r *Reader) correct(e element, next int) int {
	e.fixed = true
	wrong := e
	if w, k, ok := r.part(r.skip(r.skip(next) + 1)); ok {
		wrong, next = w, k
		e.end = w.end
	}
	r.replace(wrong.text, e)
	return next
}

// unsay reads "seven not nine": the element before item i stands in the place
// of the one after it. Where both are the same, as in "nine, not nine but
// eight", what follows stands there.
func (r *Reader) unsay(i int, gap *between) (next int, ok bool) {
	n := len(r.elements)
	if n == 0 {
		return i, false
	}
	right := r.elements[n-1]
	wrong, k, ok := r.part(r.skip(i + 1))
	if !ok || len(wrong.text) != len(right.text) {
		return i, false
	}
	gap.unsaid = true
	if wrong.text == right.text {
		if k = r.skip(k); r.is(k, roleBut) {
			k = r.skip(k + 1)
		}
		e, next, ok := r.part(k)
		if !ok {
			return i, false
		}
		e.start, e.item, e.fixed = right.start, right.item, true
		r.elements[n-1] = e
		gap.wrong = false
		return next, true
	}
	right.end, right.last, right.fixed = wrong.end, wrong.last, true
	r.elements = r.elements[:n-1]
	r.replace(wrong.text, right)
	return k, true
}

// skip passes over signs and fillers.
func (r *Reader) skip(i int) int {
	for i < len(r.items) && (r.items[i].role == rolePunct && r.items[i].text == "," || r.items[i].role == roleFiller) {
		i++
	}
	return i
}

// mend puts the elements from r.repair on in the place of what they correct.
// Closed tells that a pause ended them; else they may be the correction and all
// that follows it.
func (r *Reader) mend(closed bool) {
	from := r.repair
	r.repair = -1
	if from <= 0 || from >= len(r.elements) {
		return
	}
	first, keep := r.wrongFrom(from, closed)
	r.cut(first, keep, from)
}

// wrongFrom tells which element before from is the first that is taken back.
func (r *Reader) wrongFrom(from int, closed bool) (first, keep int) {
	said := 0
	for _, e := range r.elements[from:] {
		said += len(e.text)
	}
	group := from
	for group > 0 && !r.elements[group-1].pause {
		group--
	}
	group = max(group-1, 0)
	switch {
	case r.length(group, from) == said: // the group is said again
		return group, 0
	case r.again(0, from):
		return 0, 0
	case r.again(group, from) && said >= r.length(group, from):
		return group, 0
	case closed && said <= r.length(0, from):
		return r.tail(from, said)
	}
	for i := from - 1; i >= max(0, from-3); i-- { // who repeats a digit goes on from it
		if r.elements[i].text == r.elements[from].text {
			return i, 0
		}
	}
	return r.tail(from, len(r.elements[from].text))
}

// again tells whether the elements from a on are said again from b on, the
// first two of them at least.
func (r *Reader) again(a, b int) bool {
	x, y := r.head(a, b), r.head(b, len(r.elements))
	return len(x) >= 3 && x == y
}

// head gives the first three signs of the elements from a to b.
func (r *Reader) head(a, b int) string {
	text := ""
	for ; a < b && len(text) < 3; a++ {
		text += r.elements[a].text
	}
	return text[:min(3, len(text))]
}

func (r *Reader) length(a, b int) int {
	n := 0
	for _, e := range r.elements[a:b] {
		n += len(e.text)
	}
	return n
}

// tail gives the element in which the last n signs before from begin, and how
// much of it stays.
func (r *Reader) tail(from, n int) (first, keep int) {
	length := 0
	for i := from - 1; i >= 0; i-- {
		if length += len(r.elements[i].text); length >= n {
			return i, length - n
		}
	}
	return 0, 0
}

// cut takes the elements from first on away, up to from, but for the first keep
// signs of the first. What is left reaches over where they were said.
func (r *Reader) cut(first, keep, from int) {
	start := r.elements[first].start
	if keep > 0 {
		r.elements[first].text = r.elements[first].text[:keep]
		r.elements[first].fixed = true
		first++
	} else {
		r.elements[from].start, r.elements[from].item = start, r.elements[first].item
		r.elements[from].pause = r.elements[first].pause
	}
	r.elements[from].fixed = true
	r.elements = append(r.elements[:first], r.elements[from:]...)
}

// replace puts e in the place of the last element that says wrong, or of as
// much of the end as e is long.
func (r *Reader) replace(wrong string, e element) {
	for i := len(r.elements) - 1; i >= 0; i-- {
		if r.elements[i].text == wrong {
			r.swap(i, e)
			return
		}
	}
	length := 0
	for i := len(r.elements) - 1; i >= 0; i-- {
		length += len(r.elements[i].text)
		if length < len(e.text) {
			continue
		}
		keep := r.elements[i].text[:length-len(e.text)]
		e.text = keep + e.text
		r.swap(i, e)
		r.elements = r.elements[:i+1]
		return
	}
	if len(r.elements) > 0 {
		r.swap(0, e)
		r.elements = r.elements[:1]
	}
}

// swap gives element i the text of e and lets the run reach to where e was said.
func (r *Reader) swap(i int, e element) {
	old := &r.elements[i]
	old.text, old.digits, old.fixed = e.text, e.digits, true
	tail := &r.elements[len(r.elements)-1]
	tail.end, tail.last = max(tail.end, e.end), max(tail.last, e.last)
	old.end, old.last = max(old.end, e.end), max(old.last, e.last)
}

// takenBack gives where an address was begun that was then taken back: "anna dot
// no, anna minus berg at", "anna eighty, sorry, eighty one at". The one that
// counts begins with item first.
func (r *Reader) takenBack(first, from int) int {
	start := r.items[first].start
	i := first - 1
	for i >= from && (r.is(i, roleFiller) || r.is(i, rolePunct) && r.items[i].text == ",") {
		i--
	}
	if i < from || !r.is(i, roleWrong) {
		return start
	}
	for j := i - 1; j >= max(from, i-6); j-- {
		switch {
		case r.connects(j) && j > from && r.items[j-1].role&rolePunct == 0:
			start = r.items[j-1].start
		case r.items[j].fold == r.items[first].fold, r.connects(j):
			start = r.items[j].start
		}
	}
	for i >= from && r.is(i, roleWrong|roleFiller|rolePunct) {
		i--
	}
	if i < from || i+mostFillers < first-mostFillers {
		return start
	}
	before := r.items[i].fold
	if r.is(i, roleNumber|roleDigits) && r.spelled(first) || len(before) > 3 && strings.HasPrefix(r.items[first].fold, before[:3]) {
		if begun := r.begin(i, from); begun <= i {
			start = min(start, r.items[begun].start)
		}
	}
	return start
}
