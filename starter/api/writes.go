package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
)

// WriteHeaders are those of every write.
type WriteHeaders struct {
	Key    string `header:"Idempotency-Key" required:"true" pattern:"^[!-~]{1,255}$" doc:"A fresh random text for each new request; the same one when you repeat a request"`
	Prefer string `header:"Prefer" example:"wait=20" doc:"wait=N: how many seconds (1 to 60, else 10) to wait for a definite answer before it is 202"`
}

type bookInput struct {
	HotelPath
	WriteHeaders
	Body starter.BookRequest
}

type confirmInput struct {
	ReservationPath
	WriteHeaders
}

type modifyInput struct {
	ReservationPath
	WriteHeaders
	Body ModifyRequest
}

// ModifyRequest makes a reservation what a quote of a change says.
type ModifyRequest struct {
	Quote string `json:"quote_id" minLength:"1" maxLength:"100" doc:"A quote of a change of this reservation"`
}

type cancelInput struct {
	ReservationPath
	WriteHeaders
}

type adoptInput struct {
	HotelPath
	Body starter.AdoptRequest
}

type reservationOutput struct {
	Status     int
	Location   string `header:"Location"`
	RetryAfter string `header:"Retry-After"`
	Applied    string `header:"Preference-Applied"`
	Body       starter.Reservation
}

func (s *server) registerWrites() {
	write := []starter.Kind{starter.MissingKey, starter.KeyReused, starter.RefusedByHotel, starter.Unsupported, starter.HotelUnavailable, starter.HotelMisconfigured}
	change := slices.Concat([]starter.Kind{starter.UnknownReservation, starter.AlreadyCancelled, starter.NotChangeable, starter.GuestRestricted, starter.ChangedMeanwhile}, write)
	quotes := []starter.Kind{starter.UnknownQuote, starter.QuoteExpired, starter.QuoteUsed, starter.QuoteMismatch, starter.SoldOut}

	register(s, route{
		method: http.MethodPost, path: "/v1/hotels/{hotel}/reservations", id: "book",
		summary: "Book a quote",
		description: "Books what was quoted. 201 when the hotel has confirmed it, or holds the rooms if you asked for that; 202 when that is not known in time. " +
			"Repeat a request that had no answer with the same Idempotency-Key: it is never booked twice. A repeated request answers 200 when the booking has ended since.",
		roles: agents(), status: http.StatusCreated, accepted: true,
		request: exampleBookRequest, answer: exampleReservation,
		problems: slices.Concat(quotes, []starter.Kind{starter.InvalidGuest}, write),
	}, s.book)
	register(s, route{
		method: http.MethodPost, path: "/v1/hotels/{hotel}/reservations/{id}/confirm", id: "confirm",
		summary:     "Confirm a hold",
		description: "Turns held rooms into a confirmed reservation, before hold_until.",
		roles:       agents(), accepted: true, answer: exampleReservation, problems: change,
	}, s.confirm)
	register(s, route{
		method: http.MethodPatch, path: "/v1/hotels/{hotel}/reservations/{id}", id: "modify",
		summary:     "Change a reservation",
		description: "Makes the reservation what a quote of a change says. Quote first, with its id in reservation.",
		roles:       agents(), accepted: true, request: exampleModifyRequest, answer: exampleReservation,
		problems: slices.Concat(quotes, change),
	}, s.modify)
	register(s, route{
		method: http.MethodDelete, path: "/v1/hotels/{hotel}/reservations/{id}", id: "cancel",
		summary:     "Cancel a reservation",
		description: "Cancels all of it, or gives a hold back. What that costs stands in each stay's cancellation.",
		roles:       agents(), accepted: true, answer: exampleReservation, problems: change,
	}, s.cancel)
	register(s, route{
		method: http.MethodPost, path: "/v1/hotels/{hotel}/reservations/adopt", id: "adopt",
		summary:     "Take up a reservation made elsewhere",
		description: "Finds a reservation at the hotel by its confirmation number and the guest's last name, so that it can be read, changed and cancelled here. Adopting it again answers the same.",
		roles:       agents(), request: exampleAdoptRequest, answer: exampleReservation,
		problems: []starter.Kind{starter.UnknownReservation, starter.Unsupported, starter.HotelUnavailable, starter.HotelMaintenance, starter.HotelMisconfigured},
	}, s.adopt)
}

func (s *server) book(ctx context.Context, in *bookInput) (*reservationOutput, error) {
	ctx, cancel, applied := waiting(ctx, in.Prefer)
	defer cancel()
	reservation, err := s.starter.Book(ctx, in.Hotel, in.Key, in.Body)
	return s.settled(ctx, in.Hotel, reservation, http.StatusCreated, applied, err)
}

func (s *server) confirm(ctx context.Context, in *confirmInput) (*reservationOutput, error) {
	ctx, cancel, applied := waiting(ctx, in.Prefer)
	defer cancel()
	reservation, err := s.starter.Confirm(ctx, in.Hotel, in.ID, in.Key)
	return s.settled(ctx, in.Hotel, reservation, http.StatusOK, applied, err)
}

func (s *server) modify(ctx context.Context, in *modifyInput) (*reservationOutput, error) {
	ctx, cancel, applied := waiting(ctx, in.Prefer)
	defer cancel()
	reservation, err := s.starter.Modify(ctx, in.Hotel, in.ID, in.Key, in.Body.Quote)
	return s.settled(ctx, in.Hotel, reservation, http.StatusOK, applied, err)
}

func (s *server) cancel(ctx context.Context, in *cancelInput) (*reservationOutput, error) {
	ctx, cancel, applied := waiting(ctx, in.Prefer)
	defer cancel()
	reservation, err := s.starter.Cancel(ctx, in.Hotel, in.ID, in.Key)
	return s.settled(ctx, in.Hotel, reservation, http.StatusOK, applied, err)
}

func (s *server) adopt(ctx context.Context, in *adoptInput) (*reservationOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	reservation, err := s.starter.Adopt(ctx, in.Hotel, in.Body)
	return s.settled(ctx, in.Hotel, reservation, http.StatusOK, "", err)
}

// pendingRetry is when to ask again for a pending reservation, in seconds.
const pendingRetry = "2"

// settled answers a write. done is the status for a definite outcome.
func (s *server) settled(ctx context.Context, hotel string, r starter.Reservation, done int, applied string, err error) (*reservationOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &reservationOutput{
		Status: done, Applied: applied, Body: withoutGuests(r),
		Location: "/v1/hotels/" + hotel + "/reservations/" + r.ID,
	}
	out.Body.Courtesy = s.courtesyOf(ctx, hotel, r)
	switch {
	case r.State == ledger.Pending:
		out.Status, out.RetryAfter = http.StatusAccepted, pendingRetry
	case r.State == ledger.Unknown:
		// Asking again soon is of no use: a person looks into it.
		out.Status = http.StatusAccepted
	case done == http.StatusCreated && r.State.Final():
		out.Status = http.StatusOK
	}
	return out, nil
}

// withoutGuests makes sure that a stay's guest is not answered, whoever left
// it in, and that the list of stays is one.
func withoutGuests(r starter.Reservation) starter.Reservation {
	stays := slices.Clone(r.Stays)
	for i := range stays {
		stays[i].Guest = nil
	}
	if stays == nil {
		stays = []pms.Stay{}
	}
	r.Stays = stays
	return r
}
