package apaleo

import (
	"net/http"
	"time"
	_ "time/tzdata" // the property's zone must exist on any machine

	"github.com/voicehive/voicehive/connectors/pms"
)

// The property that the sandbox simulates.
const (
	PropertyID   = "BER"
	propertyName = "Aurora Berlin"
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
)

// Flexible names the flexible rate plan of a unit group: guaranteed until six
// in the evening, free to cancel until the day before.
func Flexible(unitGroup string) string { return unitGroup + "-FLEX" }

// NonRefundable names the cheaper rate plan of a unit group that is paid
// ahead and never given back.
func NonRefundable(unitGroup string) string { return unitGroup + "-NONREF" }

type unitGroup struct {
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

// catalogue builds the unit groups and their plans. The suites are few, so
// that races for the last one come naturally.
func catalogue(units map[string]int) ([]*unitGroup, []*ratePlan) {
	groups := []*unitGroup{
		{id: Single, code: "SGL", name: "Single", description: "A quiet room to the courtyard with one bed.", maxPersons: 1, rank: 1, units: 12, base: 95_00},
		{id: Double, code: "DBL", name: "Double", description: "A room with a double bed.", maxPersons: 2, rank: 2, units: 30, base: 129_00},
		{id: Family, code: "FAM", name: "Twin Family", description: "Two beds and a sofa bed for up to four.", maxPersons: 4, rank: 3, units: 8, base: 165_00},
		{id: Suite, code: "STE", name: "Suite", description: "Two rooms under the roof with a view of the river.", maxPersons: 4, rank: 4, units: 2, base: 289_00, cleaning: 30_00},
	}
	var plans []*ratePlan
	for _, g := range groups {
		if n, ok := units[g.id]; ok {
			g.units = n
		}
		plans = append(plans,
			&ratePlan{id: Flexible(g.id), code: "FLEX", name: "Flexible", description: "Free cancellation until 18:00 on the day before arrival.", group: g, guarantee: "PM6Hold", percent: 100},
			&ratePlan{id: NonRefundable(g.id), code: "NONREF", name: "Non-refundable", description: "Paid when booked, not given back.", group: g, guarantee: "Prepayment", percent: 85, prepaid: true})
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

// free counts the rooms of a group that can still be sold for a night.
func (s *Sandbox) free(g *unitGroup, night pms.Date) int {
	return g.units - s.sold[slot{g.id, night}]
}

// propertyCount is GET /inventory/v1/properties/$count.
func (s *Sandbox) propertyCount(*call) answer {
	return answer{status: http.StatusOK, body: map[string]any{"count": 1}}
}

// property is GET /inventory/v1/properties/{id}.
func (s *Sandbox) property(c *call) answer {
	if c.PathValue("id") != PropertyID {
		return status(http.StatusNotFound)
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"id": PropertyID, "code": PropertyID, "isTemplate": false,
		"name":                    map[string]string{"en": propertyName, "de": propertyName},
		"description":             map[string]string{"en": "A simulated hotel by the river.", "de": "Ein simuliertes Hotel am Fluss."},
		"companyName":             "Aurora Hotels Sandbox GmbH",
		"commercialRegisterEntry": "HRB 0 (simulated)",
		"taxId":                   "DE000000000",
		"location":                map[string]string{"addressLine1": "Sandkastenufer 1", "postalCode": "10179", "city": "Berlin", "countryCode": "DE"},
		"paymentTerms":            map[string]string{"en": "On departure", "de": "Bei Abreise"},
		"timeZone":                zoneName,
		"currencyCode":            currency,
		"created":                 "2020-01-01T10:00:00+01:00",
	}}
}

// unitGroups is GET /inventory/v1/unit-groups.
func (s *Sandbox) unitGroups(c *call) answer {
	q := c.URL.Query()
	var items []any
	for _, g := range s.groups {
		if id := q.Get("propertyId"); id != "" && id != PropertyID {
			continue
		}
		items = append(items, map[string]any{
			"id": g.id, "code": g.code, "name": g.name, "description": g.description,
			"memberCount": g.units, "maxPersons": g.maxPersons, "rank": g.rank,
			"property": embeddedProperty(true),
		})
	}
	return page(q, items, "unitGroups")
}

// ratePlans is GET /rateplan/v1/rate-plans. Its schema is known from clients
// of the vendor only.
func (s *Sandbox) ratePlans(c *call) answer {
	q := c.URL.Query()
	wanted := csv(q["unitGroupIds"])
	var items []any
	for _, p := range s.plans {
		if id := q.Get("propertyId"); (id != "" && id != PropertyID) || !within(wanted, p.group.id) {
			continue
		}
		items = append(items, map[string]any{
			"id": p.id, "code": p.code, "name": p.name, "description": p.description,
			"minGuaranteeType": p.guarantee, "priceCalculationMode": "Truncate",
			"property":            embeddedProperty(true),
			"unitGroup":           p.group.embedded(true),
			"cancellationPolicy":  map[string]string{"id": p.policyID(), "code": p.code, "name": p.policyName()},
			"noShowPolicy":        map[string]string{"id": p.policyID() + "-NS", "code": p.code, "name": "No-show"},
			"timeSliceDefinition": map[string]any{"id": PropertyID + "-NIGHT", "name": "Over night", "template": "OverNight", "checkInTime": "15:00:00", "checkOutTime": "11:00:00"},
			"channelCodes":        []string{"Direct", "Ibe", "ChannelManager"},
			"isBookable":          true, "isSubjectToCityTax": true, "isDerived": false, "derivationLevel": 0,
		})
	}
	return page(q, items, "ratePlans")
}

// availability is GET /availability/v1/unit-groups: one slice for each night.
// Its schema is known from clients of the vendor only.
func (s *Sandbox) availability(c *call) answer {
	q := c.URL.Query()
	if q.Get("propertyId") != PropertyID {
		return status(http.StatusNotFound)
	}
	from, _, err := s.moment(q.Get("from"), checkInHour)
	if err != nil {
		return refused("from: " + err.Error())
	}
	to, _, err := s.moment(q.Get("to"), checkOutHour)
	if err != nil {
		return refused("to: " + err.Error())
	}
	if nights := from.NightsUntil(to); nights < 1 || nights > horizon {
		return refused("The interval must hold between one night and 400 nights.")
	}
	var slices []any
	for night := from; night.Before(to); night = night.AddDays(1) {
		slices = append(slices, s.availableOn(night))
	}
	return page(q, slices, "timeSlices")
}

func (s *Sandbox) availableOn(night pms.Date) map[string]any {
	var groups []any
	var units, sold int
	for _, g := range s.groups {
		taken := s.sold[slot{g.id, night}]
		units, sold = units+g.units, sold+taken
		counts := occupancy(g.units, taken)
		counts["unitGroup"] = g.embedded(true)
		counts["availableCount"] = g.units - taken
		groups = append(groups, counts)
	}
	return map[string]any{
		"from": s.wireTime(night.At(checkInHour, 0, s.zone)), "to": s.wireTime(night.AddDays(1).At(checkOutHour, 0, s.zone)),
		"property": occupancy(units, sold), "unitGroups": groups,
	}
}

func occupancy(units, sold int) map[string]any {
	percent := 0.0
	if units > 0 {
		percent = float64(sold*10_000/units) / 100
	}
	return map[string]any{
		"physicalCount": units, "houseCount": units, "soldCount": sold, "occupancy": percent,
		"sellableCount": units - sold, "allowedOverbookingCount": 0,
		"maintenance": map[string]int{"outOfService": 0, "outOfOrder": 0, "outOfInventory": 0},
		"block":       map[string]int{"definite": 0, "tentative": 0, "optional": 0, "picked": 0, "remaining": 0},
	}
}

func embeddedProperty(full bool) map[string]any {
	if !full {
		return map[string]any{"id": PropertyID}
	}
	return map[string]any{"id": PropertyID, "code": PropertyID, "name": propertyName, "description": "A simulated hotel by the river."}
}

func (g *unitGroup) embedded(full bool) map[string]any {
	if !full {
		return map[string]any{"id": g.id}
	}
	return map[string]any{"id": g.id, "code": g.code, "name": g.name, "description": g.description}
}

// forOffer is the fuller form that offers carry.
func (g *unitGroup) forOffer() map[string]any {
	m := g.embedded(true)
	m["maxPersons"], m["rank"] = g.maxPersons, g.rank
	return m
}

func (p *ratePlan) embedded(full bool) map[string]any {
	if !full {
		return map[string]any{"id": p.id, "isSubjectToCityTax": true}
	}
	return map[string]any{"id": p.id, "code": p.code, "name": p.name, "description": p.description, "isSubjectToCityTax": true}
}
