package capability

import (
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/connectors/pms"
)

// checkSense finds what has the right form and cannot be true.
func checkSense(root *yaml.Node, vendors map[string]*Vendor) []Problem {
	var problems []Problem
	for _, name := range slices.Sorted(maps.Keys(vendors)) {
		c := &sense{root: root, name: name, v: vendors[name]}
		c.operations()
		c.dependencies()
		c.limits()
		c.timing()
		problems = append(problems, c.problems...)
	}
	return problems
}

// sense checks one vendor.
type sense struct {
	root     *yaml.Node
	name     string
	v        *Vendor
	problems []Problem
}

func (c *sense) wrong(path []string, text string, args ...any) {
	c.problems = append(c.problems, at(c.root, append([]string{"vendors", c.name}, path...), text, args...))
}

func (c *sense) support(o pms.Operation) pms.Support { return c.v.Operations[o].Support }

func (c *sense) can(o pms.Operation) bool { return c.support(o) == pms.Supported }

// local are the operations that make no call: one freezes a request, the other
// reads what was posted to us.
var local = []pms.Operation{pms.OpDraft, pms.OpWebhook}

// operations checks that each names the calls behind it.
func (c *sense) operations() {
	for _, o := range pms.Operations() {
		operation := c.v.Operations[o]
		path := []string{"operations", string(o)}
		calls := len(operation.Calls) + len(operation.Prose)
		switch {
		case operation.Support == pms.ByRebooking && o != pms.OpAmend:
			c.wrong(append(path, "support"), "only amend can be had by rebooking")
		case operation.Support == pms.Supported && calls == 0 && !slices.Contains(local, o):
			c.wrong(path, "an operation that the vendor has names its calls")
		case operation.Support == pms.Supported && calls > 0 && slices.Contains(local, o):
			c.wrong(path, "it makes no call")
		case operation.Support != pms.Supported && calls > 0:
			c.wrong(path, "an operation that the vendor lacks has no calls")
		}
		if len(operation.Calls) > 0 && c.v.Specs == "" {
			c.wrong(append(path, "calls"), "there are no files of the vendor's; use prose")
		}
	}
}

// needs are the operations that others are worth nothing without.
var needs = map[pms.Operation][]pms.Operation{
	pms.OpQuote:       {pms.OpAvailability},
	pms.OpCreate:      {pms.OpDraft, pms.OpRead, pms.OpCancel},
	pms.OpHold:        {pms.OpDraft, pms.OpConfirm, pms.OpRelease},
	pms.OpConfirm:     {pms.OpHold},
	pms.OpRelease:     {pms.OpHold},
	pms.OpAmend:       {pms.OpRead, pms.OpQuoteChange},
	pms.OpAddExtra:    {pms.OpExtras},
	pms.OpSubscribe:   {pms.OpSubscriptions, pms.OpUnsubscribe, pms.OpWebhook},
	pms.OpUpsertGuest: {pms.OpGuest},
}

func (c *sense) dependencies() {
	for _, o := range slices.Sorted(maps.Keys(needs)) {
		for _, needed := range needs[o] {
			if c.can(o) && !c.can(needed) {
				c.wrong([]string{"operations", string(o)}, "it needs %s, which the vendor lacks", needed)
			}
		}
	}
	if c.support(pms.OpAmend) == pms.ByRebooking {
		for _, needed := range []pms.Operation{pms.OpQuote, pms.OpCreate, pms.OpCancel} {
			if !c.can(needed) {
				c.wrong([]string{"operations", string(pms.OpAmend)}, "rebooking needs %s, which the vendor lacks", needed)
			}
		}
	}
	// A lost answer to a create must be cleared up by one of these; a hold at
	// least ends by itself.
	if c.can(pms.OpCreate) && c.v.Timing.KeyWindow.Value == 0 && !c.can(pms.OpByReference) && !c.can(pms.OpHold) {
		c.wrong([]string{"operations", string(pms.OpCreate)}, "a lost answer can never be cleared up: neither idempotency keys, nor by_reference, nor hold")
	}
}

// limits checks that what we send fits into what the vendor allows.
func (c *sense) limits() {
	pace := c.v.Limits.Pace.Value
	for i, window := range c.v.Limits.Windows {
		w := window.Value
		path := []string{"limits", "windows", fmt.Sprint(i), "value"}
		if w.Per <= 0 {
			c.wrong(append(path, "per"), "a window has a length")
			continue
		}
		// The most that a token bucket lets through within any such window.
		most := pace.PerSecond*w.Per.Seconds() + float64(pace.Burst)
		if !w.Soft && most > float64(w.Requests) {
			c.wrong([]string{"limits", "pace"}, "it lets %.0f requests through within %v, of which the vendor allows %d", most, w.Per, w.Requests)
		}
	}
}

// Bounds of the times that writes are repeated and looked up by.
const (
	longestKeyWindow = 30 * 24 // hours
	longestWait      = 60      // minutes
)

func (c *sense) timing() {
	t := c.v.Timing
	bound := func(field string, tooLong, missing bool) {
		switch {
		case tooLong:
			c.wrong([]string{"timing", field}, "it is too long")
		case missing:
			c.wrong([]string{"timing", field}, "it must be longer than nothing: no vendor is that quick")
		}
	}
	bound("key_window", t.KeyWindow.Value.Hours() > longestKeyWindow, false)
	bound("write_timeout", t.WriteTimeout.Value.Minutes() > longestWait, t.WriteTimeout.Value <= 0)
	bound("list_lag", t.ListLag.Value.Minutes() > longestWait, t.ListLag.Value <= 0)
	bound("hedge_after", t.HedgeAfter.Value.Minutes() > longestWait, false)
}
