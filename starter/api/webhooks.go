package api

import (
	"net/http"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/starter"
)

// webhookPath is where hotel systems post their events. The secret is the only
// proof of the sender, so the address is written nowhere: logs and metrics have
// the pattern, and problems the request's id.
const webhookPath = "/v1/webhooks/{vendor}/{hotel}/{secret}"

// webhook takes a vendor's post. It is no operation of huma's, for it is the
// vendor who says what a body looks like, and a token is not to be had.
func (s *server) webhook(w http.ResponseWriter, r *http.Request) {
	hook := starter.Webhook{
		Vendor: r.PathValue("vendor"), Hotel: r.PathValue("hotel"), Secret: credentials.NewSecret(r.PathValue("secret")),
		Header: r.Header, Body: r.Body,
	}
	err := s.starter.Receive(r.Context(), hook)
	if err != nil {
		// The hotel's name is not noted: whoever has no secret chose it.
		s.refuse(w, r, err)
		return
	}
	exchangeOf(r.Context()).hotel = hook.Hotel
	w.WriteHeader(http.StatusNoContent)
}
