package pii

import (
	"strings"

	"github.com/voicehive/voicehive/compliance/pii/numbers"
)

// longestRule bounds the letters and digits of what a rule can match.
const longestRule = 36

// A rule is one written form of one type of number: where letters and digits
// stand, how they may be grouped, which words stand beside it, and its check.
type rule struct {
	kind Type
	// shape says what stands where, groups by spaces: "d9" nine digits, "l2" two
	// letters, "a3" three of either, "=DE" these very signs. A bar parts
	// alternatives.
	shape string
	// seps are the signs that may stand between groups: all of them the same or
	// not. Empty allows none.
	seps string
	// groups are the lengths of groups that people write, such as "3-3-4", by
	// spaces. Empty allows any.
	groups string
	// check names an entity of package numbers.
	check string
	// form is what shape cannot say. It gets letters and digits only.
	form func(string) bool
	// score is what the form is worth without a check and without context.
	score float64
	// evident forms are reported in an untyped request without context too, once
	// their check agrees, or, where they have none, at their score.
	evident bool
	about   topicSet
	words   string // of this rule only, as in topicWords
	country string // of two letters, or empty
	// apart rules are nothing without signs between their groups.
	apart bool
	// loose rules match any grouping where no other digits stand beside it.
	loose bool
	// anywhere rules match in the middle of other groups too: their check is strong.
	anywhere bool
	raw      bool // verify gets the text as it is written
	// common rules have a form that other numbers have too, and one check digit:
	// words of another number beside it say more.
	common bool
	// home rules are for the call's own country only: elsewhere the form means
	// something else.
	home bool
	// bare rules are forms without the country's code, which say nothing by
	// themselves: they are for requests of their type and beside their own words.
	bare bool

	verify func(string) bool
	own    topic
	land   topic // its country's, or 0
	number int   // of kind, in allTypes
	seen   topicSet
	// literal is what the shape begins with.
	literal string
}

// A pattern is one alternative of a rule's shape.
type pattern struct {
	rule    *rule
	length  int
	digits  uint64 // places that must be digits
	letters uint64 // places that must be letters
	literal string
	at      int
	borders []uint64 // allowed places of separators; nil allows any
	seps    sepSet
}

// sepSet is a set of the signs that can stand between groups.
type sepSet uint8

const (
	space sepSet = 1 << iota
	hyphen
	fullStop
	slash
	underscore
	plus
	comma // with a space behind: speech written down has it between groups
)

func sepOf(b byte) sepSet {
	switch b {
	case ' ':
		return space
	case '-':
		return hyphen
	case '.':
		return fullStop
	case '/':
		return slash
	case '_':
		return underscore
	case '+':
		return plus
	}
	return 0
}

// anySep are the signs that people put between groups, whatever is usual.
const anySep = space | hyphen | fullStop | slash | comma

var rules = func() []rule {
	var all []rule
	for _, list := range [...][]rule{
		paymentRules, germanRules, britishRules, frenchRules, spanishRules, italianRules, polishRules, lowCountryRules,
		nordicRules, easternRules, southernRules, bareRules, plateRules, postCodeRules,
	} {
		all = append(all, list...)
	}
	for i := range all {
		r := &all[i]
		r.own = ownTopics + topic(len(countryWords)+i)
		r.seen = r.about
		if r.words != "" {
			r.seen.put(r.own)
		}
		for n, c := range countryWords {
			if c.country == r.country {
				r.land = ownTopics + topic(n)
			}
		}
		if r.check != "" {
			if r.verify = numbers.Checker(r.check); r.verify == nil {
				panic("pii: no check named " + r.check)
			}
		}
	}
	return all
}()

// byLength are the patterns of all rules by their letters and digits: those that
// digits alone can have, and all.
var byLength = func() (table [longestRule + 1]struct{ digits, any []*pattern }) {
	for i := range rules {
		r := &rules[i]
		r.number = typeNumber(r.kind)
		for shape := range strings.SplitSeq(r.shape, "|") {
			p := readShape(shape)
			p.rule = r
			for b := range len(r.seps) {
				p.seps |= sepOf(r.seps[b])
			}
			if r.groups != "" {
				p.borders = readGroups(r.groups, p.length)
			}
			if p.at == 0 {
				r.literal = p.literal
			}
			t := &table[p.length]
			t.any = append(t.any, &p)
			if p.letters == 0 && onlyDigits(p.literal) {
				t.digits = append(t.digits, &p)
			}
		}
	}
	return table
}()

// readShape reads one alternative of a shape.
func readShape(shape string) pattern {
	var p pattern
	for part := range strings.FieldsSeq(shape) {
		if part[0] == '=' {
			p.literal, p.at = part[1:], p.length
			p.length += len(p.literal)
			continue
		}
		count := 0
		for i := 1; i < len(part); i++ {
			count = count*10 + int(part[i]-'0')
		}
		for range count {
			switch part[0] {
			case 'd':
				p.digits |= 1 << p.length
			case 'l':
				p.letters |= 1 << p.length
			case 'a':
			default:
				panic("pii: shape " + shape)
			}
			p.length++
		}
	}
	return p
}

// readGroups gives the places of separators that the groups say. One sum of
// lengths must be the pattern's: groups of its other alternatives are left out.
func readGroups(groups string, length int) []uint64 {
	borders := []uint64{}
	for g := range strings.FieldsSeq(groups) {
		at, border := 0, uint64(0)
		for n := range strings.SplitSeq(g, "-") {
			if at > 0 {
				border |= 1 << at
			}
			for i := range len(n) {
				if i == 0 {
					at += int(n[i] - '0')
				} else {
					at += 9*int(n[0]-'0') + int(n[i]-'0')
				}
			}
		}
		if at == length {
			borders = append(borders, border)
		}
	}
	return borders
}

// fit is how well a candidate has a pattern's form.
type fit uint8

const (
	noFit   fit = iota
	usual       // grouped as people do
	unusual     // grouped otherwise: words must say what it is
)

// matches tells whether the candidate has the pattern's form.
func (p *pattern) matches(c *candidate) fit {
	if c.digits&p.digits != p.digits || c.letters&p.letters != p.letters {
		return noFit
	}
	if p.literal != "" && c.compact[p.at:p.at+len(p.literal)] != p.literal {
		return noFit
	}
	r, how := p.rule, usual
	if c.border == 0 {
		if r.apart || c.crowded && !r.anywhere && p.length < shortestAlone {
			return noFit
		}
	} else {
		seps := c.seps
		if r.loose || r.anywhere {
			seps &^= comma
		}
		known := p.borders == nil && !c.crowded || r.anywhere || has(p.borders, c.border)
		if seps&^p.seps != 0 || !known && !(r.loose && !c.crowded) {
			if c.crowded || c.seps&^anySep != 0 || r.apart || p.length < shortestAlone {
				return noFit
			}
			how = unusual
		}
	}
	if r.form != nil && !r.form(c.compact) {
		return noFit
	}
	return how
}

func has(list []uint64, v uint64) bool {
	for _, l := range list {
		if l == v {
			return true
		}
	}
	return false
}
