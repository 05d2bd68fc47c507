package evaluation

import "fmt"

// Bounds are what a detector must reach.
type Bounds struct {
	// Least shares of values found, of 1.
	Checksum, Identifier, Phone, PhoneSpoken, EmailSpoken, KnownName, Introduced float64
	// NamePrecision is the least share of the reported unknown names that are names.
	NamePrecision float64
	// Masked is the least share of personal letters and digits that are masked.
	Masked float64
	// WrongMaskings is the most of them in 1,000 words.
	WrongMaskings float64
	// InvalidHits is the most invalid numbers that are reported with their type.
	InvalidHits int
}

// Numbers are the bounds that the house has set itself.
var Numbers = Bounds{
	Checksum: 1, Identifier: 0.98, Phone: 0.99, PhoneSpoken: 0.97, EmailSpoken: 0.95,
	KnownName: 1, Introduced: 0.90, NamePrecision: 0.95,
	Masked: 0.995, WrongMaskings: 1, InvalidHits: 0,
}

// Check lists what is below its bound over all languages; nothing if all holds.
func Check(r Result, b Bounds) []string {
	var below []string
	least := func(what string, c Count, bound float64) {
		if c.Share() < bound {
			below = append(below, fmt.Sprintf("%s: %d of %d (%.1f %%), the bound is %.1f %%", what, c.Found, c.Total, 100*c.Share(), 100*bound))
		}
	}
	least("values with a checksum, written", r.Of(groupChecksum), b.Checksum)
	least("values with a checksum or a fixed form, written or spoken",
		r.Of(groupChecksum).plus(r.Of(groupFormat)).plus(r.Of(groupIdentifier)), b.Identifier)
	least("phones, written", r.Of(groupPhone), b.Phone)
	least("phones, spoken", r.Of(groupPhoneSpoken), b.PhoneSpoken)
	least("e-mails, spoken", r.Of(groupEmailSpoken), b.EmailSpoken)
	least("names that the call knew", r.Of(groupKnownName), b.KnownName)
	least("names introduced in the turn", r.Of(groupIntroduced), b.Introduced)
	least("reported names that are names", sum(r.Names), b.NamePrecision)
	least("personal letters and digits masked", sum(r.Masked), b.Masked)
	if rate := r.WrongRate(); rate > b.WrongMaskings {
		below = append(below, fmt.Sprintf("wrong maskings: %.2f in 1,000 words, the bound is %.2f", rate, b.WrongMaskings))
	}
	if hits := total(r.InvalidHits); hits > b.InvalidHits {
		below = append(below, fmt.Sprintf("invalid numbers reported with their type: %d, the bound is %d", hits, b.InvalidHits))
	}
	return below
}

// Of gives a group's count over all languages.
func (r Result) Of(group string) Count {
	var all Count
	for key, count := range r.Recall {
		if key.Group == group {
			all = all.plus(count)
		}
	}
	return all
}

// WrongRate is the wrong maskings in 1,000 words.
func (r Result) WrongRate() float64 {
	words := total(r.Words)
	if words == 0 {
		return 0
	}
	return 1000 * float64(total(r.WrongMaskings)) / float64(words)
}

func (c Count) plus(d Count) Count { return Count{c.Found + d.Found, c.Total + d.Total} }

func sum(counts map[string]Count) Count {
	var all Count
	for _, count := range counts {
		all = all.plus(count)
	}
	return all
}

func total(counts map[string]int) int {
	all := 0
	for _, count := range counts {
		all += count
	}
	return all
}
