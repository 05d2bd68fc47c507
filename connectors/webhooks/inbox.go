package webhooks

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/webhooks/webhooksdb"
	"github.com/voicehive/voicehive/internal/postgres"
)

const (
	// lease is how long who took up a delivery has for it; another looks then.
	lease = 30 * time.Second
	// longest is the pause between two tries of a delivery that fails.
	longest = 5 * time.Minute
)

// A Delivery is one event in the inbox.
type Delivery struct {
	Hotel, Vendor string
	// Reservation is what changed; empty when the event is about none.
	Reservation pms.ReservationID
	id          []byte
	tries       int32
}

// Take stores events, and returns those that did not come before. They are the
// caller's to carry out and Close for a while; after that Due finds them. With
// an error none of them counts as taken, and the vendor has to repeat them.
func (s *Store) Take(ctx context.Context, hotel, vendor string, events []pms.Event) ([]Delivery, error) {
	var fresh []Delivery
	err := s.pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		db := webhooksdb.New(tx)
		for _, e := range events {
			d := Delivery{Hotel: hotel, Vendor: vendor, Reservation: e.ReservationID, id: idOf(e)}
			stored, err := db.InsertDelivery(ctx, webhooksdb.InsertDeliveryParams{
				Hotel: hotel, Vendor: vendor, ID: d.id, DueAt: stamp(s.now().Add(s.lease)),
				Reservation: pgtype.Text{String: string(d.Reservation), Valid: d.Reservation != ""},
			})
			if err != nil {
				return err
			}
			if stored > 0 {
				fresh = append(fresh, d)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("webhooks: storing an event of hotel %s: %w", hotel, err)
	}
	return fresh, nil
}

// idOf names an event. A vendor may post several under one id; where it gives
// none a repeat cannot be told, and two looks at the hotel are better than none.
func idOf(e pms.Event) []byte {
	id := e.ID
	if id == "" {
		id = ulid.Make().String()
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", id, e.Kind, e.ReservationID, e.StayID))
	return hash[:]
}

// Close notes that a delivery was carried out.
func (s *Store) Close(ctx context.Context, d Delivery) error {
	err := webhooksdb.New(s.pool.Tenant(d.Hotel)).CloseDelivery(ctx, webhooksdb.CloseDeliveryParams{Hotel: d.Hotel, Vendor: d.Vendor, ID: d.id})
	if err != nil {
		return fmt.Errorf("webhooks: closing a delivery of hotel %s: %w", d.Hotel, err)
	}
	return nil
}

// Defer notes that a delivery failed. Each pause before the next try is twice
// the one before, up to five minutes.
func (s *Store) Defer(ctx context.Context, d Delivery) error {
	pause := min(time.Second<<min(d.tries, 10), longest)
	err := webhooksdb.New(s.pool.Tenant(d.Hotel)).DeferDelivery(ctx, webhooksdb.DeferDeliveryParams{
		Hotel: d.Hotel, Vendor: d.Vendor, ID: d.id, DueAt: stamp(s.now().Add(pause)),
	})
	if err != nil {
		return fmt.Errorf("webhooks: deferring a delivery of hotel %s: %w", d.Hotel, err)
	}
	return nil
}

// Due takes up to most deliveries that nobody carried out, of all hotels. They
// are the caller's as those of Take are.
func (s *Store) Due(ctx context.Context, most int) ([]Delivery, error) {
	rows, err := webhooksdb.New(s.pool.Role(postgres.RoleSweeper)).DueDeliveries(ctx, int32(most))
	if err != nil {
		return nil, fmt.Errorf("webhooks: looking for deliveries that are due: %w", err)
	}
	var due []Delivery
	for _, row := range rows {
		claimed, err := webhooksdb.New(s.pool.Tenant(row.Hotel)).ClaimDelivery(ctx, webhooksdb.ClaimDeliveryParams{
			Hotel: row.Hotel, Vendor: row.Vendor, ID: row.ID, DueAt: stamp(s.now().Add(s.lease)),
		})
		if errors.Is(err, pgx.ErrNoRows) {
			continue // another process was first
		}
		if err != nil {
			return due, fmt.Errorf("webhooks: taking up a delivery of hotel %s: %w", row.Hotel, err)
		}
		due = append(due, Delivery{
			Hotel: row.Hotel, Vendor: row.Vendor, Reservation: pms.ReservationID(claimed.Reservation.String),
			id: row.ID, tries: claimed.Tries,
		})
	}
	return due, nil
}

// Purge throws away what is older than three days, carried out or not, and
// returns how many. No vendor repeats an event after that.
func (s *Store) Purge(ctx context.Context) (int64, error) {
	n, err := webhooksdb.New(s.pool.Role(postgres.RoleSweeper)).PurgeDeliveries(ctx)
	if err != nil {
		return 0, fmt.Errorf("webhooks: throwing old deliveries away: %w", err)
	}
	return n, nil
}
