package auth

import (
	"regexp"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/starter"
)

// A Role is what a caller may do, at the hotels it is bound to.
type Role string

// The roles.
const (
	RoleAgent      Role = "agent"      // a call session: looks up, books, changes, cancels
	RoleCompliance Role = "compliance" // an officer: data-subject requests, consents, audit
	RoleOps        Role = "ops"        // operations: sees that things work, and no guest
	RoleAdmin      Role = "admin"      // may act for every hotel when bound to AllHotels
)

// AllHotels in Caller.Hotels stands for every hotel. It counts for admins only.
const AllHotels = "*"

// Roles are all of them.
func Roles() []Role { return []Role{RoleAgent, RoleCompliance, RoleOps, RoleAdmin} }

// A Caller is somebody who proved who they are.
type Caller struct {
	// Subject is who it is: stable for one caller, never that of another, and
	// fit for logs. It is what Actor makes of a token's issuer and sub, or
	// "key:" and the id of an API key.
	Subject string
	Roles   []Role
	Hotels  []string
	// Machine tells that a program has the token for itself.
	Machine bool
}

// Person reports whether somebody signed in, and not a program with a key or a
// token of its own.
func (c Caller) Person() bool { return !c.Machine && !strings.HasPrefix(c.Subject, keyActor) }

// Has reports whether the caller has one of the roles.
func (c Caller) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(c.Roles, r) })
}

// Serves reports whether the caller is bound to the hotel.
func (c Caller) Serves(hotel string) bool {
	return hotel != "" && hotel != AllHotels && slices.Contains(c.Hotels, hotel) ||
		c.Has(RoleAdmin) && slices.Contains(c.Hotels, AllHotels)
}

// keyActor begins the Subject of an API key.
const keyActor = "key:"

// Actor is the Subject of a token: two issuers may give two people the same
// sub, so the issuer is a part of it. No issuer holds a #, and none begins
// like a key does, so it can be read in one way only.
func Actor(issuer, sub string) string { return issuer + "#" + sub }

// Members are the lists of a hotel's entry, role by role, with each person as
// Caller.Subject has them; unclear counts those that cannot be told.
//
// An entry names an API key by "key:" and its id, and a person as Actor writes
// it. Where one issuer alone is trusted, a person's sub will do; where several
// are, it would be anybody's whose provider gives it out, so it binds nobody.
func Members(entry map[string][]string, issuers []Issuer) (members map[string][]string, unclear int) {
	members = make(map[string][]string, len(entry))
	for role, names := range entry {
		for _, name := range names {
			switch {
			case strings.HasPrefix(name, keyActor) || isActor(name):
			case len(issuers) == 1:
				name = Actor(issuers[0].URL, name)
			default:
				unclear++
				continue
			}
			members[role] = append(members[role], name)
		}
	}
	return members, unclear
}

// isActor tells whether a name is of the form that Actor writes.
func isActor(name string) bool {
	issuer, _, ok := strings.Cut(name, "#")
	return ok && (strings.HasPrefix(issuer, "https://") || strings.HasPrefix(issuer, "http://"))
}

// BoundAt is the caller that a hotel's own entry makes of a subject: the roles
// that members, by role, give it there, and no other hotel. Members makes them.
func BoundAt(subject, hotel string, members map[string][]string) Caller {
	c := Caller{Subject: subject, Hotels: []string{hotel}}
	for _, role := range Roles() {
		if slices.Contains(members[string(role)], subject) {
			c.Roles = append(c.Roles, role)
		}
	}
	return c
}

// Authorize returns nil when the caller has one of the roles and is bound to
// the hotel, and else a *starter.Problem of kind starter.Forbidden. It does
// not look whether the hotel exists, so the answer tells nothing about that.
func Authorize(c Caller, hotel string, roles ...Role) error {
	if !c.Has(roles...) {
		return starter.Forbidden.With("This needs a role that the token or key does not have.")
	}
	if !c.Serves(hotel) {
		return starter.Forbidden.With("The token or key is not for this hotel.")
	}
	return nil
}

// hotelPattern is the form of a hotel's id, as the registry has it.
var hotelPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,62}$`)

// known keeps the roles of names that there are, each once.
func known(names []string) []Role {
	var roles []Role
	for _, role := range Roles() {
		if slices.Contains(names, string(role)) {
			roles = append(roles, role)
		}
	}
	return roles
}
