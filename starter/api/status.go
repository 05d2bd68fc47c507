package api

import (
	"context"
	"net/http"
	"time"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// HotelStatus is where the connection to a hotel's system stands.
type HotelStatus struct {
	State connectors.State `json:"state" enum:"available,degraded,maintenance" doc:"available. degraded: the system fails its health checks; calls are tried all the same. maintenance: an operator closed the connection; what is asked of bookings waits"`
	Since time.Time        `json:"since,omitzero" doc:"When the state began; absent when it was never checked"`
	// Reason is a kind of failure or an operator's words, and no guest data.
	Reason    string    `json:"reason,omitempty" doc:"Why, for operations: a kind of failure, or an operator's words"`
	CheckedAt time.Time `json:"checked_at,omitzero" doc:"When the system was last asked for its health"`
	Until     time.Time `json:"until,omitzero" doc:"When the maintenance ends by itself"`
	Say       string    `json:"say,omitempty" doc:"A sentence to say to the caller, when the hotel is not available"`
}

type statusOutput struct{ Body HotelStatus }

// Extras is what can be added to the stays of a reservation.
type Extras struct {
	Stays []starter.StayExtras `json:"stays" nullable:"false"`
}

type extrasOutput struct{ Body Extras }

func (s *server) registerStatus() {
	register(s, route{
		method: http.MethodGet, path: "/v1/hotels/{hotel}/status", id: "hotel-status",
		summary:     "How the hotel's system is",
		description: "Whether the hotel's system can be used now. It costs the hotel's system nothing: the answer is that of the last health check.",
		roles:       []auth.Role{auth.RoleAgent, auth.RoleOps, auth.RoleAdmin},
		answer:      exampleStatus,
	}, s.status)
	register(s, route{
		method: http.MethodGet, path: "/v1/hotels/{hotel}/reservations/{id}/extras", id: "extras",
		summary:     "What can be added to a reservation",
		description: "What the hotel sells beside the room, such as breakfast or parking, for each stay that stands, with its price.",
		roles:       agents(),
		problems:    []starter.Kind{starter.UnknownReservation, starter.NotChangeable, starter.AlreadyCancelled, starter.Unsupported, starter.HotelUnavailable, starter.HotelMaintenance, starter.HotelMisconfigured},
		answer:      exampleExtras,
	}, s.extras)
}

func (s *server) status(ctx context.Context, in *HotelPath) (*statusOutput, error) {
	status, err := s.starter.Status(ctx, in.Hotel)
	if err != nil {
		return nil, err
	}
	return &statusOutput{HotelStatus{
		State: status.State, Since: status.Since, Reason: status.Reason, CheckedAt: status.CheckedAt, Until: status.Until,
		Say: sayOf(ctx, status.State),
	}}, nil
}

func (s *server) extras(ctx context.Context, in *ReservationPath) (*extrasOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	stays, err := s.starter.Extras(ctx, in.Hotel, in.ID)
	if err != nil {
		return nil, err
	}
	out := &extrasOutput{Extras{Stays: make([]starter.StayExtras, len(stays))}}
	for i, stay := range stays {
		offered := make([]pms.Extra, len(stay.Extras))
		for j, extra := range stay.Extras {
			extra.Vendor = nil // for the connector only
			offered[j] = extra
		}
		out.Body.Stays[i] = starter.StayExtras{Stay: stay.Stay, Extras: offered}
	}
	return out, nil
}

// courtesy tells about a hotel whose system is in trouble. A status that cannot
// be read is no trouble of an answer that is there.
func (s *server) courtesy(ctx context.Context, hotel string) starter.Courtesy {
	status, err := s.starter.Status(ctx, hotel)
	if err != nil || status.State != connectors.Degraded {
		return starter.Courtesy{}
	}
	return starter.Courtesy{Degraded: true, Say: sayOf(ctx, status.State)}
}

// courtesyOf says what is known of a reservation that is not settled. That its
// outcome is open matters more to a caller than why.
func (s *server) courtesyOf(ctx context.Context, hotel string, r starter.Reservation) starter.Courtesy {
	c := s.courtesy(ctx, hotel)
	language := chosen(exchangeOf(ctx).acceptLanguage)
	switch {
	case r.State == ledger.Unknown:
		c.Say = phraseUnknown[language]
	case !r.Settled():
		c.Say = phrasePending[language]
	}
	return c
}

func sayOf(ctx context.Context, state connectors.State) string {
	language := chosen(exchangeOf(ctx).acceptLanguage)
	switch state {
	case connectors.Degraded:
		return phraseDegraded[language]
	case connectors.Maintenance:
		return phraseMaintenance[language]
	}
	return ""
}
