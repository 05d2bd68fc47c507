//go:build unix

package registry

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/postgres"
)

func word(hotel string) Attestation {
	return Attestation{
		Hotel: hotel, By: "General Manager", Document: "contract.pdf", SHA256: strings.Repeat("ab", 32),
		Hosts: []string{"api.mews.com"}, Until: time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second),
	}
}

func TestAttestationsAreOnlyAdded(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	hotel := aurora(t)
	require.NoError(t, r.Add(t.Context(), hotel))
	none, err := r.Attestation(t.Context(), hotel.ID)
	require.NoError(t, err)
	require.Empty(t, none.ID)

	first, err := r.Attest(t.Context(), word(hotel.ID))
	require.NoError(t, err)
	again := word(hotel.ID)
	again.By = "New Manager"
	second, err := r.Attest(t.Context(), again)
	require.NoError(t, err)
	newest, err := r.Attestation(t.Context(), hotel.ID)
	require.NoError(t, err)
	require.Equal(t, second.ID, newest.ID)
	require.Equal(t, again.Until, newest.Until.UTC())
	history, err := r.Attestations(t.Context(), hotel.ID)
	require.NoError(t, err)
	require.Len(t, history, 2)
	require.Equal(t, first.ID, history[1].ID)
	require.Equal(t, strings.Repeat("ab", 32), history[1].SHA256)

	for _, statement := range []string{"update hotel_attestation set until = now()", "delete from hotel_attestation"} {
		err := r.pool.AsRole(t.Context(), postgres.RoleRegistrar, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		require.ErrorContains(t, err, "permission denied", statement)
	}
	others, err := r.Attestations(t.Context(), "hotel-other")
	require.NoError(t, err)
	require.Empty(t, others)
	_, err = r.Attest(t.Context(), word("hotel-other"))
	require.ErrorIs(t, err, ErrUnknownHotel)
}

func TestAttestationsThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	for field, change := range map[string]func(*Attestation){
		"by":       func(a *Attestation) { a.By = "" },
		"document": func(a *Attestation) { a.Document = "a\nb" },
		"sha256":   func(a *Attestation) { a.SHA256 = "abc" },
		"hosts":    func(a *Attestation) { a.Hosts = nil },
		"until":    func(a *Attestation) { a.Until = time.Now().Add(-time.Hour) },
		"until ":   func(a *Attestation) { a.Until = time.Now().Add(10 * 366 * 24 * time.Hour) },
	} {
		a := word("aurora-berlin")
		change(&a)
		_, err := r.Attest(t.Context(), a)
		require.ErrorIs(t, err, ErrInvalid, field)
		require.ErrorContains(t, err, strings.TrimSpace(field))
	}
}

func TestAnotherProcessesAttestationIsSeen(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	require.NoError(t, r.Add(t.Context(), aurora(t)))
	other, err := New(r.pool)
	require.NoError(t, err)
	now := time.Now()
	other.now = func() time.Time { return now }
	_, err = other.Attestation(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	_, err = r.Attest(t.Context(), word("aurora-berlin"))
	require.NoError(t, err)
	seen, err := other.Attestation(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	require.Empty(t, seen.ID, "from memory")
	now = now.Add(cacheTime)
	seen, err = other.Attestation(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	require.NotEmpty(t, seen.ID)
}

func TestResidencyLetsTheAttestedBeCalled(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	for _, id := range []string{"hotel-one", "hotel-two"} {
		hotel := aurora(t)
		hotel.ID = id
		require.NoError(t, r.Add(t.Context(), hotel))
	}
	_, err := r.Attest(t.Context(), word("hotel-one"))
	require.NoError(t, err)
	rules, err := region.Default()
	require.NoError(t, err)
	var log strings.Builder
	gate := func(production bool, later time.Duration) *Residency {
		guard, err := region.New(region.Options{Rules: rules, Production: production, Now: func() time.Time { return time.Now().Add(later) }})
		require.NoError(t, err)
		return NewResidency(r, guard, slog.New(slog.NewTextHandler(&log, nil)))
	}
	mews := map[string]string{"api": "https://api.mews.com"}
	require.NoError(t, gate(true, 0).Admit(t.Context(), "hotel-one", mews))
	for name, err := range map[string]error{
		"not attested":  gate(true, 0).Admit(t.Context(), "hotel-two", mews),
		"ran out":       gate(true, 25*time.Hour).Admit(t.Context(), "hotel-one", mews),
		"another host":  gate(true, 0).Admit(t.Context(), "hotel-one", map[string]string{"api": "https://api.cloudbeds.com"}),
		"one of two":    gate(true, 0).Admit(t.Context(), "hotel-one", map[string]string{"api": "https://api.mews.com", "identity": "https://nobody.example"}),
		"no address":    gate(true, 0).Admit(t.Context(), "hotel-one", nil),
		"this machine":  gate(true, 0).Admit(t.Context(), "hotel-one", map[string]string{"api": "http://127.0.0.1:8090"}),
		"not a hotel's": gate(false, 0).Admit(t.Context(), "hotel-one", map[string]string{"api": "https://s3.us-east-1.amazonaws.com"}),
	} {
		require.ErrorIs(t, err, ErrResidency, name)
		require.NotEmpty(t, strings.TrimPrefix(err.Error(), ErrResidency.Error()+": "), name)
	}
	require.Empty(t, log.String())
	development := gate(false, 0)
	for range 3 {
		require.NoError(t, development.Admit(t.Context(), "hotel-two", mews))
	}
	require.Equal(t, 1, strings.Count(log.String(), "hotel-two"), "it warns once")
	require.NoError(t, development.Admit(t.Context(), "hotel-two", map[string]string{"api": "http://127.0.0.1:8090"}))
	require.False(t, errors.Is(err, ErrResidency))
}

func TestPages(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	for _, id := range []string{"hotel-a", "hotel-b", "hotel-c"} {
		hotel := aurora(t)
		hotel.ID = id
		require.NoError(t, r.Add(t.Context(), hotel))
	}
	page, err := r.Page(t.Context(), "hotel-a", 1)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Equal(t, "hotel-b", page[0].ID)
	hosts, err := HostsOf(map[string]string{"api": "https://B.example", "identity": "https://a.example:1", "webhook": "https://b.example./x"})
	require.NoError(t, err)
	require.Equal(t, []string{"a.example", "b.example"}, hosts)
}
