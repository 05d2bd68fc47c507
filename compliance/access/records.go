package access

import (
	"encoding/json"
	"time"
)

// The records of a pack. Their JSON is what schema.json describes: a change
// that takes something away or means something else needs a new version.

// SchemaID names the schema of data.json and of the transcripts.
const SchemaID = "urn:voicehive:access-pack:1"

// A Controller is who answers for the data.
type Controller struct {
	Name    string `json:"name"`
	Country string `json:"country"`
	Contact string `json:"contact,omitempty"`
}

// A Person is how somebody is known: each value once.
type Person struct {
	Names  []string `json:"names"`
	Emails []string `json:"emails"`
	Phones []string `json:"phones"`
}

// Guest is what a booking has of its guest.
type Guest struct {
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Language  string `json:"language,omitempty"`
	Country   string `json:"country,omitempty"`
	Comment   string `json:"comment,omitempty"`
}

// Money is an amount in minor units.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Stay is a room for some nights.
type Stay struct {
	Room      string `json:"room,omitempty"`
	Rate      string `json:"rate,omitempty"`
	Arrival   string `json:"arrival"`
	Departure string `json:"departure"`
	Adults    int    `json:"adults,omitempty"`
	Children  []int  `json:"children_ages,omitempty"`
	Status    string `json:"status,omitempty"`
}

// Asked is a request for a booking or a change of it.
type Asked struct {
	Kind      string     `json:"kind"`
	At        time.Time  `json:"at"`
	SettledAt *time.Time `json:"settled_at,omitempty"`
}

// Booking is one booking.
type Booking struct {
	ID           string    `json:"id"`
	Confirmation string    `json:"confirmation,omitempty"`
	State        string    `json:"state"`
	Arrival      string    `json:"arrival"`
	Departure    string    `json:"departure"`
	Total        Money     `json:"total"`
	Guest        *Guest    `json:"guest,omitempty"` // nil: nothing is kept any more
	Stays        []Stay    `json:"stays"`
	Requests     []Asked   `json:"requests,omitempty"`
	Companions   int       `json:"other_guests,omitempty"` // how many; they have data of their own
	Tasks        []Asked   `json:"staff_tasks,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
}

// Companion is the person as a guest in somebody else's booking.
type Companion struct {
	ID        string    `json:"id"`
	Guest     *Guest    `json:"guest,omitempty"`
	Arrival   string    `json:"arrival,omitempty"`
	Departure string    `json:"departure,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Call is one conversation.
type Call struct {
	ID         string     `json:"id"`
	Direction  string     `json:"direction"`
	Language   string     `json:"language"`
	StartedAt  time.Time  `json:"started_at"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
	NoticeAt   *time.Time `json:"notice_heard_at,omitempty"` // that a machine answers
	Turns      int        `json:"turns"`
	Masked     int        `json:"masked_turns"` // in which something about others was taken out
	Transcript string     `json:"transcript,omitempty"`
	Recordings []Audio    `json:"recordings,omitempty"`
}

// Audio is a recording, in the pack or withheld.
type Audio struct {
	File   string `json:"file,omitempty"`
	FromMS int64  `json:"from_ms"`
	ToMS   int64  `json:"to_ms"`
	// Muted tells how many spans are silent, since others are spoken of there.
	Muted int `json:"muted,omitempty"`
	// Withheld is why it is not in the pack: others_audible or not_transcribed.
	Withheld string `json:"withheld,omitempty"`
}

// Transcript is what was said in a call.
type Transcript struct {
	Schema string `json:"schema"`
	Call   string `json:"call"`
	Turns  []Turn `json:"turns"`
}

// Turn is what one of them said.
type Turn struct {
	Seq     int    `json:"seq"`
	Speaker string `json:"speaker"`
	FromMS  int64  `json:"from_ms"`
	ToMS    int64  `json:"to_ms"`
	Text    string `json:"text"`
	Masked  bool   `json:"masked,omitempty"`
}

// Message is a letter or text message to the person.
type Message struct {
	Kind      string     `json:"kind"`
	Channel   string     `json:"channel"`
	To        string     `json:"to,omitempty"` // while it is kept, and where it is the person's own
	State     string     `json:"state"`
	Language  string     `json:"language,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    *time.Time `json:"sent_at,omitempty"`
}

// Consent is one yes, no or withdrawal.
type Consent struct {
	Purpose    string    `json:"purpose"`
	Action     string    `json:"action"`
	Wording    string    `json:"wording,omitempty"`
	Language   string    `json:"language"`
	Channel    string    `json:"channel"`
	Method     string    `json:"method"`
	Call       string    `json:"call,omitempty"`
	At         time.Time `json:"at"`
	RecordedAt time.Time `json:"recorded_at"`
	Note       string    `json:"note,omitempty"`
}

// Decision is how the person's bookings and calls were found to be one's.
type Decision struct {
	Kind   string    `json:"kind"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Disclosure is data that was given to somebody.
type Disclosure struct {
	Recipient string    `json:"recipient"` // an id of processing.recipients, or its name
	What      string    `json:"what"`      // booking, message_email, message_sms
	About     string    `json:"about"`     // the booking or kind of message
	At        time.Time `json:"at"`
}

// Purpose is why data is processed.
type Purpose struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Purpose    string   `json:"purpose"`
	Basis      []string `json:"legal_basis"`
	Categories []string `json:"categories"`
	Recipients []string `json:"recipients"`
	Transfers  string   `json:"transfers"`
	Term       string   `json:"retention"`
	Source     string   `json:"source"`
	Automated  string   `json:"automated_decisions,omitempty"`
}

// Recipient is somebody who gets data, by name.
type Recipient struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	What    string `json:"what"`
	Country string `json:"country"`
}

// Processing is what Article 15(1) asks for beside the copy.
type Processing struct {
	Purposes   []Purpose   `json:"purposes"`
	Recipients []Recipient `json:"recipients"`
}

// storedStay is a stay as the ledger has it.
type storedStay struct {
	Status    string `json:"status"`
	RoomType  named2 `json:"room_type"`
	RatePlan  named2 `json:"rate_plan"`
	Arrival   string `json:"arrival"`
	Departure string `json:"departure"`
	Occupancy struct {
		Adults       int   `json:"adults"`
		ChildrenAges []int `json:"children_ages"`
	} `json:"occupancy"`
}

type named2 struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

func (n named2) String() string {
	if n.Name != "" {
		return n.Name
	}
	return n.Code
}

// staysOf reads the ledger's stays.
func staysOf(text []byte) ([]Stay, error) {
	var stored []storedStay
	if err := json.Unmarshal(text, &stored); err != nil {
		return nil, err
	}
	stays := make([]Stay, len(stored))
	for i, s := range stored {
		stays[i] = Stay{
			Room: s.RoomType.String(), Rate: s.RatePlan.String(), Arrival: s.Arrival, Departure: s.Departure,
			Adults: s.Occupancy.Adults, Children: s.Occupancy.ChildrenAges, Status: s.Status,
		}
	}
	return stays, nil
}
