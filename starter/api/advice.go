package api

import "github.com/voicehive/voicehive/starter"

// adviceOf tells a programmer what to do about a kind of problem.
func adviceOf(code string) string {
	return map[string]string{
		starter.Unauthenticated.Code:    "Get a new token, or check the API key: it may be mistyped, revoked or expired. Send it as Authorization: Bearer.",
		starter.Forbidden.Code:          "The caller is known, but not for this hotel or this operation. Ask an administrator for the role or the hotel. The answer is the same whether the hotel exists or not.",
		starter.MalformedRequest.Code:   "Send well-formed JSON in UTF-8. Sending the same bytes again will not help, unless the detail says that the body ended early.",
		starter.TooLarge.Code:           "A body has at most 64 KiB; no honest request needs more.",
		starter.MissingKey.Code:         "Make a fresh random key for each new wish of the caller, keep it, and send the same key with each retry.",
		starter.KeyReused.Code:          "The key belongs to an earlier request with another body. Use a fresh key for the new request.",
		starter.ImpossibleDates.Code:    "Ask the caller for arrival and departure again. The departure is after the arrival, and both days exist.",
		starter.PastArrival.Code:        "Ask for another date. The detail tells which day it is at the hotel.",
		starter.StayTooLong.Code:        "Ask for other dates. The detail tells the limit.",
		starter.InvalidOccupancy.Code:   "Ask again how many adults and children come, and how old the children are.",
		starter.InvalidGuest.Code:       "Ask the guest for what the field names. The value is not repeated in the problem, for it is personal.",
		starter.InvalidRequest.Code:     "Correct the field that is named. Unknown fields and query parameters are refused too, so a misspelt one does not go unseen.",
		starter.UnknownHotel.Code:       "Check the hotel's id in the address.",
		starter.UnknownRoom.Code:        "Take the room type from the availability of the same dates.",
		starter.UnknownRate.Code:        "Take the rate plan from an offer of the same room type.",
		starter.UnknownQuote.Code:       "Quote again and book with the new quote's id.",
		starter.QuoteExpired.Code:       "Quote again; tell the caller if the price has changed.",
		starter.QuoteUsed.Code:          "Repeat a request that had no answer with its own Idempotency-Key; for one more room, quote again.",
		starter.QuoteMismatch.Code:      "A quote of a new booking books, and a quote of a change changes that very reservation.",
		starter.UnknownReservation.Code: "Check the id; adopt the reservation first if it was made elsewhere.",
		starter.NotChangeable.Code:      "Read the reservation: only one that is held or confirmed can be changed.",
		starter.AlreadyCancelled.Code:   "Nothing is left to do, or book anew.",
		starter.ChangedMeanwhile.Code:   "The hotel's staff changed it. Read it again, quote the change afresh and ask the caller.",
		starter.SoldOut.Code:            "Offer one of the alternatives, or ask for the availability again.",
		starter.RefusedByHotel.Code:     "The hotel's own rules refused it. Check the guest's details and the stay, or let the staff help.",
		starter.Unsupported.Code:        "This hotel's system has no such operation. Let the staff help.",
		starter.HotelUnavailable.Code:   "Send the same request, with the same Idempotency-Key, after Retry-After seconds.",
		starter.HotelMisconfigured.Code: "Operations must renew the credentials for the hotel's system. Retrying will not help.",
		starter.HotelMaintenance.Code:   "Tell the caller when to call again, if Retry-After says so. What is asked of bookings that exist is kept and carried out afterwards; nothing new can be looked up or priced.",
		starter.TooMany.Code:            "Send the same request after Retry-After seconds, and fewer at once.",
		starter.Unavailable.Code:        "Send the same request, with the same Idempotency-Key, after Retry-After seconds.",
		starter.Internal.Code:           "Send the same request again, with the same Idempotency-Key. If it stays, tell operations the instance; it is in the log.",
		starter.UnknownScope.Code:       "Take the scope from the answer that made the call or the reservation.",
		starter.ImpossibleConsent.Code:  "Send the event's own time and its offset in the call's audio. Nothing was kept, so nothing may be recorded on it.",
		starter.ConsentReused.Code:      "Make a fresh ULID for each event, and use it again only to send that event again.",
		starter.GuestErased.Code:        "Stop: nothing can be kept of this guest, and nothing is left to agree to.",
		starter.NotFound.Code:           "Check the address.",
		MethodNotAllowed.Code:           "Use a method from the Allow header.",
		UnsupportedMedia.Code:           "Send the body as application/json.",
	}[code]
}
