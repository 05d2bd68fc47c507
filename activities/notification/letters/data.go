package letters

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Kind is what a message is about. It is stored: never change one.
type Kind string

// The kinds.
const (
	KindCode         Kind = "code"
	KindConfirmation Kind = "booking_confirmed"
	KindChange       Kind = "booking_changed"
	KindCancellation Kind = "booking_cancelled"
	KindReceipt      Kind = "dsar_received"
	KindExtension    Kind = "dsar_extended"
	KindRefusal      Kind = "dsar_refused"
	KindCompletion   Kind = "dsar_completed"
	KindCertificate  Kind = "erasure_certificate"
	KindPartly       Kind = "dsar_partly"
	KindDeferral     Kind = "dsar_deferred"
	KindLifting      Kind = "restriction_lifted"
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{
		KindCode, KindConfirmation, KindChange, KindCancellation,
		KindReceipt, KindExtension, KindRefusal, KindCompletion, KindCertificate, KindPartly, KindDeferral, KindLifting,
	}
}

// OfCase tells that a kind belongs to a data-subject request, whose letters
// are kept with its file.
func (k Kind) OfCase() bool {
	return slices.Contains([]Kind{
		KindReceipt, KindExtension, KindRefusal, KindCompletion, KindCertificate, KindPartly, KindDeferral, KindLifting,
	}, k)
}

// Necessary tells that a contract or the law needs messages of a kind: who
// objected to others gets them all the same. A kind is not, until somebody adds
// it here.
func (k Kind) Necessary() bool {
	return k.OfCase() || slices.Contains([]Kind{KindCode, KindConfirmation, KindChange, KindCancellation}, k)
}

// ErrData is wrapped by every complaint about what a message is to say. It
// quotes no value.
var ErrData = errors.New("letters: the message's data is not complete")

// Data is what a message says, in one of the types below.
type Data interface {
	Kind() Kind
	// validate refuses data that would leave a gap in the letter.
	validate() error
}

// Code is a one-time code that proves who somebody is.
type Code struct {
	Code    string `json:"code"`
	Minutes int    `json:"minutes"` // how long it is valid
}

// Booking is what a confirmation and a change tell.
type Booking struct {
	Reference string    `json:"reference"`
	Arrival   pms.Date  `json:"arrival"`
	Departure pms.Date  `json:"departure"`
	Rooms     []string  `json:"rooms"`
	Guests    int       `json:"guests"`
	Total     pms.Money `json:"total"`
}

// Nights counts the nights of the stay.
func (b Booking) Nights() int { return b.Arrival.NightsUntil(b.Departure) }

// Confirmation says that a booking is made.
type Confirmation struct{ Booking }

// Change says what a booking has become.
type Change struct{ Booking }

// Cancellation says that a booking is no more.
type Cancellation struct {
	Reference string    `json:"reference"`
	Arrival   pms.Date  `json:"arrival"`
	Departure pms.Date  `json:"departure"`
	Fee       pms.Money `json:"fee"` // an amount of zero is none
	// FeeUnknown leaves the fee out: the hotel's system does not tell its terms.
	FeeUnknown bool `json:"fee_unknown,omitempty"`
}

// Request is the data-subject request that a letter is about.
type Request struct {
	Case     string   `json:"case"`  // the number that the guest knows it by
	Right    string   `json:"right"` // one of Rights
	Received pms.Date `json:"received"`
}

// Receipt says that a request came in, and by when it is answered.
type Receipt struct {
	Request
	Due pms.Date `json:"due"`
}

// Extension says why a request takes longer, and until when.
type Extension struct {
	Request
	Due     pms.Date `json:"due"`
	Reasons []string `json:"reasons"` // of ExtensionReasons
}

// Refusal says why a request is not granted.
type Refusal struct {
	Request
	Reasons []string `json:"reasons"` // of RefusalReasons
	// Explanation is the officer's own words, in the guest's language; may be
	// empty.
	Explanation string `json:"explanation,omitempty"`
}

// Completion says that a request was granted.
type Completion struct {
	Request
	Completed pms.Date `json:"completed"`
	// Link is where a copy can be fetched, until LinkUntil; empty when there is
	// nothing to fetch.
	Link      string   `json:"link,omitempty"`
	LinkUntil pms.Date `json:"link_until,omitzero"`
	Kept      []Kept   `json:"kept,omitempty"`
}

