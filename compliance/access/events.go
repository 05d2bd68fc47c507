package access

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
)

// consents are what the person agreed to, refused and took back.
func (s *source) consents(ctx context.Context, each func(Consent) error) error {
	return s.pages(ctx, func(ids []string) error {
		var with []string // most scopes have none
		err := s.rows(ctx, `select distinct scope from consent_event where hotel = $1 and scope = any($2) order by scope`, ids,
			func(row pgx.CollectableRow) error {
				var id string
				err := row.Scan(&id)
				with = append(with, id)
				return named(err, "read consents")
			})
		for _, id := range with {
			if err == nil {
				err = s.consentsOf(ctx, id, each)
			}
		}
		return err
	})
}

func (s *source) consentsOf(ctx context.Context, id string, each func(Consent) error) error {
	q := consent.Query{Scope: id, Most: 500}
	for {
		events, err := s.Consents.List(ctx, s.hotel, q)
		if err != nil {
			return named(err, "read consents")
		}
		for _, e := range events {
			note, err := s.Consents.Detail(ctx, e)
			if err != nil && !errors.Is(err, consent.ErrErased) {
				return named(err, "open a consent")
			}
			s.present[register.Consent] = true
			if err := each(Consent{
				Purpose: string(e.Purpose), Action: string(e.Action), Wording: e.Wording, Language: e.Language, Channel: string(e.Channel),
				Method: string(e.Method), Call: e.Call, At: e.At, RecordedAt: e.RecordedAt, Note: s.mask(ctx, note),
			}); err != nil {
				return err
			}
		}
		if len(events) < q.Most {
			return nil
		}
		q.After = events[len(events)-1].ID
	}
}

// messages are those that went to the person.
func (s *source) messages(ctx context.Context, each func(Message) error) error {
	return s.pages(ctx, func(ids []string) error {
		if err := s.load(ctx, keys.Operations, ids); err != nil {
			return err
		}
		return s.rows(ctx, `
			select scope, id, purpose, kind, channel, state, coalesce(language, ''), created_at, sent_at, sealed from message
			where hotel = $1 and scope = any($2) order by scope, id`, ids, func(row pgx.CollectableRow) error {
			var m Message
			var scope, id, purpose string
			var sealed []byte
			if err := row.Scan(&scope, &id, &purpose, &m.Kind, &m.Channel, &m.State, &m.Language, &m.CreatedAt, &m.SentAt, &sealed); err != nil {
				return named(err, "read a message")
			}
			var content struct {
				To string `json:"to"`
			}
			if _, err := s.unseal(ctx, scope, keys.Purpose(purpose), "message.sealed/"+id, sealed, &content); err != nil {
				return err
			}
			if s.masker.isOwn(content.To) { // else it went to somebody who acted for them
				m.To = content.To
			}
			m.CreatedAt, m.SentAt = m.CreatedAt.UTC(), inUTC(m.SentAt)
			s.present[register.Message] = true
			return each(m)
		})
	})
}

// decisions tell how it was found out what is the person's.
func (s *source) decisions(ctx context.Context, each func(Decision) error) error {
	return s.rows(ctx, `
		select kind, reason, created_at from subject_decision where hotel = $1 and scopes && $2
		order by created_at, id limit 1000`, s.people.Scopes, func(row pgx.CollectableRow) error {
		var n Decision
		if err := row.Scan(&n.Kind, &n.Reason, &n.At); err != nil {
			return named(err, "read a decision")
		}
		n.At = n.At.UTC()
		s.present[register.SubjectDecision] = true
		return each(n)
	})
}

// disclosures tell to whom data went, and when: bookings to the hotel's own
// system, messages to who carries them.
func (s *source) disclosures(ctx context.Context, each func(Disclosure) error) error {
	carriers := map[string]string{"message_email": "mail_relay", "message_sms": "seven", "booking": s.hotelEntry.Vendor}
	return s.pages(ctx, func(ids []string) error {
		return s.rows(ctx, `
			select 'booking' as what, id as about, created_at as at from booking
			where hotel = $1 and id = any($2) and vendor_booking is not null
			union all
			select 'message_' || channel, kind, sent_at from message where hotel = $1 and scope = any($2) and sent_at is not null
			order by at, about`, ids, func(row pgx.CollectableRow) error {
			var n Disclosure
			if err := row.Scan(&n.What, &n.About, &n.At); err != nil {
				return named(err, "read a disclosure")
			}
			n.At, n.Recipient = n.At.UTC(), carriers[n.What]
			return each(n)
		})
	})
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	utc := t.UTC()
	return &utc
}
