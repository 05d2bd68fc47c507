package calls

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
)

// Mask puts the masked text in the place of what was said in a turn. The text
// that stood there is gone. A turn is masked once: the first one stands, and
// masking it again changes nothing.
func (s *Store) Mask(ctx context.Context, tenant string, t Turn, masked string) error {
	if !isULID(t.Call) || masked == "" || len(masked) > 4*maxTurn || !utf8.ValidString(masked) {
		return fmt.Errorf("%w: a masked turn has a call and a text of at most %d bytes", ErrInvalid, 4*maxTurn)
	}
	sealed, err := s.keys.Seal(ctx, keys.Scope{Tenant: tenant, ID: t.Call}, keys.Operations, t.place(), []byte(masked))
	if err != nil {
		return fmt.Errorf("calls: seal a masked turn: %w", err)
	}
	tag, err := s.pool.Tenant(tenant).Exec(ctx, `
		update turn set sealed = $4, redacted = redacted or $5, masked_at = now()
		where hotel = $1 and call = $2 and seq = $3 and masked_at is null`, tenant, t.Call, t.Seq, sealed, masked != t.Text)
	if err != nil {
		return refusal(err, "mask a turn")
	}
	if tag.RowsAffected() == 1 {
		return nil
	}
	kept, err := s.Turns(ctx, tenant, t.Call, t.Seq-1, 1)
	if err != nil {
		return err
	}
	if len(kept) != 1 || kept[0].Seq != t.Seq {
		return ErrNotFound
	}
	return nil
}

// Secret returns the secret that the tokens in a call's turns come from, sealed
// under the call's key. The first time it is what fresh makes.
func (s *Store) Secret(ctx context.Context, tenant, call string, fresh func() ([]byte, error)) ([]byte, error) {
	kept, err := s.secret(ctx, tenant, call)
	if err != nil || kept != nil {
		return kept, err
	}
	made, err := fresh()
	if err != nil {
		return nil, err
	}
	// Of two that make one at the same time the first one's stays.
	if _, err := s.pool.Tenant(tenant).Exec(ctx, `
		update call set redaction_secret = $3 where hotel = $1 and id = $2 and redaction_secret is null`, tenant, call, made); err != nil {
		return nil, fmt.Errorf("calls: keep a call's secret: %w", err)
	}
	return s.secret(ctx, tenant, call)
}

func (s *Store) secret(ctx context.Context, tenant, call string) (sealed []byte, err error) {
	err = s.pool.Tenant(tenant).QueryRow(ctx, `select redaction_secret from call where hotel = $1 and id = $2`, tenant, call).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("calls: read a call's secret: %w", err)
	}
	return sealed, nil
}
