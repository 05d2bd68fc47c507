package mapping_test

import (
	"context"
	"errors"
	"iter"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
)

func euros(cents int64) pms.Money { return pms.Money{Amount: cents, Currency: "EUR"} }

var dollar = pms.Money{Amount: 100, Currency: "USD"}

func failureOf(t *testing.T, err error) *pms.Error {
	t.Helper()
	var failure *pms.Error
	require.ErrorAs(t, err, &failure)
	return failure
}

func TestNamed(t *testing.T) {
	t.Parallel()
	require.NoError(t, mapping.Named(nil, "v", "h", pms.OpRead))
	ours := failureOf(t, mapping.Named(mapping.Invalid("adults", "too many"), "v", "h", pms.OpDraft))
	require.Equal(t, pms.Error{Kind: pms.ErrValidation, Vendor: "v", Hotel: "h", Operation: "draft", Field: "adults", Detail: "too many"}, *ours)
	theirs := &pms.Error{Kind: pms.ErrSoldOut, Vendor: "transport's", Operation: "quote"}
	require.Same(t, theirs, mapping.Named(theirs, "v", "h", pms.OpRead))
	strange := mapping.Named(errors.New(marker), "v", "h", pms.OpRead)
	require.ErrorIs(t, strange, pms.ErrUnavailable)
	require.NotContains(t, strange.Error(), marker)
	require.NoError(t, mapping.Unread(nil))
	lost := mapping.Unread(mapping.Malformed("id"))
	require.ErrorIs(t, lost, pms.ErrOutcomeUnknown)
	require.ErrorIs(t, lost, pms.ErrUnavailable, "the cause is kept")
	require.NoError(t, mapping.Required("a", "x", "b", "y"))
	require.Equal(t, "b", failureOf(t, mapping.Required("a", "x", "b", "", "c", "")).Field)
}

func TestReadMoney(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]pms.Money{
		`{"amount":119.99999999999999,"currency":"EUR"}`: euros(12000),
		`{"gross":5,"currency":"EUR"}`:                   euros(500),
		`{"amount":1,"gross":2,"currency":"EUR"}`:        euros(100),
		`{"amount":5000,"currency":"JPY"}`:               {Amount: 5000, Currency: "JPY"},
		`{"amount":1.234,"currency":"KWD"}`:              {Amount: 1234, Currency: "KWD"},
		`{}`:                                             {}, `null`: {}, `{"amount":null,"currency":null}`: {},
	} {
		var money pms.Money
		require.NoError(t, mapping.ReadMoney([]byte(body), &money, "currency", "amount", "gross"), body)
		require.Equal(t, want, money, body)
	}
	for _, body := range []string{
		`[]`, `"` + marker + `"`, `{"amount":"1","currency":"EUR"}`, `{"amount":1}`, `{"currency":"EUR"}`,
		`{"amount":1,"currency":"` + marker + `"}`, `{"amount":1,"currency":7}`, `{"amount":1e99,"currency":"EUR"}`,
	} {
		money := euros(1)
		err := mapping.ReadMoney([]byte(body), &money, "currency", "amount")
		require.Error(t, err, body)
		require.NotContains(t, err.Error(), marker)
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	sum, err := mapping.Sum("total", euros(1), pms.Money{}, euros(2))
	require.NoError(t, err)
	require.Equal(t, euros(3), sum)
	_, err = mapping.Sum("total", euros(1), dollar)
	require.Equal(t, "total", failureOf(t, err).Field)

	charges := []pms.Charge{{Amount: euros(5)}, {Amount: euros(7), Included: true}}
	payable, err := mapping.Payable("payable", euros(100), charges)
	require.NoError(t, err)
	require.Equal(t, euros(105), payable)

	parts := []pms.Money{euros(60), euros(30)}
	rest, err := mapping.Rest("rest", euros(100), parts...)
	require.NoError(t, err)
	require.Equal(t, euros(10), rest)
	require.Equal(t, euros(60), parts[0], "the parts stay as they are")
	_, err = mapping.Rest("rest", euros(100), dollar)
	require.Error(t, err)

	require.Equal(t, charges, mapping.Charges(charges[:1], nil, []pms.Charge{{Code: "none"}}, charges[1:]))
}

