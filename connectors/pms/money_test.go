package pms_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/connectors/pms"
)

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		decimal, currency string
		want              pms.Money
	}{
		{"120.5", "EUR", pms.Money{Amount: 12050, Currency: "EUR"}},
		{"120.500", "EUR", pms.Money{Amount: 12050, Currency: "EUR"}},
		{"-0.01", "EUR", pms.Money{Amount: -1, Currency: "EUR"}},
		{"1.2e2", "EUR", pms.Money{Amount: 12000, Currency: "EUR"}},
		{"5000", "JPY", pms.Money{Amount: 5000, Currency: "JPY"}},
		{"1.234", "KWD", pms.Money{Amount: 1234, Currency: "KWD"}},
		{"7", "eur", pms.Money{Amount: 700, Currency: "EUR"}},
	} {
		got, err := pms.ParseMoney(test.decimal, test.currency)
		require.NoError(t, err, test.decimal)
		require.Equal(t, test.want, got)
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ decimal, currency string }{
		{"", "EUR"}, {"1/3", "EUR"}, {"0x10", "EUR"}, {"1_000", "EUR"}, {"NaN", "EUR"}, {"Inf", "EUR"},
		{" 1", "EUR"}, {"1,50", "EUR"}, {".5", "EUR"}, {"+1", "EUR"}, {"1e999999999", "EUR"}, {"1e-999999999", "EUR"},
		{"0.001", "EUR"}, {"1.5", "JPY"}, {"99999999999999999999", "EUR"}, {"1", "EURO"}, {"1", ""},
	} {
		_, err := pms.ParseMoney(test.decimal, test.currency)
		require.Error(t, err, "%s %s", test.decimal, test.currency)
	}
}

func TestRoundMoneyRoundsHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	for decimal, want := range map[string]int64{
		"0.30000000000000004": 30, "119.99999999999999": 12000, "1.005": 101, "-1.005": -101,
		"0.004": 0, "-0.004": 0, "2.5e-1": 25, "214": 21400,
	} {
		got, err := pms.RoundMoney(decimal, "EUR")
		require.NoError(t, err, decimal)
		require.Equal(t, want, got.Amount, decimal)
	}
	_, err := pms.RoundMoney("1e99", "EUR")
	require.Error(t, err)
}

func TestMoneyRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := pms.Money{
			Amount:   rapid.Int64Range(math.MinInt64+1, math.MaxInt64).Draw(t, "amount"),
			Currency: rapid.SampledFrom([]string{"EUR", "JPY", "KWD", "SEK", "CHF"}).Draw(t, "currency"),
		}
		exact, err := pms.ParseMoney(want.Decimal(), want.Currency)
		require.NoError(t, err)
		require.Equal(t, want, exact)
		rounded, err := pms.RoundMoney(want.Decimal(), want.Currency)
		require.NoError(t, err)
		require.Equal(t, want, rounded)
	})
}

func TestMoneyPlus(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bounded := rapid.Int64Range(-1<<60, 1<<60)
		a := pms.Money{Amount: bounded.Draw(t, "a"), Currency: "EUR"}
		b := pms.Money{Amount: bounded.Draw(t, "b"), Currency: "EUR"}
		require.Equal(t, a.Plus(b), b.Plus(a))
		require.Equal(t, a, a.Plus(pms.Money{}))
		require.Equal(t, a, pms.Money{}.Plus(a))
	})
	require.Panics(t, func() { pms.Money{Amount: 1, Currency: "EUR"}.Plus(pms.Money{Amount: 1, Currency: "SEK"}) })
}

func FuzzRoundMoney(f *testing.F) {
	for _, seed := range []string{"120.50", "1e9", "-0.1", "0.30000000000000004", "1/2", "1e999999999"} {
		f.Add(seed, "EUR")
	}
	f.Fuzz(func(t *testing.T, decimal, currency string) {
		money, err := pms.RoundMoney(decimal, currency)
		if err != nil {
			return
		}
		again, err := pms.ParseMoney(money.Decimal(), money.Currency)
		if err != nil || again != money {
			t.Fatalf("%+v does not survive writing and reading: %+v, %v", money, again, err)
		}
	})
}
