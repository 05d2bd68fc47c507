package pii

import "strings"

// capitals looks at a run of capital letters and gives where it ends: bank codes
// and booking codes may hold no digit.
func (w *writtenWork) capitals(i int) int {
	text := w.text
	end := i
	for end < len(text) && isUpper(text[end]) {
		end++
	}
	n := end - i
	if n == 2 && end < len(text) && text[end] == '-' && i >= w.lastNumber {
		if at := hardware(text, i); at > 0 {
			w.machine(MAC, i, at)
			w.lastNumber = at
			return at
		}
	}
	if n < 5 {
		for end < len(text) && isLetter(text[end]) {
			end++
		}
		return end
	}
	if i > 0 && (isAlnum(text[i-1]) || text[i-1] >= 0x80) {
		return end
	}
	if end < len(text) && (isLetter(text[end]) || text[end] >= 0x80) {
		return end
	}
	w.bankCode(i, end)
	if n <= 8 && (end == len(text) || !isDigit(text[end])) {
		w.letterCode(i, end)
	}
	return end
}

// bankCode looks whether a run of capitals, and digits behind it, is a bank's
// code.
func (w *writtenWork) bankCode(start, end int) {
	text := w.text
	for end < len(text) && isAlnum(text[end]) && end-start < 12 {
		end++
	}
	n := end - start
	if n != 8 && n != 11 || end < len(text) && isAlnum(text[end]) || !w.scan.wants(BIC) {
		return
	}
	for k := start; k < start+6; k++ {
		if !isUpper(text[k]) {
			return
		}
	}
	if !strings.Contains(bankCountries, text[start+4:start+6]+" ") {
		return
	}
	f := finding{kind: BIC, start: start, end: end, score: 0.3, rank: rankWeak, reason: "the form of a bank's code"}
	if w.around(start, end).has(aboutBank) || w.accountBefore(start) {
		f.score, f.rank, f.source = 0.8, rankContext, FromContext
	} else if n == 11 && (strings.HasSuffix(text[start:end], "XXX") || strings.ContainsAny(text[start:end], "0123456789")) {
		f.score, f.rank = 0.5, rankStrong
	} else if w.scan.typed {
		f.score = contextFloor
	}
	w.put(f)
}

// accountBefore tells whether an account's number stands not far before at.
func (w *writtenWork) accountBefore(at int) bool {
	for i := len(w.out) - 1; i >= 0 && i >= len(w.out)-16; i-- {
		if f := &w.out[i]; f.kind == IBAN && f.end <= at && at-f.end <= cardReach {
			return true
		}
	}
	return false
}

const bankCountries = "AD AE AL AT AU BA BE BG BH BR CA CH CN CY CZ DE DK EE ES FI FO FR GB GE GI GR HK HR HU IE IL IN IS IT JE JP KR " +
	"LI LT LU LV MA MC MD ME MK MT MX NL NO NZ PL PT QA RO RS RU SA SE SG SI SK SM TN TR UA US VA XK ZA "

// letterCode looks whether a word in capitals is a booking's code: the word
// before it says so.
func (w *writtenWork) letterCode(start, end int) {
	if !w.scan.wants(BookingRef) || w.fixed {
		return
	}
	from, to := wordBefore(w.text, start, start-24)
	var buf [longestWord]byte
	word := plainWord(buf[:0], w.text[from:to])
	if copulas[string(word)] {
		from, to = wordBefore(w.text, from, from-24)
		word = plainWord(buf[:0], w.text[from:to])
	}
	var set topicSet
	contextWords.of(word, &set)
	if set.has(aboutBooking) || namesCode[string(word)] && w.around(start, end).has(aboutBooking) {
		if w.text[to-1] < 'a' {
			return // all is written in capitals
		}
		w.put(finding{kind: BookingRef, start: start, end: end, score: 0.7, rank: rankContext, source: FromContext, reason: "a code and a word that names it"})
	}
}

var (
	copulas   = map[string]bool{"is": true, "ist": true, "est": true, "es": true, "e": true, "to": true, "jest": true, "lautet": true}
	namesCode = map[string]bool{"code": true, "number": true, "nummer": true, "numero": true, "codigo": true, "codice": true, "numer": true, "kod": true}
)
