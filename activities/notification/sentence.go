package notification

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/activities/notification/notificationdb"
)

// SetSentence adds a sentence of the hotel's own to a kind of letter in one
// language; an empty one takes it away. ErrDraft tells what is wrong with it.
func (o *Outbox) SetSentence(ctx context.Context, hotel string, kind letters.Kind, language, sentence string) error {
	if !slices.Contains(letters.Kinds(), kind) || !slices.Contains(letters.Languages(), language) {
		return fmt.Errorf("%w: no such kind or language", ErrDraft)
	}
	queries := notificationdb.New(o.pool.Tenant(hotel))
	if sentence == "" {
		err := queries.RemoveSentence(ctx, notificationdb.RemoveSentenceParams{Hotel: hotel, Kind: string(kind), Language: language})
		if err != nil {
			return fmt.Errorf("notification: remove a sentence: %w", err)
		}
		return nil
	}
	if err := letters.ValidateSentence(sentence); err != nil {
		return fmt.Errorf("%w: %w", ErrDraft, err)
	}
	err := queries.SetSentence(ctx, notificationdb.SetSentenceParams{
		Hotel: hotel, Kind: string(kind), Language: language, Sentence: sentence,
	})
	if err != nil {
		return fmt.Errorf("notification: save a sentence: %w", err)
	}
	return nil
}

// sentence is the hotel's own for a kind and language; empty when it has none.
func (o *Outbox) sentence(ctx context.Context, hotel string, kind letters.Kind, language string) (string, error) {
	s, err := notificationdb.New(o.pool.Tenant(hotel)).Sentence(ctx, notificationdb.SentenceParams{
		Hotel: hotel, Kind: string(kind), Language: language,
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("notification: read the hotel's sentence: %w", err)
	}
	return s, nil
}
