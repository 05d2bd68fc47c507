package register

import (
	"fmt"
	"slices"
)

// Class is a kind of records that are kept and erased alike.
type Class string

// The classes. Their names stand in policies, plans and certificates: they
// never change.
const (
	Guest           Class = "guest"            // who booked: name, contacts, wishes
	Companion       Class = "companion"        // a second person of a booking
	Index           Class = "index"            // blind indexes that find a guest
	Draft           Class = "draft"            // a request for a booking as it is sent
	Booking         Class = "booking"          // the ledger's row: stay, state, price
	Call            Class = "call"             // that and when a call was
	Turn            Class = "turn"             // what was said, in writing
	Recording       Class = "recording"        // what was said, as audio
	Message         Class = "message"          // messages to guests, and codes
	Code            Class = "code"             // one-time codes
	Consent         Class = "consent"          // a guest's yes and no
	SubjectDecision Class = "subject_decision" // whose data is whose
	AuditDetail     Class = "audit_detail"     // what commitments of the audit log commit to
	Case            Class = "case"             // a data-subject request and its letters
	Pack            Class = "pack"             // a copy made for a guest
	Certificate     Class = "certificate"      // proofs of what was done
	Restriction     Class = "restriction"      // what may be stored only
	Suppression     Class = "suppression"      // whom not to contact again
	Task            Class = "task"             // what a person has to do
	WebhookDelivery Class = "webhook_delivery" // events of hotel systems
	Run             Class = "run"              // workflow runs
	HotelSystem     Class = "hotel_system"     // what lies at the hotel's own system
	Invoice         Class = "invoice"          // what tax law keeps
	GuestRegister   Class = "guest_register"   // what registration law keeps
)

// Classes are all of them.
func Classes() []Class {
	return []Class{
		Guest, Companion, Index, Draft, Booking, Call, Turn, Recording, Message, Code, Consent, SubjectDecision,
		AuditDetail, Case, Pack, Certificate, Restriction, Suppression, Task, WebhookDelivery, Run, HotelSystem,
		Invoice, GuestRegister,
	}
}

// Validate returns ErrInvalid unless c is one of Classes. It does not repeat
// what it was given: that may be anything.
func (c Class) Validate() error {
	if !slices.Contains(Classes(), c) {
		return fmt.Errorf("%w: there is no such class of data; docs/compliance/register-of-processing.md lists them", ErrInvalid)
	}
	return nil
}