// Certificate says what was erased, and hands out the certificate.
type Certificate struct {
	Request
	Erased      pms.Date `json:"erased"`
	Final       pms.Date `json:"final"`
	Fingerprint string   `json:"fingerprint"` // SHA-256, 64 hexadecimal digits
	Link        string   `json:"link,omitempty"`
	LinkUntil   pms.Date `json:"link_until,omitzero"`
	Kept        []Kept   `json:"kept,omitempty"`
}

// Partly says that a part of a request was granted, and why not all of it.
type Partly struct {
	Request
	Completed pms.Date `json:"completed"`
	Reasons   []string `json:"reasons"` // of RefusalReasons
	Kept      []Kept   `json:"kept,omitempty"`
}

// Deferral says that a stay is in the way, and from when on it is not.
type Deferral struct {
	Request
	Until pms.Date `json:"until"`
}

// Lifting says that a restriction ends, before it does (Article 18(3) GDPR).
type Lifting struct {
	Request
	From pms.Date `json:"from"`
}

// Kept is something that the law does not let us erase yet.
type Kept struct {
	What  string   `json:"what"` // one of KeptThings
	Until pms.Date `json:"until"`
}

// Rights are what a guest can ask for, by the names that all files use.
func Rights() []string {
	return []string{"access", "erasure", "rectification", "restriction", "portability", "objection"}
}

// ExtensionReasons are those that Article 12(3) GDPR knows.
func ExtensionReasons() []string { return []string{"complexity", "number"} }

// RefusalReasons are those that a refusal can have.
func RefusalReasons() []string {
	return []string{
		"identity", "excessive", "legal_obligation", "legal_claims",
		"rights_of_others", "compelling_grounds", "stay_ahead",
	}
}

// KeptThings are what may have to be kept.
func KeptThings() []string { return []string{"invoices", "registration", "consents", "case", "audit"} }

// Kind implements Data.
func (Code) Kind() Kind { return KindCode }

// Kind implements Data.
func (Confirmation) Kind() Kind { return KindConfirmation }

// Kind implements Data.
func (Change) Kind() Kind { return KindChange }

// Kind implements Data.
func (Cancellation) Kind() Kind { return KindCancellation }

// Kind implements Data.
func (Receipt) Kind() Kind { return KindReceipt }

// Kind implements Data.
func (Extension) Kind() Kind { return KindExtension }

// Kind implements Data.
func (Refusal) Kind() Kind { return KindRefusal }

// Kind implements Data.
func (Completion) Kind() Kind { return KindCompletion }

// Kind implements Data.
func (Certificate) Kind() Kind { return KindCertificate }

// Kind implements Data.
func (Partly) Kind() Kind { return KindPartly }

// Kind implements Data.
func (Deferral) Kind() Kind { return KindDeferral }

// Kind implements Data.
func (Lifting) Kind() Kind { return KindLifting }

// Decode reads data of a kind from JSON, as Encode wrote it.
func Decode(kind Kind, text []byte) (Data, error) {
	switch kind {
	case KindCode:
		return decode[Code](text)
	case KindConfirmation:
		return decode[Confirmation](text)
	case KindChange:
		return decode[Change](text)
	case KindCancellation:
		return decode[Cancellation](text)
	case KindReceipt:
		return decode[Receipt](text)
	case KindExtension:
		return decode[Extension](text)
	case KindRefusal:
		return decode[Refusal](text)
	case KindCompletion:
		return decode[Completion](text)
	case KindCertificate:
		return decode[Certificate](text)
	case KindPartly:
		return decode[Partly](text)
	case KindDeferral:
		return decode[Deferral](text)
	case KindLifting:
		return decode[Lifting](text)
	}
	return nil, fmt.Errorf("%w: no such kind", ErrData)
}

func decode[T Data](text []byte) (Data, error) {
	var data T
	if err := json.Unmarshal(text, &data); err != nil {
		// The decoder's message can quote what it read.
		return nil, fmt.Errorf("%w: it cannot be read", ErrData)
	}
	return data, data.validate()
}

// Encode writes checked data as JSON.
func Encode(data Data) ([]byte, error) {
	if data == nil {
		return nil, fmt.Errorf("%w: there is none", ErrData)
	}
	if err := data.validate(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be written", ErrData)
	}
	return text, nil
}
