package notification

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/voicehive/voicehive/activities/notification/notificationdb"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/internal/postgres"
)

// A StrandedMessage is one that nobody seems to deliver.
type StrandedMessage struct {
	MessageRef
	// Since is when something last became of it.
	Since time.Time
}

// triedAgain is longer than any pause between two attempts of a delivery.
const triedAgain = 2 * time.Hour

// Stranded lists, across hotels, messages that were never tried for so long,
// or not again for hours: their process died before the delivery began, or the
// delivery gave up. The oldest come first, and those after the one given, which
// is zero for the first page. A one-time code is never among them: by now its
// caller has asked for another. What has become old in the meantime is listed
// too: its delivery settles it.
func (o *Outbox) Stranded(ctx context.Context, age time.Duration, after StrandedMessage, most int) ([]StrandedMessage, error) {
	var stranded []StrandedMessage
	err := o.pool.AsRole(ctx, postgres.RoleSweeper, func(tx pgx.Tx) error {
		rows, err := notificationdb.New(tx).Stranded(ctx, notificationdb.StrandedParams{
			Fresh: age.Seconds(), Tried: triedAgain.Seconds(), Most: int32(most),
			AfterAt: pgtype.Timestamptz{Time: after.Since, Valid: true}, AfterID: after.Message,
		})
		for _, r := range rows {
			stranded = append(stranded, StrandedMessage{MessageRef{Hotel: r.Hotel, Message: r.ID}, r.UpdatedAt.Time})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("notification: list stranded messages: %w", err)
	}
	return stranded, nil
}

// note keeps a message that is not queued, with its event or not at all. One
// that is there already is left as it is.
func (o *Outbox) note(ctx context.Context, j job, version int64, s settlement, events audit.Prepared) error {
	err := o.pool.InTenant(ctx, j.ref.Hotel, func(tx pgx.Tx) error {
		n, err := notificationdb.New(tx).NotQueued(ctx, notificationdb.NotQueuedParams{
			Hotel: j.ref.Hotel, ID: j.ref.Message, Scope: j.scope, Purpose: string(j.purpose), Channel: string(j.channel),
			Kind: string(j.kind), Version: version, State: string(s.state), Problem: optional(s.problem),
		})
		if err != nil || n == 0 {
			return err
		}
		return events.Insert(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("notification: note a message that is not sent: %w", err)
	}
	return nil
}
