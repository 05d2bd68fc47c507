package apaleo

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/voicehive/voicehive/connectors/mapping"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// Refusal reads what Apaleo's refusals mean beyond their status.
func Refusal(call transport.Call, r transport.Response) *pms.Error {
	switch r.Status {
	case http.StatusForbidden: // its body is empty
		return &pms.Error{Kind: pms.ErrPermission, Field: "scope", Detail: "the app lacks the scope for this, or access to the property"}
	case http.StatusNotFound:
		if call.Query.Has("propertyId") || strings.HasPrefix(call.Path, "/inventory/v1/properties/") {
			return &pms.Error{Kind: pms.ErrNotFound, Field: "property", Detail: "the account has no such property"}
		}
	case http.StatusUnprocessableEntity:
		return invalid(pms.Operation(call.Operation), r.Body)
	}
	return nil
}

// invalid reads a 422, which can mean anything from a wrong phone number to the
// last room gone: it has no codes, only sentences, which are not documented.
// What is not recognised is a validation error.
func invalid(o pms.Operation, body []byte) *pms.Error {
	var answer struct {
		Messages []string `json:"messages"`
	}
	_ = json.Unmarshal(body, &answer) // without sentences it stays a validation error
	said := strings.Join(answer.Messages, "\n")
	switch failure := mapping.Understand(said, phrases); {
	case failure != nil && failure.Kind == pms.ErrConflict:
		return failure
	case o == pms.OpCancel || o == pms.OpRelease || o == pms.OpNoShow:
		// Nothing was sent that could be wrong in itself.
		return &pms.Error{Kind: pms.ErrConflict, Field: "status", Detail: "the stay cannot be ended as it stands"}
	case o == pms.OpSubscribe:
		return &pms.Error{Kind: pms.ErrValidation, Field: "url", Detail: "the health check was not answered; the URL must answer 2xx to a post from outside"}
	case failure != nil:
		return failure
	}
	return &pms.Error{Kind: pms.ErrValidation}
}

// phrases are what Apaleo was heard to say, the more telling ones first.
var phrases = []mapping.Phrase{
	mapping.Says(`(?i)idempotency`, pms.ErrConflict, "Idempotency-Key", "the key was used for another request; look the reservation up"),
	mapping.Says(`(?i)UnitGroupCapacityExceeded|exceeds the capacity`, pms.ErrValidation, "adults", "more persons than the room takes"),
	mapping.Says(`(?i)fully ?booked|not available|no longer available|unavailable|not enough|no availability|sold out|overbook|`+codes, pms.ErrSoldOut, "", "").Telling(codes),
	mapping.Says(`(?i)\bin status\b|NotInStatus|not allowed|NotAllowed|\bnot amendable\b|already (?:canceled|cancelled|checked)`,
		pms.ErrConflict, "status", "the stay cannot be changed as it stands"),
	mapping.Says(fields, pms.ErrValidation, "", "").Naming(fields),
}

// codes and fields are Apaleo's own words, which may be repeated.
const (
	codes = `UnitGroupFullyBooked|RatePlanRestrictionsViolated|RateRestrictionsViolated|RatesNotSet|` +
		`RatePlanChannelNotSet|RatePlanSurchargesNotSet|BlockFullyBooked`
	fields = `\b(?:arrival|departure|adults|childrenAges|timeSlices|ratePlanId|guaranteeType|channelCode|externalCode|` +
		`guestComment|bookerComment|promoCode|corporateCode|primaryGuest|additionalGuests|booker|firstName|lastName|email|phone|` +
		`preferredLanguage|serviceId|count)\b`
)
