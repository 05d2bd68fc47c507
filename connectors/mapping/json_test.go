package mapping_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
)

// marker stands where a guest's data could be, so that a leak shows.
const marker = "Zweifelhuber"

// answer is what a vendor could send.
type answer struct {
	Rooms []struct {
		Price mapping.Decimal `json:"price"`
		From  mapping.Moment  `json:"from"`
		Name  mapping.Text    `json:"name"`
	} `json:"rooms"`
}

func TestWrongFormsNameTheirFieldAndNoValue(t *testing.T) {
	t.Parallel()
	for body, field := range map[string]string{
		`{"rooms":[{"price":"12.50"}]}`:                      "rooms.price",
		`{"rooms":[{"price":"` + marker + `"}]}`:             "rooms.price",
		`{"rooms":[{"price":{"a":1}}]}`:                      "rooms.price",
		`{"rooms":[{"price":[1]}]}`:                          "rooms.price",
		`{"rooms":[{"price":true}]}`:                         "rooms.price",
		`{"rooms":[{"from":"` + marker + `"}]}`:              "rooms.from",
		`{"rooms":[{"from":"24.12.2026"}]}`:                  "rooms.from",
		`{"rooms":[{"from":"2026-12-24T15:00:00"}]}`:         "rooms.from",
		`{"rooms":[{"from":1703433600}]}`:                    "rooms.from",
		`{"rooms":[{"name":7}]}`:                             "rooms.name",
		`{"rooms":[{"name":{"de":{"x":"` + marker + `"}}}]}`: "rooms.name",
	} {
		err := json.Unmarshal([]byte(body), new(answer))
		require.Error(t, err, body)
		named := mapping.Named(err, "vendor", "hotel", pms.OpRead)
		var failure *pms.Error
		require.ErrorAs(t, named, &failure)
		require.Equal(t, field, failure.Field, body)
		require.ErrorIs(t, named, pms.ErrUnavailable)
		require.NotContains(t, err.Error()+named.Error(), marker)
	}
}

func TestRightForms(t *testing.T) {
	t.Parallel()
	var a answer
	require.NoError(t, json.Unmarshal([]byte(`{"rooms":[
		{"price":-1.50,"from":"2026-12-24T15:00:00.1234567+01:00","name":{"de":"Zimmer","en":"Room"}},
		{"price":null,"from":null,"name":null},{"price":1e2,"from":"","name":{"fr":"Chambre","de":""}},{"name":"Plain"}]}`), &a))
	require.Equal(t, mapping.Decimal("-1.50"), a.Rooms[0].Price)
	require.Equal(t, 123456700, a.Rooms[0].From.Nanosecond())
	require.Equal(t, mapping.Text("Room"), a.Rooms[0].Name)
	require.Zero(t, a.Rooms[1])
	require.True(t, a.Rooms[2].From.IsZero())
	require.Equal(t, mapping.Text("Chambre"), a.Rooms[2].Name, "an empty text is none")
	require.Equal(t, mapping.Text("Plain"), a.Rooms[3].Name)
}

func TestMomentIsADayAtTheHotel(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for text, day := range map[string]string{
		`"2026-06-29T22:30:00Z"`:      "2026-06-30",
		`"2026-12-24T23:30:00Z"`:      "2026-12-25",
		`"2026-03-29T01:30:00+01:00"`: "2026-03-29", // the hour before the clocks change
		`"2026-10-25T02:30:00+02:00"`: "2026-10-25",
		`""`:                          "",
	} {
		var m mapping.Moment
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		require.Equal(t, day, m.Day(berlin).String(), text)
	}
}

func TestMillisecondsAreNeverAnError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"1530689451000": time.UnixMilli(1530689451000).UTC(), "0": {}, "-1": {}, `"x"`: {}, "1e400": {}, "99999999999999999": {}, "null": {}, "{}": {},
	} {
		m := mapping.Milliseconds{Time: time.Now()}
		require.NoError(t, json.Unmarshal([]byte(text), &m), text)
		require.Equal(t, want, m.Time, text)
	}
}

func TestDecimalIsWrittenAsItWasRead(t *testing.T) {
	t.Parallel()
	require.JSONEq(t, `{"a":0.30000000000000004,"b":0}`, string(mapping.JSON(map[string]mapping.Decimal{"a": "0.30000000000000004", "b": ""})))
	require.Panics(t, func() { mapping.JSON(func() {}) }, "what is no JSON is a bug")
}

