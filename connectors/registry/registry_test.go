//go:build unix

package registry

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

func newRegistry(t *testing.T) *Registry {
	t.Helper()
	r, err := New(postgrestest.New(t, postgres.Migrations).Pool(t))
	require.NoError(t, err)
	return r
}

func aurora(t *testing.T) Hotel {
	t.Helper()
	hotel, err := ParseFile("../../config/hotels/hotel-aurora.yaml")
	require.NoError(t, err)
	return hotel
}

func TestAddedHotelComesBackAsItWas(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	bare := Hotel{
		ID: "bare", Name: "Bare", Vendor: "mews", Property: "p", TimeZone: "UTC", Currency: "CHF", Country: "CH",
		Languages: []string{"it"}, CredentialsRef: "mews/bare",
	}
	for _, hotel := range []Hotel{aurora(t), bare} {
		require.NoError(t, r.Add(t.Context(), hotel))
		got, err := r.Hotel(t.Context(), hotel.ID)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), got.UpdatedAt, time.Minute)
		require.Equal(t, hotel.Mapping, got.Mapping)
		got.UpdatedAt = time.Time{}
		got.Endpoints, got.PhoneLines = emptyAsNil(got.Endpoints), append([]string(nil), got.PhoneLines...)
		require.Equal(t, hotel, got)
	}
}

func emptyAsNil(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}

func TestAddingAgainChanges(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	hotel := aurora(t)
	require.NoError(t, r.Add(t.Context(), hotel))
	before, err := r.Hotel(t.Context(), hotel.ID)
	require.NoError(t, err)

	hotel.Name, hotel.Mapping.RoomTypes = "Aurora Neu", nil
	require.NoError(t, r.Add(t.Context(), hotel))
	after, err := r.Hotel(t.Context(), hotel.ID)
	require.NoError(t, err)
	require.Equal(t, "Aurora Neu", after.Name)
	require.Empty(t, after.Mapping.RoomTypes)
	require.True(t, after.UpdatedAt.After(before.UpdatedAt), "a reader can tell that it changed")
}

func TestAnInvalidHotelIsNotSaved(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	hotel := aurora(t)
	hotel.Country = "XX"
	require.ErrorIs(t, r.Add(t.Context(), hotel), ErrInvalid)
	hotels, err := r.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, hotels)
}

func TestUnknownHotel(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	for _, id := range []string{"nowhere", "", "x'; drop table hotel; --"} {
		_, err := r.Hotel(t.Context(), id)
		require.ErrorIs(t, err, ErrUnknownHotel, "%q", id)
	}
}

func TestListPagesThroughAll(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	r, err := New(database.Pool(t))
	require.NoError(t, err)
	const many = 2*pageSize + 1
	database.Admin(t, fmt.Sprintf(`
		insert into hotel (id, name, vendor, property, time_zone, currency, country, languages, credentials_ref)
		select 'hotel-' || lpad(n::text, 4, '0'), 'n', 'apaleo', 'p', 'UTC', 'EUR', 'DE', '{de}', 'c'
		from generate_series(1, %d) n`, many))
	hotels, err := r.List(t.Context())
	require.NoError(t, err)
	require.Len(t, hotels, many)
	for i, hotel := range hotels {
		require.Equal(t, fmt.Sprintf("hotel-%04d", i+1), hotel.ID)
	}
}

func TestCacheIsShortAndSharesNothing(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	r, err := New(database.Pool(t))
	require.NoError(t, err)
	now := time.Now()
	r.now = func() time.Time { return now }
	name := func() string {
		hotel, err := r.Hotel(t.Context(), "aurora-berlin")
		require.NoError(t, err)
		seen := hotel.Endpoints["api"]
		hotel.Endpoints["api"], hotel.Languages[0] = "changed", "xx"
		require.Equal(t, "http://127.0.0.1:8090", seen)
		return hotel.Name
	}
	require.NoError(t, r.Add(t.Context(), aurora(t)))
	require.Equal(t, "Hotel Aurora Berlin", name())
	database.Admin(t, "update hotel set name = 'By another process'")
	require.Equal(t, "Hotel Aurora Berlin", name(), "remembered")
	now = now.Add(cacheTime)
	require.Equal(t, "By another process", name(), "read again")
}

func TestADamagedEntryNamesItsField(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"endpoints", "mapping", "roles"} {
		database := postgrestest.New(t, postgres.Migrations)
		r, err := New(database.Pool(t))
		require.NoError(t, err)
		require.NoError(t, r.Add(t.Context(), aurora(t)))
		database.Admin(t, "update hotel set "+column+" = '[1]'")
		_, err = r.Hotel(t.Context(), aurora(t).ID)
		require.ErrorContains(t, err, column)
		require.ErrorContains(t, err, aurora(t).ID)
		_, err = r.List(t.Context())
		require.ErrorContains(t, err, column)
	}
}

func TestADatabaseThatIsAwayIsNoUnknownHotel(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t, postgres.Migrations).Pool(t)
	r, err := New(pool)
	require.NoError(t, err)
	pool.Close()
	_, err = r.Hotel(t.Context(), aurora(t).ID)
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrUnknownHotel)
	require.Error(t, r.Add(t.Context(), aurora(t)))
	_, err = r.List(t.Context())
	require.Error(t, err)
}
