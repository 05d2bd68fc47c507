package transport_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// reservation is an answer with all that can be wrong.
type reservation struct {
	ID string `json:"id"`
	embedded
	Nights   []night            `json:"nights"`
	Taxes    map[string]float64 `json:"taxes"`
	Booked   bool               `json:"booked"`
	Guest    *guest             `json:"guest"`
	Adults   int                `json:"adults"`
	Quoted   int                `json:"quoted,string"`
	Untagged float64
	Ignored  int `json:"-"`
	hidden   int
	Anything json.RawMessage `json:"anything"`
}

type embedded struct {
	Arrival pms.Date `json:"arrival"`
}

type night struct {
	Amount float64   `json:"amount"`
	From   time.Time `json:"from"`
}

type guest struct {
	Name string `json:"name"`
}

func (r *reservation) Check() error {
	if r.hidden != 0 {
		return errors.New(marker)
	}
	switch r.ID {
	case "":
		return &pms.Error{Kind: pms.ErrValidation, Field: "id", Detail: "it has none"}
	case "odd":
		return errors.New(marker)
	}
	return nil
}

// TestAnUnreadableAnswerNamesItsField and holds nothing of what it said.
func TestAnUnreadableAnswerNamesItsField(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct{ field, detail string }{
		`<html>` + marker + `</html>`:                       {"", "HTML or XML"},
		`{"id":"` + marker + `","nights":[`:                 {"", "ends too early"},
		`{"id":` + marker + `}`:                             {"", "no JSON"},
		`"` + marker + `"`:                                  {"", "a string where an object belongs"},
		`{"id":"1","nights":[{"amount":1},{"amount":"7"}]}`: {"nights[1].amount", "a string where a number belongs"},
		`{"id":"1","nights":{"x":1}}`:                       {"nights", "an object where a list belongs"},
		`{"id":"1","nights":[{"from":"23.11.2026"}]}`:       {"nights[0].from", "a string where another form (Time) belongs"},
		`{"id":"1","arrival":"23/11/2026"}`:                 {"arrival", "a string where another form (Date) belongs"},
		`{"id":"1","ARRIVAL":12}`:                           {"arrival", "a number where another form (Date) belongs"},
		`{"id":"1","taxes":{"` + marker + `":"1"}}`:         {"taxes.*", "a string where a number belongs"},
		`{"id":"1","taxes":[]}`:                             {"taxes", "a list where an object belongs"},
		`{"id":"1","booked":"true"}`:                        {"booked", "a string where true or false belongs"},
		`{"id":"1","guest":{"name":true}}`:                  {"guest.name", "true or false where a string belongs"},
		`{"id":"1","guest":[]}`:                             {"guest", "a list where an object belongs"},
		`{"id":"1","adults":2.5}`:                           {"adults", "a number where a whole number in range belongs"},
		`{"id":"1","Untagged":"1"}`:                         {"Untagged", "a string where a number belongs"},
		`{"id":"1","quoted":"x"}`:                           {"", "object"},
		`null`:                                              {"id", "it has none"},
		`{"id":"odd"}`:                                      {"", "contract says"},
		``:                                                  {"", "it is empty"},
	} {
		server, _ := serve(t, body(http.StatusOK, answer))
		for effect, kind := range map[transport.Effect]error{transport.Read: pms.ErrUnavailable, transport.Write: pms.ErrOutcomeUnknown} {
			asked := call(effect)
			out := &reservation{ID: "before"}
			asked.Out = out
			_, err := client(t, server.URL).Do(transport.Once(t.Context()), asked)
			require.ErrorIs(t, err, kind, answer)
			var failure *pms.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, want.field, failure.Field, answer)
			require.Contains(t, failure.Detail, want.detail, answer)
			require.Equal(t, []string{"vendor", "hotel", "op"}, []string{failure.Vendor, failure.Hotel, failure.Operation})
			require.NotContains(t, fmt.Sprintf("%+v %#v", err, failure), marker)
			require.Equal(t, &reservation{ID: "before"}, out, "a failure leaves no half answer")
		}
	}
}

func TestAReadableAnswer(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, body(http.StatusOK, `{"id":"1","arrival":"2026-11-23","nights":[{"amount":1.5,"from":"2026-11-23T15:00:00Z"}],
		"taxes":{"VAT":1},"guest":null,"quoted":"7","Untagged":1,"anything":{"x":1},"unknown":[]}`))
	asked := call(transport.Read)
	var out reservation
	asked.Out = &out
	_, err := client(t, server.URL).Do(t.Context(), asked)
	require.NoError(t, err)
	require.Equal(t, 7, out.Quoted)
	require.Len(t, out.Nights, 1)
}

func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	huge := `{"id":"` + strings.Repeat("x", 10<<20) + `"}`
	for status, kinds := range map[int][2]error{
		http.StatusOK:         {pms.ErrOutcomeUnknown, pms.ErrUnavailable},
		http.StatusBadRequest: {pms.ErrValidation, pms.ErrValidation},
	} {
		server, _ := serve(t, body(status, huge))
		for effect, kind := range kinds {
			_, err := client(t, server.URL).Do(transport.Once(t.Context()), call(transport.Effect(effect)))
			require.ErrorIs(t, err, kind)
			if status == http.StatusOK {
				require.ErrorContains(t, err, "more than 4194304 bytes")
			}
		}
	}
}
