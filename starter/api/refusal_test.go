package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/starter"
)

// Bad input gets the problem that names it, and the starter never hears of it.
func TestBadInput(t *testing.T) {
	t.Parallel()
	available := func(query string) request {
		return request{method: "GET", path: hotel + "/availability?" + query}
	}
	post := func(path, body string, header map[string]string) request {
		return request{method: "POST", path: hotel + path, body: body, header: header}
	}
	book := func(body string) request { return post("/reservations", body, keyed) }
	stay := func(field, value string) request {
		fields := map[string]json.RawMessage{}
		_ = json.Unmarshal([]byte(`{"room_type":"DBL","rate_plan":"FLEX","arrival":"2027-05-14","departure":"2027-05-16","occupancy":{"adults":2}}`), &fields)
		if value == "" {
			delete(fields, field)
		} else {
			fields[field] = json.RawMessage(value)
		}
		body, _ := json.Marshal(map[string]any{"stays": []any{fields}})
		return post("/quotes", string(body), nil)
	}
	const dates = "arrival=2027-05-14&departure=2027-05-16"
	cases := map[string]struct {
		request request
		kind    starter.Kind
		field   string
	}{
		"no token":                   {request{method: "GET", path: hotel + "/availability?" + dates + "&adults=2", as: "-"}, starter.Unauthenticated, ""},
		"no token comes first":       {request{method: "POST", path: hotel + "/quotes", body: "{", as: "-"}, starter.Unauthenticated, ""},
		"the wrong role":             {request{method: "DELETE", path: hotel + "/reservations/" + id, header: keyed, as: "ops"}, starter.Forbidden, ""},
		"a compliance officer":       {request{method: "GET", path: hotel + "/reservations/" + id, as: "compliance"}, starter.Forbidden, ""},
		"another hotel":              {request{method: "GET", path: "/v1/hotels/beta/reservations/" + id}, starter.Forbidden, ""},
		"no such hotel, to an agent": {request{method: "GET", path: "/v1/hotels/no%20hotel/reservations/" + id}, starter.Forbidden, ""},
		"no such hotel, to an admin": {request{method: "GET", path: "/v1/hotels/no%20hotel/reservations/" + id, as: "star"}, starter.UnknownHotel, ""},
		"no such id":                 {request{method: "GET", path: hotel + "/reservations/123"}, starter.UnknownReservation, ""},
		"no such path":               {request{method: "GET", path: "/v2/hotels"}, starter.NotFound, ""},
		"the root":                   {request{method: "GET", path: "/"}, starter.NotFound, ""},
		"the wrong method":           {request{method: "PUT", path: hotel + "/quotes"}, MethodNotAllowed, ""},
		"the wrong method of a page": {request{method: "POST", path: "/docs"}, MethodNotAllowed, ""},
		"no such problem":            {request{method: "GET", path: "/problems/none"}, starter.NotFound, ""},

		"no arrival":             {available("departure=2027-05-16&adults=2"), starter.ImpossibleDates, "/arrival"},
		"a malformed arrival":    {available("arrival=tomorrow&departure=2027-05-16&adults=2"), starter.ImpossibleDates, "/arrival"},
		"a day that is not":      {available("arrival=2027-02-30&departure=2027-05-16&adults=2"), starter.ImpossibleDates, "/arrival"},
		"a malformed departure":  {available("arrival=2027-05-14&departure=16.5.2027&adults=2"), starter.ImpossibleDates, "/departure"},
		"no adults":              {available(dates), starter.InvalidOccupancy, "/adults"},
		"zero adults":            {available(dates + "&adults=0"), starter.InvalidOccupancy, "/adults"},
		"negative adults":        {available(dates + "&adults=-1"), starter.InvalidOccupancy, "/adults"},
		"too many adults":        {available(dates + "&adults=21"), starter.InvalidOccupancy, "/adults"},
		"adults beyond a number": {available(dates + "&adults=99999999999999999999"), starter.InvalidOccupancy, "/adults"},
		"adults in words":        {available(dates + "&adults=two"), starter.InvalidOccupancy, "/adults"},
		"children in words":      {available(dates + "&adults=2&children_ages=four"), starter.InvalidOccupancy, "/children_ages"},
		"restricted in words":    {available(dates + "&adults=2&restricted=maybe"), starter.InvalidRequest, "/restricted"},
		"a misspelt parameter":   {available(dates + "&adults=2&childrenages=4"), starter.InvalidRequest, ""},

		"no body":                 {post("/quotes", "", nil), starter.MalformedRequest, ""},
		"not JSON":                {post("/quotes", "{", nil), starter.MalformedRequest, ""},
		"two documents":           {post("/quotes", "{}{}", nil), starter.MalformedRequest, ""},
		"not UTF-8":               {book("{\"quote_id\":\"q\",\"guest\":{\"last_name\":\"M\xfcller\"}}"), starter.MalformedRequest, ""},
		"a list":                  {post("/quotes", "[]", nil), starter.InvalidRequest, ""},
		"another content type":    {post("/quotes", exampleQuoteRequest, map[string]string{"Content-Type": "text/plain"}), UnsupportedMedia, ""},
		"a form":                  {post("/quotes", "a=b", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}), UnsupportedMedia, ""},
		"a huge body":             {post("/quotes", strings.Repeat(" ", maxBody)+"{}", nil), starter.TooLarge, ""},
		"an unknown field":        {post("/quotes", `{"rooms":[]}`, nil), starter.InvalidRequest, ""},
		"stays of a wrong type":   {post("/quotes", `{"stays":"all"}`, nil), starter.InvalidRequest, "/stays"},
		"a date that is a number": {stay("arrival", "5"), starter.ImpossibleDates, "/stays/0/arrival"},
		"a date with a time":      {stay("departure", `"2027-05-16T00:00:00Z"`), starter.ImpossibleDates, "/stays/0/departure"},
		"a stay with no arrival":  {stay("arrival", ""), starter.ImpossibleDates, "/stays/0/arrival"},
		"a stay with no room":     {stay("room_type", ""), starter.UnknownRoom, "/stays/0/room_type"},
		"an endless room":         {stay("room_type", `"`+strings.Repeat("x", 101)+`"`), starter.UnknownRoom, "/stays/0/room_type"},
		"a stay with no rate":     {stay("rate_plan", ""), starter.UnknownRate, "/stays/0/rate_plan"},
		"half an adult":           {stay("occupancy", `{"adults":1.5}`), starter.InvalidOccupancy, "/stays/0/occupancy/adults"},
		"adults as text":          {stay("occupancy", `{"adults":"2"}`), starter.InvalidOccupancy, "/stays/0/occupancy/adults"},
		"no occupancy":            {stay("occupancy", ""), starter.InvalidOccupancy, "/stays/0/occupancy"},

		"no key":            {post("/reservations", exampleBookRequest, nil), starter.MissingKey, ""},
		"an endless key":    {post("/reservations", exampleBookRequest, map[string]string{"Idempotency-Key": strings.Repeat("k", 256)}), starter.MissingKey, ""},
		"a key with blanks": {post("/reservations", exampleBookRequest, map[string]string{"Idempotency-Key": "a b"}), starter.MissingKey, ""},
		"confirm, no key":   {post("/reservations/"+id+"/confirm", "", nil), starter.MissingKey, ""},
		"cancel, no key":    {request{method: "DELETE", path: hotel + "/reservations/" + id}, starter.MissingKey, ""},
		"modify, no key":    {request{method: "PATCH", path: hotel + "/reservations/" + id, body: exampleModifyRequest}, starter.MissingKey, ""},
		"modify, no quote":  {request{method: "PATCH", path: hotel + "/reservations/" + id, body: "{}", header: keyed}, starter.InvalidRequest, "/quote_id"},
		"book, no quote":    {book(`{"guest":{"last_name":"Sentinel"}}`), starter.InvalidRequest, "/quote_id"},
		"book, no guest":    {book(`{"quote_id":"q"}`), starter.InvalidGuest, "/guest"},
		"a nameless guest":  {book(`{"quote_id":"q","guest":{"first_name":"Sentinel"}}`), starter.InvalidGuest, "/guest/last_name"},
		"a guest as text":   {book(`{"quote_id":"q","guest":"Sentinel"}`), starter.InvalidGuest, "/guest"},
		"an odd guest":      {book(`{"quote_id":"q","guest":{"last_name":"Sentinel","shoe_size":9}}`), starter.InvalidGuest, "/guest"},
		"a name of numbers": {book(`{"quote_id":"q","guest":{"last_name":12345678}}`), starter.InvalidGuest, "/guest/last_name"},
		"adopt, no name":    {post("/reservations/adopt", `{"confirmation":"C1"}`, nil), starter.InvalidRequest, "/last_name"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			p := requireProblem(t, b.send(t, c.request), c.kind)
			require.Equal(t, c.field, p.Field)
			require.Empty(t, b.starter.calls, "the starter must not be called")
			for _, secret := range []string{"Sentinel", "12345678", "arrival=", "k-1", "Bearer ", "no hotel"} {
				require.NotContains(t, p.Detail, secret)
				require.NotContains(t, b.log.String(), secret)
			}
		})
	}
}

