package pii

import "sync"

// Options make a Detector.
type Options struct {
	// Region is the country whose national phone numbers are read where a
	// request names none. Empty reads those of all countries of the EU, the
	// United Kingdom, Norway and Switzerland.
	Region string
	// Allow are values that stay in every text.
	Allow []string
}

// A Detector finds personal data in text. It may be used from several
// goroutines at once.
type Detector struct {
	options Options
	spoken  spokenParts
	known   knownParts
	scans   sync.Pool
}

// New makes a Detector.
func New(options Options) *Detector {
	d := &Detector{options: options, spoken: newSpokenParts(), known: newKnownParts()}
	d.scans.New = func() any { return new(scan) }
	return d
}

// Scan appends the personal data of r.Text to dst, in order of place; no two
// spans lie over each other. On an error nothing is appended, and whoever
// redacts must mask the whole text.
func (d *Detector) Scan(dst []Span, r Request) ([]Span, error) {
	s := d.scans.Get().(*scan)
	defer d.release(s)
	if err := s.begin(d, &r); err != nil {
		return dst, err
	}
	for _, stage := range stages {
		stage(s)
	}
	s.openly()
	if len(s.found) == 0 {
		return dst, nil
	}
	return s.resolve(dst), nil
}

// keepScan bounds the memory of a scan that goes back to the pool, in bytes of
// its text.
const keepScan = 32 << 10

func (d *Detector) release(s *scan) {
	large := len(s.text) > keepScan
	s.end()
	if !large {
		d.scans.Put(s)
	}
}
