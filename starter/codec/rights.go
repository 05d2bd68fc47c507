package codec

import (
	"context"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// A right is what a caller may do with the payloads of a hotel.
type right int

const (
	none right = iota
	look       // sees that there is something, and whether it is erased
	read       // sees what it is
)

// rights are a caller's, hotel by hotel, found out once a request.
type rights struct {
	server *server
	caller auth.Caller
	at     map[string]standing
}

// standing is a right and the role that gives it.
type standing struct {
	right right
	role  auth.Role
}

// maxHotels bounds the hotels of one request: a page is about one.
const maxHotels = 20

// admit refuses who has no right at any of the hotels that the payloads name.
// Payloads that name none tell nothing, but are for the same people.
func (r *rights) admit(ctx context.Context, payloads []*commonpb.Payload) error {
	hotels := map[string]bool{}
	for _, p := range payloads {
		if hotel := hotelOf(temporal.KeyID(p)); hotel != "" {
			hotels[hotel] = true
		}
		if len(hotels) > maxHotels {
			return starter.TooLarge.With(fmt.Sprintf("A request has payloads of at most %d hotels; ask for fewer at once.", maxHotels))
		}
	}
	entitled := len(hotels) == 0 && r.caller.Has(auth.RoleCompliance, auth.RoleOps, auth.RoleAdmin)
	for hotel := range hotels {
		entitled = entitled || r.standing(ctx, hotel).right > none
	}
	if !entitled {
		return starter.Forbidden.With("This needs the role compliance, ops or admin at the hotel whose payloads these are.")
	}
	return nil
}

// standing is what the caller is at a hotel.
func (r *rights) standing(ctx context.Context, hotel string) standing {
	if known, ok := r.at[hotel]; ok || hotel == "" {
		return known
	}
	found := of(r.caller, hotel)
	if found.right != read && r.server.Members != nil {
		// A registry that does not answer allows nothing more than the token does.
		members, err := r.server.Members(ctx, hotel)
		if err != nil {
			r.server.Logger.WarnContext(ctx, "the roles in a hotel's entry cannot be read", "hotel", hotel, "error", err)
		} else if bound := of(auth.BoundAt(r.caller.Subject, hotel, members), hotel); bound.right > found.right {
			found = bound
		}
	}
	r.at[hotel] = found
	return found
}

// of reads the roles. An administrator administers, and reads no guest's data.
func of(c auth.Caller, hotel string) standing {
	for _, role := range []auth.Role{auth.RoleCompliance, auth.RoleOps, auth.RoleAdmin} {
		if auth.Authorize(c, hotel, role) != nil {
			continue
		}
		if role == auth.RoleCompliance {
			return standing{read, role}
		}
		return standing{look, role}
	}
	return standing{}
}

// hotelOf reads the hotel from a key's id; "" when it has none. A forged id
// gives rights at most at a hotel where the payload then does not open.
func hotelOf(keyID string) string {
	id, err := keys.ParseID(keyID)
	if err != nil {
		return ""
	}
	return id.Tenant
}
