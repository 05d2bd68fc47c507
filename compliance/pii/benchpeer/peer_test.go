//go:build bench

// Package benchpeer measures the detector beside the nearest peer in Go, in one
// run. It is a module of its own, so that the product does not depend on the
// peer.
package benchpeer

import (
	"slices"
	"testing"
	"time"

	"github.com/hoophq/alcatraz"

	"github.com/voicehive/voicehive/compliance/pii"
)

// segments are turns of about 200 characters, with and without personal data.
var segments = []string{
	"Good evening, I would like to ask whether breakfast is included, and until what time it is served on Sundays. We are two adults and a small dog, and we would love a quiet room with a view of the lake.",
	"yes of course, you can reach me at +49 151 12345678 or write to j.mueller@example.com please, and my card number is 4111 1111 1111 1111, it expires 12/27 and the security code is on the back, one moment",
	"Guten Tag, meine Buchungsnummer ist AB-12345, wir kommen am 12. Mai mit zwei Kindern, die IBAN für die Anzahlung ist DE89 3704 0044 0532 0130 00, und das Zimmer 204 hätten wir gern wieder, 120 Euro.",
	"Bonjour, je m'appelle Claire Dubois, nous voudrions une chambre pour trois nuits avec vue sur le lac, mon numéro est le 06 12 34 56 78, et nous arriverons vers dix-huit heures, si cela vous convient.",
}

// BenchmarkSegment scans the same segments with both engines by turns, so that
// what else the machine does falls on both. It prints percentiles and asserts
// none.
func BenchmarkSegment(b *testing.B) {
	ours, peer := pii.New(pii.Options{}), alcatraz.NewEngine("en")
	var mine, theirs []time.Duration
	var spans []pii.Span
	i := 0
	for b.Loop() {
		text := segments[i%len(segments)]
		i++
		start := time.Now()
		spans, _ = ours.Scan(spans[:0], pii.Request{Text: text})
		mine = append(mine, time.Since(start))
		start = time.Now()
		peer.Analyze(text, alcatraz.Options{})
		theirs = append(theirs, time.Since(start))
	}
	report(b, mine, "ours")
	report(b, theirs, "peer")
}

func report(b *testing.B, times []time.Duration, who string) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), who+"-p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), who+"-p99-µs")
}
