package main

import (
	"context"

	activities "github.com/voicehive/voicehive/activities/access"
	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/restriction"
	"github.com/voicehive/voicehive/internal/config"
)

// restrictions tell which guests' data may be stored only. There is one for the
// process, so that what is restricted here counts here at once.
func (p *parts) restrictions() *restriction.Store {
	p.restrictedOnce.Do(func() { p.restricted = restriction.New(p.pool, p.auditor, restriction.Options{}) })
	return p.restricted
}

// business are the keys of everything that works with bookings and calls: they
// open nothing that is restricted.
func (p *parts) business() *restriction.Keys { return restriction.NewKeys(p.ring, p.restrictions()) }

// access is who packs, hands out, corrects and stops what a guest asks for. It
// has the ring itself: a guest's own request reads what is restricted too.
func (p *parts) access() (*access.Desk, error) {
	detector, err := p.detector()
	if err != nil {
		return nil, err
	}
	processing, err := register.Load()
	if err != nil {
		return nil, err
	}
	talks := calls.New(p.pool, p.ring, p.auditor)
	return access.New(access.Parts{
		Pool: p.pool, Keys: p.ring, Auditor: p.auditor, Cases: p.cases(), Calls: talks, Consents: p.consents(), Detector: detector,
		Transcripts: transcript.New(transcript.Parts{Calls: talks, Keys: p.ring, Detector: detector, Pool: p.pool, Auditor: p.auditor}),
		Hotels: func(ctx context.Context, id string) (access.Hotel, error) {
			entry, err := p.registry.Hotel(ctx, id)
			if err != nil {
				return access.Hotel{}, err
			}
			return activities.HotelOf(entry)
		},
		Register: processing, Objects: p.recordings, Named: p.named(processing),
	})
}

// accessActivities composes what carries out a guest's wish.
func (p *parts) accessActivities() (*activities.Activities, error) {
	desk, err := p.access()
	if err != nil {
		return nil, err
	}
	outbox, _, err := p.outbox()
	if err != nil {
		return nil, err
	}
	return activities.New(activities.Parts{
		Desk: desk, Cases: p.cases(), Restrictions: p.restrictions(), Outbox: outbox, Connectors: p.factory, Bookings: p.ledger,
		Hotels: p.registry, Public: p.publicURL(),
	}), nil
}

// publicURL is where guests find the API.
func (p *parts) publicURL() string {
	switch {
	case p.config.PublicURL != "":
		return p.config.PublicURL
	case p.config.Environment == config.Production:
		p.log.Warn("VOICEHIVE_PUBLIC_URL is not set: copies of guests' data are built, and a person has to hand each one out.")
		return ""
	}
	return "http://" + p.config.Addr
}

// suppressions tell who does not want to be written to.
func (p *parts) suppressions() *access.Suppressions { return access.NewSuppressions(p.pool, p.ring) }
