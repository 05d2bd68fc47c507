package registry

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// System is the tenant of work that belongs to no hotel, such as looking after
// all of them. No hotel can have this id.
const System = "voicehive"

// A Hotel is one entry of the registry.
type Hotel struct {
	// ID is our own name for the hotel and the tenant of everything it has:
	// lower-case letters, digits and hyphens.
	ID string `yaml:"id" json:"id"`
	// Name is what people call it.
	Name string `yaml:"name" json:"name"`
	// Vendor names the connector, Property the hotel at that vendor.
	Vendor   string `yaml:"vendor" json:"vendor"`
	Property string `yaml:"property" json:"property"`
	// Endpoints are base URLs by the names that the connector gives them, such
	// as api and identity. Without one the vendor's public host is meant.
	Endpoints map[string]string `yaml:"endpoints" json:"endpoints,omitempty"`
	// TimeZone is an IANA name, Currency a code of ISO 4217, Country of ISO
	// 3166-1 alpha-2.
	TimeZone string `yaml:"time_zone" json:"time_zone"`
	Currency string `yaml:"currency" json:"currency"`
	Country  string `yaml:"country" json:"country"`
	// Languages are BCP 47 tags that the hotel's callers are served in, the
	// first one first.
	Languages []string `yaml:"languages" json:"languages"`
	// PhoneLines are the hotel's own numbers in E.164 form.
	PhoneLines []string `yaml:"phone_lines" json:"phone_lines,omitempty"`
	// CredentialsRef names the entry in the credentials store.
	CredentialsRef string  `yaml:"credentials_ref" json:"credentials_ref"`
	Mapping        Mapping `yaml:"mapping" json:"mapping,omitzero"`
	// Messages says what VoiceHive sends to guests, Contact what letters tell
	// of how to reach the hotel.
	Messages Messages `yaml:"messages" json:"messages,omitzero"`
	Contact  Contact  `yaml:"contact" json:"contact,omitzero"`
	// Roles binds people to roles at this hotel, by role: as issuer#sub, or by the
	// sub alone where one identity provider is trusted; API keys as key:id. They
	// add to what a token says.
	Roles map[string][]string `yaml:"roles" json:"roles,omitempty"`
	// UpdatedAt is when the registry last saved the entry; zero in a file.
	UpdatedAt time.Time `yaml:"-" json:"updated_at,omitzero"`
}

// A Mapping translates what callers say into the vendor's ids. Its keys are
// lower case.
type Mapping struct {
	RoomTypes map[string]pms.RoomTypeID `yaml:"room_types" json:"room_types,omitempty"`
	RatePlans map[string]pms.RatePlanID `yaml:"rate_plans" json:"rate_plans,omitempty"`
}

// RoomType finds the room type that a caller's word means.
func (m Mapping) RoomType(spoken string) (pms.RoomTypeID, bool) {
	id, ok := m.RoomTypes[alias(spoken)]
	return id, ok
}

// RatePlan finds the rate plan that a caller's word means.
func (m Mapping) RatePlan(spoken string) (pms.RatePlanID, bool) {
	id, ok := m.RatePlans[alias(spoken)]
	return id, ok
}

// alias folds a spoken name to the form of a mapping's keys.
func alias(spoken string) string {
	return strings.ToLower(strings.Join(strings.Fields(spoken), " "))
}

// Location is the hotel's time zone. It fails only where the system's zone
// data is older than the entry.
func (h Hotel) Location() (*time.Location, error) {
	zone, err := time.LoadLocation(h.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("registry: hotel %s: this system does not know its time zone; update its zone data: %w", h.ID, err)
	}
	return zone, nil
}

// Today is the calendar day at the hotel at the moment now.
func (h Hotel) Today(now time.Time) (pms.Date, error) {
	zone, err := h.Location()
	if err != nil {
		return pms.Date{}, err
	}
	return pms.DateOf(now.In(zone)), nil
}

// Language is the one to speak before the caller has shown another.
func (h Hotel) Language() string {
	if len(h.Languages) == 0 {
		return "en"
	}
	return h.Languages[0]
}

// RoleNames are the roles that an entry can bind people to. What they allow is
// for package starter/auth to say.
func RoleNames() []string { return []string{"agent", "compliance", "ops", "admin"} }

// clone shares nothing with h, so that a cached entry stays as it is.
func (h Hotel) clone() Hotel {
	h.Endpoints = maps.Clone(h.Endpoints)
	h.Languages = slices.Clone(h.Languages)
	h.PhoneLines = slices.Clone(h.PhoneLines)
	h.Mapping.RoomTypes = maps.Clone(h.Mapping.RoomTypes)
	h.Mapping.RatePlans = maps.Clone(h.Mapping.RatePlans)
	h.Roles = maps.Clone(h.Roles)
	for role, people := range h.Roles {
		h.Roles[role] = slices.Clone(people)
	}
	return h
}
