package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/connectors/registry/registrydb"
	"github.com/voicehive/voicehive/internal/postgres"
)

// ErrUnknownHotel is the answer to an id that no hotel has.
var ErrUnknownHotel = errors.New("registry: no such hotel")

const (
	cacheSize = 1024
	cacheTime = 30 * time.Second
	pageSize  = 200
)

// A Registry reads and writes the hotels in the main database. It is safe for
// concurrent use. An entry that another process changed is seen within 30 s.
type Registry struct {
	pool     *postgres.Pool
	cache    *lru.Cache[string, cached]
	attested *lru.Cache[string, cachedAttestation]
	now      func() time.Time
}

type cached struct {
	hotel Hotel
	until time.Time
}

// New returns the registry in the database of pool.
func New(pool *postgres.Pool) (*Registry, error) {
	cache, err := lru.New[string, cached](cacheSize)
	if err != nil {
		return nil, fmt.Errorf("registry: making the cache: %w", err)
	}
	attested, err := lru.New[string, cachedAttestation](cacheSize)
	if err != nil {
		return nil, fmt.Errorf("registry: making the cache: %w", err)
	}
	return &Registry{pool: pool, cache: cache, attested: attested, now: time.Now}, nil
}

// Add saves a hotel, a new one or a change of one that is there, and does also
// what belongs to it, both or neither. An entry that is not valid is an
// ErrInvalid and changes nothing.
func (r *Registry) Add(ctx context.Context, hotel Hotel, also ...postgres.Step) error {
	if err := hotel.Validate(); err != nil {
		return err
	}
	row, err := rowOf(hotel)
	if err != nil {
		return err
	}
	err = r.pool.AsRole(ctx, postgres.RoleRegistrar, func(tx pgx.Tx) error {
		if err := registrydb.New(tx).SaveHotel(ctx, row); err != nil {
			return err
		}
		return postgres.Along(ctx, tx, also...)
	})
	if err != nil {
		return fmt.Errorf("registry: saving hotel %s: %w", hotel.ID, err)
	}
	r.cache.Remove(hotel.ID)
	return nil
}

// Hotel reads an entry, from memory when it was read a moment ago. The answer
// is the caller's own to change. ErrUnknownHotel when there is none.
func (r *Registry) Hotel(ctx context.Context, id string) (Hotel, error) {
	if hit, ok := r.cache.Get(id); ok && r.now().Before(hit.until) {
		return hit.hotel.clone(), nil
	}
	var row registrydb.Hotel
	err := r.pool.InTenantReadOnly(ctx, id, func(tx pgx.Tx) (err error) {
		row, err = registrydb.New(tx).Hotel(ctx, id)
		return err
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows), errors.Is(err, postgres.ErrTenant):
		return Hotel{}, ErrUnknownHotel
	case err != nil:
		return Hotel{}, fmt.Errorf("registry: reading a hotel: %w", err)
	}
	hotel, err := hotelOf(row)
	if err != nil {
		return Hotel{}, err
	}
	r.cache.Add(id, cached{hotel: hotel.clone(), until: r.now().Add(cacheTime)})
	return hotel, nil
}

// List reads every hotel, by id. It looks across tenants, so what it tells is
// for operators and not for callers.
func (r *Registry) List(ctx context.Context) ([]Hotel, error) {
	var hotels []Hotel
	err := r.pool.AsRole(ctx, postgres.RoleGate, func(tx pgx.Tx) error {
		last := ""
		for {
			rows, err := registrydb.New(tx).HotelsAfter(ctx, registrydb.HotelsAfterParams{Last: last, Page: pageSize})
			if err != nil {
				return err
			}
			for _, row := range rows {
				hotel, err := hotelOf(row)
				if err != nil {
					return err
				}
				hotels = append(hotels, hotel)
			}
			if len(rows) < pageSize {
				return nil
			}
			last = rows[len(rows)-1].ID
		}
	})
	if err != nil {
		return nil, fmt.Errorf("registry: listing hotels: %w", err)
	}
	return hotels, nil
}

func rowOf(h Hotel) (registrydb.SaveHotelParams, error) {
	h = h.clone()
	if h.Endpoints == nil {
		h.Endpoints = map[string]string{}
	}
	if h.PhoneLines == nil {
		h.PhoneLines = []string{}
	}
	if h.Roles == nil {
		h.Roles = map[string][]string{}
	}
	row := registrydb.SaveHotelParams{
		ID: h.ID, Name: h.Name, Vendor: h.Vendor, Property: h.Property,
		TimeZone: h.TimeZone, Currency: h.Currency, Country: h.Country,
		Languages: h.Languages, PhoneLines: h.PhoneLines, CredentialsRef: h.CredentialsRef,
	}
	for _, part := range []struct {
		name string
		from any
		into *[]byte
	}{
		{"endpoints", h.Endpoints, &row.Endpoints}, {"mapping", h.Mapping, &row.Mapping}, {"roles", h.Roles, &row.Roles},
		{"messages", h.Messages, &row.Messages}, {"contact", h.Contact, &row.Contact},
	} {
		var err error
		if *part.into, err = json.Marshal(part.from); err != nil {
			return registrydb.SaveHotelParams{}, fmt.Errorf("registry: writing the %s: %w", part.name, err)
		}
	}
	return row, nil
}

func hotelOf(row registrydb.Hotel) (Hotel, error) {
	h := Hotel{
		ID: row.ID, Name: row.Name, Vendor: row.Vendor, Property: row.Property,
		TimeZone: row.TimeZone, Currency: row.Currency, Country: row.Country,
		Languages: row.Languages, PhoneLines: row.PhoneLines,
		CredentialsRef: row.CredentialsRef, UpdatedAt: row.UpdatedAt.Time,
	}
	for _, part := range []struct {
		name string
		from []byte
		into any
	}{
		{"endpoints", row.Endpoints, &h.Endpoints}, {"mapping", row.Mapping, &h.Mapping}, {"roles", row.Roles, &h.Roles},
		{"messages", row.Messages, &h.Messages}, {"contact", row.Contact, &h.Contact},
	} {
		if err := json.Unmarshal(part.from, part.into); err != nil {
			return Hotel{}, fmt.Errorf("registry: the %s of hotel %s cannot be read; add it again: %w", part.name, row.ID, err)
		}
	}
	if len(h.Roles) == 0 {
		h.Roles = nil
	}
	return h, nil
}
