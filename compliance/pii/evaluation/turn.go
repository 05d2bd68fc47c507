package evaluation

// A Mark tells what a detector owes a marked place.
type Mark uint8

// The marks.
const (
	// Personal must be found.
	Personal Mark = iota
	// Optional may be masked or left.
	Optional
	// Invalid looks like its type and is none: it may be masked, and must not be
	// reported with that type.
	Invalid
)

// A Way tells how a value comes into the turn.
type Way uint8

// The ways.
const (
	// Plain is written, or for a name: introduced in this turn.
	Plain Way = iota
	// Spoken is said in words, at least in part.
	Spoken
	// KnownBefore is among the request's known values.
	KnownBefore
)

// A Truth is one marked place of a turn.
type Truth struct {
	Type string
	// Start and End are bytes of the turn's text, End exclusive.
	Start, End int
	Mark       Mark
	Way        Way
}

// A Request is what a detector may know of a turn.
type Request struct {
	Text, Language, Region string
	// Agent is the agent's last question, Expect the types that it asked for.
	Agent  string
	Expect []string
	// Entities limits a scan to these types. It is empty but in the typed scan
	// that looks for hits on invalid numbers.
	Entities                                   []string
	Names, Phones, Emails, Bookings, Addresses []string
	// Allow are the hotel's own values.
	Allow []string
}

// A Turn is what a caller said once, and the truth about it.
type Turn struct {
	// ID is the language and the line of its file, such as "de:42".
	ID      string
	Section string
	Request Request
	Truths  []Truth
}

// Negative tells that nothing in the turn has to be found.
func (t Turn) Negative() bool {
	for _, truth := range t.Truths {
		if truth.Mark == Personal {
			return false
		}
	}
	return true
}

// A Span is what a detector found: bytes of the request's text, End exclusive.
type Span struct {
	Type       string
	Start, End int
}
