package registry

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A Finding is a difference between an entry and what the vendor says.
type Finding struct {
	Field  string `json:"field"`  // by its name in the file
	Ours   string `json:"ours"`   // what the entry says
	Theirs string `json:"theirs"` // what the vendor says; empty when it knows no such thing
}

// String tells the finding in one line.
func (f Finding) String() string {
	if f.Theirs == "" {
		return fmt.Sprintf("%s: the hotel system does not know %q", f.Field, f.Ours)
	}
	return fmt.Sprintf("%s: the registry says %q, the hotel system says %q", f.Field, f.Ours, f.Theirs)
}

// Check compares an entry with the vendor's catalogue: none is found when they
// agree. What the vendor does not tell, be it by an empty list, is not compared.
func Check(hotel Hotel, catalog pms.Catalog) []Finding {
	var findings []Finding
	compare := func(field, ours, theirs string) {
		if theirs != "" && !strings.EqualFold(ours, theirs) {
			findings = append(findings, Finding{Field: field, Ours: ours, Theirs: theirs})
		}
	}
	if hotel.Property != catalog.Property.Code {
		compare("property", hotel.Property, catalog.Property.ID)
	}
	compare("time_zone", hotel.TimeZone, catalog.TimeZone)
	compare("currency", hotel.Currency, catalog.Currency)
	compare("country", hotel.Country, catalog.Country)

	ratePlans := make([]pms.Named, len(catalog.RatePlans))
	for i, plan := range catalog.RatePlans {
		ratePlans[i] = plan.Named
	}
	findings = append(findings, unknown("mapping.room_types", hotel.Mapping.RoomTypes, catalog.RoomTypes)...)
	return append(findings, unknown("mapping.rate_plans", hotel.Mapping.RatePlans, ratePlans)...)
}

// unknown finds the ids that the vendor does not have. Where a code stands for
// the id, the finding tells the id.
func unknown[ID ~string](field string, aliases map[string]ID, known []pms.Named) []Finding {
	if len(known) == 0 {
		return nil // not told: no hotel sells nothing
	}
	var findings []Finding
	for _, name := range slices.Sorted(maps.Keys(aliases)) {
		ours := string(aliases[name])
		if slices.ContainsFunc(known, func(k pms.Named) bool { return k.ID == ours }) {
			continue
		}
		finding := Finding{Field: field + "." + name, Ours: ours}
		if i := slices.IndexFunc(known, func(k pms.Named) bool { return k.Code == ours }); i >= 0 {
			finding.Theirs = known[i].ID
		}
		findings = append(findings, finding)
	}
	return findings
}
