package spoken

import "strings"

// asZero tells whether the letter o at i is a nought.
func (r *Reader) asZero(i int) bool {
	if !r.vocab.zero || r.items[i].fold != "o" {
		return false
	}
	n := len(r.elements)
	before := n > 0 && r.elements[n-1].digits
	return before || (n == 0 || r.elements[n-1].text == "+") && r.is(i+1, roleNumber|roleDigits|roleTimes)
}

// asIn passes over "as in bravo" at i and gives the item after it, or 0.
func (r *Reader) asIn(i int) int {
	for i < len(r.items) && r.items[i].role == rolePunct && r.items[i].text == "," {
		i++
	}
	if !r.is(i, roleAs) || i+1 >= len(r.items) || r.items[i+1].role&(rolePunct|roleDigits) != 0 {
		return 0
	}
	letter := r.items[i-1]
	word := r.items[i+1].fold
	if letter.role&roleLetter == 0 {
		return 0
	}
	if !strings.HasPrefix(Plain(word), Plain(letter.text)) && r.items[i+1].text != letter.text {
		return 0
	}
	if single(word) {
		return 0
	}
	return i + 2
}

// spelling tells whether a weak letter stands in a spelled word: others stand
// beside it.
func (r *Reader) spelling(i int) bool {
	n := len(r.elements)
	beside := n > 0 && r.elements[n-1].last >= i-2
	if r.is(i, roleSoft) {
		return r.softly(i, beside)
	}
	if beside && !r.elements[n-1].digits {
		return true
	}
	if n > 0 && r.elements[n-1].last == i-1 && (r.lettered() || !single(r.items[i].fold) && r.is(i+1, roleLetter) && !r.is(i+1, roleSoft) && !single(r.items[i+1].fold)) {
		return true // "seven three delta kilo"
	}
	near := 0
	for j := i + 1; j < len(r.items) && j < i+6; j++ {
		it := &r.items[j]
		if it.role == rolePunct && (it.text == "," || it.text == "-" || it.text == ".") {
			continue
		}
		if it.role&roleLetter == 0 {
			if it.role&(roleNumber|roleDigits) != 0 && (n > 0 || near > 0 && r.coded(j) || r.codeAhead(i, j)) {
				near++
			}
			break
		}
		if near++; it.role&(roleWeak|roleSoft) == 0 {
			return true
		}
	}
	return near >= 2 || near == 1 && r.codeAhead(i, i+1)
}

// coded tells whether the number at item i goes on as a code does: with another
// number or a letter.
func (r *Reader) coded(i int) bool {
	next := i + 1
	if _, end, ok := r.number(i); ok {
		next = end
	}
	next = r.skipComma(next)
	return r.is(next, roleNumber|roleDigits) || r.is(next, roleLetter) && !r.is(next, roleSoft)
}

// softly tells whether a letter whose name is a small word is one here: letters
// or digits stand close before it, and it is the last or more follow, or
// letters follow that are none of its kind.
func (r *Reader) softly(i int, beside bool) bool {
	next := r.skipComma(i + 1)
	coded := r.is(next, roleNumber|roleDigits|roleTimes) || r.is(next, roleLetter)
	if beside {
		return coded || r.elements[len(r.elements)-1].alone || r.lettered()
	}
	if r.is(next, roleLetter) && (!r.is(next, roleWeak) || r.is(next, roleSoft)) && !(r.is(i, roleAs) && r.is(next, roleSoft)) {
		after := r.skipComma(next + 1)
		return r.is(after, roleLetter|roleNumber|roleDigits)
	}
	return false
}

// codeAhead tells whether from item j on, right behind the word i that can be a
// letter, digits stand and then a letter again: "ludwig acht acht quelle vier".
func (r *Reader) codeAhead(i, j int) bool {
	if r.skipComma(i+1) != j || single(r.items[i].fold) {
		return false
	}
	digits := 0
	for ; j < len(r.items) && j < i+8; j++ {
		switch it := &r.items[j]; {
		case it.role&(roleNumber|roleDigits|roleTimes) != 0 && it.role&roleLetter == 0:
			digits++
		case it.role&roleLetter != 0 && it.role&roleSoft == 0:
			return digits > 0 && (digits > 1 || r.is(j+1, roleNumber|roleDigits|roleLetter)) && !single(it.fold) || digits > 1
		case it.role == rolePunct && it.text == ",":
		default:
			return false
		}
	}
	return false
}

// skipComma passes over commas.
func (r *Reader) skipComma(i int) int {
	for i < len(r.items) && r.items[i].role == rolePunct && r.items[i].text == "," {
		i++
	}
	return i
}

// lettered tells whether the run has a letter near its end.
func (r *Reader) lettered() bool {
	for i := len(r.elements) - 1; i >= max(0, len(r.elements)-8); i-- {
		if !r.elements[i].digits {
			return true
		}
	}
	return false
}
