package capability_test

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/pms"
)

// behind is a connector that answers each call under its own vendor's name, so
// that an error tells who gave it.
var behind = pms.Without{Vendor: "behind"}

var (
	arrival   = pms.DateOf(time.Now()).AddDays(40)
	departure = arrival.AddDays(2)
	two       = pms.Occupancy{Adults: 2, ChildrenAges: []int{0, 17}}
	fine      = pms.Offer{Arrival: arrival, Departure: departure, Occupancy: two}
)

// sound are arguments that no rule refuses, for methods that have rules.
var sound = map[string]any{
	"Availability": pms.AvailabilityQuery{Arrival: arrival, Departure: departure, Occupancy: two},
	"Quote":        pms.QuoteQuery{Arrival: arrival, Departure: departure, Occupancy: two},
	"QuoteChange":  pms.ChangeQuery{Arrival: arrival, Departure: departure, Occupancy: two},
	"Draft":        pms.CreateRequest{Stays: []pms.StayRequest{{Offer: fine}}},
	"Create":       pms.Draft{Body: json.RawMessage("{}")},
	"Hold":         pms.Draft{Body: json.RawMessage("{}"), Hold: true},
	"Amend":        pms.AmendRequest{Offer: fine},
	"AddExtra":     pms.ExtraRequest{Count: 1},
	"SearchGuests": pms.GuestQuery{LastName: "Adler"},
	"Arrivals":     arrival,
}

// call calls a method by its name and returns its error, which a stream yields.
func call(t *testing.T, conn pms.Connector, name string) *pms.Error {
	t.Helper()
	method := reflect.ValueOf(conn).MethodByName(name)
	var in []reflect.Value
	for i := range method.Type().NumIn() {
		switch kind := method.Type().In(i); {
		case kind == reflect.TypeFor[context.Context]():
			in = append(in, reflect.ValueOf(t.Context()))
		case sound[name] != nil && kind == reflect.TypeOf(sound[name]):
			in = append(in, reflect.ValueOf(sound[name]))
		default:
			in = append(in, reflect.Zero(kind))
		}
	}
	out := method.Call(in)
	switch last := out[len(out)-1].Interface().(type) {
	case iter.Seq2[pms.Stay, error]:
		return streamed(t, last)
	case error:
		return failure(t, last)
	}
	t.Fatalf("%s answered without an error", name)
	return nil
}

func streamed(t *testing.T, stream iter.Seq2[pms.Stay, error]) *pms.Error {
	t.Helper()
	var errs []error
	for _, err := range stream {
		errs = append(errs, err)
	}
	require.Len(t, errs, 1)
	return failure(t, errs[0])
}

func failure(t *testing.T, err error) *pms.Error {
	t.Helper()
	found := new(pms.Error)
	require.ErrorAs(t, err, &found)
	return found
}

func methods() []string {
	var names []string
	contract := reflect.TypeFor[pms.Connector]()
	for i := range contract.NumMethod() {
		if name := contract.Method(i).Name; name != "Capabilities" {
			names = append(names, name)
		}
	}
	return names
}

// TestGuardRulesEveryOperation walks the whole contract, so that an operation
// that is added later cannot pass by.
func TestGuardRulesEveryOperation(t *testing.T) {
	t.Parallel()
	caps := pms.Capabilities{Vendor: "ruled", MaxStays: 1}
	guard := capability.Guard(behind, func() pms.Capabilities { return caps })
	named := map[pms.Operation]bool{}
	for _, name := range methods() {
		for _, lacking := range []pms.Support{"", pms.Unsupported, pms.ByRebooking} {
			caps.Operations = map[pms.Operation]pms.Support{}
			for _, o := range pms.Operations() {
				caps.Operations[o] = lacking
			}
			refusal := call(t, guard, name)
			require.ErrorIs(t, refusal, pms.ErrUnsupported, name)
			require.Equal(t, "ruled", refusal.Vendor, "%s was passed on", name)
			named[pms.Operation(refusal.Operation)] = true

			caps.Operations = map[pms.Operation]pms.Support{pms.Operation(refusal.Operation): pms.Supported}
			answer := call(t, guard, name)
			require.Equal(t, "behind", answer.Vendor, "%s was not passed on: %v", name, answer)
			require.Equal(t, refusal.Operation, answer.Operation, "%s was passed on to another method", name)
		}
	}
	for _, o := range pms.Operations() {
		require.True(t, named[o], "nothing rules %s", o)
	}
	require.Len(t, named, len(pms.Operations()))
	require.Equal(t, caps, guard.Capabilities())
}