func TestOneOfIsNeverTooLittle(t *testing.T) {
	t.Parallel()
	require.Equal(t, euros(1000), mapping.OneOf(euros(1000), 0))
	require.Equal(t, euros(500), mapping.OneOf(euros(1000), 2))
	require.Equal(t, euros(334), mapping.OneOf(euros(1000), 3))
	rapid.Check(t, func(t *rapid.T) {
		total, count := rapid.Int64Range(0, 1<<40).Draw(t, "total"), rapid.IntRange(1, 50).Draw(t, "count")
		one := mapping.OneOf(euros(total), count).Amount
		require.GreaterOrEqual(t, one*int64(count), total)
		require.Less(t, one*int64(count)-total, int64(count))
	})
}

func TestAssemble(t *testing.T) {
	t.Parallel()
	stay := func(id pms.StayID, s pms.Status, total, payable pms.Money) pms.Stay {
		return pms.Stay{ID: id, Reference: "ref", Status: s, Total: total, PayableTotal: payable}
	}
	_, err := mapping.Assemble("A", nil)
	require.Error(t, err)

	one, err := mapping.Assemble("A", []pms.Stay{stay("A-1", pms.StatusConfirmed, euros(10), euros(12))})
	require.NoError(t, err)
	require.Equal(t, "A", one.Confirmation)
	require.Equal(t, "A-1", mapping.ConfirmedByStay(one).Confirmation)
	require.Equal(t, euros(12), one.PayableTotal)
	require.Equal(t, pms.Reference("ref"), one.Reference)

	two, err := mapping.Assemble("A", []pms.Stay{
		stay("A-1", pms.StatusCancelled, euros(10), euros(12)), stay("A-2", pms.StatusInHouse, euros(20), euros(23)),
		stay("A-3", pms.StatusConfirmed, euros(5), pms.Money{}),
	})
	require.NoError(t, err)
	require.Equal(t, "A", two.Confirmation)
	require.Equal(t, "A", mapping.ConfirmedByStay(two).Confirmation, "two stays have no number in common")
	require.Equal(t, euros(25), two.Total, "without the cancelled")
	require.Zero(t, two.PayableTotal, "one of them does not tell")
	require.Equal(t, pms.StatusInHouse, two.Status)

	_, err = mapping.Assemble("A", []pms.Stay{stay("A-1", "", euros(1), euros(1)), stay("A-2", "", dollar, dollar)})
	require.Error(t, err)
	gone, err := mapping.Assemble("A", []pms.Stay{stay("A-1", pms.StatusCancelled, euros(10), pms.Money{})})
	require.NoError(t, err)
	require.Equal(t, euros(0), gone.Total)
	require.Equal(t, pms.StatusCancelled, gone.Status)
}

func TestSurcharged(t *testing.T) {
	t.Parallel()
	stay := pms.Stay{
		Nights:       []pms.Night{{Total: euros(100)}, {Total: euros(110)}},
		Extras:       []pms.Extra{{Price: euros(36), Count: 2}},
		PayableTotal: euros(210 + 72 + 15),
		Charges:      []pms.Charge{{Code: "vat", Included: true}, {Code: "city", Amount: euros(9)}, {Code: "clean", Amount: euros(6)}},
	}
	got := mapping.Surcharged(stay, "beside", "Beside")
	require.Equal(t, []pms.Charge{{Code: "vat", Included: true}, {Code: "beside", Name: "Beside", Amount: euros(15)}}, got.Charges)
	require.Len(t, stay.Charges, 3, "the stay that was given stays as it is")
	for _, payable := range []pms.Money{{}, euros(282), euros(10), dollar} {
		stay.PayableTotal = payable
		require.Len(t, mapping.Surcharged(stay, "beside", "Beside").Charges, 1, payable)
	}
}

