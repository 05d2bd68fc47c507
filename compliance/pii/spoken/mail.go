package spoken

import (
	"slices"
	"strings"
)

// hesitation are sounds that say nothing; other fillers can be part of a name.
var hesitation = map[string]bool{
	"um": true, "uh": true, "er": true, "erm": true, "äh": true, "ähm": true, "hm": true, "euh": true, "eh": true, "ehm": true,
	"em": true, "yyy": true, "eee": true,
}

// mails finds spoken e-mail addresses: from the word for @ it reads the name to
// the left and the domain to the right.
func (r *Reader) mails() {
	from := 0
	for i := 1; i+1 < len(r.items); i++ {
		it := &r.items[i]
		if (it.text != "@" || it.role&(roleSign|rolePunct) == 0) && !(r.beside && r.atProvider(i)) {
			continue
		}
		if it.role&rolePunct != 0 && it.touches && r.items[i+1].touches && !r.is(i-1, rolePunct) {
			continue // it was written
		}
		if !r.dotAhead(i + 1) {
			continue
		}
		right, ok := r.domain(i + 1)
		if !ok && it.role&roleSign != 0 && !loose[it.fold] {
			right, ok = oddEnd(right)
		}
		bare := !ok && r.providerAlone(i+1)
		if bare {
			right = append(r.right[:0], r.plain(i+1))
		} else if !ok || it.fold == "at" && r.idle(right) {
			continue
		}
		left := r.local(i-1, from)
		if len(left) == 0 || bare && !r.plainlyMail(left, from) {
			continue
		}
		start := r.takenBack(left[0].item, from)
		left[0].start = min(left[0].start, start)
		at := element{text: "@", start: it.start, end: it.end, item: i, last: i, word: it.role&roleSign != 0}
		run := r.run(append(append(left, at), right...))
		if run.Words > 0 {
			run.Mail = true
			r.runs = append(r.runs, run)
		}
		from = right[len(right)-1].last + 1
		for j := left[0].item; j < from; j++ {
			r.items[j].role, r.items[j].text = rolePunct, "" // no part of another run
		}
		i = from - 1
	}
}

// loose are words for @ that say much else too.
var loose = map[string]bool{"at": true, "ät": true, "et": true, "chez": true}

// besides are the words that callers say for @ before a provider's name: "bei
// gmail punkt com".
var besides = map[string]bool{"chez": true, "bei": true, "en": true, "presso": true, "bij": true, "su": true, "na": true, "w": true, "auf": true}

// atProvider tells whether item i is such a word, with the provider and the end
// of its domain behind it.
func (r *Reader) atProvider(i int) bool {
	if !besides[r.items[i].fold] || i+3 >= len(r.items) || !providers[r.items[i+1].fold] {
		return false
	}
	return r.is(i+2, roleSign) && r.items[i+2].text == "." && topLevel[r.items[i+3].fold]
}

// oddEnd takes a domain with an ending that is none, as callers say it in their
// own language or a recogniser hears it: "punto vino". The word for @ must leave
// no doubt.
func oddEnd(right []element) ([]element, bool) {
	dot := -1
	for i := range right {
		if right[i].text == "." {
			dot = i
		}
	}
	if dot < 1 || dot+1 >= len(right) || right[dot+1].digits || len(right[dot+1].text) < 2 || len(right[dot+1].text) > longestEnding {
		return right, false
	}
	return right[:dot+2], true
}

// dotAhead tells whether a dot, or a domain that is said without, stands near
// enough behind item i to make a domain. It spares the reading of most words
// that only look like the sign, such as "at".
func (r *Reader) dotAhead(i int) bool {
	for words := 0; i < len(r.items) && words < mostWords; i++ {
		it := &r.items[i]
		switch {
		case it.text == "." && it.role&(roleSign|rolePunct) != 0, providers[it.fold]:
			return true
		case it.role&rolePunct != 0 && it.text != "," && it.text != "-":
			return false
		case it.role&(roleLetter|roleNumber|roleDigits|rolePunct) == 0:
			words++
		}
	}
	return false
}

// mostWords bounds the words of a domain's name and what is said between.
const mostWords = 8

// domain reads labels and dots from item i on.
func (r *Reader) domain(i int) ([]element, bool) {
	all, known := r.right[:0], false
	defer func() { r.right = all[:0] }()
	for labels := 0; labels < 6; labels++ {
		label, next, dot := r.label(i, labels > 0)
		if len(label) == 0 {
			break
		}
		known = labels > 0 && ending(label) || slices.ContainsFunc(label, func(e element) bool { return strings.Contains(e.text, ".") })
		all = append(all, label...)
		if !dot || known && r.ends(next) {
			break
		}
		d := element{text: ".", item: next, last: next, start: r.items[next].start, end: r.items[next].end, word: r.items[next].role&roleSign != 0}
		after, _, more := r.label(next+1, true)
		if known && !more && (len(after) == 0 || !ending(after)) {
			break // a sentence ends here
		}
		all = append(all, d)
		i = next + 1
	}
	return all, known
}

// idle tells whether what follows "at" is no domain but talk: "at this point in
// time", "at some point it is".
func (r *Reader) idle(right []element) bool {
	pointed := slices.ContainsFunc(right, func(e element) bool { return e.text == "." && r.items[e.item].fold == "point" })
	end := &right[len(right)-1]
	return pointed && (talk[r.items[right[0].item].fold] || r.language == 0 && (talk[end.text] || talk[r.items[end.item].fold]))
}