// everything can do all, without limits of its own.
func everything() pms.Capabilities {
	caps := pms.Capabilities{Vendor: "ruled", Operations: map[pms.Operation]pms.Support{}, MaxStays: 3, PartialAmend: true}
	for _, o := range pms.Operations() {
		caps.Operations[o] = pms.Supported
	}
	return caps
}

func TestGuardFollowsTheMatrixInForce(t *testing.T) {
	t.Parallel()
	caps := everything()
	guard := capability.Guard(behind, func() pms.Capabilities { return caps })
	require.Equal(t, "behind", call(t, guard, "Cancel").Vendor)
	caps.Operations[pms.OpCancel] = pms.Unsupported
	require.Equal(t, "ruled", call(t, guard, "Cancel").Vendor)
}

func TestGuardChecksStaysBeforeAnyCall(t *testing.T) {
	t.Parallel()
	today := pms.DateOf(time.Now())
	type stay struct {
		arrival, departure pms.Date
		occupancy          pms.Occupancy
	}
	tests := map[string]struct {
		stay  stay
		limit func(*pms.Capabilities)
		field string // "" when the stay may pass
		says  string
	}{
		"no arrival":              {stay: stay{pms.Date{}, departure, two}, field: "arrival", says: "required"},
		"no departure":            {stay: stay{arrival, pms.Date{}, two}, field: "departure", says: "required"},
		"no night":                {stay: stay{arrival, arrival, two}, field: "departure", says: "after"},
		"backwards":               {stay: stay{departure, arrival, two}, field: "departure", says: "after"},
		"the longest":             {stay: stay{arrival, arrival.AddDays(31), two}, limit: func(c *pms.Capabilities) { c.MaxNights = 31 }},
		"too long":                {stay: stay{arrival, arrival.AddDays(32), two}, limit: func(c *pms.Capabilities) { c.MaxNights = 31 }, field: "departure", says: "31 nights"},
		"long, without a limit":   {stay: stay{arrival, arrival.AddDays(3000), two}},
		"the farthest":            {stay: stay{today.AddDays(100), today.AddDays(101), two}, limit: func(c *pms.Capabilities) { c.MaxAhead = 100 }},
		"too far ahead":           {stay: stay{today.AddDays(102), today.AddDays(103), two}, limit: func(c *pms.Capabilities) { c.MaxAhead = 100 }, field: "arrival", says: "100 days ahead"},
		"no adult":                {stay: stay{arrival, departure, pms.Occupancy{ChildrenAges: []int{4}}}, field: "adults", says: "1 to 20"},
		"too many adults":         {stay: stay{arrival, departure, pms.Occupancy{Adults: 21}}, field: "adults", says: "1 to 20"},
		"a child unborn":          {stay: stay{arrival, departure, pms.Occupancy{Adults: 1, ChildrenAges: []int{3, -1}}}, field: "children_ages", says: "0 to 17"},
		"a child grown up":        {stay: stay{arrival, departure, pms.Occupancy{Adults: 1, ChildrenAges: []int{18}}}, field: "children_ages", says: "0 to 17"},
		"too many children":       {stay: stay{arrival, departure, pms.Occupancy{Adults: 1, ChildrenAges: make([]int, 11)}}, field: "children_ages", says: "at most 10"},
		"a newborn and an adult":  {stay: stay{arrival, departure, two}},
		"as many as a room takes": {stay: stay{arrival, departure, pms.Occupancy{Adults: 20, ChildrenAges: make([]int, 10)}}},
	}
	for name, test := range tests {
		caps := everything()
		if test.limit != nil {
			test.limit(&caps)
		}
		guard := capability.Guard(behind, func() pms.Capabilities { return caps })
		s, offer := test.stay, pms.Offer{Arrival: test.stay.arrival, Departure: test.stay.departure, Occupancy: test.stay.occupancy}
		asks := map[string]func() (string, error){
			"availability": func() (string, error) {
				_, err := guard.Availability(t.Context(), pms.AvailabilityQuery{Arrival: s.arrival, Departure: s.departure, Occupancy: s.occupancy})
				return "", err
			},
			"quote": func() (string, error) {
				_, err := guard.Quote(t.Context(), pms.QuoteQuery{Arrival: s.arrival, Departure: s.departure, Occupancy: s.occupancy})
				return "", err
			},
			"quote_change": func() (string, error) {
				_, err := guard.QuoteChange(t.Context(), pms.ChangeQuery{Arrival: s.arrival, Departure: s.departure, Occupancy: s.occupancy})
				return "", err
			},
			"draft": func() (string, error) {
				_, err := guard.Draft(pms.CreateRequest{Stays: []pms.StayRequest{{Offer: fine}, {Offer: offer}}})
				return "stays[1].", err
			},
			"amend": func() (string, error) {
				return "offer.", guard.Amend(t.Context(), pms.AmendRequest{Offer: offer})
			},
		}
		for operation, ask := range asks {
			where, err := ask()
			said := failure(t, err)
			require.Equal(t, operation, said.Operation)
			if test.field == "" {
				require.Equal(t, "behind", said.Vendor, "%s: %s: %v", operation, name, said)
				continue
			}
			require.ErrorIs(t, said, pms.ErrValidation, "%s: %s", operation, name)
			require.Equal(t, "ruled", said.Vendor, "%s: %s", operation, name)
			require.Equal(t, where+test.field, said.Field, "%s: %s", operation, name)
			require.Contains(t, said.Detail, test.says, "%s: %s", operation, name)
		}
	}
}

