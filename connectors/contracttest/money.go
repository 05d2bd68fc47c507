package contracttest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

// currencies have no, two and three digits after the point.
var currencies = []string{"EUR", "JPY", "KWD"}

// moneyBehaviours book in currencies of several minor units.
func moneyBehaviours() []behaviour {
	var all []behaviour
	for _, code := range currencies {
		all = append(all, behaviour{
			operation: pms.OpCreate, name: "money_" + code, with: toBookIn,
			when: func(p probe) string {
				if p.Currency == code || slices.Contains(p.target.Currencies, code) {
					return ""
				}
				return "the simulator has no " + code
			},
			run: func(c *check) { c.booksIn(code) },
		})
	}
	return all
}

// booksIn follows an amount through offer, quote, booking and what the vendor
// holds: it must be the same to the last minor unit.
func (c *check) booksIn(code string) {
	c.Helper()
	if c.Currency != code {
		c.Bench = c.target.New(c.T, Options{Currency: code})
		c.caps = c.Connector.Capabilities()
	}
	require.Equal(c, code, c.Currency)
	for i, nights := range []int{1, 3, 7} {
		for _, o := range c.offers(c.arrival(), nights, couple) {
			c.priced(o)
		}
		o := c.offer(c.arrival(), nights, couple)
		require.Equal(c, code, o.Total.Currency)
		made := c.create(c.draft(c.reference(string(rune('A'+i))), o))
		require.Equal(c, o.Total, made.Total)
		read := c.read(made.ID)
		require.Equal(c, o.Total, read.Total)
		require.Equal(c, o.Total, c.record(made.Stays[0].ID).Total, "as the vendor has it")
		c.sums(read.Stays[0].Nights, read.Stays[0].Total)
		require.Equal(c, o.Cancellation.Fee, read.Stays[0].Cancellation.Fee)
	}
}
