package rights

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/notify"
)

// settleReply decides where letters of a case go. What a code proved goes to
// the address that the code went to. Where people vouched it goes to the address
// on file: they saw who somebody is, and not whose an address is. The requester's
// own counts where none is on file, and for the receipt, which tells nothing of a
// guest.
func (a *Activities) settleReply(ctx context.Context, c rights.Case) error {
	if c.State.Final() {
		return nil
	}
	on, err := a.onFile(ctx, c)
	if err != nil {
		return err
	}
	reply, known := on.telling()
	switch {
	case c.Proof == rights.ByCode:
		reply, known = on.proving()
	case c.Proof == rights.ByPeople && len(on.all) > 0:
		// Where those on file differ, somebody tells the person by hand.
	default:
		given, told, err := a.given(ctx, c)
		if err != nil {
			return err
		}
		if told {
			given.Language = reply.Language
			reply, known = given, true
		}
	}
	if !known && c.Proof != rights.ByCode && c.Proof != rights.ByPeople {
		return nil
	}
	if _, err := letters.Choose([]string{c.Language}, nil); c.Language != "" && err == nil {
		reply.Language = c.Language
	}
	// One that nobody knows any more ends the one before: what the requester gave
	// is nothing that a code proved.
	return a.Cases.SetReply(ctx, c.Hotel, c.ID, reply)
}

// given is the address that the requester gave.
func (a *Activities) given(ctx context.Context, c rights.Case) (r rights.Reply, known bool, err error) {
	wish, err := a.Cases.Wish(ctx, c.Hotel, c.ID)
	if err != nil || wish.Contact == (rights.Contact{}) {
		return r, false, err
	}
	return a.reach(ctx, c.Hotel, pms.Guest{Email: wish.Contact.Email, Phone: wish.Contact.Phone})
}

const (
	// stood is how long before a request an address has to be on file for a code
	// to go there: whoever books in another's name can have theirs there at once.
	stood = 21 * 24 * time.Hour
	// mostLooked bounds the bookings that are looked at for an address.
	mostLooked = 200
)

// filed are the addresses that the house has of a person: those that were there
// long before the request, and all.
type filed struct{ old, all []rights.Reply }

// proving is where a code can go.
func (f filed) proving() (rights.Reply, bool) { return agreed(f.old) }

// telling is where letters can go that prove nothing.
func (f filed) telling() (rights.Reply, bool) {
	if len(f.old) > 0 {
		return agreed(f.old)
	}
	return agreed(f.all)
}

// agreed is the one address of all; where they are several, a person has to say
// which is right.
func agreed(all []rights.Reply) (r rights.Reply, known bool) {
	for _, one := range all {
		if known && (one.Channel != r.Channel || !strings.EqualFold(one.To, r.To)) {
			return rights.Reply{}, false
		}
		if !known || r.Language == "" {
			r, known = one, true
		}
	}
	return r, known
}

// onFile are the addresses that the house has of whom the case is about, the
// newest first.
func (a *Activities) onFile(ctx context.Context, c rights.Case) (f filed, err error) {
	p, err := a.Cases.People(ctx, c.Hotel, c.ID)
	if errors.Is(err, rights.ErrPeople) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	scopes := p.Scopes
	if len(scopes) == 0 {
		scopes, err = a.People.ScopesOf(ctx, c.Hotel, p.Subject)
		if errors.Is(err, subjects.ErrUnknownSubject) {
			return f, nil
		}
		if err != nil {
			return f, err
		}
	}
	if len(scopes) > mostLooked {
		return f, nil // nobody can tell whether all agree
	}
	scopes = slices.Sorted(slices.Values(scopes))
	slices.Reverse(scopes)
	for _, scope := range scopes {
		r, since, there, err := a.address(ctx, c.Hotel, scope)
		if err != nil {
			return f, err
		}
		if !there {
			continue
		}
		f.all = append(f.all, r)
		if since.Before(c.Clock.Received.Add(-stood)) {
			f.old = append(f.old, r)
		}
	}
	return f, nil
}

// address is how the guest of a booking can be written to, and since when that
// is on file.
func (a *Activities) address(ctx context.Context, hotel, scope string) (r rights.Reply, since time.Time, there bool, err error) {
	guest, there, err := a.guest(ctx, hotel, scope)
	if err != nil || !there {
		return r, since, false, err
	}
	if r, there, err = a.reach(ctx, hotel, guest); err != nil || !there {
		return r, since, false, err
	}
	r.OnFile = true
	entry, err := a.Bookings.Entry(ctx, hotel, scope)
	if errors.Is(err, ledger.ErrNotFound) {
		return r, since, false, nil
	}
	return r, entry.CreatedAt, err == nil, err
}

// reach is how a person can be written to at a hotel.
func (a *Activities) reach(ctx context.Context, hotel string, guest pms.Guest) (r rights.Reply, known bool, err error) {
	entry, err := a.Hotels.Hotel(ctx, hotel)
	if err != nil {
		return r, false, err
	}
	channel, to := notification.Reach(guest, entry.Country, notify.Email, notify.SMS)
	r = rights.Reply{Channel: string(channel), To: to}
	if _, err := letters.Choose([]string{guest.Language}, nil); guest.Language != "" && err == nil {
		r.Language = guest.Language
	}
	return r, to != "", nil
}

// guest opens the guest of a booking; there is none of a call, and none of what
// was erased.
func (a *Activities) guest(ctx context.Context, hotel, scope string) (guest pms.Guest, there bool, err error) {
	sealed, err := a.Bookings.Guest(ctx, hotel, scope)
	if errors.Is(err, ledger.ErrNotFound) {
		return guest, false, nil
	}
	if err != nil {
		return guest, false, err
	}
	plain, err := a.Keys.Open(ctx, keys.Scope{Tenant: hotel, ID: scope}, booking.SealPurpose, booking.PlaceGuest, sealed)
	if errors.Is(err, keys.ErrDestroyed) {
		return guest, false, nil
	}
	if err != nil {
		return guest, false, fmt.Errorf("rights: open the guest of a booking: %w", err)
	}
	defer clear(plain)
	if json.Unmarshal(plain, &guest) != nil {
		return guest, false, nil // of another form: a person has to look
	}
	return guest, true, nil
}