func TestListKeepsWhatCanBeRead(t *testing.T) {
	t.Parallel()
	var list mapping.List[mapping.Decimal]
	require.NoError(t, json.Unmarshal([]byte(`[1,"`+marker+`",2]`), &list))
	require.Equal(t, []mapping.Decimal{"1", "2"}, list.Items)
	require.ErrorContains(t, list.Strange, "string")
	require.NotContains(t, list.Strange.Error(), marker)
	require.NoError(t, json.Unmarshal([]byte(`null`), &list))
	require.Empty(t, list)
	require.Error(t, json.Unmarshal([]byte(`{}`), &list))

	odd := func(d mapping.Decimal) (int, error) {
		if d == "1" {
			return 0, mapping.Malformed("odd")
		}
		return len(d), nil
	}
	some, err := mapping.Readable(mapping.List[mapping.Decimal]{Items: []mapping.Decimal{"1", "22"}}, odd)
	require.NoError(t, err)
	require.Equal(t, []int{2}, some)
	none, err := mapping.Readable(mapping.List[mapping.Decimal]{Items: []mapping.Decimal{"1"}}, odd)
	require.ErrorContains(t, err, "odd")
	require.Empty(t, none)
	_, err = mapping.Readable(mapping.List[mapping.Decimal]{}, odd)
	require.NoError(t, err, "an empty list is no error")
}

func TestListNamesFieldsAsTheVendorDoes(t *testing.T) {
	t.Parallel()
	type priced struct {
		Price mapping.Decimal `json:"price"`
	}
	type room struct {
		priced
		Nights []struct {
			*priced
			From mapping.Moment `json:"from"`
		} `json:"nights"`
		Beds int `json:"beds"`
	}
	for body, field := range map[string]string{
		`[{"price":"1"}]`: "price", `[{"nights":[{"from":"x"}]}]`: "nights.from", `[{"beds":"2"}]`: "beds", `[{"nights":7}]`: "nights", `[7]`: "",
	} {
		var list mapping.List[room]
		require.NoError(t, json.Unmarshal([]byte(body), &list))
		require.Equal(t, field, failureOf(t, mapping.Named(list.Strange, "v", "h", pms.OpRead)).Field, body)
	}
}

func TestOverlayKeepsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	whole, err := mapping.Overlay(json.RawMessage(`{"name":"old","phone":"1","born":{"year":1815}}`), map[string]string{"name": "new", "phone": "", "mail": "m"})
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"new","mail":"m","born":{"year":1815}}`, string(whole))
	for _, bad := range []string{"", "null", "[]", `"` + marker + `"`} {
		_, err := mapping.Overlay(json.RawMessage(bad), nil)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), marker)
	}
}

func TestPresentAsksOnlyWhatMustBeThere(t *testing.T) {
	t.Parallel()
	require.Error(t, mapping.Present(&mapping.Identified{}))
	require.Error(t, mapping.Present(&mapping.Identified{ID: "../x"}))
	require.NoError(t, mapping.Present(&mapping.Identified{ID: "ABCD-1"}))
	require.NoError(t, mapping.Present(&[]string{}))
}

// FuzzForms: whatever is sent, the types here read it or name a form, and never
// repeat it.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{"1.5", `"1.5"`, "null", `"2026-12-24T15:00:00+01:00"`, `{"en":"x"}`, "[1]", "true", "1e9", "-0", `""`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, into := range []any{new(mapping.Decimal), new(mapping.Moment), new(mapping.Text), new(mapping.Milliseconds), new(mapping.List[mapping.Text]), new(mapping.Amount), new(mapping.Day), new(mapping.Ages), new(price)} {
			err := json.Unmarshal(data, into)
			if err == nil || !json.Valid(data) {
				continue
			}
			var form *json.UnmarshalTypeError
			require.ErrorAs(t, err, &form)
		}
		var d mapping.Decimal
		if json.Unmarshal(data, &d) == nil {
			again, err := json.Marshal(d)
			require.NoError(t, err)
			require.True(t, json.Valid(again), "%s", again)
		}
		if money, err := d.Money("EUR"); err == nil {
			require.Contains(t, []string{"EUR", ""}, money.Currency)
		}
	})
}

func FuzzReadMoney(f *testing.F) {
	for _, seed := range []string{`{"amount":120.5,"currency":"EUR"}`, `{"grossAmount":1e2,"currency":"JPY"}`, `{}`, "null", `{"amount":"1","currency":"EUR"}`, `{"amount":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		var money pms.Money
		if mapping.ReadMoney(data, &money, "currency", "amount", "grossAmount") != nil {
			require.Zero(t, money)
			return
		}
		if money != (pms.Money{}) {
			again, err := pms.ParseMoney(money.Decimal(), money.Currency)
			require.NoError(t, err)
			require.Equal(t, money, again)
		}
	})
}