func TestGuardChecksWhatElseIsAsked(t *testing.T) {
	t.Parallel()
	begun := pms.Offer{Arrival: pms.DateOf(time.Now()).AddDays(-3), Departure: departure, Occupancy: two}
	tests := map[string]struct {
		ask   func(pms.Connector) error
		limit func(*pms.Capabilities)
		kind  error
		field string
	}{
		"no stays": {
			ask:  func(c pms.Connector) error { _, err := c.Draft(pms.CreateRequest{}); return err },
			kind: pms.ErrValidation, field: "stays",
		},
		"too many stays": {
			ask: func(c pms.Connector) error {
				_, err := c.Draft(pms.CreateRequest{Stays: make([]pms.StayRequest, 4)})
				return err
			},
			kind: pms.ErrValidation, field: "stays",
		},
		"a draft of a hold where there are none": {
			ask: func(c pms.Connector) error {
				_, err := c.Draft(pms.CreateRequest{Hold: true, Stays: []pms.StayRequest{{Offer: fine}}})
				return err
			},
			limit: func(c *pms.Capabilities) { delete(c.Operations, pms.OpHold) },
			kind:  pms.ErrUnsupported,
		},
		"an empty draft": {
			ask:  func(c pms.Connector) error { _, err := c.Create(t.Context(), pms.Draft{}); return err },
			kind: pms.ErrValidation, field: "draft",
		},
		"a hold's draft, created": {
			ask: func(c pms.Connector) error {
				_, err := c.Create(t.Context(), pms.Draft{Hold: true, Body: json.RawMessage("{}")})
				return err
			},
			kind: pms.ErrValidation, field: "draft",
		},
		"another draft, held": {
			ask: func(c pms.Connector) error {
				_, err := c.Hold(t.Context(), pms.Draft{Body: json.RawMessage("{}")})
				return err
			},
			kind: pms.ErrValidation, field: "draft",
		},
		"amending a stay that has begun": {
			ask:   func(c pms.Connector) error { return c.Amend(t.Context(), pms.AmendRequest{Offer: begun}) },
			limit: func(c *pms.Capabilities) { c.PartialAmend = false },
			kind:  pms.ErrValidation, field: "arrival",
		},
		"pricing a stay that has begun": {
			ask: func(c pms.Connector) error {
				_, err := c.QuoteChange(t.Context(), pms.ChangeQuery{Arrival: begun.Arrival, Departure: departure, Occupancy: two})
				return err
			},
			limit: func(c *pms.Capabilities) { c.PartialAmend = false },
			kind:  pms.ErrValidation, field: "arrival",
		},
		"amending it where the vendor can": {
			ask:  func(c pms.Connector) error { return c.Amend(t.Context(), pms.AmendRequest{Offer: begun}) },
			kind: nil,
		},
		"none of an extra": {
			ask:  func(c pms.Connector) error { return c.AddExtra(t.Context(), pms.ExtraRequest{}) },
			kind: pms.ErrValidation, field: "count",
		},
		"far too many of an extra": {
			ask:  func(c pms.Connector) error { return c.AddExtra(t.Context(), pms.ExtraRequest{Count: 1001}) },
			kind: pms.ErrValidation, field: "count",
		},
		"a search for everybody": {
			ask:  func(c pms.Connector) error { _, err := c.SearchGuests(t.Context(), pms.GuestQuery{}); return err },
			kind: pms.ErrValidation, field: "query",
		},
		"arrivals of no day": {
			ask:  func(c pms.Connector) error { return streamed(t, c.Arrivals(t.Context(), pms.Date{})) },
			kind: pms.ErrValidation, field: "day",
		},
	}
	for name, test := range tests {
		caps := everything()
		if test.limit != nil {
			test.limit(&caps)
		}
		said := failure(t, test.ask(capability.Guard(behind, func() pms.Capabilities { return caps })))
		if test.kind == nil {
			require.Equal(t, "behind", said.Vendor, name)
			continue
		}
		require.Equal(t, "ruled", said.Vendor, name)
		require.ErrorIs(t, said, test.kind, name)
		require.Equal(t, test.field, said.Field, name)
	}
}

