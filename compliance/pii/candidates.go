package pii

import "unsafe"

// candidates looks at every row of pieces that could be one number.
func (w *writtenWork) candidates() {
	for i := range w.pieces {
		if w.joinedBefore(i) {
			continue
		}
		c := candidate{start: w.pieces[i].start}
		if p := &w.pieces[i]; p.digits == 0 {
			c.first = p.end - p.start
			c.label = c.first > 1 && namesNumber(w.text[p.start:p.end])
		}
		n := 0
		for j := i; j < len(w.pieces); j++ {
			p := &w.pieces[j]
			size := p.end - p.start
			if n+size > longestRule {
				break
			}
			if n > 0 {
				c.border |= 1 << n
				c.seps |= p.sep
			}
			for k := range size {
				b := w.text[p.start+k]
				if b >= 'a' {
					b -= 0x20
				}
				w.buf[n+k] = b
			}
			c.digits |= p.digits << n
			c.letters |= p.letters << n
			c.lower = c.lower || p.lower
			n += size
			c.end = p.end
			if n < 4 || c.digits == 0 || w.joinedBehind(j) {
				continue
			}
			c.crowded = w.digitsBeside(i, j)
			c.compact = unsafe.String(&w.buf[0], n)
			w.try(&c)
		}
	}
}

// namesNumber tells whether a word is one of those that stand before numbers.
func namesNumber(word string) bool {
	var buf [longestWord]byte
	var set topicSet
	contextWords.of(plainWord(buf[:0], word), &set)
	return set != topicSet{}
}

// joinedBefore tells whether the piece at i hangs on the digits before it by
// another sign than a space.
func (w *writtenWork) joinedBefore(i int) bool {
	p := &w.pieces[i]
	if p.start > 0 && w.text[p.start-1] >= 0x80 {
		return true
	}
	return i > 0 && p.sep&space == 0 && w.pieces[i-1].digits != 0 && p.digits != 0
}

func (w *writtenWork) joinedBehind(j int) bool {
	if end := w.pieces[j].end; end < len(w.text) && w.text[end] >= 0x80 {
		return true
	}
	return j+1 < len(w.pieces) && w.pieces[j+1].sep&space == 0 && w.pieces[j+1].digits != 0 && w.pieces[j].digits != 0
}

func (w *writtenWork) digitsBeside(i, j int) bool {
	return i > 0 && w.pieces[i].sep&comma == 0 && w.pieces[i-1].digits != 0 ||
		j+1 < len(w.pieces) && w.pieces[j+1].sep&comma == 0 && w.pieces[j+1].digits != 0
}

// try looks whether a rule knows the candidate.
func (w *writtenWork) try(c *candidate) {
	w.steps++
	s := w.scan
	table := byLength[len(c.compact)].any
	if c.letters == 0 {
		table = byLength[len(c.compact)].digits
	}
	for _, p := range table {
		if s.typed && !s.want.has(p.rule.number) {
			continue
		}
		if fit := p.matches(c); fit != noFit {
			w.judge(p.rule, c, fit)
		}
	}
}

// What tells rules of one form apart: words beside the number, words that are
// the rule's own, and where the call is.
const (
	weightOfWord  = 50
	weightOfOwn   = 200
	weightOfLocal = 100
	weightOfForm  = 20   // of groups that people write
	localScore    = 0.45 // of a number that only its check and the call's country speak for
)

// judge scores a candidate that has a rule's form.
func (w *writtenWork) judge(r *rule, c *candidate, fit fit) {
	s := w.scan
	asked := s.asked(r.kind)
	if r.home && !s.typed && !s.local(r.country) || r.bare && !s.typed && !asked && !w.around(c.start, c.end).has(r.own) {
		return
	}
	var near *topicSet
	hits := -1
	look := func() {
		if hits < 0 {
			near = w.around(c.start, c.end)
			hits = near.count(&r.seen)
		}
	}
	if fit == unusual || c.lower || c.first > 0 {
		if look(); !w.plausible(r, c, fit, hits > 0 || asked, asked || near.has(r.own) || r.land != 0 && near.has(r.land)) {
			return
		}
	}
	sure := false
	if r.verify != nil {
		value := c.compact
		if r.raw {
			value = w.text[c.start:c.end]
		}
		if !r.verify(value) {
			w.refuse(r, c)
			return
		}
		sure = true
	}
	look()
	if c.letters == 0 && hits == 0 && !asked && w.isCalled(c, r) {
		return
	}
	if r.about.has(aboutPlate) && w.travel(c, near) {
		return
	}
	if sure && r.land != 0 && near.has(r.land) {
		hits++ // "my Croatian number"
	}
	f := finding{kind: r.kind, start: c.start, end: c.end, score: r.score, rank: rankWeak, reason: "form"}
	own := r.words != "" && near.has(r.own)
	home := own || asked || s.local(r.country) || r.land != 0 && near.has(r.land)
	w.score(&f, r, c, near, evidence{sure: sure, asked: asked, own: own, home: home, hits: hits})
	if f.score < s.least {
		return
	}
	f.weight = int(100*r.score) + weightOfWord*hits
	if own || asked {
		f.weight += weightOfOwn
	}
	if s.local(r.country) {
		f.weight += weightOfLocal
	}
	if r.land != 0 && near.has(r.land) {
		f.weight += weightOfOwn
	}
	if fit == usual && c.border != 0 && r.groups != "" {
		f.weight += weightOfForm
	}
	f.score = min(f.score, 1)
	w.put(f)
}

