package spoken

// year reads a year at item i: "nineteen eighty six", "zweitausendeins",
// "sixty four", "one nine eight six".
func (r *Reader) year(i int) (value int, full bool, next int, ok bool) {
	if i >= len(r.items) {
		return 0, false, i, false
	}
	if r.is(i, roleDigits) {
		text := r.items[i].text
		value = digitsValue(text[:min(len(text), 4)])
		switch {
		case len(text) == 2:
			if v, end, ok := r.small(i + 1); ok && (value == 19 || value == 20) && v > 9 {
				return value*100 + v, true, end, true
			}
			return value, false, i + 1, true
		case len(text) == 4 && century(value):
			return value, true, i + 1, true
		}
		return 0, false, i, false
	}
	if value, next, ok = r.singly(i); ok {
		return value, true, next, true
	}
	if value, next, ok = r.thousandth(i); ok {
		return value, true, next, true
	}
	if value, next, ok = r.small(i); ok {
		if value >= 18 && value <= 20 {
			if v, end, ok := r.hundreds(next); ok {
				return value*100 + v, true, end, true
			}
		}
		if value >= 20 && value < 100 && value%10 == 0 && r.is(next, roleOrdinal) && r.items[next].date < 10 {
			return value + r.items[next].date, false, next + 1, true
		}
		return value, false, next, true
	}
	if value, next, ok = r.ordinal(i); ok && (value < 100 || century(value)) { // "osiemdziesiątego drugiego"
		return value, century(value), next, true
	}
	return 0, false, i, false
}

func century(value int) bool { return value >= 1900 && value < 2100 }

// hundreds reads what stands behind "nineteen": "hundred and five", "oh five",
// "eighty".
func (r *Reader) hundreds(i int) (value, next int, ok bool) {
	j := i
	if r.is(j, roleHundred) {
		j++
		ok = true
	}
	if ok && r.is(j, roleAnd) {
		j++
	}
	if v, end, fine := r.small(j); fine && v < 100 {
		return v, end, true
	}
	return 0, j, ok
}

// thousandth reads "two thousand and one" at item i, and "dwa tysiące
// piętnastego".
func (r *Reader) thousandth(i int) (value, next int, ok bool) {
	if value, next, ok = r.number(i); !ok || value < 1000 {
		return 0, i, false
	}
	if value%100 == 0 {
		j := next
		if r.is(j, roleAnd) {
			j++
		}
		if v, end, fine := r.ordinal(j); fine && v < 100 {
			value, next = value+v, end
		} else if v, end, fine := r.small(j); fine && v < 100 && value != 1000 {
			value, next = value+v, end
		}
	}
	return value, next, century(value)
}

// singly reads four digits that were said one by one.
func (r *Reader) singly(i int) (value, next int, ok bool) {
	for n := 0; n < 4; n++ {
		if !r.is(i, roleNumber) && !(r.vocab.zero && i < len(r.items) && r.items[i].fold == "o") {
			return 0, i, false
		}
		v := r.items[i].value
		if r.items[i].fold == "o" {
			v = 0
		}
		if v > 9 {
			return 0, i, false
		}
		value, i = value*10+v, i+1
	}
	return value, i, century(value)
}
