package apaleo

import (
	"math"
	"time"
	_ "time/tzdata" // the properties' zone must exist on any machine

	"github.com/voicehive/voicehive/connectors/pms"
)

// The properties of the simulated account. What is said of "the" property
// means Berlin; Munich is there so that an account holds more than one.
const (
	PropertyID = "BER"
	MunichID   = "MUC"
)

const (
	currency     = "EUR"
	zoneName     = "Europe/Berlin"
	checkInHour  = 15
	checkOutHour = 11
)

// Unit groups and rate plans of the sandbox. Each unit group has a flexible
// and a non-refundable plan, named <group>-FLEX and <group>-NONREF.
const (
	Single = PropertyID + "-SGL"
	Double = PropertyID + "-DBL"
	Family = PropertyID + "-FAM"
	Suite  = PropertyID + "-STE"

	MunichDouble = MunichID + "-DBL"
	MunichSuite  = MunichID + "-STE"
)

// Two more plans of the double room in Berlin. Each is offered only to those
// who send its code.
const (
	PromoPlan = Double + "-PROMO"
	PromoCode = "AURORA10"
	// CorporatePlan is for business stays, which pay no city tax.
	CorporatePlan = Double + "-CORP"
	CorporateCode = "SANDBOX-CORP"
	// CompanyID is the one company that the account knows.
	CompanyID = "VHSB-EXAMPLE"
)

// Flexible names the flexible rate plan of a unit group: guaranteed until six
// in the evening, free to cancel until the day before.
func Flexible(unitGroup string) string { return unitGroup + "-FLEX" }

// NonRefundable names the cheaper rate plan of a unit group that is paid
// ahead and never given back.
func NonRefundable(unitGroup string) string { return unitGroup + "-NONREF" }

// A property is one hotel of the account.
type property struct {
	id, name, about, aboutGerman string
	street, postalCode, city     string
	tax                          cityTax
}

// A cityTax is what a city takes on top of a stay; neither field set means
// that the property has none configured.
type cityTax struct {
	perMille int64 // of the net price of the nights
	perNight int64 // cents for each adult and night
}

func (t cityTax) configured() bool { return t != cityTax{} }

// of is the tax in cents for nights that cost lodging together.
func (t cityTax) of(lodging int64, nights, adults int) int64 {
	share := int64(math.Round(float64(reduced.net(lodging)) * float64(t.perMille) / 1000))
	return share + t.perNight*int64(nights*adults)
}

type unitGroup struct {
	property                    *property
	id, code, name, description string
	maxPersons, rank, units     int
	base                        int64 // cents for a night in mid-week, two persons
	cleaning                    int64 // cents, once per stay, on top of the total
}

type ratePlan struct {
	id, code, name, description string
	group                       *unitGroup
	guarantee                   string
	percent                     int64 // of the unit group's base price
	prepaid                     bool
	untaxed                     bool   // not subject to city tax
	promo, corporate            string // offered to those who send this code
}

// taxed reports whether stays at the plan pay a city tax.
func (p *ratePlan) taxed() bool { return !p.untaxed && p.group.property.tax.configured() }

// open reports whether the plan is offered to somebody with these codes. That
// codes are compared exactly, and that plans without a code are offered beside
// those with it, is unconfirmed.
func (p *ratePlan) open(promo, corporate string) bool {
	return (p.promo == "" || p.promo == promo) && (p.corporate == "" || p.corporate == corporate)
}

// A slot is one unit group for one night.
type slot struct {
	group string
	night pms.Date
}

func berlin() *time.Location {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return time.FixedZone(zoneName, 3600) // cannot happen: tzdata is linked in
	}
	return zone
}

// houses are the properties: a tax on the price in Berlin, one by head and
// night in Munich.
func houses() []*property {
	return []*property{
		{
			id: PropertyID, name: "Aurora Berlin", about: "A simulated hotel by the river.", aboutGerman: "Ein simuliertes Hotel am Fluss.",
			street: "Sandkastenufer 1", postalCode: "10179", city: "Berlin", tax: cityTax{perMille: 75},
		},
		{
			id: MunichID, name: "Aurora Munich", about: "A simulated hotel by the park.", aboutGerman: "Ein simuliertes Hotel am Park.",
			street: "Sandkastenplatz 2", postalCode: "80331", city: "München", tax: cityTax{perNight: 3_00},
		},
	}
}

// catalogue builds the unit groups and their plans. The suites are few, so
// that races for the last one come naturally.
func catalogue(all []*property, units map[string]int) ([]*unitGroup, []*ratePlan) {
	ber, muc := all[0], all[1]
	groups := []*unitGroup{
		{property: ber, id: Single, code: "SGL", name: "Single", description: "A quiet room to the courtyard with one bed.", maxPersons: 1, rank: 1, units: 12, base: 95_00},
		{property: ber, id: Double, code: "DBL", name: "Double", description: "A room with a double bed.", maxPersons: 2, rank: 2, units: 30, base: 129_00},
		{property: ber, id: Family, code: "FAM", name: "Twin Family", description: "Two beds and a sofa bed for up to four.", maxPersons: 4, rank: 3, units: 8, base: 165_00},
		{property: ber, id: Suite, code: "STE", name: "Suite", description: "Two rooms under the roof with a view of the river.", maxPersons: 4, rank: 4, units: 2, base: 289_00, cleaning: 30_00},
		{property: muc, id: MunichDouble, code: "DBL", name: "Double", description: "A room with a double bed and a view of the park.", maxPersons: 2, rank: 1, units: 10, base: 149_00},
		{property: muc, id: MunichSuite, code: "STE", name: "Suite", description: "Two rooms and a balcony.", maxPersons: 4, rank: 2, units: 3, base: 310_00},
	}
	var plans []*ratePlan
	for _, g := range groups {
		if n, ok := units[g.id]; ok {
			g.units = n
		}
		plans = append(plans,
			&ratePlan{id: Flexible(g.id), code: "FLEX", name: "Flexible", description: "Free cancellation until 18:00 on the day before arrival.", group: g, guarantee: "PM6Hold", percent: 100},
			&ratePlan{id: NonRefundable(g.id), code: "NONREF", name: "Non-refundable", description: "Paid when booked, not given back.", group: g, guarantee: "Prepayment", percent: 85, prepaid: true})
		if g.id == Double {
			plans = append(plans,
				&ratePlan{id: PromoPlan, code: "PROMO", name: "Aurora Club", description: "Ten percent off for members.", group: g, guarantee: "CreditCard", percent: 90, promo: PromoCode},
				&ratePlan{id: CorporatePlan, code: "CORP", name: "Corporate", description: "For companies with a contract.", group: g, guarantee: "Company", percent: 80, untaxed: true, corporate: CorporateCode})
		}
	}
	return groups, plans
}

func (s *Sandbox) plan(id string) *ratePlan {
	for _, p := range s.plans {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (s *Sandbox) group(id string) *unitGroup {
	for _, g := range s.groups {
		if g.id == id {
			return g
		}
	}
	return nil
}

func (s *Sandbox) property(id string) *property {
	for _, p := range s.properties {
		if p.id == id {
			return p
		}
	}
	return nil
}

// rooms counts the rooms of a group on a night, sold and free.
func (s *Sandbox) rooms(g *unitGroup, night pms.Date) int {
	if n, ok := s.limits[slot{g.id, night}]; ok {
		return n
	}
	return g.units
}

// free counts the rooms of a group that can still be sold for a night.
func (s *Sandbox) free(g *unitGroup, night pms.Date) int {
	return s.rooms(g, night) - s.sold[slot{g.id, night}]
}