// plausible tells whether a candidate that is grouped unusually, or holds
// letters that may be words, can be a number of the rule's. told: words beside it
// say something like it; named: they say just that, or it was asked for.
func (w *writtenWork) plausible(r *rule, c *candidate, fit fit, told, named bool) bool {
	s := w.scan
	if c.first > 0 && c.border>>c.first&1 != 0 {
		literal := len(r.literal) >= c.first && c.compact[:c.first] == r.literal[:c.first]
		switch {
		case c.label && !literal:
			return false
		case wordBeforeNumber(c.compact[:c.first]) && !((told || literal || s.typed) && w.upper(c)):
			return false
		}
	}
	switch {
	case r.verify == nil && c.lower && !(told && r.evident && r.form != nil) && !(r.about.has(aboutPlate) && w.near.has(aboutPlateName)):
		return false
	case r.anywhere:
		return true
	case fit == unusual:
		return named || s.typed && r.verify != nil || told && (r.words == "" || s.local(r.country))
	case c.lower:
		return told || r.verify != nil && c.seps&space == 0
	}
	return true
}

// travel tells whether a candidate for a plate is the number of a flight or a
// train, by its first letters or the words beside it.
func (w *writtenWork) travel(c *candidate, near *topicSet) bool {
	if c.start > 1 && w.text[c.start-1] == '-' && isAlnum(w.text[c.start-2]) {
		return true // it begins before
	}
	if near.has(aboutPlateName) {
		return false
	}
	n := 0
	for n < len(c.compact) && isLetter(c.compact[n]) {
		n++
	}
	return near.has(aboutFlight) || travelSigns[c.compact[:n]]
}

// travelSigns stand before the numbers of trains and of common airlines.
var travelSigns = streetWords(`ICE IC EC EN RE RB IRE S RJ RJX NJ TGV TER INOUI OUIGO AVE ALVIA AVLO FR FA FB REG RV EIC EIP TLK KM IR IRN THA EST EIL
	LH EW BA AF KL IB VY FR RK U2 LX OS LO AZ ITA SN SK DY AY TP EI W6 TO HV TK EK QR BT A3 UX SU DL UA AA AC`)

// upper tells whether the first piece of a candidate is in capitals, in a text
// that is not.
func (w *writtenWork) upper(c *candidate) bool {
	if !isUpper(w.text[c.start]) || !isUpper(w.text[c.start+c.first-1]) {
		return false
	}
	from, to := wordBefore(w.text, c.start, c.start-longestWord)
	return to-from <= 4 || !isUpper(w.text[to-1])
}

// evidence is what speaks for a candidate beside its form.
type evidence struct {
	sure, asked bool
	own         bool // the rule's own words stand beside it
	home        bool // they, the country's name, the question or the call's country speak for the rule
	hits        int
}

// score sets how sure a finding is, and why.
func (w *writtenWork) score(f *finding, r *rule, c *candidate, near *topicSet, e evidence) {
	s := w.scan
	switch {
	case e.sure && r.common && e.hits == 0 && !e.asked && !s.typed && (w.fixed || near.count(&naming) > 0):
		// One number in ten has a right check digit, and words say what this one is.
		f.score, f.source, f.reason = localScore, FromChecksum, "form and check digit, with words of another number"
	case e.sure && (!r.evident || r.about.has(aboutPassport)) && !s.typed && r.words != "" && !e.home && e.hits > 0:
		f.score, f.source, f.rank, f.reason = 0.6, FromChecksum, rankContext, "form, check digit and a word of any country's"
	case e.sure && (r.evident || s.typed || e.hits > 0 || e.asked):
		f.score, f.source, f.rank, f.reason = 1, FromChecksum, rankChecksum, "form and check digit"
		if !r.evident && e.hits == 0 && !e.asked {
			f.rank = rankStrong
		}
	case e.sure && s.local(r.country):
		f.score, f.source, f.reason = localScore, FromChecksum, "form and check digit, of the call's country"
	case e.sure:
		f.score = min(f.score, 0.3)
	case e.hits > 0 || e.asked:
		f.score = max(f.score+contextBonus, contextFloor)
		if !e.home && r.words != "" && r.about.has(aboutPassport) && s.request.Language != "" {
			f.score = contextFloor // of another country than the call's, which the word would say
		}
		f.source, f.rank, f.reason = FromContext, rankContext, "form and a word beside it"
		if e.hits == 0 {
			f.source, f.reason = FromExpectation, "form, and it was asked for"
		}
		if e.own {
			f.score += 0.1
		}
		if e.own || c.border != 0 && r.groups != "" {
			f.rank = rankStrong
		}
	case !r.evident && !s.typed:
		f.score = min(f.score, 0.3)
	default:
		f.rank = rankStrong
	}
}

// naming are the topics of numbers that words name.
var naming = topics(aboutPassport, aboutIdentity, aboutLicence, aboutLoyalty, aboutBooking, aboutPhone, aboutBank, aboutTax,
	aboutSocial, aboutHealth, aboutCompany, aboutPlate)
