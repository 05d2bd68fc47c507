package contracttest

import (
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// codeBehaviours are about rates that a code opens: a promotion's, a company's.
func codeBehaviours() []behaviour {
	var all []behaviour
	for name, codeOf := range map[string]func(b Bench) (promo, corporate string){
		"promotion_code": func(b Bench) (string, string) { return b.PromoCode, "" },
		"corporate_code": func(b Bench) (string, string) { return "", b.CorporateCode },
	} {
		when := func(p probe) string {
			if promo, corporate := codeOf(p.Bench); promo+corporate == "" {
				return "no code to try"
			}
			return ""
		}
		all = append(all,
			behaviour{operation: pms.OpAvailability, name: name, when: when, run: func(c *check) {
				promo, corporate := codeOf(c.Bench)
				c.opened(promo, corporate)
			}},
			behaviour{operation: pms.OpQuote, name: name, with: []pms.Operation{pms.OpAvailability}, when: when, run: func(c *check) {
				promo, corporate := codeOf(c.Bench)
				q := quoteOf(c.opened(promo, corporate))
				_, err := c.Connector.Quote(c.Context(), q)
				c.fails(err, pms.OpQuote, pms.ErrNotFound)
				q.PromoCode, q.CorporateCode = promo, corporate
				_, err = c.Connector.Quote(c.Context(), q)
				require.NoError(c, err)
			}},
			behaviour{operation: pms.OpCreate, name: name, with: toBookIn, when: when, run: func(c *check) {
				promo, corporate := codeOf(c.Bench)
				o := c.opened(promo, corporate)
				made := c.create(c.draft(c.reference(""), o))
				require.Equal(c, o.RatePlan.ID, c.read(made.ID).Stays[0].RatePlan.ID)
				require.Equal(c, o.Total, c.record(made.Stays[0].ID).Total, "as the vendor has it")
			}},
		)
	}
	return all
}

// opened is an offer that only the codes open. A wrong one is tried of the same
// kind alone: a vendor may refuse the other.
func (c *check) opened(promo, corporate string) pms.Offer {
	c.Helper()
	wrongly := func(code string) string {
		if code == "" {
			return ""
		}
		return "NOT" + c.base
	}
	open, wrong := c.plans("", ""), c.plans(wrongly(promo), wrongly(corporate))
	require.Equal(c, len(open), len(wrong), "a wrong code opens nothing")
	for id, o := range c.plans(promo, corporate) {
		if _, known := open[id]; !known {
			c.priced(o)
			return o
		}
	}
	require.Fail(c, "the code opens no rate")
	return pms.Offer{}
}

// plans are the offers of one night by rate plan.
func (c *check) plans(promo, corporate string) map[string]pms.Offer {
	c.Helper()
	offers, err := c.Connector.Availability(c.Context(), pms.AvailabilityQuery{
		Arrival: c.arrival(), Departure: c.arrival().AddDays(1), Occupancy: couple, PromoCode: promo, CorporateCode: corporate,
	})
	require.NoError(c, err)
	found := map[string]pms.Offer{}
	for _, o := range offers {
		found[o.RatePlan.ID] = o
	}
	return found
}
