package auth

import (
	"regexp"
	"slices"

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
	// Subject is stable for one caller and fit for logs: a token's sub claim,
	// or "key:" and the id of an API key.
	Subject string
	Roles   []Role
	Hotels  []string
}

// Has reports whether the caller has one of the roles.
func (c Caller) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(c.Roles, r) })
}

// Serves reports whether the caller is bound to the hotel.
func (c Caller) Serves(hotel string) bool {
	return hotel != "" && hotel != AllHotels && slices.Contains(c.Hotels, hotel) ||
		c.Has(RoleAdmin) && slices.Contains(c.Hotels, AllHotels)
}

// BoundAt is the caller that a hotel's own entry makes of a subject: the roles
// that members, by role, give it there, and no other hotel.
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
