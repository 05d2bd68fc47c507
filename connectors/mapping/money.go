package mapping

import (
	"encoding/json"
	"slices"

	"github.com/voicehive/voicehive/connectors/pms"
)

// ReadMoney reads an object that has an amount and its currency; the amount is
// the first of some fields that is there. Null and an empty object are no money
// at all.
func ReadMoney(data []byte, into *pms.Money, currency string, amounts ...string) error {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return Wrong[pms.Money](Kind(data))
	}
	var code string
	if fields[currency] != nil && json.Unmarshal(fields[currency], &code) != nil {
		return Wrong[string](Kind(fields[currency]))
	}
	var amount Decimal
	for _, name := range amounts {
		if amount == "" && fields[name] != nil {
			if err := json.Unmarshal(fields[name], &amount); err != nil {
				return err
			}
		}
	}
	money, err := amount.Money(code)
	*into = money
	return err
}

// ReadAmount reads an Amount of a currency that is known beforehand. It is all
// that the UnmarshalJSON of such a price needs, of a vendor with one currency.
func ReadAmount(data []byte, into *pms.Money, currency string) error {
	var amount Amount
	err := amount.UnmarshalJSON(data)
	if err == nil {
		*into, err = amount.Money(currency)
	}
	return err
}

// Sum adds amounts of one currency. Amounts of several are Malformed in field:
// a vendor that mixes them has sent nonsense, and adding would panic.
func Sum(field string, amounts ...pms.Money) (pms.Money, error) {
	var total pms.Money
	for _, m := range amounts {
		if total.Currency != "" && m.Currency != "" && m.Currency != total.Currency {
			return pms.Money{}, Malformed(field)
		}
		total = total.Plus(m)
	}
	return total, nil
}

// Payable is a total with the charges that it does not include.
func Payable(field string, total pms.Money, charges []pms.Charge) (pms.Money, error) {
	amounts := []pms.Money{total}
	for _, c := range charges {
		if !c.Included {
			amounts = append(amounts, c.Amount)
		}
	}
	return Sum(field, amounts...)
}

// Charges joins lists of charges and leaves out those of nothing.
func Charges(lists ...[]pms.Charge) []pms.Charge {
	return slices.DeleteFunc(slices.Concat(lists...), func(c pms.Charge) bool { return c.Amount.IsZero() })
}

// Rest is a whole without its parts; field as for Sum.
func Rest(field string, whole pms.Money, parts ...pms.Money) (pms.Money, error) {
	amounts := []pms.Money{whole}
	for _, part := range parts {
		part.Amount = -part.Amount
		amounts = append(amounts, part)
	}
	return Sum(field, amounts...)
}

// OneOf is the price of one of count alike. A price that cannot be divided is
// rounded up, so that nobody is told too little.
func OneOf(total pms.Money, count int) pms.Money {
	if count > 1 {
		n := int64(count)
		rest := total.Amount % n
		total.Amount /= n
		if rest > 0 {
			total.Amount++
		}
	}
	return total
}
