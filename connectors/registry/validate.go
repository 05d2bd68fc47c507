package registry

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/connectors/pms"
)

// ErrInvalid is wrapped by every complaint about an entry.
var ErrInvalid = errors.New("registry: the hotel's entry is not valid")

// A FieldError says what is wrong with one field, by its name in the file. The
// value is not quoted.
type FieldError struct {
	Field   string
	Problem string
}

func (e *FieldError) Error() string { return e.Field + " " + e.Problem }

// Unwrap makes a FieldError an ErrInvalid.
func (e *FieldError) Unwrap() error { return ErrInvalid }

// maxItems bounds each list and map of an entry.
const maxItems = 64

var (
	idPattern          = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,62}$`)
	vendorPattern      = regexp.MustCompile(`^[a-z][a-z0-9]{1,31}$`)
	propertyPattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$`)
	endpointPattern    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	phonePattern       = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	credentialsPattern = regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`)
)

// Validate reports every field that is wrong, each as a *FieldError; nil when
// none is.
func (h Hotel) Validate() error {
	var v validation
	v.match("id", h.ID, idPattern, "must be 2 to 63 of a-z, 0-9 and -, and start with a letter or digit")
	v.check("id", h.ID != System && h.ID != audit.HouseTenant, "must not be "+h.ID+", which stands for all hotels")
	v.text("name", h.Name, 100)
	v.match("vendor", h.Vendor, vendorPattern, "must be a connector's name, such as apaleo")
	v.match("property", h.Property, propertyPattern, "must be the property's id at the vendor, 1 to 64 letters, digits and . _ : -")
	v.endpoints(h.Endpoints)
	v.check("time_zone", validZone(h.TimeZone), "must be an IANA time zone, such as Europe/Berlin")
	v.check("currency", pms.ValidCurrency(h.Currency) && h.Currency == strings.ToUpper(h.Currency), "must be a code of ISO 4217 in capitals, such as EUR")
	v.check("country", validCountry(h.Country), "must be a code of ISO 3166-1 alpha-2 in capitals, such as DE")
	v.languages(h.Languages)
	v.phoneLines(h.PhoneLines)
	v.check("credentials_ref", len(h.CredentialsRef) <= 128 && credentialsPattern.MatchString(h.CredentialsRef),
		"must name an entry of the credentials store: at most 128 of a-z and 0-9, parted by - . _ or /")
	validateAliases(&v, "mapping.room_types", h.Mapping.RoomTypes)
	validateAliases(&v, "mapping.rate_plans", h.Mapping.RatePlans)
	v.roles(h.Roles)
	v.messages(h.Messages)
	v.contact(h.Contact)
	return errors.Join(v...)
}

// A validation gathers complaints.
type validation []error

func (v *validation) check(field string, ok bool, problem string) {
	if !ok {
		*v = append(*v, &FieldError{Field: field, Problem: problem})
	}
}

// maxSubject bounds a subject, which an identity provider chooses.
const maxSubject = 500

func (v *validation) roles(roles map[string][]string) {
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		if !slices.Contains(RoleNames(), role) {
			v.check("roles", false, "may name "+strings.Join(RoleNames(), ", "))
			continue
		}
		field := "roles." + role
		v.check(field, len(roles[role]) <= maxItems, fmt.Sprintf("has more than %d people", maxItems))
		for i, subject := range roles[role] {
			v.text(fmt.Sprintf("%s[%d]", field, i), subject, maxSubject)
		}
	}
}

func (v *validation) match(field, value string, pattern *regexp.Regexp, problem string) {
	v.check(field, pattern.MatchString(value), problem)
}

// text accepts what can be shown to people: no control characters, no blanks
// around it.
func (v *validation) text(field, value string, most int) {
	ok := value != "" && utf8.ValidString(value) && utf8.RuneCountInString(value) <= most &&
		strings.TrimSpace(value) == value && !strings.ContainsFunc(value, unicode.IsControl)
	v.check(field, ok, fmt.Sprintf("must be 1 to %d characters without control characters or blanks around them", most))
}

func (v *validation) endpoints(endpoints map[string]string) {
	v.check("endpoints", len(endpoints) <= maxItems, fmt.Sprintf("must be at most %d", maxItems))
	for _, name := range slices.Sorted(maps.Keys(endpoints)) {
		if !endpointPattern.MatchString(name) {
			v.check("endpoints", false, "must have names of a-z, 0-9 and _")
			continue
		}
		v.check("endpoints."+name, validEndpoint(endpoints[name]),
			"must be an https URL without user, query or fragment (http for a loopback address only)")
	}
}

func (v *validation) languages(tags []string) {
	v.check("languages", len(tags) >= 1 && len(tags) <= maxItems, fmt.Sprintf("must be 1 to %d", maxItems))
	v.check("languages", !repeats(tags), "must not repeat one")
	for i, tag := range tags {
		parsed, err := language.Parse(tag)
		v.check(fmt.Sprintf("languages[%d]", i), err == nil && parsed != language.Und && parsed.String() == tag,
			"must be a BCP 47 tag in its usual form, such as de or pt-BR")
	}
}

func (v *validation) phoneLines(lines []string) {
	v.check("phone_lines", len(lines) <= maxItems, fmt.Sprintf("must be at most %d", maxItems))
	v.check("phone_lines", !repeats(lines), "must not repeat one")
	for i, line := range lines {
		v.match(fmt.Sprintf("phone_lines[%d]", i), line, phonePattern, "must be in E.164 form, such as +4930123456")
	}
}

// validateAliases wants keys as alias folds them, or no caller would find one.
func validateAliases[ID ~string](v *validation, field string, aliases map[string]ID) {
	v.check(field, len(aliases) <= maxItems, fmt.Sprintf("must be at most %d", maxItems))
	for _, name := range slices.Sorted(maps.Keys(aliases)) {
		v.text(field, name, 100)
		v.check(field, alias(name) == name, "must have names in lower case with single blanks")
		v.text(field, string(aliases[name]), 100)
	}
}

func repeats[S ~string](values []S) bool {
	sorted := slices.Sorted(slices.Values(values))
	return len(slices.Compact(sorted)) < len(values)
}

// validZone refuses "" and "Local", which LoadLocation would take for the
// server's own notion of time.
func validZone(name string) bool {
	if name == "" || name == "Local" || len(name) > 64 {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func validCountry(code string) bool {
	region, err := language.ParseRegion(code)
	return err == nil && len(code) == 2 && region.IsCountry() && region.String() == code
}

func validEndpoint(raw string) bool {
	if len(raw) > 512 {
		return false
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || u.User != nil ||
		u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