func TestFeeCharged(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 3, 8, 18, 0, 0, 0, time.UTC)
	policy := mapping.Policy(pms.CancellationPolicy{Fee: euros(80), NoShowFee: euros(90), FreeUntil: due})
	require.Equal(t, due, policy.FreeUntil)
	require.Zero(t, mapping.Policy(pms.CancellationPolicy{FreeUntil: due}).FreeUntil)
	for _, test := range []struct {
		status    pms.Status
		cancelled time.Time
		want      pms.Money
	}{
		{pms.StatusConfirmed, time.Time{}, pms.Money{}},
		{pms.StatusCancelled, due.Add(-time.Second), pms.Money{}},
		{pms.StatusCancelled, due, euros(80)},
		{pms.StatusCancelled, time.Time{}, pms.Money{}},
		{pms.StatusNoShow, time.Time{}, euros(90)},
	} {
		require.Equal(t, test.want, mapping.FeeCharged(pms.Stay{Status: test.status, Cancellation: policy}, test.cancelled), test)
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	day := pms.NewDate(2026, time.March, 29) // the clocks change
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	r := pms.Reservation{Stays: []pms.Stay{{ID: "1", Arrival: day.AddDays(2)}, {ID: "2", Arrival: day}}}
	held := mapping.Held(r, 18, berlin)
	require.Equal(t, pms.StatusHeld, held.Status)
	require.Equal(t, "2026-03-29T16:00:00Z", held.HoldUntil.UTC().Format(time.RFC3339))
	require.Equal(t, pms.StatusHeld, held.Stays[1].Status)

	with := func(states ...pms.Status) (r pms.Reservation) {
		for i, s := range states {
			r.Stays = append(r.Stays, pms.Stay{ID: pms.StayID(rune('1' + i)), Status: s})
		}
		return r
	}
	require.NoError(t, mapping.Standing(with(pms.StatusConfirmed, pms.StatusInHouse)))
	require.ErrorIs(t, mapping.Standing(with(pms.StatusConfirmed, pms.StatusCancelled)), pms.ErrConflict)

	var cancelled []pms.StayID
	cancel := func(id pms.StayID) error { cancelled = append(cancelled, id); return nil }
	require.NoError(t, mapping.Release(with(pms.StatusCancelled, pms.StatusConfirmed, pms.StatusNoShow), cancel))
	require.Equal(t, []pms.StayID{"2"}, cancelled)
	require.ErrorIs(t, mapping.Release(with(pms.StatusInHouse), cancel), pms.ErrConflict)
	require.ErrorIs(t, mapping.Release(with(pms.StatusConfirmed), func(pms.StayID) error { return pms.ErrUnavailable }), pms.ErrUnavailable)
}

func request() pms.CreateRequest {
	day := pms.NewDate(2026, time.March, 9)
	offer := pms.Offer{
		Arrival: day, Departure: day.AddDays(1), Occupancy: pms.Occupancy{Adults: 1}, Total: euros(100), PayableTotal: euros(105),
		Nights: []pms.Night{{Date: day, Total: euros(100)}}, Vendor: mapping.Stamp("acme", map[string]string{"code": "x"}),
	}
	return pms.CreateRequest{Reference: "ref", Booker: pms.Guest{LastName: marker}, Stays: []pms.StayRequest{{Offer: offer}, {Offer: offer}}}
}

func TestRequestedRefuses(t *testing.T) {
	t.Parallel()
	stays, err := mapping.Requested(request(), 2)
	require.NoError(t, err)
	require.Equal(t, marker, stays[1].Guest.LastName)
	require.Equal(t, euros(105), stays[0].PayableTotal)
	for field, spoil := range map[string]func(*pms.CreateRequest){
		"reference":             func(r *pms.CreateRequest) { r.Reference = "" },
		"booker.last_name":      func(r *pms.CreateRequest) { r.Booker = pms.Guest{} },
		"stays":                 func(r *pms.CreateRequest) { r.Stays = nil },
		"stays.guest.last_name": func(r *pms.CreateRequest) { r.Stays[1].Guest = &pms.Guest{} },
	} {
		r := request()
		spoil(&r)
		_, err := mapping.Requested(r, 2)
		require.Equal(t, field, failureOf(t, err).Field)
	}
	_, err = mapping.Requested(request(), 1)
	require.ErrorContains(t, err, "between 1 and 1")
	mixed := request()
	mixed.Stays[1].Offer.Total = dollar
	_, err = mapping.Requested(mixed, 2)
	require.ErrorContains(t, err, "currencies")
}

