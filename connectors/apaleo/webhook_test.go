package apaleo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/apaleo"
	"github.com/voicehive/voicehive/connectors/pms"
)

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	c := new(apaleo.Connector) // parsing needs no client
	event := func(topic, kind, entity string) string {
		return fmt.Sprintf(`{"topic":%q,"type":%q,"id":"e1","accountId":"A","propertyId":"BER","timestamp":1530689451000,`+
			`"clientId":"x","subjectId":"y","new":{"field":1},"data":{"entityId":%q}}`, topic, kind, entity)
	}
	at := time.UnixMilli(1530689451000).UTC()
	for body, want := range map[string]pms.Event{
		event("Reservation", "created", "XPGMSXGF-1"): {ID: "e1", Kind: pms.EventCreated, Property: "BER", ReservationID: "XPGMSXGF", StayID: "XPGMSXGF-1", At: at},
		event("reservation", "Amended", "XPGMSXGF-1"): {ID: "e1", Kind: pms.EventAmended, Property: "BER", ReservationID: "XPGMSXGF", StayID: "XPGMSXGF-1", At: at},
		event("RESERVATION", "canceled", "ABCD-12"):   {ID: "e1", Kind: pms.EventCancelled, Property: "BER", ReservationID: "ABCD", StayID: "ABCD-12", At: at},
		event("Reservation", "invented", "ABCD-1"):    {ID: "e1", Kind: pms.EventOther, Property: "BER", ReservationID: "ABCD", StayID: "ABCD-1", At: at},
		event("Booking", "changed", "ABCD"):           {ID: "e1", Kind: pms.EventOther, Property: "BER", ReservationID: "ABCD", At: at},
		event("Invoice", "created", "1"):              {ID: "e1", Kind: pms.EventOther, Property: "BER", At: at},
		`{"topic":"System","type":"healthcheck"}`:     {Kind: pms.EventHealth},
	} {
		events, err := c.ParseWebhook(nil, []byte(body))
		require.NoError(t, err, body)
		require.Equal(t, []pms.Event{want}, events)
	}
	for _, body := range []string{
		"", "null", "[]", "{}", "<html>", `{"topic":"Reservation"}`, event("Reservation", "created", "../../x"),
		event("Reservation", "created", secretMarker+" 1"), event("Reservation", strings.Repeat("x", 70_000), "A-1"),
	} {
		_, err := c.ParseWebhook(nil, []byte(body))
		require.ErrorIs(t, err, pms.ErrValidation)
		require.NotContains(t, err.Error(), secretMarker)
	}
}

func FuzzParseWebhook(f *testing.F) {
	f.Add([]byte(`{"topic":"Reservation","type":"created","id":"e1","propertyId":"BER","timestamp":1530689451000,"data":{"entityId":"XPGMSXGF-1"}}`))
	f.Add([]byte(`{"topic":"system","type":"healthcheck"}`))
	f.Add([]byte(`{"topic":"a","type":"b","timestamp":1e400}`))
	c := new(apaleo.Connector) // parsing needs no client
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.ParseWebhook(nil, body)
		if err != nil {
			require.ErrorIs(t, err, pms.ErrValidation)
			return
		}
		require.Len(t, events, 1)
		require.NotEmpty(t, events[0].Kind)
		require.False(t, strings.ContainsAny(string(events[0].StayID)+string(events[0].ReservationID), "/.?#% "), "ids go into paths")
		require.LessOrEqual(t, len(events[0].ID), 128)
	})
}
