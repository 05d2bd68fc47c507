package pii

// refuse notes a number that words call one of the rule's and whose check digit
// is wrong: it is none of another country's either.
func (w *writtenWork) refuse(r *rule, c *candidate) {
	if r.words == "" || w.fixed || !w.around(c.start, c.end).has(r.own) {
		return
	}
	w.refused = append(w.refused, refusal{stretch{c.start, c.end}, r.kind, r.seen})
}

type refusal struct {
	stretch
	kind  Type
	about topicSet
}

// dropRefused takes out what rules without a check said of refused numbers.
func (w *writtenWork) dropRefused(from int) {
	if len(w.refused) == 0 {
		return
	}
	kept := w.out[:from]
	for _, f := range w.out[from:] {
		if f.source == FromContext && w.isRefused(f) {
			f.kind, f.score, f.reason = NumberSequence, contextFloor, "a number with a wrong check digit"
			if !w.scan.wants(NumberSequence) || w.scan.typed {
				continue
			}
		}
		kept = append(kept, f)
	}
	w.out, w.refused = kept, w.refused[:0]
}

func (w *writtenWork) isRefused(f finding) bool {
	at, ok := ruleTopics[f.kind]
	for _, r := range w.refused {
		if ok && r.kind != f.kind && r.start <= f.start && f.end <= r.end && at.count(&r.about) > 0 {
			return true
		}
	}
	return false
}

// ruleTopics are the topics of each type that has rules.
var ruleTopics = func() map[Type]*topicSet {
	all := map[Type]*topicSet{}
	for i := range rules {
		set := all[rules[i].kind]
		if set == nil {
			set = new(topicSet)
			all[rules[i].kind] = set
		}
		set.add(rules[i].about)
	}
	return all
}()

// wordBeforeNumber tells whether letters are a word that stands before numbers in
// a sentence rather than a part of the number.
func wordBeforeNumber(letters string) bool {
	switch letters {
	case "IS", "TO", "ON", "OF", "NR", "MY", "NO", "AM", "IM", "ES", "IN", "DE", "LA", "LE", "EL", "DU", "AU", "EN", "OP", "TE", "DO",
		"OD", "NA", "ID", "AT", "SE", "SI", "IT", "BE", "AN", "A", "Y", "E", "I", "O", "Z", "W", "U", "IL", "LO", "AL", "OR", "IF",
		"THE", "AND", "FOR", "DER", "DIE", "DAS", "DEM", "DEN", "UND", "IST", "VON", "BIS", "LES", "DES", "EST", "LOS", "LAS", "DEL",
		"CON", "PER", "NON", "HET", "EEN", "VAN", "JEST", "TEL", "NUM", "NUMER", "WITH", "FROM", "ROOM", "CODE":
		return true
	}
	return false
}
