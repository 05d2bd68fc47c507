package access

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
)

// calls are the person's conversations, without what was said.
func (s *source) calls(ctx context.Context, each func(Call) error) error {
	return s.pages(ctx, func(ids []string) error {
		if err := s.load(ctx, keys.Operations, ids); err != nil {
			return err
		}
		var page []Call
		err := s.rows(ctx, `
			select id, direction, language, started_at, ended_at, notice_at from call
			where hotel = $1 and id = any($2) order by id`, ids, func(row pgx.CollectableRow) error {
			var c Call
			if err := row.Scan(&c.ID, &c.Direction, &c.Language, &c.StartedAt, &c.EndedAt, &c.NoticeAt); err != nil {
				return named(err, "read a call")
			}
			c.StartedAt, c.EndedAt, c.NoticeAt = c.StartedAt.UTC(), inUTC(c.EndedAt), inUTC(c.NoticeAt)
			page = append(page, c)
			return nil
		})
		for _, c := range page {
			if err != nil {
				return err
			}
			s.present[register.Call] = true
			err = each(c)
		}
		return err
	})
}

// said are the turns of a call, what is about others masked.
func (s *source) said(ctx context.Context, c Call) ([]Turn, error) {
	var all []Turn
	for after := 0; ; {
		piece, err := s.piece(ctx, c.ID, after)
		if err != nil {
			return nil, err
		}
		if len(piece) == 0 {
			return all, nil
		}
		s.beat()
		all = append(all, s.masker.turns(ctx, c.Language, piece)...)
		if len(piece) < mostTogether {
			return all, nil
		}
		after = piece[len(piece)-1].Seq
	}
}

// piece reads the next turns of a call as they were said.
func (s *source) piece(ctx context.Context, call string, after int) ([]calls.Turn, error) {
	var piece []calls.Turn
	for len(piece) < mostTogether {
		page, err := s.Calls.Turns(ctx, s.hotel, call, after, transcript.MaxTurns)
		if err != nil {
			return nil, named(err, "read a transcript")
		}
		if len(page) == 0 {
			break
		}
		if err := s.restore(ctx, call, after, page); err != nil {
			return nil, err
		}
		piece = append(piece, page...)
		after = page[len(page)-1].Seq
		if len(page) < transcript.MaxTurns {
			break
		}
	}
	return piece, nil
}

// restore puts back what was masked when the turns were stored: a guest's own
// words are theirs. What others are called is masked again, and stays so.
func (s *source) restore(ctx context.Context, call string, after int, page []calls.Turn) error {
	if !slices.ContainsFunc(page, func(t calls.Turn) bool { return t.Masked }) {
		return nil
	}
	restored, err := s.Transcripts.Restore(ctx, s.hotel, call, after, len(page), transcript.Cause{
		Actor: actor, By: "case " + s.rights.ID, Reason: "a guest's request under Article 15 or 20 GDPR",
	})
	if err != nil {
		return named(err, "read a transcript")
	}
	for _, r := range restored {
		for i := range page {
			if page[i].Masked && page[i].Seq == r.Seq {
				page[i].Text = r.Text
			}
		}
	}
	return nil
}

// callerOnly leaves what the guest said themselves.
func callerOnly(turns []Turn) []Turn {
	return slices.DeleteFunc(turns, func(t Turn) bool { return t.Speaker != string(calls.Caller) })
}

// recordings are those of a call.
func (s *source) recordings(ctx context.Context, call string) ([]calls.Recording, error) {
	all, err := s.Calls.Recordings(ctx, s.hotel, call)
	return all, named(err, "list recordings")
}
