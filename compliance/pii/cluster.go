package pii

// Bounds of a cluster: they keep the work linear in the text's length.
const (
	mostPieces    = 40
	longestPiece  = 64
	shortestAlone = 6 // of a number that stands in a row of others
	longestLetter = 6 // letters of a piece without digits, such as CHE
	longestGap    = 3 // signs between two pieces
)

// A piece is one run of letters and digits.
type piece struct {
	start, end      int
	digits, letters uint64 // places, from the piece's start
	lower           bool   // letters only, and not in capitals
	sep             sepSet // what stands before it
}

// A candidate is a row of pieces that could be one number.
type candidate struct {
	start, end      int
	compact         string
	digits, letters uint64
	border          uint64 // places at which a separator stands
	seps            sepSet
	crowded         bool // other digits stand beside it, a space away
	lower           bool // a piece of it is letters in lower case
	first           int  // letters of its first piece, where that has no digits and others follow
	label           bool // that piece is a word that names numbers, such as NIF
}

// written is the work of the written stage on one text.
type writtenWork struct {
	scan   *scan
	text   string
	pieces []piece
	buf    [longestRule + longestPiece]byte
	out    []finding

	// Of the words around a number.
	base       topicSet        // of the request: its context words
	muted      map[string]bool // words of context that the language has another meaning of
	fixed      bool            // the text is virtual: base is all there is
	near       topicSet
	sides      [2][nearSides]nearSide // before and behind, see around
	lastNumber int                    // where the last cluster ended
	lastStreet int                    // where the last address ended
	taken      []stretch              // dates and addresses of machines in the row
	refused    []refusal
	called     []call // phone numbers of the row that must be phones
	steps      int    // candidates looked at; tests count them
}

// cluster reads the row of pieces around the digit at i and gives where it ends.
// floor is where the last row ended.
func (w *writtenWork) cluster(i, floor int) int {
	text := w.text
	start := i
	for start > floor && isAlnum(text[start-1]) {
		start--
	}
	w.pieces = w.pieces[:0]
	w.leading(start, floor)
	at := start
	var sep sepSet
	if n := len(w.pieces); n > 0 {
		sep, _ = gap(text, w.pieces[n-1].end)
	}
	for {
		p := readPiece(text, at, sep)
		if p.digits == 0 && !w.letterPiece(p) {
			return w.end(floor)
		}
		w.pieces = append(w.pieces, p)
		if len(w.pieces) == mostPieces || p.end >= len(text) {
			return w.end(floor)
		}
		if sep, at = gap(text, p.end); sep == 0 {
			return w.end(floor)
		}
	}
}

// gap reads the signs between two pieces, which begin at i: one sign, or a sign
// or none with spaces around. It gives what they are and where the next piece
// begins; they are 0 where none follows.
func gap(text string, i int) (sep sepSet, next int) {
	for next = i; next < len(text) && next-i <= longestGap; next++ {
		b := text[next]
		if isAlnum(b) {
			return sep, next
		}
		one := sepOf(b)
		if b == ',' && next == i && commaBetween(text, i) {
			return comma | space, i + 2
		}
		if one == 0 || one != space && (sep&^space != 0 || sep != 0 && one != hyphen && one != slash) {
			break
		}
		if one == space && sep&^(space|hyphen|slash) != 0 {
			break // a sentence ends
		}
		sep |= one
	}
	return 0, i
}

// commaBetween tells whether the comma at i stands between groups of at least two
// digits each.
func commaBetween(text string, i int) bool {
	return i >= 2 && i+3 < len(text) && text[i+1] == ' ' && isDigit(text[i-1]) && isDigit(text[i-2]) && isDigit(text[i+2]) && isDigit(text[i+3])
}

// end gives where the row ends.
func (w *writtenWork) end(floor int) int {
	if n := len(w.pieces); n > 0 {
		return w.pieces[n-1].end
	}
	return floor
}

// letterPiece tells whether letters without digits may be part of a number. In
// lower case they are a word, if they are not few, or stand in an account's
// number, or before a group that is of letters and digits or long.
func (w *writtenWork) letterPiece(p piece) bool {
	n := p.end - p.start
	if n > longestLetter || glued(w.text, p.start, p.end) {
		return false
	}
	if !p.lower || n <= 2 {
		return true
	}
	if n <= 4 && len(w.pieces) > 0 {
		last := &w.pieces[len(w.pieces)-1]
		return last.digits == 0b1100 && last.end-last.start == 4
	}
	return n%3 == 0 && numberFollows(w.text, p.end)
}

// numberFollows tells whether behind the letters before at, and others like
// them, six digits stand, or a group with digits first that has letters too.
func numberFollows(text string, at int) bool {
	for range 2 {
		if at >= len(text) || text[at] != ' ' {
			return false
		}
		p := readPiece(text, at+1, 0)
		n := p.end - p.start
		if p.digits != 0 {
			return p.digits&1 != 0 && n >= 5 && (n == 6 && p.letters == 0 || n == 5 && p.letters != 0)
		}
		if n != 3 {
			return false
		}
		at = p.end
	}
	return false
}

// glued tells whether letters that are not ASCII touch the stretch.
func glued(text string, start, end int) bool {
	return start > 0 && text[start-1] >= 0x80 || end < len(text) && text[end] >= 0x80
}

// leading puts up to three pieces of letters that stand before start.
func (w *writtenWork) leading(start, floor int) {
	var found [3]piece
	n := 0
	for n < len(found) {
		end := gapBefore(w.text, start, floor)
		if end <= floor || !isLetter(w.text[end-1]) {
			break
		}
		from := end
		for from > floor && end-from <= longestLetter && isLetter(w.text[from-1]) {
			from--
		}
		if from > 0 && (isAlnum(w.text[from-1]) || w.text[from-1] == '@') {
			break
		}
		p := readPiece(w.text, from, 0)
		if p.end != end || !w.letterPiece(p) {
			break
		}
		found[n] = p
		n++
		start = from
	}
	for i := n - 1; i >= 0; i-- {
		p := found[i]
		if len(w.pieces) > 0 {
			p.sep, _ = gap(w.text, w.pieces[len(w.pieces)-1].end)
		}
		w.pieces = append(w.pieces, p)
	}
}

// gapBefore gives where the piece ends that stands before the signs before
// start, or floor where there is none.
func gapBefore(text string, start, floor int) int {
	for at := start - 1; at > floor && start-at <= longestGap; at-- {
		if isAlnum(text[at-1]) {
			if sep, next := gap(text, at); sep != 0 && next == start {
				return at
			}
			return floor
		}
	}
	return floor
}

// readPiece reads letters and digits from at on. A longer run than any number is
// cut, and begins no candidate.
func readPiece(text string, at int, sep sepSet) piece {
	p := piece{start: at, sep: sep, lower: true}
	i := at
	for i < len(text) && isAlnum(text[i]) {
		b := text[i]
		if n := i - at; n < longestPiece {
			if isDigit(b) {
				p.digits |= 1 << n
				p.lower = false
			} else {
				p.letters |= 1 << n
				p.lower = p.lower && b >= 'a'
			}
		}
		i++
	}
	p.end = i
	if p.digits == 0 && i-at > 2 && !p.lower && text[at+1] >= 'a' {
		p.lower = true // "Platz" is a word too
	}
	return p
}
