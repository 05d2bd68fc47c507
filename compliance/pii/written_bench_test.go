package pii

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// benchLines are lines as transcripts have them: most hold nothing.
var benchLines = []string{
	"Good evening, I would like to ask whether breakfast is included and until what time it is served.",
	"Ja, guten Tag, wir kommen mit zwei Kindern und bräuchten ein ruhiges Zimmer zum Hof, wenn das geht.",
	"my card number is 4111 1111 1111 1111 and it expires 12/27",
	"Bonjour, nous voudrions une chambre pour trois nuits avec vue sur le lac, c'est possible ?",
	"you can reach me at +49 151 12345678 or write to j.mueller@example.com please",
	"room 204 for 2 nights from 12 May at 120 euros per night, arriving around 14:30",
	"Sí, claro, la habitación doble con dos camas y, si puede ser, en una planta alta.",
	"La mia prenotazione è a nome di Rossi, arriviamo venerdì sera molto tardi.",
	"IBAN DE89 3704 0044 0532 0130 00, and the passport is C01X00T47",
	"Dzień dobry, chciałbym zarezerwować pokój dwuosobowy na przyszły weekend.",
	"Hebben jullie ook een parkeerplaats bij het hotel, en wat kost dat per dag?",
	"thank you very much, that is all I needed, have a nice day, goodbye",
}

const cleanSegment = "Good evening, I would like to ask whether breakfast is included, and until what time it is served on Sundays. We are two adults and a small dog, and we would love a quiet room with a view of the lake please."

func BenchmarkWritten(b *testing.B) {
	text := strings.Join(benchLines, "\n")
	benchStage(b, writtenStage, text)
}

func BenchmarkWrittenClean(b *testing.B) { benchStage(b, writtenStage, cleanSegment) }

func benchStage(b *testing.B, stage func(*scan), text string) {
	d := New(Options{})
	r := Request{Text: text}
	s := new(scan)
	var spans []Span
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.begin(d, &r); err != nil {
			b.Fatal(err)
		}
		stage(s)
		spans = s.resolve(spans[:0])
	}
}

func BenchmarkScan(b *testing.B) {
	d := New(Options{})
	text := strings.Join(benchLines, "\n")
	var spans []Span
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		spans, _ = d.Scan(spans[:0], Request{Text: text})
	}
}

// benchLanguages are the languages of benchLines.
var benchLanguages = []string{"en", "de", "en", "fr", "en", "en", "es", "it", "en", "pl", "nl", "en"}

// BenchmarkLines scans line by line, as a call does: each in its language.
func BenchmarkLines(b *testing.B) {
	d := New(Options{})
	size := 0
	for _, line := range benchLines {
		size += len(line)
	}
	var spans []Span
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for i, line := range benchLines {
			spans, _ = d.Scan(spans[:0], Request{Text: line, Language: benchLanguages[i]})
		}
	}
}

// BenchmarkSegment prints the 99th percentile of one segment of 200 characters.
func BenchmarkSegment(b *testing.B) {
	d := New(Options{})
	text := (benchLines[2] + " " + benchLines[4] + " " + benchLines[5])[:200]
	var spans []Span
	times := make([]time.Duration, 0, 1<<20)
	for b.Loop() {
		start := time.Now()
		spans, _ = d.Scan(spans[:0], Request{Text: text})
		if len(times) < cap(times) {
			times = append(times, time.Since(start))
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds()), "p99-ns")
}

// BenchmarkNew prints how long a detector takes to be ready and the memory that
// it and a scan hold.
func BenchmarkNew(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var d *Detector
	for b.Loop() {
		d = New(Options{})
	}
	if _, err := d.Scan(nil, Request{Text: strings.Join(benchLines, "\n")}); err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc)/(1<<20), "heap-MiB")
	_ = fmt.Sprint(d != nil)
}