func TestDraftRoundTrip(t *testing.T) {
	t.Parallel()
	r := request()
	stays, err := mapping.Requested(r, 2)
	require.NoError(t, err)
	draft := mapping.Freeze(r, map[string]string{"b": "2", "a": "1"}, stays)
	require.Equal(t, draft, mapping.Freeze(r, map[string]string{"a": "1", "b": "2"}, stays), "the same bytes each time")
	envelope, err := mapping.Open(draft, false)
	require.NoError(t, err)
	require.Equal(t, `{"a":"1","b":"2"}`, string(envelope.Post))

	placed, ok := envelope.Placed("A", []mapping.Identified{{ID: "A-1"}, {ID: "A-2"}})
	require.True(t, ok)
	require.Equal(t, pms.StayID("A-2"), placed.Stays[1].ID)
	require.Equal(t, pms.ReservationID("A"), placed.Stays[1].ReservationID)
	require.Equal(t, marker, placed.Booker.LastName)
	require.Equal(t, euros(210), placed.PayableTotal)

	fresh := func() mapping.Envelope { e, err := mapping.Open(draft, false); require.NoError(t, err); return e }
	_, ok = fresh().Placed("A", []mapping.Identified{{ID: "A-1"}})
	require.False(t, ok, "an id is missing")
	_, ok = fresh().Placed("A", []mapping.Identified{{ID: "A-1"}, {ID: ""}})
	require.False(t, ok, "an id is empty")
	unlike := fresh()
	unlike.Stays[1].Occupancy.Adults = 2
	_, ok = unlike.Placed("A", []mapping.Identified{{ID: "A-1"}, {ID: "A-2"}})
	require.False(t, ok, "the order of the ids is not promised")

	_, err = mapping.Open(draft, true)
	require.ErrorContains(t, err, "not for a hold")
	draft.Hold = true
	_, err = mapping.Open(draft, false)
	require.ErrorContains(t, err, "is for a hold")
	for _, body := range []string{"", "{}", marker, `{"post":{},"stays":[]}`} {
		_, err = mapping.Open(pms.Draft{Key: "k", Body: []byte(body)}, false)
		require.Equal(t, "draft", failureOf(t, err).Field)
		require.NotContains(t, err.Error(), marker)
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	type terms struct {
		Code string `json:"code"`
	}
	good := request().Stays[0].Offer
	got, err := mapping.Terms[terms](good, "acme")
	require.NoError(t, err)
	require.Equal(t, "x", got.Code)
	for name, spoil := range map[string]func(*pms.Offer){
		"nothing":     func(o *pms.Offer) { o.Vendor = nil },
		"empty":       func(o *pms.Offer) { o.Vendor = []byte(`{}`) },
		"no stamp":    func(o *pms.Offer) { o.Vendor = []byte(`{"code":"x"}`) },
		"another's":   func(o *pms.Offer) { o.Vendor = mapping.Stamp("other", terms{"x"}) },
		"not ours":    func(o *pms.Offer) { o.Vendor = mapping.Stamp("acme", marker) },
		"no JSON":     func(o *pms.Offer) { o.Vendor = []byte(marker) },
		"no nights":   func(o *pms.Offer) { o.Nights = nil },
		"other dates": func(o *pms.Offer) { o.Departure = o.Departure.AddDays(1) },
		"nobody":      func(o *pms.Offer) { o.Occupancy.Adults = 0 },
	} {
		o := good
		spoil(&o)
		_, err := mapping.Terms[terms](o, "acme")
		require.Equal(t, "offer", failureOf(t, err).Field, name)
		require.NotContains(t, err.Error(), marker)
	}
}

func TestTermsOfAVendorThatNeedsNone(t *testing.T) {
	t.Parallel()
	offer := request().Stays[0].Offer
	offer.Vendor = mapping.Stamp("acme", struct{}{})
	_, err := mapping.Terms[struct{}](offer, "acme")
	require.NoError(t, err)
	_, err = mapping.Terms[struct{}](offer, "other")
	require.Equal(t, "offer", failureOf(t, err).Field, "another that needs none is another still")
	offer.Nights = nil
	_, err = mapping.Terms[struct{}](offer, "acme")
	require.Error(t, err, "the offer is looked at all the same")
}

func TestPick(t *testing.T) {
	t.Parallel()
	plan := func(room, plan, code string, available int) pms.Offer {
		return pms.Offer{
			RoomType: pms.Named{ID: room}, RatePlan: pms.Named{ID: plan, Code: code}, Available: available,
			Nights: []pms.Night{{RatePlanID: pms.RatePlanID(plan)}},
		}
	}
	mixed := plan("DBL", "MIX", "FLEX", 1)
	mixed.Nights = append(mixed.Nights, pms.Night{RatePlanID: "OTHER"})
	offers := []pms.Offer{mixed, plan("DBL", "DBL-FLEX", "FLEX", 3), plan("STE", "STE-FLEX", "flex", 1), plan("SGL", "SGL-FLEX", "FLEX", 0)}

	found, err := mapping.Pick(offers, pms.QuoteQuery{RatePlanID: "DBL-FLEX"})
	require.NoError(t, err)
	require.Equal(t, "DBL", found.RoomType.ID)
	_, err = mapping.Pick(offers, pms.QuoteQuery{RoomTypeID: "STE", RatePlanID: "DBL-FLEX"})
	require.ErrorIs(t, err, pms.ErrNotFound)
	_, err = mapping.Pick(offers, pms.QuoteQuery{RatePlanID: "SGL-FLEX"})
	require.ErrorIs(t, err, pms.ErrSoldOut)

	found, err = mapping.PickChange(offers, pms.ChangeQuery{RoomTypeID: "STE"}, "FLEX")
	require.NoError(t, err)
	require.Equal(t, "STE-FLEX", found.RatePlan.ID)
	_, err = mapping.PickChange(offers, pms.ChangeQuery{RoomTypeID: "STE"}, "")
	require.ErrorIs(t, err, pms.ErrNotFound)
	_, err = mapping.PickChange(offers, pms.ChangeQuery{RatePlanID: "MIX"}, "")
	require.ErrorIs(t, err, pms.ErrNotFound, "a plan that is mixed is none")
	_, err = mapping.PickChange(offers, pms.ChangeQuery{RatePlanID: "SGL-FLEX"}, "")
	require.ErrorIs(t, err, pms.ErrSoldOut)
}

func TestComplete(t *testing.T) {
	t.Parallel()
	day := pms.NewDate(2026, time.March, 9)
	stay := pms.Stay{
		Arrival: day, Departure: day.AddDays(2), Occupancy: pms.Occupancy{Adults: 2}, RoomType: pms.Named{ID: "DBL"}, RatePlan: pms.Named{ID: "DBL-FLEX"},
	}
	require.Equal(t, pms.ChangeQuery{
		Arrival: day, Departure: day.AddDays(2), Occupancy: stay.Occupancy, RoomTypeID: "DBL", RatePlanID: "DBL-FLEX",
	}, mapping.Complete(pms.ChangeQuery{}, stay))
	other := mapping.Complete(pms.ChangeQuery{RoomTypeID: "STE", Departure: day.AddDays(5)}, stay)
	require.Empty(t, other.RatePlanID, "another room type has another plan")
	require.Equal(t, day.AddDays(5), other.Departure)
	full := pms.ChangeQuery{RatePlanID: "X", Arrival: day.AddDays(1), Departure: day.AddDays(3), Occupancy: pms.Occupancy{Adults: 1}}
	require.Equal(t, full, mapping.Complete(full, stay))
}

func pagesOf(pages ...[]string) func(int) ([]string, bool, error) {
	return func(page int) ([]string, bool, error) { return pages[page-1], page < len(pages), nil }
}

func collect[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for item, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

func TestPages(t *testing.T) {
	t.Parallel()
	same := func(s string) string { return s }
	all, err := collect(mapping.Pages(same, pagesOf([]string{"a", "b"}, []string{"b", "c"}, nil)))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, all, "what moved to the next page comes once")
	for first := range mapping.Pages(same, pagesOf([]string{"a"}, nil)) {
		require.Equal(t, "a", first)
		break
	}
	_, err = collect(mapping.Pages(same, pagesOf([]string{"a", ""})))
	require.Equal(t, "id", failureOf(t, err).Field)
	_, err = collect(mapping.Pages(same, func(int) ([]string, bool, error) { return []string{"a"}, true, nil }))
	require.ErrorContains(t, err, "does not end")
	all, err = collect(mapping.Pages(same, func(page int) ([]string, bool, error) {
		if page == 2 {
			return nil, false, mapping.Malformed("page")
		}
		return []string{"a"}, true, nil
	}))
	require.ErrorContains(t, err, "page")
	require.Equal(t, []string{"a"}, all)
	upper, err := collect(mapping.Convert(mapping.Pages(same, pagesOf([]string{"a", "b"})), strings.ToUpper))
	require.NoError(t, err)
	require.Equal(t, []string{"A", "B"}, upper)
}

func TestGatherKeepsOrder(t *testing.T) {
	t.Parallel()
	items := []int{3, 1, 2}
	double, err := mapping.Gather(t.Context(), 2, items, func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	require.NoError(t, err)
	require.Equal(t, []int{6, 2, 4}, double)
	_, err = mapping.Gather(t.Context(), 2, items, func(_ context.Context, n int) (int, error) { return 0, mapping.Malformed("x") })
	require.Error(t, err)
	require.Nil(t, mapping.Each(nil, strings.ToUpper))
}

func TestUnique(t *testing.T) {
	t.Parallel()
	stays := func(pairs ...string) iter.Seq2[pms.Stay, error] {
		return func(yield func(pms.Stay, error) bool) {
			for _, pair := range pairs {
				ref, id, ok := strings.Cut(pair, "/")
				var err error
				if !ok {
					err = mapping.Malformed("list")
				}
				if !yield(pms.Stay{Reference: pms.Reference(ref), ReservationID: pms.ReservationID(id)}, err) {
					return
				}
			}
		}
	}
	found, err := mapping.Unique(stays("ref-2/B", "ref/A", "ref/A", "ref-3/C"), "ref", mapping.OfStay)
	require.NoError(t, err)
	require.Equal(t, pms.ReservationID("A"), found.ReservationID)
	for kind, list := range map[error]iter.Seq2[pms.Stay, error]{
		pms.ErrNotFound: stays("ref-2/B"), pms.ErrConflict: stays("ref/A", "ref/B"), pms.ErrUnavailable: stays("ref/A", "broken"),
	} {
		none, err := mapping.Unique(list, "ref", mapping.OfStay)
		require.ErrorIs(t, err, kind)
		require.Zero(t, none)
	}
	_, err = mapping.Unique(stays("/A"), "", mapping.OfStay)
	require.ErrorIs(t, err, pms.ErrNotFound, "no reference is nobody's")
	_, err = mapping.Unique(stays("ref/"), "ref", mapping.OfStay)
	require.ErrorIs(t, err, pms.ErrUnavailable, "what is there is not reported as missing")
}

func TestUniqueOfBookings(t *testing.T) {
	t.Parallel()
	type booking struct{ id, ref, rest string }
	list := mapping.Pages(func(b booking) string { return b.id }, func(int) ([]booking, bool, error) {
		return []booking{{"B", "ref-2", "other"}, {"A", "ref", "whole"}}, false, nil
	})
	found, err := mapping.Unique(list, "ref", func(b booking) (pms.Reference, pms.ReservationID) {
		return pms.Reference(b.ref), pms.ReservationID(b.id)
	})
	require.NoError(t, err)
	require.Equal(t, "whole", found.rest, "the vendor's own booking needs no second read")
}

func TestMatching(t *testing.T) {
	t.Parallel()
	ada := pms.Guest{ID: "1", FirstName: "Ada", LastName: "van Dyke", Email: "Ada@Example.org", Phone: "+49 (30) 555-1"}
	for query, want := range map[pms.GuestQuery]bool{
		{}:                                     true,
		{LastName: "VANDYKE"}:                  true,
		{LastName: " van  dyke "}:              true,
		{LastName: "Dyke"}:                     false,
		{LastName: "van Dyke", FirstName: "A"}: false,
		{Email: "ada@example.org"}:             true,
		{Phone: "+49 30/5551"}:                 true,
		{Phone: "30 5551"}:                     false,
	} {
		require.Equal(t, want, mapping.Matches(query, ada), query)
	}
	found := mapping.Matching(pms.GuestQuery{LastName: "van Dyke"}, []*pms.Guest{nil, &ada, {ID: "2", LastName: "Dyke"}, &ada})
	require.Equal(t, []pms.Guest{ada}, found)

	require.Equal(t, "ada@example.org", mapping.SearchText(pms.GuestQuery{LastName: "x", Email: " ada@example.org "}))
	require.Equal(t, "Dyke", mapping.SearchText(pms.GuestQuery{LastName: "van Dyke", FirstName: "Adelheid"}))
	require.Equal(t, "Ada", mapping.SearchText(pms.GuestQuery{FirstName: "Ada", Phone: "1"}))
	require.Empty(t, mapping.SearchText(pms.GuestQuery{Phone: "1"}))
}

func TestPathsCannotBeClimbed(t *testing.T) {
	t.Parallel()
	path, err := mapping.Path{"/v1/stays", "ABCD-1", "cancel"}.Join()
	require.NoError(t, err)
	require.Equal(t, "/v1/stays/ABCD-1/cancel", path)
	for _, id := range []string{"", "..", "a/b", "a b", "%2e", "a?b", "a#b", "-a", "a-", strings.Repeat("a", 65), "ä"} {
		_, err := mapping.Path{"/v1/stays", id}.Join()
		require.ErrorIs(t, err, pms.ErrNotFound, id)
	}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.String().Draw(t, "id")
		if mapping.ValidID(id) {
			require.Regexp(t, regexp.MustCompile(`^[A-Za-z0-9_-]+$`), id)
		}
	})
}

