package apaleo

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// keyed is what the sandbox remembers of an Idempotency-Key.
type keyed struct {
	body   [sha256.Size]byte
	at     time.Time
	result answer
}

type createRequest struct {
	Booker               *person         `json:"booker"`
	Comment              string          `json:"comment"`
	BookerComment        string          `json:"bookerComment"`
	TransactionReference string          `json:"transactionReference"`
	PaymentAccount       *paymentAccount `json:"paymentAccount"`
	Reservations         []stayRequest   `json:"reservations"`
}

type stayRequest struct {
	desiredStay
	Comment          string           `json:"comment"`
	GuestComment     string           `json:"guestComment"`
	ExternalCode     string           `json:"externalCode"`
	ChannelCode      string           `json:"channelCode"`
	Source           string           `json:"source"`
	PrimaryGuest     *person          `json:"primaryGuest"`
	AdditionalGuests []person         `json:"additionalGuests"`
	GuaranteeType    string           `json:"guaranteeType"`
	TravelPurpose    string           `json:"travelPurpose"`
	PromoCode        string           `json:"promoCode"`
	CorporateCode    string           `json:"corporateCode"`
	CompanyID        string           `json:"companyId"`
	PrePayment       *moneyValue      `json:"prePaymentAmount"`
	Services         []serviceRequest `json:"services"`
}

// desiredStay is what a stay should be, in a create or an amend.
type desiredStay struct {
	Arrival      string         `json:"arrival"`
	Departure    string         `json:"departure"`
	Adults       int            `json:"adults"`
	ChildrenAges []int          `json:"childrenAges"`
	Requote      bool           `json:"requote"`
	TimeSlices   []desiredSlice `json:"timeSlices"`
}

// desiredSlice names its amount differently in a create and an amend.
type desiredSlice struct {
	RatePlanID       string      `json:"ratePlanId"`
	TotalAmount      *moneyValue `json:"totalAmount"`
	TotalGrossAmount *moneyValue `json:"totalGrossAmount"`
}

// createBooking is POST /booking/v1/bookings. A repeated key gets the same
// answer for 24 hours, refusals included; a key with other bytes is refused
// with 422 (that status is unconfirmed; that it is refused is documented).
func (s *Sandbox) createBooking(c *call) answer {
	key := c.Header.Get("Idempotency-Key")
	if key == "" {
		return s.book(c, "")
	}
	digest := sha256.Sum256(c.body)
	if known, ok := s.keys[key]; ok && s.now().Sub(known.at) < keyWindow {
		if known.body != digest {
			return refused("The idempotency key was used with other request parameters.")
		}
		s.counters.Replays++
		return known.result
	}
	result := s.book(c, key)
	s.keys[key] = keyed{body: digest, at: s.now(), result: result}
	return result
}

func (s *Sandbox) book(c *call, key string) answer {
	var req createRequest
	if refusal, ok := c.decode(&req); !ok {
		return refusal
	}
	if messages := req.missing(); messages != nil {
		return refused(messages...)
	}
	now := s.stamp()
	b := &booking{
		key: key, booker: *req.Booker, comment: req.Comment, bookerNote: req.BookerComment,
		account: req.PaymentAccount, transactionReference: req.TransactionReference, created: now, modified: now,
	}
	for _, stay := range req.Reservations {
		r, messages := s.draft(stay)
		if messages != nil {
			return refused(messages...)
		}
		r.booking, r.created, r.modified = b, now, now
		b.reservations = append(b.reservations, r)
	}
	if messages := s.take(b.reservations...); messages != nil {
		return refused(messages...)
	}
	s.enter(b)
	ids := make([]any, len(b.reservations))
	for i, r := range b.reservations {
		ids[i] = map[string]string{"id": r.id}
	}
	return answer{
		status: http.StatusCreated, body: map[string]any{"id": b.id, "reservationIds": ids},
		header: map[string]string{"Location": "/booking/v1/bookings/" + b.id},
	}
}

func (req createRequest) missing() (messages []string) {
	if req.Booker == nil {
		messages = append(messages, "booker: is required.")
	} else if message := req.Booker.check(); message != "" {
		messages = append(messages, "booker: "+message)
	}
	if len(req.Reservations) == 0 || len(req.Reservations) > 50 {
		messages = append(messages, "reservations: between 1 and 50 are required.")
	}
	return messages
}

// guarantees from the weakest to the strongest.
var guarantees = [...]string{"PM6Hold", "CreditCard", "Prepayment", "Company"}

