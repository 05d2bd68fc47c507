package api

import (
	"context"
	"net/http"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

const procedurePath = "/v1/hotels/{hotel}/procedure"

// registerProcedure adds the routes of the written procedure for requests when
// somebody keeps who knows it.
func (s *server) registerProcedure(desk starter.ProcedureDesk) {
	if desk == nil {
		return
	}
	officers := []auth.Role{auth.RoleCompliance}
	register(s, route{
		method: http.MethodGet, path: procedurePath, id: "dsar-procedure", roles: officers,
		summary:     "Read how a guest's request is handled",
		description: "The written procedure, and when you confirmed that you know it. Nobody decides about a request without that.",
		answer:      exampleProcedure,
	}, func(ctx context.Context, in *HotelPath) (*told[starter.Procedure], error) {
		return answered(ctx, func(ctx context.Context) (starter.Procedure, error) {
			return desk.Procedure(ctx, in.Hotel, exchangeOf(ctx).subject)
		})
	})
	registerAsked(s, route{
		method: http.MethodPost, path: procedurePath, id: "confirm-dsar-procedure", roles: officers,
		summary:     "Confirm that you know how a guest's request is handled",
		description: "Counts for a year, and for the version that you name, which is today's. It stands in the audit log.",
		request:     `{"version": "0123456789ab"}`, answer: exampleProcedure,
	}, desk.ConfirmProcedure)
}

const exampleProcedure = `{"version": "0123456789ab", "text": "# How a guest's request is handled", "confirmed_at": "2026-11-23T09:00:00Z"}`
