package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
)

// confirmations tells by which channels guests hear of their bookings.
func confirmations(hotel registry.Hotel) string {
	return cmp.Or(joined(hotel.Messages.Channels()), "none")
}

// confirmationsHere is confirmations with the settings that they need and that
// are not set here: without them messages wait in the outbox.
func (p *parts) confirmationsHere(hotel registry.Hotel) string {
	var missing []string
	for _, way := range []struct {
		channel      notify.Channel
		setting, url string
	}{
		{notify.Email, "VOICEHIVE_SMTP", p.config.Mail.URL},
		{notify.SMS, "VOICEHIVE_SMS", p.config.SMS.URL},
	} {
		if way.url == "" && slices.Contains(hotel.Messages.Channels(), way.channel) {
			missing = append(missing, way.setting)
		}
	}
	if len(missing) == 0 {
		return confirmations(hotel)
	}
	return confirmations(hotel) + ", but they wait where the workers have no " + strings.Join(missing, " or ") + ", as here"
}
