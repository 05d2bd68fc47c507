package retention_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
)

func load(t testing.TB, text string) (*retention.Policy, error) {
	t.Helper()
	return retention.Load(fstest.MapFS{"p.yaml": {Data: []byte(text)}})
}

const head = "owner: us\nrules:\n"

// rule is a line of YAML with one rule, in which fields are changed or added.
func rule(id string, changes ...string) string {
	fields := map[string]string{
		"id": id, "class": "guest", "purpose": "stay", "anchor": "departure", "period": "P90D", "bound": "default", "action": "delete",
		"statute": "law", "source": "page",
	}
	order := []string{"id", "class", "purpose", "anchor", "period", "bound", "action", "statute", "source"}
	for i := 0; i < len(changes); i += 2 {
		if _, known := fields[changes[i]]; !known {
			order = append(order, changes[i])
		}
		fields[changes[i]] = changes[i+1]
	}
	var parts []string
	for _, name := range order {
		if fields[name] != "" {
			parts = append(parts, name+`: "`+fields[name]+`"`)
		}
	}
	return "  - {" + strings.Join(parts, ", ") + "}\n"
}

func TestWhatIsNoPolicySaysWhereAndWhy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"unknown field": {head + rule("a", "colour", "red"), `p.yaml:3: retention: not a policy: there is no field colour`},
		"unknown class": {head + rule("a", "class", "shoes"), `p.yaml:3: retention: not a policy: there is no class shoes`},
		"file field":    {"owner: us\nlawyer: me\n", `p.yaml:2: retention: not a policy: there is no field lawyer`},
		"period":        {head + rule("a", "period", "90 days"), `p.yaml:3: retention: not a policy: period: a period is ISO 8601`},
		"bare period":   {head + rule("a", "period", "P"), `p.yaml:3:`},
		"time of day":   {head + rule("a", "period", "PT5M"), `p.yaml:3:`},
		"bound":         {head + rule("a", "bound", "about"), `a bound is min, max or default`},
		"action":        {head + rule("a", "action", "forget"), `an action is delete, shred, redact or restrict`},
		"anchor":        {head + rule("a", "anchor", "birthday"), `there is no anchor birthday`},
		"no purpose":    {head + rule("a", "purpose", ""), `a rule needs a purpose`},
		"no statute":    {head + rule("a", "bound", "min", "statute", ""), `needs a statute and a source`},
		"no owner":      {"rules:\n" + rule("a"), `a rule needs an owner`},
		"date":          {head + rule("a", "valid_from", "1.1.2026"), `p.yaml:3: retention: not a policy: valid_from: a day is written 2026-01-31`},
		"backwards":     {head + rule("a", "valid_from", "2026-01-01", "valid_to", "2025-01-01"), `valid_to lies behind valid_from`},
		"same id":       {head + rule("a") + rule("a", "class", "code"), `p.yaml:4: retention: not a policy: there is a rule a already, at p.yaml:3`},
		"overlap":       {head + rule("a") + rule("b"), `p.yaml:4: retention: not a policy: rule b holds at the same time as a at p.yaml:3`},
		"overlap in time": {head + rule("a", "valid_to", "2026-06-01") + rule("b", "valid_from", "2026-05-31"),
			`rule b holds at the same time as a`},
		"max below min":          {head + rule("a", "bound", "min", "period", "P2Y") + rule("b", "bound", "max", "period", "P1Y", "purpose", "x"), `max b ends before min a at p.yaml:3 does`},
		"max below min, swapped": {head + rule("b", "bound", "max", "period", "P1Y") + rule("a", "bound", "min", "period", "P2Y"), `min a`},
		"max below min by a year's end": {"owner: us\nanchors:\n  - {name: departure_year_end, of: departure, round: year_end}\nrules:\n" +
			rule("a", "bound", "min", "period", "P1Y", "anchor", "departure_year_end") + rule("b", "bound", "max", "period", "P1Y6M"), `max b ends before min a`},
		"default over max": {head + rule("a", "period", "P1Y") + rule("b", "bound", "max", "period", "P6M"), `max b ends before default a`},
		"anchors in a cycle": {"owner: us\nanchors:\n  - {name: x, of: y}\n  - {name: y, of: x}\nrules:\n" + rule("a"),
			`the anchors go round in a cycle: `},
		"anchor of itself": {"owner: us\nanchors:\n  - {name: x, of: x}\nrules:\n" + rule("a"), `p.yaml:3: retention: not a policy: the anchors go round in a cycle`},
		"given anchor":     {"owner: us\nanchors:\n  - {name: departure, of: created}\nrules:\n" + rule("a"), `there is an anchor departure already`},
		"rules in a cycle": {head + rule("a", "like", "b") + rule("b", "like", "a", "class", "code"), `the rules go round in a cycle: a like b like a`},
		"like nothing":     {head + rule("a", "like", "b"), `rule a is like b, which is no rule`},
		"no mapping":       {"owner: us\nrules:\n  - delete everything\n", `p.yaml:3:`},
		"no YAML":          {"owner: [us", `p.yaml: retention: not a policy`},
		"two documents":    {"owner: us\n---\nowner: them\n", `a file is one document`},
		"country":          {"country: Germany\n" + head + rule("a"), `a country is two capital letters`},
	} {
		_, err := load(t, test.text)
		require.ErrorIs(t, err, retention.ErrPolicy, name)
		require.ErrorContains(t, err, test.want, name)
	}
}

