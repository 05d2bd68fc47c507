package offboarding

import (
	"fmt"
	"strings"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// notReturned are the tables of a hotel that it does not get back, each with the
// reason. Article 28(3)(g) asks for the personal data that is kept for it; what
// the house keeps to do so, and secrets, go without.
var notReturned = map[string]string{
	"access_link":       "links that hand out guests' packs: secrets",
	"connection":        "how the house reached the hotel's system",
	"erased_object":     "a queue of the house",
	"erasure":           "the work of the house; its certificates are returned",
	"erasure_system":    "the work of the house",
	"guest_index":       "digests made from what is returned",
	"intent":            "working copies of what is returned as bookings and guests",
	"message":           "copies of what was told, made from what is returned",
	"one_time_code":     "secrets",
	"operator_task":     "the work of the house",
	"quote":             "offers of prices, made from the hotel's own system",
	"region_check":      "how the house watched its endpoints",
	"repair":            "the work of the house",
	"retention_batch":   "the work of the house",
	"retention_shred":   "the work of the house",
	"suppression":       "digests of who does not want to be kept; made from what is returned",
	"webhook_delivery":  "a queue of the house",
	"webhook_secret":    "secrets",
	"access_pack":       "copies of what is returned, each for one guest",
	"dsar_act":          "the work of the house on a request that is returned",
	"console_ended":     "sessions of the house's officers",
	"evidence_pack":     "names packs without guest data, which the hotel's officers fetch before it leaves",
	"dsar_procedure":    "who of the officers knows the procedure",
	"dsar_task":         "the work of the house on a request that is returned",
	"erasure_receipt":   "the work of the house; its certificates are returned",
	"hotel_attestation": "the hotel's own word, which it has",
	"message_sentence":  "the hotel's own words, which it has",
	"retention_run":     "the work of the house",
	"retention_setting": "the hotel's own words, which it has",
}

// An opener says how a sealed column of a table is opened.
type opener struct {
	column  string
	scope   string // the column with the scope
	purpose func(row map[string]any) keys.Purpose
	place   func(row map[string]any) string
}

func always(p keys.Purpose) func(map[string]any) keys.Purpose {
	return func(map[string]any) keys.Purpose { return p }
}

func at1(place string) func(map[string]any) string {
	return func(map[string]any) string { return place }
}

func of(form string, columns ...string) func(map[string]any) string {
	return func(row map[string]any) string {
		args := make([]any, len(columns))
		for i, column := range columns {
			args[i] = text(row[column])
		}
		return fmt.Sprintf(form, args...)
	}
}

// openers are the sealed columns of what is returned.
var openers = map[string][]opener{
	"guest":         {{"sealed", "booking", always(booking.SealPurpose), at1(booking.PlaceGuest)}},
	"party":         {{"sealed", "scope", always(keys.Operations), at1(subjects.PlaceParty)}},
	"turn":          {{"sealed", "call", always(keys.Operations), of("turn/%s/%s", "call", "seq")}},
	"consent_event": {{"sealed", "scope", always(keys.Consent), of("consent/%s", "id")}},
	"dsar_case": {
		{"sealed_wish", "id", always(keys.Case), at1("dsar/wish")},
		{"sealed_people", "id", always(keys.Case), at1("dsar/people")},
		{"sealed_reply", "id", always(keys.Case), at1("dsar/reply")},
	},
}

// sealedColumns are a table's sealed columns as one array.
func sealedColumns(table string) string {
	columns := make([]string, 0, 3)
	for _, o := range openers[table] {
		columns = append(columns, "t."+o.column)
	}
	if len(columns) == 0 {
		return "array[]::bytea[]"
	}
	return "array[" + strings.Join(columns, ", ") + "]"
}

// text is a column's value as a place has it. JSON has one kind of number.
func text(value any) string {
	if n, ok := value.(float64); ok {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprint(value)
}