// talk are words that stand beside "point" in English, and ends of domain names
// too.
var talk = map[string]bool{
	"this": true, "that": true, "some": true, "any": true, "what": true, "which": true, "a": true, "the": true, "one": true, "no": true, "every": true,
	"in": true, "is": true, "it": true, "me": true, "be": true, "at": true, "us": true, "so": true, "to": true, "as": true, "my": true, "its": true,
}

// ends tells whether the dot at item i was written with a space behind it: a
// sentence ends there.
func (r *Reader) ends(i int) bool {
	return r.items[i].role&rolePunct != 0 && (i+1 >= len(r.items) || !r.items[i+1].touches)
}

// ending tells whether a label, with more behind it, is the end of a domain name.
func ending(label []element, more ...string) bool {
	var buf [longestEnding]byte
	text := buf[:0]
	for i := range label {
		if len(text)+len(label[i].text) > len(buf) {
			return false
		}
		text = append(text, label[i].text...)
	}
	for _, m := range more {
		if len(text)+len(m) > len(buf) {
			return false
		}
		text = append(text, m...)
	}
	return topLevel[string(text)]
}

// longestEnding bounds the ends of domain names that callers say.
const longestEnding = 16

// mostLabel bounds the parts of one label: a word has few, a spelled one many.
const mostLabel = 40

// label reads one label of a domain at item i. It tells where the label ends and
// whether a dot follows. A label of several words is one only where a dot
// follows, or a hyphen joins them.
func (r *Reader) label(i int, tail bool) (label []element, next int, dot bool) {
	r.elements = r.elements[:0]
	words, joined := 0, true
	label = r.labels[:0]
	defer func() { r.labels = label[:0] }()
	for i < len(r.items) && len(label) < mostLabel {
		it := &r.items[i]
		switch {
		case it.text == "." && it.role&roleSign != 0 && len(label) > 0 && r.is(i+1, roleSign) && r.items[i+1].text == ".":
			label, joined, i = append(label, r.plain(i)), false, i+1 // "spring point dot com"
			continue
		case it.text == "." && it.role&(roleSign|rolePunct) != 0:
			return label, i, len(label) > 0
		case (it.role&roleCase != 0 || hesitation[it.fold]) && it.role&(roleNumber|roleLetter) == 0 && len(label) == 0,
			it.role == rolePunct && it.text == "," && len(label) > 0 && len(label[len(label)-1].text) == 1 && r.is(i+1, roleLetter):
			i++
			continue
		case it.text == "-" && it.role&(roleSign|rolePunct) != 0 && len(label) > 0:
			label = append(label, r.sign(i))
			joined, i = true, i+1
			continue
		case it.role&rolePunct != 0:
			return r.whole(label), i, false
		}
		if tail && len(label) > 0 && len(label) < 8 && !joined && ending(label) && !r.topGrows(label, i) {
			return label, i, false
		}
		if e, k, ok := r.part(i); ok && e.text != "+" {
			label, i, joined = append(label, e), k, false
			continue
		}
		if words > 0 && !joined && words >= 4 {
			return r.whole(label), i, false
		}
		if !joined && len(label) == 1 && providers[label[0].text] && topLevel[it.fold] {
			d := element{text: ".", start: it.start, end: it.start, item: i, last: i}
			top := r.plain(i)
			return append(label, d, top), i + 1, false
		}
		label, joined = append(label, r.plain(i)), false
		words++
		i++
	}
	return r.whole(label), i, false
}

// topGrows tells whether the letter at i makes a longer known ending of label.
func (r *Reader) topGrows(label []element, i int) bool {
	if !r.is(i, roleLetter) || !single(r.items[i].fold) {
		return false
	}
	if ending(label, r.items[i].text) {
		return true
	}
	return i+1 < len(r.items) && ending(label, r.items[i].text, r.items[i+1].fold)
}

// whole cuts a label that no dot follows to what can be one: its first word, or
// the letters that were spelled.
func (r *Reader) whole(label []element) []element {
	for n := 1; n <= len(label) && n <= 6; n++ {
		if ending(label[:n]) && (n == len(label) || !ending(label[:n+1])) {
			return label[:n]
		}
	}
	return label
}

// sign makes an element of the sign at item i.
func (r *Reader) sign(i int) element {
	it := &r.items[i]
	return element{text: it.text, start: it.start, end: it.end, item: i, last: i, word: it.role&roleSign != 0}
}

// plain makes an element of the word at item i as it stands.
func (r *Reader) plain(i int) element {
	it := &r.items[i]
	return element{text: r.written(i), start: it.start, end: it.end, item: i, last: i, word: false}
}

// written gives the words of item i without spaces.
func (r *Reader) written(i int) string {
	end := len(r.tokens)
	if i+1 < len(r.items) {
		end = r.items[i+1].token
	}
	if end == r.items[i].token+1 {
		return r.items[i].fold
	}
	var b strings.Builder
	for t := r.items[i].token; t < end; t++ {
		if r.tokens[t].Kind != Punct {
			b.WriteString(r.tokens[t].Fold)
		}
	}
	return b.String()
}
