package breach_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/breach"
	"github.com/voicehive/voicehive/compliance/pii"
)

// TestPeopleAreFoundAndFactsAreNot: an officer can tell what happened, and
// cannot tell of whom.
func TestPeopleAreFoundAndFactsAreNot(t *testing.T) {
	t.Parallel()
	people := breach.People(pii.New(pii.Options{}))
	for text, want := range map[string]bool{
		"A backup of some 200 bookings lay readable for a day in a bucket in eu-central-1; found by a scan on 12 November 2026 at 14:00 UTC.": false,
		"Ticket OPS-1234: 3 guests of hotel Boreal had their e-mails sent to a wrong recipient; restored from the snapshot of 2026-11-01.":    false,
		"Reported at 14:00 UTC to the Berlin authority by its portal.":                                                                        false,
		"The booking of Ada Lovelace went to somebody else.":                                                                                  true,
		"It was sent to ada@example.org instead.":                                                                                             true,
		"The caller from +49 30 1234567 heard it.":                                                                                            true,
		"Card 4111 1111 1111 1111 was in a log.":                                                                                              true,
	} {
		found, err := people(t.Context(), text)
		require.NoError(t, err)
		require.Equal(t, want, found, text)
	}
}
