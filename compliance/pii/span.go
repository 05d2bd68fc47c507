package pii

// Type names a kind of personal data. A type that Presidio knows too has
// Presidio's name, so that users can switch; the others are called
// COUNTRY_KIND.
type Type string

// Source tells what a span rests on.
type Source uint8

// What a span can rest on.
const (
	FromPattern     Source = iota // its form alone
	FromChecksum                  // its form and a check digit
	FromContext                   // its form and a word beside it
	FromSpoken                    // words that were said for digits or letters
	FromKnown                     // a value that the call knows already
	FromCue                       // an introduction, such as "my name is"
	FromExpectation               // the agent asked for it
	FromOther                     // a second engine
)

// String is the source's name in the output of "pii explain".
func (s Source) String() string {
	names := [...]string{"pattern", "checksum", "context", "spoken", "known", "cue", "expectation", "other"}
	if int(s) < len(names) {
		return names[s]
	}
	return "unknown"
}

// A Span is one personal datum in a text.
type Span struct {
	Type Type
	// Start and End are in bytes of the text as it was given, End exclusive;
	// both lie on a character's border.
	Start, End int
	// RuneStart and RuneEnd are the same in Unicode code points.
	RuneStart, RuneEnd int
	Score              float64 // 0 to 1
	Source             Source
	// Reason says in a few words why, without a word of the text.
	Reason string
}
