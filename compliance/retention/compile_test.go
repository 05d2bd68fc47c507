//go:build unix

package retention_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/retention"
)

// randomRules is a policy of some rules for guests, that may or may not fit
// together.
func randomRules(r *rand.Rand) string {
	text := "owner: us\nanchors:\n  - {name: year, of: departure, round: year_end}\n  - {name: made, of: created, plus: P1M}\nrules:\n"
	for i := range 1 + r.IntN(5) {
		change := []string{
			"bound", []string{"min", "max", "default", "default"}[r.IntN(4)], "anchor", []string{"departure", "arrival", "year", "made", "created"}[r.IntN(5)],
			"period", fmt.Sprintf("P%dM%dD", r.IntN(6)*6, r.IntN(2)*r.IntN(40)), "purpose", []string{"stay", "tax", "claims"}[r.IntN(3)],
		}
		day := func() string {
			return time.Date(2022+r.IntN(4), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		}
		switch r.IntN(4) {
		case 0:
			change = append(change, "valid_from", day())
		case 1:
			change = append(change, "valid_to", day())
		case 2:
			change = append(change, "valid_from", day(), "retroactive", "true")
		}
		text += rule(fmt.Sprintf("rule-%d", i), change...)
	}
	return text
}

// TestTheDatabaseAndTheResolverAgree: on random rules, terms, dates, zones and
// days a plan counts exactly those rows, by the same rules, that Resolve would
// erase one by one.
func TestTheDatabaseAndTheResolverAgree(t *testing.T) {
	t.Parallel()
	const guests, policies = 300, 60
	h := open(t)
	random := rand.New(rand.NewPCG(7, 11))
	h.admin(`insert into booking (hotel, id, version, state, arrival, departure, stays, total_amount, total_currency, created_at)
		select $1, 'b' || n, 1, 'confirmed', d, d + n % 9, '[]', 1, 'EUR', d - (n * 37 % 9000) * interval '1 hour'
		from (select n, date '2022-01-01' + n * 13 % 1900 as d from generate_series(1, $2::int) n) x`, aurora, guests)
	h.admin(`insert into guest (hotel, booking, sealed, created_at) select hotel, id, '\xab', created_at from booking`)
	type row struct{ arrival, departure, created time.Time }
	rows := make([]row, 0, guests)
	for n := 1; n <= guests; n++ {
		d := day("2022-01-01").AddDate(0, 0, n*13%1900)
		rows = append(rows, row{d, d.AddDate(0, 0, n%9), d.Add(-time.Duration(n*37%9000) * time.Hour)})
	}
	compared, erased := 0, int64(0)
	for compared < policies {
		text := randomRules(random)
		if compared == 0 { // ties, which chance seldom makes
			text = head + rule("own", "period", "P6M") + rule("law", "period", "P6M", "bound", "min", "purpose", "tax") + rule("end", "period", "P6M", "bound", "max")
		}
		policy, err := load(t, text)
		if err != nil {
			continue // they do not fit together
		}
		compared++
		hotel := retention.Hotel{ID: aurora, Country: "DE", Zone: []string{"Europe/Berlin", "Europe/Lisbon", "UTC"}[random.IntN(3)]}
		zone, err := time.LoadLocation(hotel.Zone)
		require.NoError(t, err)
		settings := retention.Settings{Zone: zone}
		h.admin(`delete from retention_setting`)
		if random.IntN(2) == 0 {
			period := fmt.Sprintf("P%dM", random.IntN(30))
			settings.Terms = terms(period)
			h.admin(`insert into retention_setting (hotel, class, period, set_by) values ($1, 'guest', $2, 'test')`, aurora, period)
		}
		now := time.Date(2022+random.IntN(6), time.Month(1+random.IntN(12)), 1+random.IntN(28), random.IntN(24), 30, 0, 0, time.UTC)
		engine := retention.New(retention.Options{Pool: h.Pool, Policy: policy, Auditor: h.Writer, Keys: h.Ring}).At(now)
		plan, err := engine.Plan(t.Context(), hotel)
		require.NoError(t, err)
		want := map[string]int64{}
		for _, r := range rows {
			local := func(d time.Time) time.Time { return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone) }
			v := policy.Resolve(retention.Record{Class: "guest", Country: "DE", Anchors: map[retention.Anchor]time.Time{
				retention.Arrival: local(r.arrival), retention.Departure: local(r.departure), retention.Created: r.created,
			}}, settings, nil, now)
			if v.Action == retention.Erase {
				want[v.Rule]++
				erased++
			}
		}
		got := map[string]int64{}
		for _, part := range plan.Parts {
			require.Equal(t, "guest", part.Store)
			got = part.Rules
		}
		require.Equal(t, want, got, "policy %d at %s", compared, now)
	}
	require.Greater(t, erased, int64(1000))
}
