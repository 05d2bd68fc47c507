package main

import (
	"context"
	"errors"
	"time"

	"github.com/voicehive/voicehive/activities/privacy"
	"github.com/voicehive/voicehive/activities/redaction"
	regionactivities "github.com/voicehive/voicehive/activities/region"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// subjects is the one place that tells who belongs to whom.
func (p *parts) subjects() *subjects.Desk {
	return subjects.New(subjects.Options{Pool: p.pool, Keys: p.ring, Table: keys.NewSubjects(p.keysPool), Auditor: p.auditor, Objects: p.recordings, Holds: erasure.LegalHolds})
}

// tidyEvery is how often a worker looks for decisions about people that were
// recorded and then cut off. They lie between two databases, so a process that
// dies there leaves one behind, now and then.
const tidyEvery = time.Hour

// tidy carries such decisions out, at its start and hourly, until ctx ends.
func (p *parts) tidy(ctx context.Context) {
	desk, every := p.subjects(), time.NewTicker(tidyEvery)
	defer every.Stop()
	for {
		hotels, err := p.registry.List(ctx)
		for _, hotel := range hotels {
			if _, failed := desk.Finish(ctx, hotel.ID); failed != nil {
				err = errors.Join(err, failed)
			}
		}
		if err != nil && ctx.Err() == nil {
			p.log.WarnContext(ctx, "Decisions about whose data is whose could not be carried out; the next try is in an hour.", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// privacy composes the gate of consent and the erasure of rows.
func (p *parts) privacy() *privacy.Activities {
	return privacy.New(p.consents(), p.calls(), p.subjects())
}

// redaction composes the masking of transcripts.
func (p *parts) redaction() (*redaction.Activities, error) {
	transcripts, err := p.transcripts()
	if err != nil {
		return nil, err
	}
	return redaction.New(redaction.Parts{Transcripts: transcripts, Hotels: p.registry, Bookings: p.ledger, Keys: p.ring}), nil
}

// drift composes the hourly look at where everything stands.
func (p *parts) drift() (*regionactivities.Activities, error) {
	return regionactivities.New(regionactivities.Parts{
		Guard: p.guard, Store: region.NewStore(p.pool), Hotels: p.registry, Tasks: p.ledger,
		Journal:    regionactivities.Audited{Writer: p.auditor, Pool: p.pool},
		Registerer: p.metrics, Logger: p.log,
	})
}
