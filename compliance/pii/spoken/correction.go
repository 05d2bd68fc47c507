package spoken

// correct puts e in the place of what it corrects and gives the item to go on
// from.
func (r *Reader) correct(e element, next int) int {
	e.fixed = true
	wrong := e
	if j := r.skip(next); r.is(j, roleNot) {
		if w, k, ok := r.part(r.skip(j + 1)); ok {
			wrong, next = w, k
			e.end = w.end
		}
	}
	r.replace(wrong.text, e)
	return next
}

// unsay reads "seven not nine": the element before item i stands in the place
// of the one after it.
func (r *Reader) unsay(i int, next *int) bool {
	n := len(r.elements)
	if n == 0 {
		return false
	}
	right := r.elements[n-1]
	wrong, k, ok := r.part(r.skip(i + 1))
	if !ok || len(wrong.text) != len(right.text) {
		return false
	}
	right.end, right.fixed = wrong.end, true
	r.elements = r.elements[:n-1]
	r.replace(wrong.text, right)
	*next = k
	return true
}

// skip passes over signs and fillers.
func (r *Reader) skip(i int) int {
	for i < len(r.items) && (r.items[i].role == rolePunct && r.items[i].text == "," || r.items[i].role == roleFiller) {
		i++
	}
	return i
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
