package mapping

import (
	"encoding/json"

	"github.com/voicehive/voicehive/connectors/pms"
)

// An Amount is a number of JSON, or one within a string, that comes without its
// currency; the digits are kept as they were sent. Empty is none. Where the
// currency is the same for all hotels, ReadAmount gives the money at once.
type Amount string

// UnmarshalJSON reads a number, a string that is nothing but one, or null.
func (a *Amount) UnmarshalJSON(data []byte) error {
	text := string(data)
	if data[0] == '"' && json.Unmarshal(data, &text) != nil {
		return Wrong[Amount]("string")
	}
	if text == "null" && data[0] == 'n' {
		return nil
	}
	// Judged here, where the field is known. The currency is one with three
	// digits after the point, so what is too large for most is too large here.
	if _, err := pms.RoundMoney(text, "KWD"); err != nil {
		return Wrong[Amount](Kind(data) + " that is no amount")
	}
	*a = Amount(text)
	return nil
}

// Money is the amount in a currency, rounded as Decimal.Money does; none is no
// money at all.
func (a Amount) Money(currency string) (pms.Money, error) {
	if a == "" {
		return pms.Money{}, nil
	}
	return Decimal(a).Money(currency)
}

// A Day is a calendar day in the form 2026-12-24 and no other: a date-time is
// refused, for only its vendor knows in which zone it shows the day. It names
// its field when it cannot be read, which pms.Date does not. Empty and null are
// the zero Date.
type Day struct{ pms.Date }

// UnmarshalJSON reads such a string, "" or null.
func (d *Day) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return Wrong[Day](Kind(data))
	}
	if d.UnmarshalText([]byte(text)) != nil {
		return Wrong[Day]("string that is no calendar day")
	}
	return nil
}

// Ages are children's. None are nil when they are read and [] when they are
// written: in our words and in most vendors' that is the form of a stay without
// children, and one with other words for it would look changed.
type Ages []int

// UnmarshalJSON reads an array of whole numbers or null.
func (a *Ages) UnmarshalJSON(data []byte) error {
	var ages []int
	if json.Unmarshal(data, &ages) != nil {
		return Wrong[Ages](Kind(data) + " that is no list of ages")
	}
	*a = nil
	if len(ages) > 0 {
		*a = ages
	}
	return nil
}

// MarshalJSON writes an array.
func (a Ages) MarshalJSON() ([]byte, error) {
	return JSON(append([]int{}, a...)), nil
}
