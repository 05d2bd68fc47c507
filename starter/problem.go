package starter

import (
	"fmt"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A Problem is a refusal or failure that the caller can act on. It holds no
// guest data. Its Code is stable and documented; see Problems.
type Problem struct {
	Code   string // "sold-out"
	Status int    // the HTTP status that fits
	Title  string // what the code means, the same each time
	Detail string // what is wrong here, and the next step
	Field  string // the input at fault, as a JSON pointer; "" when none is
	// RetryAfter tells when to try again; 0 when trying again will not help.
	RetryAfter time.Duration
	// Alternatives are offers that could be booked instead.
	Alternatives []pms.Offer
	cause        error
}

// Error tells code and detail in one line.
func (p *Problem) Error() string {
	if p.Field != "" {
		return fmt.Sprintf("%s: %s (%s)", p.Code, p.Detail, p.Field)
	}
	return p.Code + ": " + p.Detail
}

// Unwrap returns what led to the problem.
func (p *Problem) Unwrap() error { return p.cause }

// A Kind is one sort of problem: its code, status and title.
type Kind struct {
	Code   string
	Status int
	Title  string
}

// The kinds of problem.
var (
	Unauthenticated    = Kind{"unauthenticated", http.StatusUnauthorized, "The token or key is missing, wrong or expired"}
	Forbidden          = Kind{"forbidden", http.StatusForbidden, "The caller's role or hotel does not allow this"}
	MalformedRequest   = Kind{"malformed-request", http.StatusBadRequest, "The request cannot be read"}
	TooLarge           = Kind{"too-large", http.StatusRequestEntityTooLarge, "The request body is too large"}
	MissingKey         = Kind{"idempotency-key-missing", http.StatusBadRequest, "A write needs an Idempotency-Key"}
	KeyReused          = Kind{"idempotency-key-reused", http.StatusConflict, "The Idempotency-Key came before with another body"}
	ImpossibleDates    = Kind{"impossible-dates", http.StatusUnprocessableEntity, "The dates cannot be a stay"}
	PastArrival        = Kind{"past-arrival", http.StatusUnprocessableEntity, "The arrival is in the past"}
	StayTooLong        = Kind{"stay-too-long", http.StatusUnprocessableEntity, "The stay is too long or too far ahead"}
	InvalidOccupancy   = Kind{"invalid-occupancy", http.StatusUnprocessableEntity, "The number of guests cannot be"}
	InvalidGuest       = Kind{"invalid-guest", http.StatusUnprocessableEntity, "The guest's details are missing or malformed"}
	InvalidRequest     = Kind{"invalid-request", http.StatusUnprocessableEntity, "A field is missing or malformed"}
	UnknownHotel       = Kind{"unknown-hotel", http.StatusNotFound, "There is no such hotel"}
	UnknownRoom        = Kind{"unknown-room", http.StatusUnprocessableEntity, "The hotel has no such room type"}
	UnknownRate        = Kind{"unknown-rate", http.StatusUnprocessableEntity, "The hotel has no such rate plan for the room type"}
	UnknownQuote       = Kind{"unknown-quote", http.StatusNotFound, "There is no such quote"}
	QuoteExpired       = Kind{"quote-expired", http.StatusConflict, "The quote has expired"}
	QuoteUsed          = Kind{"quote-used", http.StatusConflict, "The quote has been booked already"}
	QuoteMismatch      = Kind{"quote-mismatch", http.StatusConflict, "The quote is for something else"}
	UnknownReservation = Kind{"unknown-reservation", http.StatusNotFound, "There is no such reservation"}
	NotChangeable      = Kind{"not-changeable", http.StatusConflict, "The reservation's state does not allow this"}
	AlreadyCancelled   = Kind{"already-cancelled", http.StatusConflict, "The reservation is cancelled"}
	ChangedMeanwhile   = Kind{"changed-meanwhile", http.StatusConflict, "The reservation changed at the hotel meanwhile"}
	SoldOut            = Kind{"sold-out", http.StatusConflict, "The room is no longer available"}
	RefusedByHotel     = Kind{"refused-by-hotel", http.StatusUnprocessableEntity, "The hotel's system refused the request"}
	Unsupported        = Kind{"unsupported", http.StatusNotImplemented, "The hotel's system cannot do this"}
	HotelUnavailable   = Kind{"hotel-system-unavailable", http.StatusServiceUnavailable, "The hotel's system does not answer now"}
	HotelMisconfigured = Kind{"hotel-misconfigured", http.StatusBadGateway, "The hotel's system refuses our credentials"}
	HotelMaintenance   = Kind{"hotel-maintenance", http.StatusServiceUnavailable, "The hotel's system is closed for maintenance"}
	TooMany            = Kind{"too-many-requests", http.StatusTooManyRequests, "Too many requests came at once"}
	Unavailable        = Kind{"unavailable", http.StatusServiceUnavailable, "VoiceHive cannot answer now"}
	Internal           = Kind{"internal", http.StatusInternalServerError, "Something went wrong on our side"}
	UnknownScope       = Kind{"unknown-scope", http.StatusNotFound, "There is no such call or reservation"}
	ImpossibleConsent  = Kind{"impossible-consent", http.StatusUnprocessableEntity, "The consent's times cannot be true"}
	ConsentReused      = Kind{"consent-reused", http.StatusConflict, "The event's id came before with another content"}
	GuestErased        = Kind{"guest-erased", http.StatusGone, "The guest's data was erased"}
	GuestRestricted    = Kind{"guest-restricted", http.StatusLocked, "The guest's data may only be stored for now"}
	UnknownSubject     = Kind{"unknown-subject", http.StatusNotFound, "There is no such guest"}
	AmbiguousSubject   = Kind{"ambiguous-subject", http.StatusConflict, "More than one guest matches"}
	AlreadyMerged      = Kind{"already-merged", http.StatusConflict, "The guests were made one already"}
	UnknownDecision    = Kind{"unknown-decision", http.StatusNotFound, "There is no such decision that stands"}
	ImpossibleSplit    = Kind{"impossible-split", http.StatusUnprocessableEntity, "What is split is not some of one guest's"}
	UnknownRequest     = Kind{"unknown-request", http.StatusNotFound, "There is no such data-subject request"}
	RequestState       = Kind{"request-state", http.StatusConflict, "The data-subject request's state does not allow this"}
	SamePerson         = Kind{"same-person", http.StatusConflict, "Two different people are needed"}
	RequestLate        = Kind{"request-late", http.StatusConflict, "The due date of the data-subject request has passed"}
	AlreadyExtended    = Kind{"already-extended", http.StatusConflict, "The data-subject request was extended already"}
	UnknownTask        = Kind{"unknown-task", http.StatusNotFound, "The data-subject request has no such open task"}
	RequesterNotTold   = Kind{"requester-not-told", http.StatusConflict, "The requester could not be told"}
	ProcedureUnread    = Kind{"procedure-unread", http.StatusConflict, "The procedure for data-subject requests has to be read and confirmed first"}
	UnknownHold        = Kind{"unknown-hold", http.StatusNotFound, "There is no such legal hold"}
	HoldState          = Kind{"hold-state", http.StatusConflict, "The legal hold's state does not allow this"}
	UnknownRetention   = Kind{"unknown-retention-run", http.StatusNotFound, "There is no such retention run"}
	RetentionState     = Kind{"retention-state", http.StatusConflict, "The retention run's state does not allow this"}
	PlanChanged        = Kind{"plan-changed", http.StatusConflict, "The plan is not the one that was seen"}
	PersonNeeded       = Kind{"person-needed", http.StatusForbidden, "Somebody who signed in as a person has to do this"}
	OtherProvider      = Kind{"other-provider", http.StatusConflict, "Both people have to be known to one identity provider"}
	UnknownPack        = Kind{"unknown-pack", http.StatusNotFound, "There is no such pack of evidence"}
	PackDamaged        = Kind{"pack-damaged", http.StatusConflict, "The pack of evidence is missing or was altered"}
	NotFound           = Kind{"not-found", http.StatusNotFound, "There is nothing at this address"}
)

// Problems lists every kind, for the documentation.
func Problems() []Kind {
	return []Kind{
		Unauthenticated, Forbidden, MalformedRequest, TooLarge, MissingKey, KeyReused,
		ImpossibleDates, PastArrival, StayTooLong, InvalidOccupancy, InvalidGuest, InvalidRequest,
		UnknownHotel, UnknownRoom, UnknownRate, UnknownQuote, QuoteExpired, QuoteUsed, QuoteMismatch,
		UnknownReservation, NotChangeable, AlreadyCancelled, ChangedMeanwhile, SoldOut,
		UnknownScope, ImpossibleConsent, ConsentReused, GuestErased, GuestRestricted,
		UnknownSubject, AmbiguousSubject, AlreadyMerged, UnknownDecision, ImpossibleSplit,
		UnknownRequest, RequestState, SamePerson, RequestLate, AlreadyExtended, UnknownTask, RequesterNotTold, ProcedureUnread,
		UnknownHold, HoldState, UnknownRetention, RetentionState, PlanChanged, PersonNeeded, OtherProvider, UnknownPack, PackDamaged,
		RefusedByHotel, Unsupported, HotelUnavailable, HotelMaintenance, HotelMisconfigured, TooMany, Unavailable, Internal, NotFound,
	}
}

// With returns a problem of this kind.
func (k Kind) With(detail string) *Problem {
	return &Problem{Code: k.Code, Status: k.Status, Title: k.Title, Detail: detail}
}

// In is With for a field of the input.
func (k Kind) In(field, detail string) *Problem {
	p := k.With(detail)
	p.Field = field
	return p
}

// because notes what led to the problem.
func (p *Problem) because(err error) *Problem {
	p.cause = err
	return p
}
