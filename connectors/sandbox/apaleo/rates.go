package apaleo

import (
	"fmt"
	"math"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Prices are whole cents; the wire has numbers with two decimals.
const (
	extraPerson = 25_00 // cents a night for each person beyond two
)

// A vat is a tax that is part of a price.
type vat struct {
	kind    string // as the vendor spells it
	percent int64
}

// The taxes of the simulated country: lodging and breakfast pay the reduced
// one, other services the normal one, a city tax none.
var (
	reduced = vat{"Reduced", 7}
	normal  = vat{"Normal", 19}
	without = vat{"Without", 0}
)

// net takes the tax out of a gross price.
func (v vat) net(gross int64) int64 {
	return int64(math.Round(float64(gross) * 100 / float64(100+v.percent)))
}

// A Restriction narrows what can be sold. RatePlan "" means every plan.
type Restriction struct {
	RatePlan        string
	From, To        pms.Date // nights or arrivals from From until before To
	MinNights       int      // for stays that arrive then
	ClosedToArrival bool
	Closed          bool // nothing that sleeps there then can be sold
}

// DefaultRestrictions are those of a sandbox in its first two years: no
// arrivals on 25 December, two nights at least over New Year, and two nights
// at least at the family room's non-refundable plan on every arrival in the
// week after New Year.
func DefaultRestrictions(today pms.Date) []Restriction {
	var all []Restriction
	year := today.At(12, 0, time.UTC).Year()
	for y := year; y <= year+2; y++ {
		christmas, eve := pms.NewDate(y, time.December, 25), pms.NewDate(y, time.December, 31)
		all = append(all,
			Restriction{From: christmas, To: christmas.AddDays(1), ClosedToArrival: true},
			Restriction{From: eve, To: eve.AddDays(1), MinNights: 2},
			Restriction{RatePlan: NonRefundable(Family), From: eve.AddDays(1), To: eve.AddDays(8), MinNights: 2},
		)
	}
	return all
}

// nightly is the price of one night.
func (p *ratePlan) nightly(night pms.Date, persons int) int64 {
	price := p.group.base
	switch night.Weekday() {
	case time.Friday, time.Saturday:
		price = price * 120 / 100
	case time.Sunday:
		price = price * 90 / 100
	}
	return price*p.percent/100 + personSurcharge(persons)
}

func personSurcharge(persons int) int64 { return int64(max(0, persons-2)) * extraPerson }

// A violation is why an offer cannot be booked, with the vendor's code.
type violation struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// violations lists what forbids sleeping at the plan from arrival to
// departure; free rooms are counted apart from this.
func (s *Sandbox) violations(p *ratePlan, arrival, departure pms.Date, persons int) []violation {
	var found []violation
	if persons > p.group.maxPersons {
		found = append(found, violation{"UnitGroupCapacityExceeded", fmt.Sprintf("The unit group takes %d persons at most.", p.group.maxPersons)})
	}
	if departure.After(s.today().AddDays(horizon)) {
		found = append(found, violation{"RatesNotSet", "No rates are set for part of the stay."})
	}
	nights := arrival.NightsUntil(departure)
	for _, r := range s.restrictions {
		if r.RatePlan != "" && r.RatePlan != p.id {
			continue
		}
		arrives := !arrival.Before(r.From) && arrival.Before(r.To)
		if arrives && nights < r.MinNights {
			found = append(found, violation{"RateRestrictionsViolated", fmt.Sprintf("The minimum length of stay is %d nights.", r.MinNights)})
		}
		if arrives && r.ClosedToArrival {
			found = append(found, violation{"RateRestrictionsViolated", "The rate is closed on arrival."})
		}
		if r.Closed && arrival.Before(r.To) && r.From.Before(departure) {
			found = append(found, violation{"RateRestrictionsViolated", "The rate is closed."})
		}
	}
	return found
}

// terms are what cancelling and not showing up cost.
type terms struct {
	due            time.Time
	cancel, noShow int64
}

// terms of a stay. A non-refundable fee is due from the moment of booking.
func (s *Sandbox) terms(p *ratePlan, arrival pms.Date, total int64, booked time.Time) terms {
	if p.prepaid {
		return terms{due: booked, cancel: total, noShow: total}
	}
	fee := total * 80 / 100
	return terms{due: arrival.AddDays(-1).At(18, 0, s.zone), cancel: fee, noShow: fee}
}

func (p *ratePlan) policyID() string { return p.group.property.id + "-" + p.code }

func (p *ratePlan) policyName() string {
	if p.prepaid {
		return "Not refundable"
	}
	return "Free until 18:00 the day before"
}

// fees are the cancellation and no-show parts of an offer; a reservation has
// the policies' ids too.
func (s *Sandbox) fees(p *ratePlan, t terms, withID bool) (cancellation, noShow map[string]any) {
	cancellation = map[string]any{
		"code": p.code, "name": p.policyName(), "description": p.description,
		"dueDateTime": s.wireTime(t.due), "fee": money(t.cancel),
	}
	noShow = map[string]any{
		"code": p.code, "name": "No-show", "description": "Due when the guest does not come.", "fee": money(t.noShow),
	}
	if withID {
		cancellation["id"], noShow["id"] = p.policyID(), p.policyID()+"-NS"
	}
	return cancellation, noShow
}

// Wire forms of money.

type moneyValue struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency"`
}

func money(cents int64) moneyValue {
	return moneyValue{Amount: float64(cents) / 100, Currency: currency}
}

// cents reads an amount that a client sent; false when it is not the
// property's currency, negative or beyond reason.
func (m moneyValue) cents() (int64, bool) {
	if m.Currency != currency || m.Amount < 0 || m.Amount > 1e7 {
		return 0, false
	}
	return int64(math.Round(m.Amount * 100)), true
}

// amount is a price with the tax in it.
func (v vat) amount(gross int64) map[string]any {
	return map[string]any{
		"grossAmount": float64(gross) / 100, "netAmount": float64(v.net(gross)) / 100,
		"vatType": v.kind, "vatPercent": float64(v.percent), "currency": currency,
	}
}

// details are the net and tax of what was taxed so.
func (v vat) details(gross int64) map[string]any {
	return map[string]any{
		"vatType": v.kind, "vatPercent": float64(v.percent),
		"net": money(v.net(gross)), "tax": money(gross - v.net(gross)),
	}
}