func TestForbiddenTellsNothingOfOtherHotels(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var bodies []string
	for _, other := range []string{"beta", "does-not-exist"} {
		p := requireProblem(t, b.send(t, request{method: "GET", path: "/v1/hotels/" + other + "/reservations/" + id}), starter.Forbidden)
		p.Instance = ""
		bodies = append(bodies, fmt.Sprintf("%+v", p))
	}
	require.Equal(t, bodies[0], bodies[1])
	require.NotContains(t, b.log.String(), "does-not-exist")
}

func TestBodyOfExactlyTheLimitIsRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	body := strings.Repeat(" ", maxBody-len(exampleQuoteRequest)) + exampleQuoteRequest
	require.Equal(t, 200, b.send(t, request{method: "POST", path: hotel + "/quotes", body: body}).Code)
}

func TestMethodNotAllowedTellsWhichAre(t *testing.T) {
	t.Parallel()
	w := newBench(t).send(t, request{method: "PUT", path: hotel + "/reservations/" + id})
	require.Equal(t, []string{"GET", "HEAD", "PATCH", "DELETE"}, w.Header().Values("Allow"))
}

func TestPointerEscapesNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, "/a~1b/c~0d", pointer([]string{"a/b", "c~d"}))
	require.Empty(t, pointer([]string{strings.Repeat("x", maxPointer)}))
}

func FuzzRefusal(f *testing.F) {
	f.Add(422, "body.stays[0].arrival", "expected string")
	f.Add(422, "body", "expected required property quote_id to be present")
	f.Add(500, "", "cannot read request body")
	f.Add(422, "]][.", "")
	f.Fuzz(func(t *testing.T, status int, location, message string) {
		p := refusal(&huma.ErrorModel{Status: status, Detail: message, Errors: []*huma.ErrorDetail{{Location: location, Message: message}}})
		if p == nil || p.Code == "" || p.Status < 400 || p.Detail == "" {
			t.Fatalf("not a whole problem: %+v", p)
		}
	})
}
