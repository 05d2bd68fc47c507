package mapping_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
)

// price is a vendor's own type of one currency.
type price struct{ pms.Money }

func (p *price) UnmarshalJSON(data []byte) error { return mapping.ReadAmount(data, &p.Money, "EUR") }

// flag is a vendor's own type: a bool in words.
type flag bool

func (f *flag) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case `"yes"`, `"no"`:
		*f = string(data) == `"yes"`
		return nil
	}
	return mapping.Wrong[flag](mapping.Kind(data))
}

// night is nested, and has embedded fields, as in vendors' lists.
type night struct {
	dated
	Price  price          `json:"price"`
	Amount mapping.Amount `json:"amount"`
	Ages   mapping.Ages   `json:"ages"`
	Sold   flag           `json:"sold"`
}

type dated struct {
	Date mapping.Day `json:"date"`
}

func TestListsNameTheFieldsOfEveryForm(t *testing.T) {
	t.Parallel()
	for body, field := range map[string]string{
		`{"date":"24.12.2026"}`:           "date",
		`{"date":"2026-12-24T00:00:00Z"}`: "date",
		`{"date":"2026-12-24 "}`:          "date",
		`{"date":"2026-2-4"}`:             "date",
		`{"date":"2026-02-30"}`:           "date",
		`{"date":"` + marker + `"}`:       "date",
		`{"date":20261224}`:               "date",
		`{"date":{"a":1}}`:                "date",
		`{"price":"` + marker + `"}`:      "price",
		`{"price":""}`:                    "price",
		`{"price":"1,50"}`:                "price",
		`{"price":" 1"}`:                  "price",
		`{"price":"null"}`:                "price",
		`{"price":"1e99"}`:                "price",
		`{"price":true}`:                  "price",
		`{"price":{"amount":1}}`:          "price",
		`{"amount":"` + marker + `"}`:     "amount",
		`{"amount":["1"]}`:                "amount",
		`{"amount":1e99}`:                 "amount",
		`{"ages":["` + marker + `"]}`:     "ages",
		`{"ages":[1.5]}`:                  "ages",
		`{"ages":3}`:                      "ages",
		`{"sold":"` + marker + `"}`:       "sold",
		`{"sold":1}`:                      "sold",
	} {
		var whole struct {
			Rooms mapping.List[struct {
				Nights []night `json:"nights"`
			}] `json:"rooms"`
		}
		require.NoError(t, json.Unmarshal([]byte(`{"rooms":[{"nights":[`+body+`]}]}`), &whole), body)
		require.Empty(t, whole.Rooms.Items)
		named := mapping.Named(whole.Rooms.Strange, "vendor", "hotel", pms.OpRead)
		require.Equal(t, "nights."+field, failureOf(t, named).Field, body)
		require.NotContains(t, whole.Rooms.Strange.Error()+named.Error(), marker)
	}
}

func TestFormsReadAndWrite(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]night{
		`{"date":"2026-12-24","price":"120.50","amount":"7","ages":[4,11],"sold":"yes"}`: {
			dated{mapping.Day{Date: pms.MustParseDate("2026-12-24")}}, price{euros(12050)}, "7", mapping.Ages{4, 11}, true,
		},
		`{"price":120.5,"amount":-1.50}`:                       {Price: price{euros(12050)}, Amount: "-1.50"},
		`{"price":"119.99999999999999"}`:                       {Price: price{euros(12000)}},
		`{"price":"0","ages":[]}`:                              {Price: price{euros(0)}},
		`{"date":null,"price":null,"amount":null,"ages":null}`: {},
		`{"date":""}`: {},
		`{}`:          {},
	} {
		var got night
		require.NoError(t, json.Unmarshal([]byte(body), &got), body)
		require.Equal(t, want, got, body)
	}
	written := mapping.JSON(map[string]any{"day": mapping.Day{Date: pms.MustParseDate("2026-01-02")}, "ages": mapping.Ages{3}, "none": mapping.Ages(nil)})
	require.JSONEq(t, `{"day":"2026-01-02","ages":[3],"none":[]}`, string(written))
}

func TestAmountOfACurrencyThatIsKnownLater(t *testing.T) {
	t.Parallel()
	for amount, want := range map[mapping.Amount]pms.Money{"": {}, "5000": {Amount: 5000, Currency: "JPY"}, "0.5": {Amount: 1, Currency: "JPY"}} {
		money, err := amount.Money("JPY")
		require.NoError(t, err)
		require.Equal(t, want, money)
	}
	_, err := mapping.Amount("1").Money(marker)
	require.Error(t, err)
	require.NotContains(t, err.Error(), marker)
}
