package apaleo

import (
	"strings"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// States of a reservation, as the vendor spells them.
const (
	Confirmed  = "Confirmed"
	InHouse    = "InHouse"
	CheckedOut = "CheckedOut"
	Canceled   = "Canceled"
	NoShow     = "NoShow"
)

// A booking holds the reservations that one request made.
type booking struct {
	id, key              string
	booker               person
	comment, bookerNote  string
	created, modified    time.Time
	transactionReference string
	reservations         []*reservation
}

// A reservation is one unit for a span of nights.
type reservation struct {
	id, status             string
	booking                *booking
	arrival, departure     pms.Date
	arrivesAt, departsAt   time.Time
	adults                 int
	childrenAges           []int
	external               string
	channel, source        string
	comment, guestComment  string
	guarantee, purpose     string
	promo, corporate       string
	primary                *person
	additional             []person
	slices                 []timeSlice
	created, modified      time.Time
	cancelled, checkedIn   time.Time
	checkedOut, notShownUp time.Time
}

// A timeSlice is one night of a reservation.
type timeSlice struct {
	night pms.Date
	plan  *ratePlan
	gross int64 // cents
}

// A person is a booker or guest, with the fields of the vendor's model.
type person struct {
	Title                   string   `json:"title,omitempty"`
	Gender                  string   `json:"gender,omitempty"`
	FirstName               string   `json:"firstName,omitempty"`
	MiddleInitial           string   `json:"middleInitial,omitempty"`
	LastName                string   `json:"lastName"`
	Email                   string   `json:"email,omitempty"`
	Phone                   string   `json:"phone,omitempty"`
	Address                 *address `json:"address,omitempty"`
	NationalityCountryCode  string   `json:"nationalityCountryCode,omitempty"`
	IdentificationNumber    string   `json:"identificationNumber,omitempty"`
	IdentificationIssueDate string   `json:"identificationIssueDate,omitempty"`
	IdentificationType      string   `json:"identificationType,omitempty"`
	Company                 *company `json:"company,omitempty"`
	PreferredLanguage       string   `json:"preferredLanguage,omitempty"`
	BirthDate               string   `json:"birthDate,omitempty"`
	BirthPlace              string   `json:"birthPlace,omitempty"`
}

type address struct {
	AddressLine1 string `json:"addressLine1,omitempty"`
	AddressLine2 string `json:"addressLine2,omitempty"`
	PostalCode   string `json:"postalCode,omitempty"`
	City         string `json:"city,omitempty"`
	RegionCode   string `json:"regionCode,omitempty"`
	CountryCode  string `json:"countryCode,omitempty"`
}

type company struct {
	Name  string `json:"name,omitempty"`
	TaxID string `json:"taxId,omitempty"`
}

func (p person) contains(text string) bool {
	fields := []string{p.FirstName, p.LastName, p.Email}
	if p.Company != nil {
		fields = append(fields, p.Company.Name)
	}
	for _, field := range fields {
		if strings.Contains(strings.ToLower(field), text) {
			return true
		}
	}
	return false
}

func (r *reservation) persons() int { return r.adults + len(r.childrenAges) }

// holds reports whether the reservation takes its rooms off the shelf.
func (r *reservation) holds() bool {
	return r.status != Canceled && r.status != NoShow
}

func (r *reservation) total() int64 {
	var sum int64
	for _, slice := range r.slices {
		sum += slice.gross
	}
	return sum
}

// payable adds what comes on top of the total.
func (r *reservation) payable() int64 {
	return r.total() + cityTax(r.total()) + r.plan().group.cleaning
}

// plan is the rate plan of the first night, which stands for the stay.
func (r *reservation) plan() *ratePlan { return r.slices[0].plan }

// wire is the reservation as GET /booking/v1/reservations shows it.
func (s *Sandbox) wire(r *reservation, expand []string, single bool) map[string]any {
	m := s.wireCore(r, true)
	m["bookingId"] = r.booking.id
	m["created"], m["modified"] = s.wireStamp(r.created), s.wireStamp(r.modified)
	m["guaranteeType"] = r.guarantee
	m["balance"] = money(-r.payable())
	m["hasCityTax"], m["allFoliosHaveInvoice"] = true, false
	set(m, "comment", r.comment)
	set(m, "travelPurpose", r.purpose)
	set(m, "promoCode", r.promo)
	set(m, "corporateCode", r.corporate)
	for name, at := range map[string]time.Time{"cancellationTime": r.cancelled, "checkInTime": r.checkedIn, "checkOutTime": r.checkedOut, "noShowTime": r.notShownUp} {
		if !at.IsZero() {
			m[name] = s.wireTime(at)
		}
	}
	if r.primary != nil && !s.opts.WithholdGuests {
		m["primaryGuest"] = r.primary
	}
	if len(r.additional) > 0 && !s.opts.WithholdGuests {
		m["additionalGuests"] = r.additional
	}
	if single {
		m["taxDetails"] = taxDetails(r.total())
		m["payableAmount"] = map[string]any{"guest": money(r.payable())}
	}
	for _, part := range expand {
		switch part {
		case "booker":
			if !s.opts.WithholdGuests {
				m["booker"] = r.booking.booker
			}
		case "timeSlices":
			m["timeSlices"] = s.wireSlices(r)
		case "actions":
			m["actions"] = s.wireActions(r)
		case "services":
			m["services"] = []any{}
		case "assignedUnits":
			m["assignedUnits"] = []any{}
		}
	}
	return m
}

// wireCore holds what a reservation shows inside a booking too.
func (s *Sandbox) wireCore(r *reservation, full bool) map[string]any {
	cancellation, noShow := s.fees(r.plan(), s.terms(r.plan(), r.arrival, r.total(), r.created), true)
	m := map[string]any{
		"id": r.id, "status": r.status,
		"arrival": s.wireTime(r.arrivesAt), "departure": s.wireTime(r.departsAt),
		"adults": r.adults, "totalGrossAmount": money(r.total()), "channelCode": r.channel,
		"property":        embeddedProperty(full),
		"unitGroup":       r.plan().group.embedded(full),
		"ratePlan":        r.plan().embedded(full),
		"cancellationFee": cancellation, "noShowFee": noShow,
	}
	if len(r.childrenAges) > 0 {
		m["childrenAges"] = r.childrenAges
	}
	set(m, "externalCode", r.external)
	set(m, "source", r.source)
	set(m, "guestComment", r.guestComment)
	return m
}

func (s *Sandbox) wireSlices(r *reservation) []any {
	var all []any
	for i, slice := range r.slices {
		from, to := s.bounds(r, i)
		all = append(all, map[string]any{
			"from": s.wireTime(from), "to": s.wireTime(to), "serviceDate": slice.night.String(),
			"ratePlan": slice.plan.embedded(true), "unitGroup": slice.plan.group.embedded(true),
			"baseAmount": amount(slice.gross), "totalGrossAmount": money(slice.gross),
		})
	}
	return all
}

// bounds are the moments at which a night of a reservation begins and ends.
func (s *Sandbox) bounds(r *reservation, i int) (from, to time.Time) {
	from, to = s.nightBounds(r.slices[i].night)
	if i == 0 {
		from = r.arrivesAt
	}
	if i == len(r.slices)-1 {
		to = r.departsAt
	}
	return from, to
}

func (s *Sandbox) nightBounds(night pms.Date) (from, to time.Time) {
	return night.At(checkInHour, 0, s.zone), night.AddDays(1).At(checkOutHour, 0, s.zone)
}

func (s *Sandbox) wireActions(r *reservation) []any {
	confirmed := r.status == Confirmed
	action := func(name string, allowed bool, code string) map[string]any {
		m := map[string]any{"action": name, "isAllowed": allowed}
		if !allowed {
			m["reasons"] = []any{map[string]string{"code": code, "message": "Not possible in the present state."}}
		}
		return m
	}
	return []any{
		action("Cancel", confirmed, "CancelNotAllowedForReservationNotInStatusConfirmed"),
		action("AmendArrival", confirmed, "AmendArrivalNotAllowedForReservationNotInStatusConfirmed"),
		action("AmendDeparture", confirmed || r.status == InHouse, "AmendDepartureNotAllowedForReservationNotInStatusConfirmedOrInHouse"),
	}
}

func set(m map[string]any, name, value string) {
	if value != "" {
		m[name] = value
	}
}
