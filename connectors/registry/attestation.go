package registry

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/connectors/registry/registrydb"
	"github.com/voicehive/voicehive/internal/postgres"
)

// maxAttested bounds how long one attestation may hold: contracts change.
const maxAttested = 3 * 366 * 24 * time.Hour

// An Attestation is a hotel's word that its own system keeps guests' data in
// the EU: who gave it, by which document, for which hosts and until when.
// Attestations are only ever added; the newest counts.
type Attestation struct {
	Hotel    string    `json:"hotel"`
	ID       string    `json:"id"`
	By       string    `json:"by"`
	Document string    `json:"document"`
	SHA256   string    `json:"sha256"` // of the document, in hex
	Hosts    []string  `json:"hosts"`
	Until    time.Time `json:"until"`
	// RecordedAt is the database's time.
	RecordedAt time.Time `json:"recorded_at,omitzero"`
}

type cachedAttestation struct {
	attestation Attestation // the zero value when there is none
	until       time.Time
}

func (a Attestation) validate(now time.Time) error {
	var v validation
	v.text("by", a.By, 200)
	v.text("document", a.Document, 200)
	digest, err := hex.DecodeString(a.SHA256)
	v.check("sha256", err == nil && len(digest) == 32, "must be the SHA-256 of the document, 64 hexadecimal digits")
	v.check("hosts", len(a.Hosts) > 0 && len(a.Hosts) <= maxItems, fmt.Sprintf("must be 1 to %d", maxItems))
	for i, host := range a.Hosts {
		v.text(fmt.Sprintf("hosts[%d]", i), host, 253)
	}
	v.check("until", a.Until.After(now) && a.Until.Before(now.Add(maxAttested)), "must lie ahead, by three years at most")
	return errors.Join(v...)
}

// Attest records a hotel's attestation, which replaces the one before, and does
// also what belongs to it, both or neither. ErrInvalid when a field is wrong, ErrUnknownHotel when there is no such
// hotel.
func (r *Registry) Attest(ctx context.Context, a Attestation, also ...postgres.Step) (Attestation, error) {
	if err := a.validate(r.now()); err != nil {
		return Attestation{}, err
	}
	digest, _ := hex.DecodeString(a.SHA256) // validate read it
	a.ID = ulid.Make().String()
	err := r.pool.AsRole(ctx, postgres.RoleRegistrar, func(tx pgx.Tx) error {
		at, err := registrydb.New(tx).AddAttestation(ctx, registrydb.AddAttestationParams{
			Hotel: a.Hotel, ID: a.ID, AttestedBy: a.By, Document: a.Document, Sha256: digest,
			Hosts: a.Hosts, Until: pgtype.Timestamptz{Time: a.Until, Valid: true},
		})
		a.RecordedAt = at.Time
		if err != nil {
			return err
		}
		return postgres.Along(ctx, tx, also...)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Attestation{}, ErrUnknownHotel
	}
	if err != nil {
		return Attestation{}, fmt.Errorf("registry: recording an attestation of hotel %s: %w", a.Hotel, err)
	}
	r.attested.Remove(a.Hotel)
	return a, nil
}

// Attestation reads the hotel's newest attestation, from memory when it was
// read a moment ago; the zero value when there is none. Whether it still holds
// is for the caller's clock. While the database does not answer, the last one
// that was read counts.
func (r *Registry) Attestation(ctx context.Context, hotel string) (Attestation, error) {
	known, hit := r.attested.Get(hotel)
	if hit && r.now().Before(known.until) {
		return known.attestation, nil
	}
	row, err := registrydb.New(r.pool.Tenant(hotel)).Attestation(ctx, hotel)
	found := attestationOf(row)
	switch {
	case errors.Is(err, pgx.ErrNoRows), errors.Is(err, postgres.ErrTenant):
		found = Attestation{}
	case err != nil && hit:
		found = known.attestation
	case err != nil:
		return Attestation{}, fmt.Errorf("registry: reading the attestation of hotel %s: %w", hotel, err)
	}
	r.attested.Add(hotel, cachedAttestation{found, r.now().Add(cacheTime)})
	return found, nil
}

// Attestations lists all that a hotel attested, the newest first.
func (r *Registry) Attestations(ctx context.Context, hotel string) ([]Attestation, error) {
	rows, err := registrydb.New(r.pool.Tenant(hotel)).Attestations(ctx, hotel)
	if errors.Is(err, postgres.ErrTenant) {
		return nil, ErrUnknownHotel
	}
	if err != nil {
		return nil, fmt.Errorf("registry: listing the attestations of hotel %s: %w", hotel, err)
	}
	all := make([]Attestation, len(rows))
	for i, row := range rows {
		all[i] = attestationOf(row)
	}
	return all, nil
}

func attestationOf(row registrydb.HotelAttestation) Attestation {
	return Attestation{
		Hotel: row.Hotel, ID: row.ID, By: row.AttestedBy, Document: row.Document, SHA256: hex.EncodeToString(row.Sha256),
		Hosts: row.Hosts, Until: row.Until.Time, RecordedAt: row.RecordedAt.Time,
	}
}

// Page reads hotels by id, from the one after the last one seen, at most so
// many. As List it looks across tenants.
func (r *Registry) Page(ctx context.Context, after string, most int) ([]Hotel, error) {
	rows, err := registrydb.New(r.pool.Role(postgres.RoleGate)).HotelsAfter(ctx,
		registrydb.HotelsAfterParams{Last: after, Page: int32(min(max(most, 1), pageSize))})
	if err != nil {
		return nil, fmt.Errorf("registry: listing hotels: %w", err)
	}
	hotels := make([]Hotel, len(rows))
	for i, row := range rows {
		if hotels[i], err = hotelOf(row); err != nil {
			return nil, err
		}
	}
	return hotels, nil
}