func TestSeparateValiditiesAreNoOverlap(t *testing.T) {
	t.Parallel()
	p, err := load(t, head+rule("a", "period", "P10Y", "bound", "min", "valid_to", "2025-01-01")+rule("b", "period", "P8Y", "bound", "min", "valid_from", "2025-01-01")+
		rule("c", "class", "companion", "like", "a", "anchor", "", "period", "", "bound", "", "action", ""))
	require.NoError(t, err)
	require.Equal(t, "P10Y", p.Rules(register.Companion, "")[0].Period.String())
	resolve := func(departure string) retention.Verdict {
		return p.Resolve(retention.Record{Class: register.Guest, Anchors: map[retention.Anchor]time.Time{retention.Departure: day(departure)}},
			retention.Settings{}, nil, day("2026-11-23"))
	}
	require.Equal(t, "a", resolve("2024-12-31").Rule)
	require.Equal(t, day("2035-01-01"), resolve("2024-12-31").Until)
	require.Equal(t, "b", resolve("2025-01-01").Rule)
	require.Equal(t, day("2033-01-02"), resolve("2025-01-01").Until)
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func record(class register.Class, country string, anchors ...any) retention.Record {
	r := retention.Record{Class: class, Country: country, Anchors: map[retention.Anchor]time.Time{}}
	for i := 0; i < len(anchors); i += 2 {
		r.Anchors[anchors[i].(retention.Anchor)] = day(anchors[i+1].(string))
	}
	return r
}

// TestTheHotelRows: what each country's rows say of a guest of 14 May 2026.
func TestTheHotelRows(t *testing.T) {
	t.Parallel()
	p, err := retention.Shipped()
	require.NoError(t, err)
	for _, test := range []struct {
		r     retention.Record
		until string
		rule  string
	}{
		{record("guest_register", "DE", retention.Arrival, "2026-05-14"), "2027-05-15", "de-guest-register"},
		{record("guest_register", "AT", retention.Entry, "2026-05-14"), "2033-05-15", "at-guest-register"},
		{record("guest_register", "FR", retention.Arrival, "2026-05-31"), "2026-12-01", "fr-guest-register"},
		{record("guest_register", "ES", retention.Departure, "2026-05-14"), "2029-05-15", "es-guest-register"},
		{record("guest_register", "PT", retention.DepartureNotice, "2026-05-14"), "2027-05-16", "pt-guest-register"},
		{record("invoice", "DE", retention.Issued, "2026-05-14"), "2035-01-01", "de-invoice"},
		{record("invoice", "DE", retention.Issued, "2020-05-14"), "2029-01-01", "de-invoice"},
		{record("invoice", "AT", retention.Issued, "2026-05-14"), "2034-01-01", "at-invoice"},
		{record("invoice", "FR", retention.Issued, "2026-05-14"), "2037-01-01", "fr-invoice"},
		{record("invoice", "ES", retention.Issued, "2026-05-14"), "2033-01-01", "es-invoice"},
		{record("invoice", "IT", retention.Issued, "2026-05-14"), "2037-01-01", "it-invoice"},
		{record("invoice", "PT", retention.Issued, "2026-05-14"), "2037-01-01", "pt-invoice"},
		{record("invoice", "NL", retention.Issued, "2026-05-14"), "2034-01-01", "nl-invoice"},
		{record("invoice", "BE", retention.Issued, "2026-05-14"), "2037-01-01", "be-invoice"},
		{record("invoice", "PL", retention.Issued, "2026-05-14"), "2032-01-01", "pl-invoice"},
	} {
		v := p.Resolve(test.r, retention.Settings{}, nil, day("2026-11-23"))
		require.Equal(t, retention.RestrictNow, v.Action, test.rule)
		require.Equal(t, test.rule, v.Rule)
		require.Equal(t, test.until, v.Until.Format(time.DateOnly), test.rule)
		require.NotEmpty(t, v.Statute, test.rule)
		require.NotEmpty(t, v.Why, test.rule)
	}
	// Italy: gone once the police's receipt is there, and kept before.
	italy := record("guest_register", "IT", retention.Receipt, "2026-11-21")
	require.Equal(t, retention.Erase, p.Resolve(italy, retention.Settings{}, nil, day("2026-11-23")).Action)
	require.Equal(t, retention.Keep, p.Resolve(record("guest_register", "IT", retention.Arrival, "2026-11-20"), retention.Settings{}, nil, day("2026-11-23")).Action)
	// Germany: gone within the three months after the year, and at their beginning.
	germany := record("guest_register", "DE", retention.Arrival, "2025-05-14")
	require.Equal(t, retention.RestrictNow, p.Resolve(germany, retention.Settings{}, nil, day("2026-05-14")).Action)
	require.Equal(t, retention.Erase, p.Resolve(germany, retention.Settings{}, nil, day("2026-05-15")).Action)
}

// TestTheOrder: a hold before a minimum, that before the hotel's term, that
// before a maximum, and that before the default.
func TestTheOrder(t *testing.T) {
	t.Parallel()
	p, err := load(t, head+rule("default", "period", "P90D")+rule("most", "bound", "max", "period", "P1Y")+rule("least", "bound", "min", "period", "P60D", "purpose", "tax"))
	require.NoError(t, err)
	r, now := record("guest", "DE", retention.Departure, "2026-01-01"), day("2026-02-20")
	short, long, far := retention.Settings{Terms: terms("P10D")}, retention.Settings{Terms: terms("P200D")}, retention.Settings{Terms: terms("P9Y")}
	hold := []holds.Hold{{ID: "01JD3ZG0000000000000000000", Matter: "2026-17", Kind: holds.Hotel}}
	for name, test := range map[string]struct {
		s      retention.Settings
		held   []holds.Hold
		action retention.Action
		rule   string
		until  string
	}{
		"default":     {retention.Settings{}, nil, retention.Keep, "default", "2026-04-02"},
		"hotel":       {long, nil, retention.Keep, "hotel-setting/guest", "2026-07-21"},
		"maximum":     {far, nil, retention.Keep, "most", "2027-01-02"},
		"minimum":     {short, nil, retention.RestrictNow, "least", "2026-03-03"},
		"hold":        {short, hold, retention.HoldIt, hold[0].ID, ""},
		"hold of far": {far, hold, retention.HoldIt, hold[0].ID, ""},
	} {
		v := p.Resolve(r, test.s, test.held, now)
		require.Equal(t, test.action, v.Action, name)
		require.Equal(t, test.rule, v.Rule, name)
		if test.until != "" {
			require.Equal(t, test.until, v.Until.Format(time.DateOnly), name)
		}
		require.GreaterOrEqual(t, len(v.Why), 3, name)
	}
	require.Equal(t, retention.Erase, p.Resolve(r, short, nil, day("2026-03-03")).Action)
	require.Equal(t, retention.RestrictNow, p.Resolve(r, short, nil, day("2026-03-02")).Action)
	other := []holds.Hold{{ID: "h", Kind: holds.Hotel, Classes: []register.Class{register.Recording}}}
	require.Equal(t, retention.Keep, p.Resolve(r, long, other, now).Action, "a hold of another class")
}

func terms(period string) map[register.Class]retention.Period {
	p, err := retention.ParsePeriod(period)
	if err != nil {
		panic(err)
	}
	return map[register.Class]retention.Period{register.Guest: p}
}

// TestWhatAPersonAsksFor: only a hold, the law and a stay keep it.
func TestWhatAPersonAsksFor(t *testing.T) {
	t.Parallel()
	p, err := retention.Shipped()
	require.NoError(t, err)
	asked := func(r retention.Record, held ...holds.Hold) retention.Verdict {
		r.Asked = true
		return p.Resolve(r, retention.Settings{}, held, day("2026-11-23"))
	}
	require.Equal(t, retention.Erase, asked(record("guest", "DE", retention.Departure, "2026-11-20")).Action)
	v := asked(record("guest", "DE", retention.Departure, "2026-12-24"))
	require.Equal(t, retention.Defer, v.Action)
	require.Equal(t, day("2026-12-24"), v.Until)
	require.Equal(t, retention.RestrictNow, asked(record("invoice", "DE", retention.Issued, "2026-05-14")).Action)
	require.Equal(t, retention.RestrictNow, asked(record("guest_register", "PT", retention.Arrival, "2026-05-14")).Action, "when the term began is not known")
	require.Equal(t, retention.Erase, asked(record("invoice", "DE", retention.Issued, "2010-05-14")).Action)
	require.Equal(t, retention.HoldIt, asked(record("guest", "DE", retention.Departure, "2026-11-20"), holds.Hold{ID: "h", Kind: holds.Hotel}).Action)
	require.Equal(t, retention.Redact, asked(record("booking", "DE", retention.Departure, "2026-11-20")).How)
	require.Equal(t, retention.Erase, asked(record("restriction", "DE")).Action, "no rule at all")
}

func TestAHotelMayShortenAndNeverPassAMaximum(t *testing.T) {
	t.Parallel()
	p, err := load(t, head+rule("default", "period", "P90D")+rule("most", "bound", "max", "period", "P1Y")+rule("codes", "class", "code", "period", "P7D"))
	require.NoError(t, err)
	check := func(class register.Class, period string) error {
		own, err := retention.ParsePeriod(period)
		require.NoError(t, err)
		return p.CheckSetting(class, "DE", own, day("2026-11-23"))
	}
	require.NoError(t, check("guest", "P1D"))
	require.NoError(t, check("guest", "P1Y"))
	require.ErrorContains(t, check("guest", "P1Y1D"), "over the maximum of P1Y (most)")
	require.NoError(t, check("code", "P7D"))
	require.ErrorContains(t, check("code", "P8D"), "over the default of P7D (codes)")
	require.ErrorIs(t, check("shoes", "P8D"), retention.ErrSetting)
	require.ErrorIs(t, check("turn", "P8D"), retention.ErrSetting, "no default")
}

// Longer terms never end sooner, and a verdict that says erase stays so.
func TestVerdictsOnlyMoveForward(t *testing.T) {
	t.Parallel()
	p, err := retention.Shipped()
	require.NoError(t, err)
	zone, err := time.LoadLocation("Europe/Lisbon")
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom([]string{"DE", "AT", "FR", "ES", "IT", "PT", "NL", "BE", "PL", "SE"}).Draw(t, "country")
		class := rapid.SampledFrom(register.Classes()).Draw(t, "class")
		r := retention.Record{Class: class, Country: country, Anchors: map[retention.Anchor]time.Time{}}
		for _, a := range []retention.Anchor{retention.Arrival, retention.Departure, retention.CallEnd, retention.Issued, retention.Created, retention.Closed} {
			r.Anchors[a] = day("2015-01-01").Add(time.Duration(rapid.IntRange(0, 24*4000).Draw(t, string(a))) * time.Hour)
		}
		s := retention.Settings{Zone: zone}
		now := day("2020-01-01").Add(time.Duration(rapid.IntRange(0, 24*4000).Draw(t, "now")) * time.Hour)
		v := p.Resolve(r, s, nil, now)
		if v.Action == retention.Erase && len(p.Rules(class, country)) > 0 {
			if v.Until.After(now) {
				t.Fatalf("erased before %s", v.Until)
			}
			if later := p.Resolve(r, s, nil, now.AddDate(0, 0, 400)); later.Action != retention.Erase {
				t.Fatalf("erase became %s", later.Action)
			}
		}
		if v.Action == retention.Keep && !v.Until.IsZero() {
			if next := p.Resolve(r, s, nil, v.Until.Add(time.Hour)); next.Action == retention.Keep && next.Until.Equal(v.Until) {
				t.Fatalf("still kept after %s", v.Until)
			}
		}
	})
}
