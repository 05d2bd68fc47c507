package pms

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"

	"golang.org/x/text/currency"
)

// These do not quote their input, which may be anything.
var (
	errNotDecimal  = errors.New("pms: an amount of money must be a decimal number such as 120.50")
	errNotCurrency = errors.New("pms: a currency must be a code of ISO 4217 such as EUR")
)

// decimalNumber is the grammar of a JSON number with a bounded length. Without
// it big.Rat would also read fractions and hexadecimals, and an exponent such
// as 1e999999999 would eat all memory.
var decimalNumber = regexp.MustCompile(`^-?[0-9]{1,40}(\.[0-9]{1,80})?([eE][+-]?[0-9]{1,2})?$`)

// Money is an amount in the minor units of a currency: {12050, "EUR"} is
// 120.50 euros. Amounts of different currencies never mix.
type Money struct {
	Amount   int64  `json:"amount" doc:"Amount in minor units (cents)"`
	Currency string `json:"currency" doc:"ISO 4217 code" example:"EUR"`
}

// ParseMoney reads a decimal number such as 120.5 as an amount of the
// currency. It is exact: digits beyond the currency's minor unit are refused
// rather than rounded, unless they are zeros.
func ParseMoney(decimal, code string) (Money, error) {
	unit, scale, err := minorDigits(code)
	if err != nil {
		return Money{}, err
	}
	amount, err := parseDecimal(decimal)
	if err != nil {
		return Money{}, err
	}
	amount.Mul(amount, new(big.Rat).SetInt(pow10(scale)))
	if !amount.IsInt() || !amount.Num().IsInt64() {
		return Money{}, fmt.Errorf("pms: the amount does not fit the minor unit of %s", unit)
	}
	return Money{Amount: amount.Num().Int64(), Currency: unit}, nil
}

// RoundMoney reads a decimal number as ParseMoney does, but rounds half away
// from zero to the minor unit. It is for vendors that send binary fractions.
func RoundMoney(decimal, code string) (Money, error) {
	_, scale, err := minorDigits(code)
	if err != nil {
		return Money{}, err
	}
	amount, err := parseDecimal(decimal)
	if err != nil {
		return Money{}, err
	}
	// Of an absurd amount FloatString has more digits than the grammar
	// allows; ParseMoney then refuses it, as it should.
	return ParseMoney(amount.FloatString(scale), code)
}

// Decimal writes the amount with the currency's digits: 120.50.
func (m Money) Decimal() string {
	_, scale, err := minorDigits(m.Currency)
	if err != nil {
		scale = 2
	}
	return new(big.Rat).SetFrac(big.NewInt(m.Amount), pow10(scale)).FloatString(scale)
}

// String writes the amount for people: 120.50 EUR.
func (m Money) String() string { return m.Decimal() + " " + m.Currency }

// IsZero reports whether the amount is nothing, in any currency.
func (m Money) IsZero() bool { return m.Amount == 0 }

// Plus adds two amounts of one currency. An amount of nothing without a
// currency adds to any; other currencies panic, for adding them is a bug.
func (m Money) Plus(n Money) Money {
	switch {
	case m == Money{}:
		return n
	case n == Money{}:
		return m
	case m.Currency != n.Currency:
		panic("pms: adding " + n.Currency + " to " + m.Currency)
	}
	return Money{Amount: m.Amount + n.Amount, Currency: m.Currency}
}

// ValidCurrency reports whether code is a currency of ISO 4217.
func ValidCurrency(code string) bool {
	_, err := currency.ParseISO(code)
	return err == nil
}

// minorDigits returns the code in capitals, so that "eur" and "EUR" are one
// currency, and its number of decimal digits.
func minorDigits(code string) (string, int, error) {
	unit, err := currency.ParseISO(code)
	if err != nil {
		// The code is not quoted: it may come from outside.
		return "", 0, errNotCurrency
	}
	scale, _ := currency.Standard.Rounding(unit)
	return unit.String(), scale, nil
}

func parseDecimal(s string) (*big.Rat, error) {
	if !decimalNumber.MatchString(s) {
		return nil, errNotDecimal
	}
	amount, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, errNotDecimal
	}
	return amount, nil
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
