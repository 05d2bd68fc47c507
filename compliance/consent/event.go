package consent

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"
)

// Purpose is what a guest is asked to agree to.
type Purpose string

// The purposes.
const (
	Recording     Purpose = "recording"     // keeping the audio of a call
	Transcription Purpose = "transcription" // keeping what was said in writing
	Marketing     Purpose = "marketing"     // being written to about offers
	Profile       Purpose = "profile"       // keeping wishes for the next stay
)

// Purposes are all of them.
func Purposes() []Purpose { return []Purpose{Recording, Transcription, Marketing, Profile} }

// Action is what a guest did.
type Action string

// The actions.
const (
	Given     Action = "given"
	Refused   Action = "refused"
	Withdrawn Action = "withdrawn"
)

// Channel is the way on which it reached us.
type Channel string

// The channels.
const (
	Voice  Channel = "voice"
	Web    Channel = "web"
	Desk   Channel = "desk"
	Email  Channel = "email"
	Letter Channel = "letter"
)

// Method is how it was said.
type Method string

// The methods.
const (
	Spoken    Method = "spoken"
	KeyPress  Method = "key_press"
	Click     Method = "click"
	Signature Method = "signature"
	Written   Method = "written"
)

// maxDetail bounds an event's detail, in characters.
const maxDetail = 2000

// What an event can be refused for. None changes anything.
var (
	// ErrInvalid: a field is missing or malformed. The message names it.
	ErrInvalid = errors.New("consent: not a valid event")
	// ErrUnknownScope: the hotel has no such booking or call.
	ErrUnknownScope = errors.New("consent: the hotel has no such booking or call; use the id that it was booked or called under")
	// ErrFuture: the event would lie in the future.
	ErrFuture = errors.New("consent: the event's time lies in the future; check the clock that it comes from")
	// ErrOutsideCall: the event's time and its call do not fit together.
	ErrOutsideCall = errors.New("consent: the event's time or audio offset does not lie in its call")
	// ErrOutOfOrder: a yes is older than something that is known already.
	ErrOutOfOrder = errors.New("consent: a later event of this purpose is known; ask again and send the new answer")
	// ErrReused: the id belongs to another event.
	ErrReused = errors.New("consent: the event's id came before with another content; use a fresh ULID for a new event")
	// ErrNotFound: the hotel has no event of that id.
	ErrNotFound = errors.New("consent: the hotel has no such event")
	// ErrErased: the guest was erased, and nothing can be kept of them.
	ErrErased = errors.New("consent: the guest of this booking or call was erased")
)

// Event is one thing that a guest agreed to, refused or took back.
type Event struct {
	// ID is a ULID that the caller chose: an event that is sent again under it
	// is kept once.
	ID     string
	Tenant string
	// Scope is the ULID of the booking or call. Whose it is may be known later.
	Scope   string
	Purpose Purpose
	Action  Action
	// Wording is the version of the words that were put to the guest, and Hash
	// the SHA-256 of them. A withdrawal needs none. A Hash that is given must
	// be that of the wording.
	Wording  string
	Hash     []byte
	Language string
	Channel  Channel
	Method   Method
	// Call and Offset tell where in which call's audio the answer ended.
	Call   string
	Offset time.Duration
	// At is when it happened, as told; RecordedAt when it came here.
	At         time.Time
	RecordedAt time.Time
	// Actor is the role that sent it, perhaps with a pseudonym: "agent:4f02".
	Actor string
	// Detail is what else was noted, such as the answer's words. It is kept
	// sealed and not read back with the event.
	Detail string

	sealed []byte
}

// actorPattern is what the audit log allows, for the log has the actor too.
var actorPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_.:-]{0,63}$`)

// check completes the event, or tells what is wrong with its form.
func (e *Event) check() error {
	e.At = e.At.UTC().Truncate(time.Microsecond) // as the database keeps it
	e.Offset = e.Offset.Truncate(time.Millisecond)
	wrong := ""
	switch {
	case !isULID(e.ID):
		wrong = "id must be a ULID"
	case !isULID(e.Scope):
		wrong = "scope must be the ULID of a booking or call"
	case !slices.Contains(Purposes(), e.Purpose):
		wrong = "there is no such purpose"
	case !slices.Contains([]Action{Given, Refused, Withdrawn}, e.Action):
		wrong = "action must be given, refused or withdrawn"
	case !slices.Contains([]Channel{Voice, Web, Desk, Email, Letter}, e.Channel):
		wrong = "there is no such channel"
	case !slices.Contains([]Method{Spoken, KeyPress, Click, Signature, Written}, e.Method):
		wrong = "there is no such method"
	case !slices.Contains(languages, e.Language):
		wrong = "language must be one of those that wordings are there in"
	case e.Channel == Voice && !isULID(e.Call):
		wrong = "what was said on the phone needs its call"
	case e.Call != "" && !isULID(e.Call):
		wrong = "call must be a ULID"
	case e.Call == "" && e.Offset != 0, e.Offset < 0, e.Offset > 24*time.Hour:
		wrong = "offset must lie in a call's audio"
	case e.At.IsZero():
		wrong = "the time of the event is needed"
	case e.Wording == "" && e.Action != Withdrawn:
		wrong = "the version of the wording is needed"
	case !actorPattern.MatchString(e.Actor):
		wrong = "the actor must be a role"
	case !isText(e.Detail):
		wrong = fmt.Sprintf("the detail is plain text of at most %d characters", maxDetail)
	}
	if wrong != "" {
		return fmt.Errorf("%w: %s", ErrInvalid, wrong)
	}
	return e.checkWording()
}

// checkWording fills in the hash of the words, which nobody else can say.
func (e *Event) checkWording() error {
	if e.Wording == "" {
		e.Hash = nil
		return nil
	}
	w, err := WordingOf(e.Purpose, e.Wording, e.Language)
	if err != nil {
		return err
	}
	if len(e.Hash) > 0 && subtle.ConstantTimeCompare(e.Hash, w.Hash[:]) != 1 {
		return fmt.Errorf("%w: its words have another hash", ErrWording)
	}
	e.Hash = w.Hash[:]
	return nil
}

// same tells whether two events say the same, details apart.
func (e Event) same(other Event) bool {
	return e.At.Equal(other.At) && e.ID == other.ID && e.Tenant == other.Tenant && e.Scope == other.Scope && e.Purpose == other.Purpose &&
		e.Action == other.Action && e.Wording == other.Wording && e.Language == other.Language &&
		e.Channel == other.Channel && e.Method == other.Method && e.Call == other.Call && e.Offset == other.Offset
}

func isULID(text string) bool {
	id, err := ulid.ParseStrict(text)
	return err == nil && id.String() == text
}

func isText(text string) bool {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxDetail {
		return false
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' {
			return false
		}
	}
	return true
}