func TestQuery(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a=1&c=3%264", mapping.Query("a", "1", "b", "", "c", "3&4").Encode())
	require.Equal(t, "4,11", mapping.CSV([]int{4, 11}))
	require.Empty(t, mapping.CSV(nil))
}

func TestPatch(t *testing.T) {
	t.Parallel()
	patch := mapping.Patch{}.Replace("/guest", map[string]string{"name": "n"}).Set("/note", "")
	require.JSONEq(t, `[{"op":"replace","path":"/guest","value":{"name":"n"}},{"op":"add","path":"/note","value":""}]`, string(mapping.JSON(patch)))
}

func TestUnderstandRepeatsKnownWordsOnly(t *testing.T) {
	t.Parallel()
	phrases := []mapping.Phrase{
		mapping.Says(`(?i)full`, pms.ErrSoldOut, "", "").Telling(`FullyBooked`),
		mapping.Says(`(?i)wrong`, pms.ErrValidation, "", "try again").Naming(`\b(?:email|phone)\b`),
	}
	require.Nil(t, mapping.Understand(marker, phrases))
	full := mapping.Understand(marker+" FullyBooked", phrases)
	require.Equal(t, pms.Error{Kind: pms.ErrSoldOut, Detail: "FullyBooked"}, *full)
	wrong := mapping.Understand("email "+marker+" is wrong", phrases)
	require.Equal(t, pms.Error{Kind: pms.ErrValidation, Field: "email", Detail: "try again"}, *wrong)
	again := mapping.Understand("wrong", phrases)
	require.Empty(t, again.Field, "one answer leaves nothing for the next")
}

