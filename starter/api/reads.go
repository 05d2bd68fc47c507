package api

import (
	"context"
	"net/http"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// HotelPath names the hotel. It is exported because huma fills exported parts
// only, like the other parts of inputs.
type HotelPath struct {
	Hotel string `path:"hotel" pattern:"^[a-z0-9][a-z0-9-]{1,62}$" example:"alpenhof" doc:"The hotel's id"`
}

// ReservationPath names a reservation of the hotel.
type ReservationPath struct {
	HotelPath
	ID string `path:"id" pattern:"^[0-7][0-9A-HJKMNP-TV-Z]{25}$" example:"01JD3Z8Q4X0000000000000000" doc:"The reservation's id"`
}

type availabilityInput struct {
	HotelPath
	Arrival      pms.Date `query:"arrival" required:"true" doc:"First night, in the hotel's calendar"`
	Departure    pms.Date `query:"departure" required:"true" example:"2027-05-16" doc:"Day of leaving"`
	Adults       int      `query:"adults" required:"true" minimum:"1" maximum:"20" example:"2" doc:"Adults in the room"`
	ChildrenAges []int    `query:"children_ages" maxItems:"10" nullable:"false" doc:"Age in years of each child on arrival, such as 4,9"`
	Restricted   bool     `query:"restricted" doc:"Also list what cannot be booked, with the restriction"`
	Promo        string   `query:"promo_code" maxLength:"40" doc:"A promotion code that the caller has"`
	Corporate    string   `query:"corporate_code" maxLength:"40" doc:"The code of the caller's company"`
}

// Offers is the answer to an availability query.
type Offers struct {
	Offers []pms.Offer `json:"offers" nullable:"false"`
	starter.Courtesy
}

type offersOutput struct{ Body Offers }

type quoteInput struct {
	HotelPath
	Body starter.QuoteRequest
}

type quoteOutput struct{ Body starter.Quote }

func (s *server) registerReads() {
	register(s, route{
		method: http.MethodGet, path: "/v1/hotels/{hotel}/availability", id: "availability",
		summary: "What can be booked",
		description: "Rooms and rates for one room on the given nights. The answer comes from memory when somebody asked moments ago, so it may be some seconds old: " +
			"quote an offer before you promise it to the caller.",
		roles: agents(),
		problems: []starter.Kind{
			starter.ImpossibleDates, starter.PastArrival, starter.StayTooLong, starter.InvalidOccupancy,
			starter.HotelUnavailable, starter.HotelMaintenance, starter.HotelMisconfigured,
		},
		answer: exampleOffers,
	}, s.availability)
	register(s, route{
		method: http.MethodPost, path: "/v1/hotels/{hotel}/quotes", id: "quote",
		summary: "Fix a price",
		description: "Prices one or more rooms, or a change of a reservation, with taxes, fees and cancellation terms, and keeps the price until expires_at. " +
			"A quote does not keep the room.",
		roles:   agents(),
		request: exampleQuoteRequest, answer: exampleQuote,
		problems: []starter.Kind{
			starter.ImpossibleDates, starter.PastArrival, starter.StayTooLong, starter.InvalidOccupancy, starter.UnknownRoom, starter.UnknownRate,
			starter.SoldOut, starter.UnknownReservation, starter.AlreadyCancelled, starter.NotChangeable, starter.HotelUnavailable, starter.HotelMaintenance, starter.HotelMisconfigured,
		},
	}, s.quote)
	register(s, route{
		method: http.MethodGet, path: "/v1/hotels/{hotel}/reservations/{id}", id: "reservation",
		summary:     "Read a reservation",
		description: "The reservation as it stands, without its guest. While it is pending, Retry-After tells when to ask again.",
		roles:       []auth.Role{auth.RoleAgent, auth.RoleOps, auth.RoleAdmin},
		problems:    []starter.Kind{starter.UnknownReservation},
		answer:      exampleReservation,
	}, s.reservation)
}

// agents are who works for callers.
func agents() []auth.Role { return []auth.Role{auth.RoleAgent, auth.RoleAdmin} }

func (s *server) availability(ctx context.Context, in *availabilityInput) (*offersOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	offers, err := s.starter.Availability(ctx, in.Hotel, starter.AvailabilityQuery{
		Arrival: in.Arrival, Departure: in.Departure, Restricted: in.Restricted,
		Occupancy: pms.Occupancy{Adults: in.Adults, ChildrenAges: in.ChildrenAges},
		PromoCode: in.Promo, CorporateCode: in.Corporate,
	})
	if err != nil {
		return nil, err
	}
	return &offersOutput{Offers{forCallers(offers), s.courtesy(ctx, in.Hotel)}}, nil
}

func (s *server) quote(ctx context.Context, in *quoteInput) (*quoteOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	quote, err := s.starter.Quote(ctx, in.Hotel, in.Body)
	if err != nil {
		return nil, err
	}
	quote.Offers = forCallers(quote.Offers)
	quote.Courtesy = s.courtesy(ctx, in.Hotel)
	return &quoteOutput{quote}, nil
}

func (s *server) reservation(ctx context.Context, in *ReservationPath) (*reservationOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	reservation, err := s.starter.Reservation(ctx, in.Hotel, in.ID)
	if err != nil {
		return nil, err
	}
	out := &reservationOutput{Status: http.StatusOK, Body: withoutGuests(reservation)}
	out.Body.Courtesy = s.courtesyOf(ctx, in.Hotel, reservation)
	if reservation.State == ledger.Pending {
		out.RetryAfter = pendingRetry
	}
	return out, nil
}