// draft checks one stay of a create and prices it. It takes no room yet.
func (s *Sandbox) draft(stay stayRequest) (*reservation, []string) {
	r := &reservation{
		status: Confirmed, external: stay.ExternalCode, channel: stay.ChannelCode, source: stay.Source,
		comment: stay.Comment, guestComment: stay.GuestComment, purpose: stay.TravelPurpose,
		promo: stay.PromoCode, corporate: stay.CorporateCode,
		primary: stay.PrimaryGuest, additional: stay.AdditionalGuests,
	}
	if stay.ChannelCode == "" {
		return nil, []string{"channelCode: is required."}
	}
	if message := r.checkPatched(stay.CompanyID); message != "" {
		return nil, []string{message}
	}
	if messages := s.shape(r, stay.desiredStay); messages != nil {
		return nil, messages
	}
	if r.arrival.Before(s.today()) {
		return nil, []string{"arrival: is in the past."}
	}
	minimum := r.plan().guarantee
	r.guarantee = stay.GuaranteeType
	if r.guarantee == "" {
		r.guarantee = minimum
	}
	if slices.Index(guarantees[:], r.guarantee) < slices.Index(guarantees[:], minimum) {
		return nil, []string{fmt.Sprintf("guaranteeType: the rate plan asks for %s at least.", minimum)}
	}
	for _, plan := range r.distinctPlans() {
		if !plan.open(stay.PromoCode, stay.CorporateCode) {
			return nil, []string{"timeSlices: the rate plan asks for its promo or corporate code."}
		}
	}
	// That a stay is charged the city tax from its creation on is unconfirmed.
	r.taxed = r.plan().taxed()
	for _, want := range stay.Services {
		booked, message := s.plannedService(r, want)
		if message != "" {
			return nil, []string{message}
		}
		r.setService(booked, s.today())
	}
	return r, nil
}

// shape gives r the stay's dates, guests and nights, priced anew where the
// client named no price.
func (s *Sandbox) shape(r *reservation, want desiredStay) []string {
	var err error
	if r.arrival, r.arrivesAt, err = s.moment(want.Arrival, checkInHour); err != nil {
		return []string{"arrival: " + err.Error()}
	}
	if r.departure, r.departsAt, err = s.moment(want.Departure, checkOutHour); err != nil {
		return []string{"departure: " + err.Error()}
	}
	nights := r.arrival.NightsUntil(r.departure)
	switch {
	case nights < 1:
		return []string{"departure: must be after the arrival."}
	case want.Adults < 1:
		return []string{"adults: at least one is required."}
	case len(want.TimeSlices) != nights:
		return []string{fmt.Sprintf("timeSlices: the stay has %d nights, but %d time slices were sent.", nights, len(want.TimeSlices))}
	}
	r.adults, r.childrenAges = want.Adults, want.ChildrenAges
	r.slices = make([]timeSlice, nights)
	for i, slice := range want.TimeSlices {
		plan := s.plan(slice.RatePlanID)
		if plan == nil {
			return []string{"timeSlices: the rate plan does not exist."}
		}
		if i > 0 && plan.group.property != r.slices[0].plan.group.property {
			return []string{"timeSlices: the rate plans are of several properties."}
		}
		night := r.arrival.AddDays(i)
		r.slices[i] = timeSlice{night: night, plan: plan, gross: plan.nightly(night, r.persons())}
		if price := slice.price(); price != nil {
			cents, ok := price.cents()
			if !ok {
				return []string{"timeSlices: the amount must be from 0 to 10000000 and in " + currency + "."}
			}
			r.slices[i].gross = cents
		}
	}
	return nil
}

func (d desiredSlice) price() *moneyValue {
	if d.TotalAmount != nil {
		return d.TotalAmount
	}
	return d.TotalGrossAmount
}

// take puts reservations on the shelf's books, all or none: it is the one
// place where rooms are sold.
func (s *Sandbox) take(wanted ...*reservation) []string {
	need := map[slot]int{}
	for _, r := range wanted {
		for _, plan := range r.distinctPlans() {
			if broken := s.violations(plan, r.arrival, r.departure, r.persons()); len(broken) > 0 {
				return []string{fmt.Sprintf("The offer is not available (%s): %s", broken[0].Code, broken[0].Message)}
			}
		}
		for _, slice := range r.slices {
			need[slot{slice.plan.group.id, slice.night}]++
		}
	}
	for at, n := range need {
		if s.free(s.group(at.group), at.night) < n {
			return []string{"The offer is not available (UnitGroupFullyBooked): the unit group is fully booked."}
		}
	}
	for at, n := range need {
		s.sold[at] += n
	}
	return nil
}

// giveBack frees the rooms of a reservation.
func (s *Sandbox) giveBack(r *reservation) {
	for _, slice := range r.slices {
		at := slot{slice.plan.group.id, slice.night}
		if s.sold[at]--; s.sold[at] == 0 {
			delete(s.sold, at)
		}
	}
}

func (r *reservation) distinctPlans() []*ratePlan {
	var plans []*ratePlan
	for _, slice := range r.slices {
		if !slices.Contains(plans, slice.plan) {
			plans = append(plans, slice.plan)
		}
	}
	return plans
}

// enter gives a booking its ids and files it.
func (s *Sandbox) enter(b *booking) {
	for b.id == "" || s.bookings[b.id] != nil {
		letters := make([]byte, 8)
		for i := range letters {
			letters[i] = byte('A' + s.random.IntN(26))
		}
		b.id = string(letters)
	}
	s.bookings[b.id] = b
	for i, r := range b.reservations {
		r.id = fmt.Sprintf("%s-%d", b.id, i+1)
		s.reservations[r.id] = r
		s.order = append(s.order, r)
		s.emit("created", r)
	}
}
