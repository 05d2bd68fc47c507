package letters

import (
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// sampleHotel and samples fill in every field, so that no text goes untried.
func sampleHotel() Hotel {
	return Hotel{
		Name: "Hotel Aurora", Phone: "+493055501234", Email: "reception@aurora.example", Address: "Lichtweg 1, 10115 Berlin",
		Privacy: "privacy@aurora.example", Country: "DE", Languages: []string{"de"},
	}
}

func samples() []Data {
	booking := Booking{
		Reference: "XPGMSXGF-1", Arrival: pms.NewDate(2027, time.March, 1), Departure: pms.NewDate(2027, time.March, 3),
		Rooms: []string{"BER-DBL"}, Guests: 2, Total: pms.Money{Amount: 123450, Currency: "EUR"},
	}
	request := Request{Case: "DS-2027-14", Right: "erasure", Received: pms.NewDate(2027, time.January, 31)}
	due := pms.NewDate(2027, time.February, 28)
	const address = "https://aurora.example/v1/exports/abc"
	held := []Kept{{What: "invoices", Until: pms.NewDate(2035, time.December, 31)}, {What: "case", Until: pms.NewDate(2030, time.December, 31)}}
	return []Data{
		Code{Code: "480113", Minutes: 10},
		Confirmation{booking},
		Change{booking},
		Cancellation{Reference: booking.Reference, Arrival: booking.Arrival, Departure: booking.Departure, Fee: pms.Money{Amount: 9000, Currency: "EUR"}},
		Receipt{request, due},
		Extension{Request: request, Due: pms.NewDate(2027, time.April, 30), Reasons: ExtensionReasons()},
		Refusal{Request: request, Reasons: RefusalReasons(), Explanation: "48 + 2."},
		Completion{Request: request, Completed: due, Link: address, LinkUntil: due.AddDays(7), Kept: held},
		Certificate{
			Request: request, Erased: due, Final: due.AddDays(2), Fingerprint: strings.Repeat("0f", 32),
			Link: address, LinkUntil: due.AddDays(7), Kept: held,
		},
		Partly{Request: request, Completed: due, Reasons: RefusalReasons(), Kept: held},
		Deferral{Request: request, Until: due},
		Lifting{Request: request, From: due},
	}
}
