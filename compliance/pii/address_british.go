package pii

// britishTown takes a British post code with a town before it, and the street
// and the house that stand before the town without a number: "Rowan Cottage, Mill
// Lane, Ludlow SY8 1EG".
func (w *writtenWork) britishTown(at, end int) bool {
	if ukPostCodeAt(w.text, at) != end || at == 0 || w.text[at-1] != ' ' {
		return false
	}
	start, words, street, comma := at, 0, false, false
	for words < 9 {
		from, to := wordBefore(w.text, start, start-longestWord)
		if from == to || start-to > 2 || start-to == 2 && w.text[to:start] != ", " || !capital(w.text[from:]) {
			break
		}
		comma = comma || start-to == 2
		var buf [longestWord]byte
		street = street || comma && streetOf(plainWord(buf[:0], w.text[from:to]))&englishStreet != 0
		start = from
		words++
	}
	switch {
	case street && words > 2:
		w.place(finding{kind: Address, start: start, end: end, score: 0.8, rank: rankStrong, reason: "a street, a town and a post code"})
	case words > 0:
		w.put(finding{kind: PostCode, start: at, end: end, score: 0.5, rank: rankContext, reason: "a post code behind a town"})
	default:
		return false
	}
	return true
}