// TestGuardSaysNothingOfGuests: an error tells limits, never what was asked for.
func TestGuardSaysNothingOfGuests(t *testing.T) {
	t.Parallel()
	guard := capability.Guard(behind, func() pms.Capabilities { return pms.Capabilities{Vendor: "ruled"} })
	guest := pms.Guest{FirstName: "Marker", LastName: "Marker", Email: "marker@example.org"}
	_, upsert := guard.UpsertGuest(t.Context(), guest)
	_, draft := guard.Draft(pms.CreateRequest{Booker: guest, Stays: []pms.StayRequest{{Guest: &guest}}})
	_, parsed := guard.ParseWebhook(http.Header{"X": {"marker"}}, []byte("marker"))
	for _, err := range []error{upsert, draft, parsed} {
		require.NotContains(t, strings.ToLower(err.Error()), "marker")
	}
}

// TestGuardKnowsNoZone: it is always two days somewhere, and the property's own
// day is not known here, so a limit is read in the property's favour.
func TestGuardKnowsNoZone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The bubble's clock starts at midnight; at eleven it is 1 January in
		// most places, but 2 January and 31 December in some.
		time.Sleep(11 * time.Hour)
		require.Equal(t, pms.NewDate(2000, time.January, 1), pms.DateOf(time.Now().UTC()))
		caps := everything()
		caps.MaxAhead, caps.PartialAmend = 1, false
		guard := capability.Guard(behind, func() pms.Capabilities { return caps })
		for day, passes := range map[pms.Date]bool{
			pms.NewDate(1999, time.December, 30): false,
			pms.NewDate(1999, time.December, 31): true,
			pms.NewDate(2000, time.January, 3):   true,
			pms.NewDate(2000, time.January, 4):   false,
		} {
			offer := pms.Offer{Arrival: day, Departure: pms.NewDate(2000, time.January, 5), Occupancy: two}
			said := failure(t, guard.Amend(t.Context(), pms.AmendRequest{Offer: offer}))
			require.Equal(t, passes, said.Vendor == "behind", "%s: %v", day, said)
		}
	})
}