func TestRestrict(t *testing.T) {
	t.Parallel()
	var r pms.Restrictions
	for _, sentence := range []string{
		"The minimum length of stay is 3 nights", "Min stay: 2", "Maximum stay 14", "The rate is closed on arrival", "closed to departure", "Rate closed",
	} {
		require.True(t, mapping.Restrict(&r, sentence), sentence)
	}
	require.Equal(t, pms.Restrictions{MinNights: 3, MaxNights: 14, ClosedToArrival: true, ClosedToDeparture: true, Closed: true}, r)
	require.False(t, mapping.Restrict(&r, "Only on Tuesdays"))
}

func TestChecks(t *testing.T) {
	t.Parallel()
	require.NoError(t, mapping.CheckEdit(pms.EditRequest{Guest: &pms.Guest{LastName: "a"}, Companions: []pms.Guest{{LastName: "b"}}}))
	require.Error(t, mapping.CheckEdit(pms.EditRequest{Guest: &pms.Guest{}}))
	require.Error(t, mapping.CheckEdit(pms.EditRequest{Companions: []pms.Guest{{LastName: "b"}, {}}}))
	require.NoError(t, mapping.CheckExtra(pms.ExtraRequest{Extra: pms.Extra{ID: "x"}, Count: 1}))
	require.Error(t, mapping.CheckExtra(pms.ExtraRequest{Count: 1}))
	require.Error(t, mapping.CheckExtra(pms.ExtraRequest{Extra: pms.Extra{ID: "x"}}))
	require.NoError(t, mapping.CheckGuest(pms.Guest{ID: "x", LastName: "a"}))
	require.ErrorIs(t, mapping.CheckGuest(pms.Guest{LastName: "a"}), pms.ErrUnsupported)
	require.ErrorIs(t, mapping.CheckGuest(pms.Guest{ID: "x"}), pms.ErrValidation)
	require.True(t, slices.Contains([]pms.Status{pms.StatusHeld}, mapping.Overall([]pms.Stay{{Status: pms.StatusHeld}, {Status: pms.StatusNoShow}})))
}
