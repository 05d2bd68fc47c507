package offboarding

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Secrets is where the hotels' credentials are. *credentials.VaultStore and
// *credentials.FileStore are ones.
type Secrets interface {
	Version(ctx context.Context, ref string) (credentials.Version, error)
	Delete(ctx context.Context, ref string) error
}

// Hotels lists the hotels of the house, which may have one account together.
// *registry.Registry is one.
type Hotels interface {
	Page(ctx context.Context, after string, most int) ([]registry.Hotel, error)
}

// hotelsAtOnce is how many hotels are looked at together.
const hotelsAtOnce = 200

// RemoveSecrets deletes the entry with the secrets of the hotel's system, with all
// versions that the store keeps, and names it for the read-back. One that serves
// another hotel too stays. It comes before the hotel's own row, which names it;
// when that is gone it is the one that was named before.
func (a *Activities) RemoveSecrets(ctx context.Context, ref Ending) (Step, error) {
	defer heartbeat.Start(ctx)()
	s := Step{Entry: ref.Entry}
	err := a.whileUnheld(ctx, ref.Hotel, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "select credentials_ref from hotel where id = $1", ref.Hotel).Scan(&s.Entry)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil || s.Entry == "" {
		return Step{}, answer(wrap(err, "read which entry is the hotel's"))
	}
	shared, err := a.shared(ctx, ref.Hotel, s.Entry)
	if err != nil || shared {
		return s, answer(wrap(err, "look who shares an account"))
	}
	_, err = a.Secrets.Version(ctx, s.Entry)
	switch {
	case errors.Is(err, credentials.ErrNotFound):
		return s, nil
	case err == nil:
		err = a.Secrets.Delete(ctx, s.Entry)
		s.Removed.Secrets = 1
	}
	if err != nil {
		return Step{}, answer(wrap(err, "delete the secrets of the hotel's system"))
	}
	return s, nil
}

// shared tells whether another hotel has the same entry.
func (a *Activities) shared(ctx context.Context, hotel, entry string) (bool, error) {
	for after := ""; ; {
		page, err := a.Hotels.Page(ctx, after, hotelsAtOnce)
		if err != nil {
			return false, err
		}
		for _, h := range page {
			if after = h.ID; h.ID != hotel && h.CredentialsRef == entry {
				return true, nil
			}
		}
		if len(page) < hotelsAtOnce {
			return false, nil
		}
	}
}

// secretsLeft reads the store back: 1 when the hotel's entry is there and serves
// nobody else.
func (a *Activities) secretsLeft(ctx context.Context, e Ending) (left int, shared bool, err error) {
	if e.Entry == "" {
		return 0, false, nil
	}
	if shared, err = a.shared(ctx, e.Hotel, e.Entry); err != nil || shared {
		return 0, shared, wrap(err, "look who shares an account")
	}
	_, err = a.Secrets.Version(ctx, e.Entry)
	if errors.Is(err, credentials.ErrNotFound) {
		return 0, false, nil
	}
	return 1, false, wrap(err, "read the store of secrets back")
}

// note writes down which objects there are to be removed. The rows that name them
// go before the end, when every one of them is looked for again.
func (a *Activities) note(ctx context.Context, hotel string) error {
	return wrap(a.Pool.InTenantAs(ctx, postgres.RoleLeaver, hotel, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into erased_object (hotel, object, scope)
			select hotel, object, call from recording where hotel = $1
			union select hotel, object, scope from access_pack where hotel = $1 and object is not null
			on conflict do nothing`, hotel)
		return err
	}), "note a hotel's objects")
}

// objectsLeft reads the object store back by what was noted.
func (a *Activities) objectsLeft(ctx context.Context, hotel string) (looked, left int, err error) {
	names, err := a.objects(ctx, hotel)
	for _, name := range names {
		there, err := a.Objects.Exists(ctx, name)
		if err != nil {
			return 0, 0, wrap(err, "read an object back")
		}
		if looked++; there {
			left++
		}
	}
	return looked, left, err
}

// forget deletes the notes of objects that are gone for certain.
func (a *Activities) forget(ctx context.Context, hotel string) error {
	for {
		n, err := a.deleteRows(ctx, hotel, noted)
		if err != nil || n < batchRows {
			return err
		}
	}
}

// noted is the table that objects are noted in until the end.
var noted = table{"erased_object", "hotel"}
