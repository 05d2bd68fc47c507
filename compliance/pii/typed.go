package pii

import (
	"strings"
	"unicode/utf8"
)

// mostTyped bounds the findings of a typed request that are held against the
// open reading of the text.
const mostTyped = 512

// openly drops what a typed request found inside something else: a request for
// phone numbers alone must not report eight digits of a card. The text is read
// once more as if all types were asked for; what that reading knows better goes.
func (s *scan) openly() {
	if !s.typed || len(s.found) == 0 || len(s.found) > mostTyped || !s.doubts() {
		return
	}
	open := s.detector.scans.Get().(*scan)
	defer s.detector.release(open)
	request := *s.request
	request.Entities, request.MinScore = nil, 0
	if open.begin(s.detector, &request) != nil {
		return
	}
	for _, stage := range stages {
		stage(open)
	}
	open.resolve(nil)
	kept := s.found[:0]
	for i := range s.found {
		if f := &s.found[i]; !open.knowsBetter(f) {
			kept = append(kept, *f)
		}
	}
	clear(s.found[len(kept):])
	s.found = kept
}

// doubts tells whether anything was found that may be part of something else.
func (s *scan) doubts() bool {
	for i := range s.found {
		if s.found[i].rank < rankKnown && s.found[i].kind != URL {
			return true
		}
	}
	return false
}

// knowsBetter tells whether the open reading kept something else where f lies:
// more than f, of a surer form, or the same with a word that names it.
func (s *scan) knowsBetter(f *finding) bool {
	if f.rank >= rankKnown || f.kind == URL {
		return false
	}
	led := f.source == FromContext || f.source == FromExpectation || f.source == FromCue
	for i := range s.kept {
		o := &s.kept[i]
		if o.start > f.start || o.end < f.end || o.kind == URL || o.kind == NumberSequence || sameMeaning(o.kind, f.kind) {
			continue
		}
		if more := signs(s.text[o.start:o.end]) > signs(s.text[f.start:f.end]); more {
			return o.kind == Email || o.rank >= rankContext && o.rank >= f.rank || o.rank == rankChecksum && f.kind == CVV
		}
		named := o.source == FromContext || o.source == FromCue || o.source == FromExpectation || o.source == FromSpoken && o.kind == Phone
		switch {
		case anyNumber[f.kind]:
			return o.rank > f.rank || o.rank == rankChecksum || !led && named && o.rank >= rankContext
		case led:
			return false
		case f.source == FromChecksum:
			return named && o.kind == Phone && o.rank >= rankContext && o.score >= surely
		}
		return named && o.rank >= rankContext || o.rank == rankChecksum && f.score < surely
	}
	return false
}

// anyNumber are types whose form nearly any number has.
var anyNumber = map[Type]bool{Phone: true, LoyaltyNumber: true, BookingRef: true, CVV: true, BIC: true}

// surely is the score from which a form without a word beside it is believed.
const surely = 0.5

// signs counts the letters and digits of a stretch.
func signs(text string) int {
	n := 0
	for i := range len(text) {
		if isAlnum(text[i]) || text[i] >= utf8.RuneSelf {
			n++
		}
	}
	return n
}

// sameMeaning tells whether two types can be said of one value.
func sameMeaning(a, b Type) bool {
	return a == b || meaningOf(a) != "" && meaningOf(a) == meaningOf(b)
}

func meaningOf(t Type) string {
	if t == Email || t == IP || t == MAC {
		return ""
	}
	for _, row := range [...][]string{
		{"PASSPORT"}, {"IDENTITY_CARD", "ID_CARD"}, {"DRIVING_LICENCE", "DRIVER_LICENSE", "FUEHRERSCHEIN"}, {"LICENSE_PLATE", "VEHICLE_REGISTRATION", "KFZ"},
		{"ADDRESS", "LOCATION", "POSTAL_CODE", "POSTCODE", "PLZ"}, {"DATE_OF_BIRTH", "DATE_TIME", "CARD_EXPIRY"}, {"PERSON", "NRP"},
	} {
		for _, ending := range row {
			if strings.HasSuffix(string(t), ending) {
				return row[0]
			}
		}
	}
	return ""
}
