package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/postgres"
)

// ExportPath is where the API hands packs out; a token follows.
const ExportPath = "/v1/exports/"

// Link queues the letter with the link.
func (a *Activities) Link(ctx context.Context, l Link) (Linked, error) {
	out, err := a.link(ctx, l)
	return out, temporalError(err)
}

func (a *Activities) link(ctx context.Context, l Link) (Linked, error) {
	p, err := a.Desk.Pack(ctx, l.Hotel, l.Pack)
	if err == nil && p.Case != l.Case {
		err = access.ErrNotFound
	}
	if err != nil {
		return Linked{}, err
	}
	w, known, err := a.writing(ctx, Case{l.Hotel, l.Case})
	if err != nil || !known {
		return Linked{}, err
	}
	link, err := a.Desk.MakeLink(ctx, l.Hotel, p, l.Attempt, func(link access.Link) (postgres.Step, error) {
		return a.draft(ctx, w, link.Message, letters.Completion{
			Request: w.request, Completed: w.day(time.Now()),
			Link: strings.TrimSuffix(a.Public, "/") + ExportPath + link.Token, LinkUntil: w.day(link.Until),
		})
	})
	if errors.Is(err, notification.ErrDraft) {
		return Linked{}, nil
	}
	return Linked{Message: link.Message}, err
}

// writing is what every letter of a case needs.
type writing struct {
	hotel   string
	reply   rights.Reply
	request letters.Request
	zone    *time.Location
}

func (w writing) day(t time.Time) pms.Date { return pms.DateOf(t.In(w.zone)) }

// writing reads where letters of a case go; known is false where nobody knows.
func (a *Activities) writing(ctx context.Context, c Case) (w writing, known bool, err error) {
	w.hotel = c.Hotel
	if w.reply, known, err = a.Cases.Reply(ctx, c.Hotel, c.Case); err != nil || !known {
		return w, false, err
	}
	asked, err := a.Cases.Read(ctx, c.Hotel, c.Case)
	if err != nil {
		return w, false, err
	}
	hotel, err := a.Hotels.Hotel(ctx, c.Hotel)
	if err != nil {
		return w, false, err
	}
	if w.zone, err = hotel.Location(); err != nil {
		return w, false, err
	}
	w.request = letters.Request{Case: asked.ID, Right: string(asked.Kind), Received: w.day(asked.Clock.Received)}
	return w, true, nil
}

// draft seals a letter and returns the step that queues it.
func (a *Activities) draft(ctx context.Context, w writing, id string, data letters.Data) (postgres.Step, error) {
	d := notification.Draft{
		Hotel: w.hotel, ID: id, Scope: w.request.Case, Channel: notify.Channel(w.reply.Channel), To: w.reply.To, Data: data,
	}
	if w.reply.Language != "" {
		d.Languages = []string{w.reply.Language}
	}
	prepared, err := a.Outbox.Prepare(ctx, d)
	return prepared.Insert, err
}
