package notification

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/notify"
)

// idOf is the id of the message that tells of a version of a booking by a
// channel: the booking's moment, and a digest of the rest. Nobody can get from
// it to the booking.
func idOf(n Notice, channel notify.Channel) string {
	var id ulid.ULID
	if booking, err := ulid.ParseStrict(n.Booking); err == nil {
		copy(id[:6], booking[:6])
	}
	digest := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d/%s/%s", n.Hotel, n.Booking, n.Version, n.Kind, channel))
	copy(id[6:], digest[:])
	return id.String()
}

// address is the first channel that the guest can be reached by, and where;
// empty when there is none.
func address(g pms.Guest, country string, channels []notify.Channel) (notify.Channel, string) {
	for _, channel := range channels {
		switch channel {
		case notify.Email:
			to := strings.TrimSpace(g.Email)
			if _, err := notify.ParseEmail(to); err == nil {
				return channel, to
			}
		case notify.SMS:
			if to := mobile(g.Phone, country); to != "" {
				return channel, to
			}
		}
	}
	return "", ""
}

// Reach is by which of the channels, in their order, a guest of a hotel in a
// country can be written to, and where; empty when by none.
func Reach(g pms.Guest, country string, channels ...notify.Channel) (notify.Channel, string) {
	return address(g, country, channels)
}

// deaf are numbers that take no text messages, or that nobody's own phone has:
// writing to one costs money and reaches no guest.
var deaf = []phonenumbers.PhoneNumberType{
	phonenumbers.FIXED_LINE, phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST,
	phonenumbers.PAGER, phonenumbers.UAN, phonenumbers.VOICEMAIL,
}

// mobile is the number in E.164 form; empty for one that cannot be written to.
// A number without + is one of the hotel's country, where it was said.
func mobile(phone, country string) string {
	text := subjects.Phone(phone, country)
	number, err := phonenumbers.Parse(text, "")
	if err != nil || slices.Contains(deaf, phonenumbers.GetNumberType(number)) {
		return ""
	}
	if _, err := notify.ParsePhone(text); err != nil {
		return ""
	}
	return text
}

// dataOf is what a message of a kind says of a booking.
func dataOf(k letters.Kind, e ledger.Entry) letters.Data {
	reference := cmp.Or(e.Confirmation, e.VendorBooking)
	if k == letters.KindCancellation {
		fee, known := feeOf(e)
		return letters.Cancellation{Reference: reference, Arrival: e.Arrival, Departure: e.Departure, Fee: fee, FeeUnknown: !known}
	}
	b := letters.Booking{Reference: reference, Arrival: e.Arrival, Departure: e.Departure, Total: totalOf(e)}
	for _, s := range living(e) {
		b.Rooms = append(b.Rooms, line(cmp.Or(s.RoomType.Name, s.RoomType.Code, s.RoomType.ID)))
		b.Guests += s.Occupancy.Adults + len(s.Occupancy.ChildrenAges)
	}
	if k == letters.KindChange {
		return letters.Change{Booking: b}
	}
	return letters.Confirmation{Booking: b}
}

func living(e ledger.Entry) []pms.Stay {
	return slices.DeleteFunc(slices.Clone(e.Stays), func(s pms.Stay) bool { return s.Status == pms.StatusCancelled })
}

// maxRoom bounds a room's name in a letter, in characters.
const maxRoom = 100

// line makes one line of a name that a hotel's system gave.
func line(name string) string {
	text := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " "))
	return string(text[:min(len(text), maxRoom)])
}

// totalOf is what the guest pays: with everything on top where that is known of
// every room, else the rooms alone.
func totalOf(e ledger.Entry) pms.Money {
	var sum pms.Money
	for _, s := range living(e) {
		payable, known := payableOf(s)
		if !known || sum.Currency != "" && sum.Currency != payable.Currency {
			return e.Total
		}
		sum = sum.Plus(payable)
	}
	return cmp.Or(sum, e.Total)
}

// payableOf is what a stay costs with everything on top. A stay that was changed
// since the hotel's system told of it has a new price and what came on top of
// the old one: where the parts do not add up, nothing is known.
func payableOf(s pms.Stay) (payable pms.Money, known bool) {
	parts, err := mapping.Payable("charges", s.Total, s.Charges)
	if err != nil || s.PayableTotal.IsZero() {
		return pms.Money{}, false
	}
	for _, extra := range s.Extras {
		if extra.Price.Currency != parts.Currency {
			return pms.Money{}, false
		}
		parts.Amount += extra.Price.Amount * int64(extra.Count)
	}
	return s.PayableTotal, parts == s.PayableTotal
}

// feeOf is what the cancellation costs by the terms of each stay at the moment
// when it was recorded. A stay without terms makes it unknown: to say "none"
// could be a promise that the hotel never made.
func feeOf(e ledger.Entry) (fee pms.Money, known bool) {
	for _, s := range e.Stays {
		if s.Cancellation.Fee == (pms.Money{}) && s.CancellationFee == (pms.Money{}) {
			return pms.Money{}, false
		}
		charged := s.CancellationFee
		if charged.IsZero() {
			charged = mapping.FeeCharged(s, e.UpdatedAt)
		}
		if charged.IsZero() {
			continue
		}
		if fee.Currency != "" && fee.Currency != charged.Currency {
			return pms.Money{}, false
		}
		fee = fee.Plus(charged)
	}
	return fee, len(e.Stays) > 0
}
