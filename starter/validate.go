package starter

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Bounds of what can be asked for. A hotel sells less than any of them.
const (
	maxNights     = 90
	maxDaysAhead  = 730
	maxAdults     = 20
	maxChildren   = 10
	maxChildAge   = 17
	maxStays      = 10
	maxName       = 100
	maxEmail      = 254
	maxComment    = 500
	maxIdentifier = 100
	maxKey        = 255
)

var (
	phonePattern = regexp.MustCompile(`^\+?[0-9][0-9 ()/.-]{4,24}$`)
	countryCode  = regexp.MustCompile(`^[A-Z]{2}$`)
	codePattern  = regexp.MustCompile(`^[\pL\pN]([\pL\pN ._-]{0,38}[\pL\pN._-])?$`)
	ulidPattern  = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
)

// checkDates refuses what cannot be a stay in this hotel.
func checkDates(field string, today, arrival, departure pms.Date) error {
	switch {
	case arrival.IsZero():
		return ImpossibleDates.In(field+"/arrival", "Say on which day the stay begins, such as 2026-12-24.")
	case departure.IsZero():
		return ImpossibleDates.In(field+"/departure", "Say on which day the stay ends, such as 2026-12-26.")
	case arrival.Before(today):
		return PastArrival.In(field+"/arrival", fmt.Sprintf("Today at the hotel is %s.", today))
	case arrival.NightsUntil(departure) < 1:
		return ImpossibleDates.In(field+"/departure", "The departure must be after the arrival.")
	case arrival.NightsUntil(departure) > maxNights:
		return StayTooLong.In(field+"/departure", fmt.Sprintf("A stay has at most %d nights.", maxNights))
	case today.NightsUntil(arrival) > maxDaysAhead:
		return StayTooLong.In(field+"/arrival", fmt.Sprintf("An arrival is at most %d days ahead.", maxDaysAhead))
	}
	return nil
}

func checkOccupancy(field string, o pms.Occupancy) error {
	if o.Adults < 1 || o.Adults > maxAdults {
		return InvalidOccupancy.In(field+"/adults", fmt.Sprintf("A room has 1 to %d adults.", maxAdults))
	}
	if len(o.ChildrenAges) > maxChildren {
		return InvalidOccupancy.In(field+"/children_ages", fmt.Sprintf("A room has at most %d children.", maxChildren))
	}
	for i, age := range o.ChildrenAges {
		if age < 0 || age > maxChildAge {
			return InvalidOccupancy.In(fmt.Sprintf("%s/children_ages/%d", field, i), fmt.Sprintf("A child is 0 to %d years old.", maxChildAge))
		}
	}
	return nil
}

func checkStay(field string, today pms.Date, s StayRequest) error {
	if err := checkDates(field, today, s.Arrival, s.Departure); err != nil {
		return err
	}
	if err := checkOccupancy(field+"/occupancy", s.Occupancy); err != nil {
		return err
	}
	if s.RoomType == "" || len(s.RoomType) > maxIdentifier {
		return UnknownRoom.In(field+"/room_type", "Take a room type from the availability.")
	}
	if s.RatePlan == "" || len(s.RatePlan) > maxIdentifier {
		return UnknownRate.In(field+"/rate_plan", "Take a rate plan from the availability.")
	}
	return checkCodes(field, s.PromoCode, s.CorporateCode)
}

// checkCodes refuses what no hotel prints on a voucher. A code may say where
// the caller works, so it is not quoted.
func checkCodes(field, promo, corporate string) error {
	if promo != "" && !codePattern.MatchString(promo) {
		return InvalidRequest.In(field+"/promo_code", codeHint)
	}
	if corporate != "" && !codePattern.MatchString(corporate) {
		return InvalidRequest.In(field+"/corporate_code", codeHint)
	}
	return nil
}

const codeHint = "A code has 1 to 40 letters, digits, dots, hyphens and underscores; spaces only within."

// checkGuest never quotes what it refuses.
func checkGuest(g pms.Guest, comment string) error {
	text := []struct {
		field, value string
		longest      int
		required     bool
	}{
		{"last_name", g.LastName, maxName, true},
		{"first_name", g.FirstName, maxName, false},
		{"email", g.Email, maxEmail, false},
		{"phone", g.Phone, maxName, false},
		{"comment", g.Comment, maxComment, false},
	}
	for _, t := range text {
		if t.required && strings.TrimSpace(t.value) == "" {
			return InvalidGuest.In("/guest/"+t.field, "The guest's last name is needed.")
		}
		if !plain(t.value, t.longest) {
			return InvalidGuest.In("/guest/"+t.field, fmt.Sprintf("Plain text of at most %d characters.", t.longest))
		}
	}
	if g.Email != "" {
		if a, err := mail.ParseAddress(g.Email); err != nil || a.Address != g.Email {
			return InvalidGuest.In("/guest/email", "An address such as name@example.com.")
		}
	}
	if g.Phone != "" && !phonePattern.MatchString(g.Phone) {
		return InvalidGuest.In("/guest/phone", "A number such as +49 30 1234567.")
	}
	if g.Country != "" && !countryCode.MatchString(g.Country) {
		return InvalidGuest.In("/guest/country", "Two letters of ISO 3166, such as DE.")
	}
	if !plain(comment, maxComment) {
		return InvalidRequest.In("/comment", fmt.Sprintf("Plain text of at most %d characters.", maxComment))
	}
	return nil
}

func checkKey(key string) error {
	if key == "" {
		return MissingKey.With("Send a fresh random Idempotency-Key with each new request, and the same one with a retry.")
	}
	if len(key) > maxKey || !plain(key, maxKey) {
		return MissingKey.With(fmt.Sprintf("An Idempotency-Key is plain text of at most %d characters.", maxKey))
	}
	return nil
}

func checkID(id string, unknown Kind) error {
	if !ulidPattern.MatchString(id) {
		return unknown.With("An id looks like 01JD3Z8Q4X0000000000000000.")
	}
	return nil
}

// plain reports whether s is valid text without control characters.
func plain(s string, longest int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= longest &&
		!strings.ContainsFunc(s, unicode.IsControl)
}
