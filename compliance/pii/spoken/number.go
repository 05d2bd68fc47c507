package spoken

import "strconv"

// number reads one number at item i, such as "twenty-three", and gives its
// value and the item after it. It takes as many items as make one number: a
// pause ends it.
func (r *Reader) number(i int) (value, next int, ok bool) {
	value, next, ok = r.below1000(i)
	if !ok {
		if !r.is(i, roleThousand) {
			return 0, i, false
		}
		value, next = 1, i
	}
	if j := r.bound(next); j >= 0 && r.is(j, roleThousand) && value < 1000 && value > 0 {
		value, next = value*1000, j+1
	} else if value < 1000 || value%1000 != 0 {
		return value, next, true
	}
	if value%1000 != 0 {
		return value, next, true
	}
	j := r.bound(next)
	if j >= 0 && r.is(j, roleAnd) {
		j = r.bound(j + 1)
	}
	if j < 0 {
		return value, next, true
	}
	// "two thousand five" is one number, "two thousand five six" is not.
	if rest, end, fine := r.below1000(j); fine && rest > 0 && rest < 1000 && !(rest < 10 && r.digitFollows(end)) {
		return value + rest, end, true
	}
	return value, next, true
}

// below1000 reads a number of at most three digits, or one that the text has in
// one word.
func (r *Reader) below1000(i int) (value, next int, ok bool) {
	switch {
	case r.is(i, roleHundred) && !r.is(i, roleNumber):
		value, next = 100, i+1
	case r.is(i, roleNumber):
		if value, next = r.below100(i); value > 99 {
			if value%100 != 0 || value%1000 == 0 || value > 1900 {
				return value, next, true
			}
		} else {
			j := r.bound(next)
			if value == 0 || value > 99 || j < 0 || !r.is(j, roleHundred) || next-i > 1 {
				return value, next, true
			}
			value, next = value*100, j+1
		}
	default:
		return 0, i, false
	}
	j := r.bound(next)
	and := false
	if j >= 0 && r.is(j, roleAnd) {
		and, j = true, r.bound(j+1)
	}
	if j >= 0 && value > 100 && value < 1000 && r.is(j, roleDigits) && len(r.items[j].text) <= 2 && r.items[j].text[0] != '0' {
		return value + digitsValue(r.items[j].text), j + 1, true // "two hundred 34"
	}
	if j < 0 || !r.is(j, roleNumber) {
		return value, next, true
	}
	rest, end := r.below100(j)
	if rest == 0 || rest > 99 || rest < 10 && !and && r.digitFollows(end) {
		return value, next, true
	}
	if k := r.bound(end); k >= 0 && rest < 10 && r.is(k, roleHundred) {
		return value, next, true // "hundred, two hundred"
	}
	return value + rest, end, true
}

// below100 reads a number of at most two digits. The item at i has a value.
func (r *Reader) below100(i int) (value, next int) {
	value, next = r.items[i].value, i+1
	j := r.bound(next)
	if j < 0 {
		return value, next
	}
	switch {
	case r.vocab.vigesimal && value == 4 && r.items[j].fold[0] == 'v' && r.is(j, roleNumber) && r.items[j].value == 20:
		return r.onTop(80, j+1, 19)
	case r.vocab.inverted && value > 0 && value < 10 && r.is(j, roleAnd):
		if k := r.bound(j + 1); k >= 0 && r.is(k, roleNumber) && r.ten(k) {
			return value + r.items[k].value, k + 1
		}
	case r.vocab.vigesimal && value == 10:
		if r.is(j, roleNumber) && r.items[j].value >= 7 && r.items[j].value <= 9 {
			return 10 + r.items[j].value, j + 1
		}
	case r.vocab.vigesimal && value == 60:
		return r.onTop(60, next, 19)
	case value >= 20 && value < 100 && value%10 == 0 && !r.vocab.inverted && r.is(j, roleDigits) && len(r.items[j].text) == 1 && r.items[j].text != "0":
		return value + digitsValue(r.items[j].text), j + 1 // "ninety 8"
	case value >= 20 && value < 100 && value%10 == 0:
		return r.onTop(value, next, 9)
	}
	return value, next
}

// onTop adds to base a number of 1 to most that stands at i.
func (r *Reader) onTop(base, i, most int) (value, next int) {
	j := r.bound(i)
	if j >= 0 && r.is(j, roleAnd) && !r.vocab.inverted {
		j = r.bound(j + 1)
	}
	if j < 0 || !r.is(j, roleNumber) || r.is(j, roleSign) {
		return base, i
	}
	value, next = r.items[j].value, j+1
	if r.vocab.vigesimal && value == 4 && !r.hyphen(j) {
		// "trente quatre vingt" is 30 80: people say numbers in pairs.
		if k := r.bound(next); k >= 0 && r.is(k, roleNumber) && r.items[k].value == 20 {
			return base, i
		}
	}
	if r.vocab.vigesimal && value == 10 && most > 10 {
		if k := r.bound(next); k >= 0 && r.is(k, roleNumber) && r.items[k].value >= 7 && r.items[k].value <= 9 {
			value, next = 10+r.items[k].value, k+1
		}
	}
	if value < 1 || value > most || r.vocab.inverted && most == 9 {
		return base, i
	}
	return base + value, next
}

// ten tells whether item i is twenty, thirty ... ninety.
func (r *Reader) ten(i int) bool {
	v := r.items[i].value
	return v >= 20 && v < 100 && v%10 == 0
}

// bound gives the item at i, past one hyphen, or -1 where a pause or the end of
// the text stands.
func (r *Reader) bound(i int) int {
	if i < len(r.items) && r.items[i].role == rolePunct && r.items[i].text == "-" {
		i++
	}
	if i >= len(r.items) || r.items[i].role&rolePunct != 0 {
		return -1
	}
	return i
}

// hyphen tells whether a hyphen stands before item i.
func (r *Reader) hyphen(i int) bool {
	return i > 0 && r.items[i-1].role == rolePunct && r.items[i-1].text == "-"
}

func (r *Reader) is(i int, any role) bool {
	return i >= 0 && i < len(r.items) && r.items[i].role&any != 0
}

// digitFollows tells whether one digit is said at i, so that the one before it
// is a digit too and no part of a number.
func (r *Reader) digitFollows(i int) bool {
	j := r.bound(i)
	return j >= 0 && r.is(j, roleNumber) && r.items[j].value < 10 || j >= 0 && r.is(j, roleTimes)
}

func decimal(value int) string { return strconv.Itoa(value) }

// digitsValue is the value of a few written digits.
func digitsValue(text string) int {
	n := 0
	for i := range len(text) {
		n = n*10 + int(text[i]-'0')
	}
	return n
}
