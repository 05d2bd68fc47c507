package apaleo

import (
	"net/http"

	"github.com/voicehive/voicehive/connectors/pms"
)

// listProperties is GET /inventory/v1/properties.
func (s *Sandbox) listProperties(c *call) answer {
	items := make([]any, len(s.properties))
	for i, p := range s.properties {
		items[i] = map[string]any{
			"id": p.id, "code": p.id, "isTemplate": false, "name": p.name, "description": p.about,
			"location": p.location(), "timeZone": zoneName, "currencyCode": currency, "created": propertyCreated,
		}
	}
	return page(c.URL.Query(), items, "properties")
}

// propertyCount is GET /inventory/v1/properties/$count.
func (s *Sandbox) propertyCount(*call) answer {
	return answer{status: http.StatusOK, body: map[string]any{"count": len(s.properties)}}
}

const propertyCreated = "2020-01-01T10:00:00+01:00"

func (p *property) location() map[string]string {
	return map[string]string{"addressLine1": p.street, "postalCode": p.postalCode, "city": p.city, "countryCode": "DE"}
}

// readProperty is GET /inventory/v1/properties/{id}.
func (s *Sandbox) readProperty(c *call) answer {
	p := s.property(c.PathValue("id"))
	if p == nil {
		return status(http.StatusNotFound)
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"id": p.id, "code": p.id, "isTemplate": false,
		"name":                    map[string]string{"en": p.name, "de": p.name},
		"description":             map[string]string{"en": p.about, "de": p.aboutGerman},
		"companyName":             "Aurora Hotels Sandbox GmbH",
		"commercialRegisterEntry": "HRB 0 (simulated)",
		"taxId":                   "DE000000000",
		"location":                p.location(),
		"paymentTerms":            map[string]string{"en": "On departure", "de": "Bei Abreise"},
		"timeZone":                zoneName,
		"currencyCode":            currency,
		"created":                 propertyCreated,
	}}
}

// unitGroups is GET /inventory/v1/unit-groups.
func (s *Sandbox) unitGroups(c *call) answer {
	q := c.URL.Query()
	var items []any
	for _, g := range s.groups {
		if id := q.Get("propertyId"); id != "" && id != g.property.id {
			continue
		}
		items = append(items, map[string]any{
			"id": g.id, "code": g.code, "name": g.name, "description": g.description,
			"memberCount": g.units, "maxPersons": g.maxPersons, "rank": g.rank,
			"property": g.property.embedded(true),
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
		if id := q.Get("propertyId"); (id != "" && id != p.group.property.id) || !within(wanted, p.group.id) {
			continue
		}
		items = append(items, p.wire())
	}
	return page(q, items, "ratePlans")
}

func (p *ratePlan) wire() map[string]any {
	m := map[string]any{
		"id": p.id, "code": p.code, "name": p.name, "description": p.description,
		"minGuaranteeType": p.guarantee, "priceCalculationMode": "Truncate",
		"property":            p.group.property.embedded(true),
		"unitGroup":           p.group.embedded(true),
		"cancellationPolicy":  map[string]string{"id": p.policyID(), "code": p.code, "name": p.policyName()},
		"noShowPolicy":        map[string]string{"id": p.policyID() + "-NS", "code": p.code, "name": "No-show"},
		"timeSliceDefinition": map[string]any{"id": p.group.property.id + "-NIGHT", "name": "Over night", "template": "OverNight", "checkInTime": "15:00:00", "checkOutTime": "11:00:00"},
		"channelCodes":        []string{"Direct", "Ibe", "ChannelManager"},
		"isBookable":          true, "isSubjectToCityTax": !p.untaxed, "isDerived": false, "derivationLevel": 0,
	}
	if p.promo != "" {
		m["promoCodes"] = []string{p.promo}
	}
	if p.corporate != "" {
		m["companies"] = []any{map[string]string{"id": CompanyID, "corporateCode": p.corporate}}
	}
	return m
}

// availability is GET /availability/v1/unit-groups: one slice for each night.
// Its schema is known from clients of the vendor only.
func (s *Sandbox) availability(c *call) answer {
	q := c.URL.Query()
	house := s.property(q.Get("propertyId"))
	if house == nil {
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
		slices = append(slices, s.availableOn(house, night))
	}
	return page(q, slices, "timeSlices")
}

func (s *Sandbox) availableOn(house *property, night pms.Date) map[string]any {
	var groups []any
	var units, sold int
	for _, g := range s.groups {
		if g.property != house {
			continue
		}
		taken, here := s.sold[slot{g.id, night}], s.rooms(g, night)
		units, sold = units+here, sold+taken
		counts := occupancy(here, taken)
		counts["unitGroup"] = g.embedded(true)
		counts["availableCount"] = here - taken
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

// The forms in which other answers name these things; only ids unless full.

func (p *property) embedded(full bool) map[string]any {
	if !full {
		return map[string]any{"id": p.id}
	}
	return map[string]any{"id": p.id, "code": p.id, "name": p.name, "description": p.about}
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
	m := map[string]any{"id": p.id, "isSubjectToCityTax": !p.untaxed}
	if full {
		m["code"], m["name"], m["description"] = p.code, p.name, p.description
	}
	return m
}
