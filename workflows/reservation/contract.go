package reservation

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	enums "go.temporal.io/api/enums/v1"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
)

// Names on the wire. They live in histories: never change one.
const (
	Name      = "reservation"
	TaskQueue = "bookings"

	UpdateBook    = "book"
	UpdateConfirm = "confirm"
	UpdateModify  = "modify"
	UpdateCancel  = "cancel"

	// SignalPMSEvent tells that the hotel's system reported a change.
	SignalPMSEvent = "pms-event"
	// SignalUpgrade asks an idle workflow to continue on the newest version.
	SignalUpgrade = "upgrade"

	QueryStatus = "status"
)

// PMSQueue is the task queue of the PMS calls of a vendor.
func PMSQueue(vendor string) string { return "pms." + vendor }

// WorkflowID is the id of a booking's workflow.
func WorkflowID(hotel, booking string) string { return "booking/" + hotel + "/" + booking }

// ParseWorkflowID is the inverse of WorkflowID.
func ParseWorkflowID(id string) (hotel, booking string, err error) {
	parts := strings.Split(id, "/")
	if len(parts) != 3 || parts[0] != "booking" || parts[1] == "" || parts[2] == "" {
		return "", "", fmt.Errorf("reservation: %q is not a booking's workflow id", id)
	}
	return parts[1], parts[2], nil
}

// Search attributes of a booking's workflow. None of them is guest data.
var (
	HotelAttribute   = temporal.NewSearchAttributeKeyKeyword("Hotel")
	VendorAttribute  = temporal.NewSearchAttributeKeyKeyword("Vendor")
	StateAttribute   = temporal.NewSearchAttributeKeyKeyword("BookingState")
	ArrivalAttribute = temporal.NewSearchAttributeKeyTime("Arrival")
)

// SearchAttributes lists the attributes that a namespace must know.
func SearchAttributes() map[string]enums.IndexedValueType {
	all := map[string]enums.IndexedValueType{}
	for _, key := range []temporal.SearchAttributeKey{HotelAttribute, VendorAttribute, StateAttribute, ArrivalAttribute} {
		all[key.GetName()] = key.GetValueType()
	}
	return all
}

// Input starts a booking's workflow, or continues it.
type Input struct {
	Hotel   string `json:"hotel"`
	Vendor  string `json:"vendor"`
	Booking string `json:"booking"`
	// Timing is the hotel's policy; zero fields take the defaults.
	Timing Timing `json:"timing,omitzero"`
	// Reopened tells that the ledger has the booking already.
	Reopened bool `json:"reopened,omitempty"`
	// State is what the run before handed over; nil at a start.
	State *State `json:"state,omitempty"`
	// Untold are the messages to the guest that the run before had not queued.
	Untold []notification.Notice `json:"untold,omitempty"`
}

// Timing says how long a workflow waits for what.
type Timing struct {
	// FirstUpdate closes a run that no update was accepted in.
	FirstUpdate time.Duration `json:"first_update,omitempty"`
	// Idle closes a settled booking that nobody touches.
	Idle time.Duration `json:"idle,omitempty"`
	// Hold ends a hold, at the latest, this long after it was made, even when
	// the hotel would keep it longer. Zero leaves it to the hotel.
	Hold time.Duration `json:"hold,omitempty"`
}

func (t Timing) withDefaults() Timing {
	if t.FirstUpdate == 0 {
		t.FirstUpdate = time.Minute
	}
	if t.Idle == 0 {
		t.Idle = 10 * time.Minute
	}
	return t
}

// A Request asks for one intent of the ledger to be carried out.
type Request struct {
	Intent string `json:"intent"`
	// Stays is how many stays the intent's quote has; for UpdateModify.
	Stays int `json:"stays,omitempty"`
	// Rebook has the reservation replaced, for a hotel system that cannot
	// change one; the intent holds the new one's draft. For UpdateModify.
	Rebook bool `json:"rebook,omitempty"`
	// Tell has the guest told of what comes of it, after whoever asked was
	// answered.
	Tell bool `json:"tell,omitempty"`
}

// Event is the payload of SignalPMSEvent. It names nothing: whatever changed
// is read at the hotel.
type Event struct {
	// ID is the vendor's id of the delivery, for the history's reader.
	ID string `json:"id,omitempty"`
}

// Status answers QueryStatus.
type Status struct {
	State     ledger.State `json:"state"`
	Version   int64        `json:"version"`
	HoldUntil time.Time    `json:"hold_until,omitzero"`
	Working   bool         `json:"working"`
	Updates   int          `json:"updates"`
}

// State is all that a run hands over to the next.
type State struct {
	booking.Outcome
	// Updates counts the updates handled since the first run.
	Updates int `json:"updates"`
	// Handled are the latest answers by update id, so that a repeat across
	// runs is answered and not carried out again.
	Handled []Handled `json:"handled,omitempty"`
}

// Handled is an answered update.
type Handled struct {
	ID      string          `json:"id"`
	Outcome booking.Outcome `json:"outcome"`
}

// Types of the errors that a validator refuses an update with.
const (
	// RefusedState: the booking's state does not allow the update.
	RefusedState = "refused_state"
	// RefusedRequest: the request itself is malformed.
	RefusedRequest = "refused_request"
)

var ulidPattern = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)

// Register registers the workflow under its name. A run stays on the worker
// version that it began on; an upgrade signal moves it at a safe point.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(Reservation, workflow.RegisterOptions{
		Name:               Name,
		VersioningBehavior: workflow.VersioningBehaviorPinned,
	})
}
