package codec

import (
	"regexp"
	"strings"
)

// summaries are the forms of the summaries that VoiceHive's workflows and
// schedules have. Only hotels, dates and numbers vary in them, and those are
// search attributes anyway. A summary of another form stays sealed, so
// forgetting to add one here hides it and leaks nothing.
var summaries = []string{
	"Booking at {hotel}, arrival {date}",
	"create the reservation", "confirm the hold", "release the hold", "cancel the reservation",
	"change stay {n} of {n}", "change stay {n} back",
	"book anew", "cancel the replaced reservation", "cancel the new reservation again",
	"read the hotel's change", "read the ledger",
	"hold ends", "close when quiet", "close when nothing is asked",
	"check the settings", "check a page of hotels",
	"Message to a guest of {hotel}", "queue a message to the guest", "see to a message that was not sent", "letter",
	"mask a turn", "mask turns",
	"list hotels", "check {hotel}", "compare bookings of {hotel}", "compare arrivals of {hotel}",
}

var clearForms = func() *regexp.Regexp {
	forms := make([]string, len(summaries))
	for i, form := range summaries {
		forms[i] = strings.NewReplacer(
			`\{hotel\}`, `[a-z0-9][a-z0-9-]{1,62}`,
			`\{date\}`, `[0-9]{4}-[0-9]{2}-[0-9]{2}`,
			`\{n\}`, `[0-9]{1,3}`,
		).Replace(regexp.QuoteMeta(form))
	}
	return regexp.MustCompile(`\A(?:` + strings.Join(forms, "|") + `)\z`)
}()

// Clear tells whether a summary may stand in the open in Temporal: it is of a
// known form, and none of them has room for a guest. Give it to
// temporal.Options.Clear.
func Clear(summary string) bool { return clearForms.MatchString(summary) }
