package apaleo

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// Refusal reads Apaleo's 422, which can mean anything from a wrong phone number
// to the last room gone: it has no codes, only sentences. The sentences are not
// documented, and may quote the guest, so nothing of them leaves this function
// but words known beforehand. What is not recognised is a validation error.
func Refusal(call transport.Call, r transport.Response) *pms.Error {
	if r.Status != http.StatusUnprocessableEntity {
		return nil
	}
	var answer struct {
		Messages []string `json:"messages"`
	}
	_ = json.Unmarshal(r.Body, &answer) // without sentences it stays a validation error
	said := strings.Join(answer.Messages, "\n")
	switch {
	case keyReused.MatchString(said):
		return &pms.Error{Kind: pms.ErrConflict, Detail: "the idempotency key was used for another request; look the reservation up"}
	case call.Operation == "cancel" || call.Operation == "release":
		// Nothing was sent that could be wrong in itself.
		return &pms.Error{Kind: pms.ErrConflict, Detail: "the stay cannot be cancelled as it stands"}
	case tooMany.MatchString(said):
		return &pms.Error{Kind: pms.ErrValidation, Field: "adults", Detail: "more persons than the room takes"}
	case gone.MatchString(said):
		return &pms.Error{Kind: pms.ErrSoldOut, Detail: code.FindString(said)}
	case wrongState.MatchString(said):
		return &pms.Error{Kind: pms.ErrConflict, Detail: "the stay cannot be changed as it stands"}
	}
	return &pms.Error{Kind: pms.ErrValidation, Field: field.FindString(said)}
}

var (
	keyReused  = regexp.MustCompile(`(?i)idempotency`)
	tooMany    = regexp.MustCompile(`(?i)UnitGroupCapacityExceeded|exceeds the capacity`)
	wrongState = regexp.MustCompile(`(?i)\bin status\b|NotInStatus|not allowed|NotAllowed|\bnot amendable\b|already (?:canceled|cancelled|checked)`)
	gone       = regexp.MustCompile(`(?i)fully ?booked|not available|no longer available|unavailable|not enough|no availability|sold out|overbook` +
		`|RatesNotSet|RestrictionsViolated|RatePlanChannelNotSet|RatePlanSurchargesNotSet`)
	// code and field are the vendor's own words that may be repeated.
	code = regexp.MustCompile(`UnitGroupFullyBooked|RatePlanRestrictionsViolated|RateRestrictionsViolated|RatesNotSet|` +
		`RatePlanChannelNotSet|RatePlanSurchargesNotSet|BlockFullyBooked`)
	field = regexp.MustCompile(`\b(?:arrival|departure|adults|childrenAges|timeSlices|ratePlanId|guaranteeType|channelCode|externalCode|` +
		`guestComment|bookerComment|promoCode|corporateCode|primaryGuest|booker|firstName|lastName|email|phone|preferredLanguage)\b`)
)
