package mapping

import "github.com/voicehive/voicehive/connectors/pms"

// CheckEdit refuses a guest or companion without a name.
func CheckEdit(r pms.EditRequest) error {
	if r.Guest != nil && r.Guest.LastName == "" {
		return Invalid("guest.last_name", "the guest's last name is required")
	}
	for _, companion := range r.Companions {
		if companion.LastName == "" {
			return Invalid("companions.last_name", "each companion's last name is required")
		}
	}
	return nil
}

// CheckExtra refuses to add nothing.
func CheckExtra(r pms.ExtraRequest) error {
	switch {
	case r.Extra.ID == "":
		return Invalid("extra.id", "name an extra from the list of them")
	case r.Count < 1:
		return Invalid("count", "at least one can be added")
	}
	return nil
}

// CheckGuest refuses a guest who lives nowhere, where a vendor keeps guests
// within bookings only, and one without a name.
func CheckGuest(g pms.Guest) error {
	switch {
	case g.ID == "":
		return &pms.Error{Kind: pms.ErrUnsupported, Field: "guest.id", Detail: "guests live within bookings only; a new one comes with a booking"}
	case g.LastName == "":
		return Invalid("guest.last_name", "the guest's last name is required")
	}
	return nil
}
