//go:build unix

// Package erasuretest gives tests an office of erasures in a house with guests:
// real databases, keys, holds, policy and audit outbox, and a hotel system and
// workflow runs that a test steers. It is for tests only, on the compliance
// floor.
package erasuretest

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// Horizon is that of the backups.
const Horizon = 7 * 24 * time.Hour

// How long a test waits for another process, and how often it looks.
const (
	patience = 30 * time.Second
	step     = 50 * time.Millisecond
)

// A House is a hotel that erases.
type House struct {
	*consenttest.House
	t       testing.TB
	Office  *erasure.Office
	Options erasure.Options
	Cases   *Cases
	Runs    *Runs
	System  *System
	Signer  audit.Signer
}

// New opens one for a test.
func New(t testing.TB) *House {
	t.Helper()
	h := &House{House: consenttest.New(t), t: t, Cases: &Cases{}, Runs: &Runs{}, System: &System{}}
	var err error
	h.Signer, err = audit.OpenLocalSigner(filepath.Join(t.TempDir(), "audit.key"), "test")
	require.NoError(t, err)
	policy, err := retention.Shipped()
	require.NoError(t, err)
	h.Desk = subjects.New(subjects.Options{
		Pool: h.Pool, Keys: h.Ring, Table: h.Table, Auditor: h.Writer, Objects: h.Objects, Holds: erasure.LegalHolds,
	})
	h.Options = erasure.Options{
		Pool: h.Pool, KeysPool: h.KeysPool, Cases: h.Cases, Keys: h.Ring, Desk: h.Desk, Table: h.Table, Policy: policy,
		Runs: h.Runs, System: h.System, Auditor: h.Writer, Signer: h.Signer, Horizon: Horizon,
	}
	h.Office = erasure.New(h.Options)
	return h
}

// Stayed makes a booking of a stay that is over, with a reservation at the
// hotel's system, and a run of its workflow.
func (h *House) Stayed(hotel string, p subjects.Person) string {
	h.t.Helper()
	id := h.Booking(hotel, p)
	h.Database.Admin(h.t, `update booking set arrival = now()::date - 9, departure = now()::date - 7, vendor_booking = 'PMS-`+id+`' where id = '`+id+`'`)
	h.Runs.Put("booking/" + hotel + "/" + id)
	return id
}

// Move moves a booking's departure to some days from today.
func (h *House) Move(booking string, days string) {
	h.t.Helper()
	h.Database.Admin(h.t, `update booking set departure = now()::date + `+days+` where id = '`+booking+`'`)
}

// Case opens a case about scopes and returns its id.
func (h *House) Case(scopes ...string) string {
	id := ulid.Make().String()
	h.Cases.Set(id, scopes...)
	return id
}

// Carry does all steps of an erasure, in their order, and certifies.
func (h *House) Carry(hotel, request string) (erasure.Certificate, error) {
	h.t.Helper()
	ctx := h.t.Context()
	plan, err := h.Office.Prepare(ctx, hotel, request, "")
	if err != nil {
		return erasure.Certificate{}, err
	}
	for _, step := range h.Steps(hotel, request, plan) {
		if err := step(ctx); err != nil {
			return erasure.Certificate{}, err
		}
	}
	return h.Office.Certify(ctx, hotel, request, plan.Hash())
}

// Steps are those between the plan and the certificate.
func (h *House) Steps(hotel, request string, plan erasure.Plan) []func(context.Context) error {
	hash := plan.Hash()
	var all []func(context.Context) error
	batches := func(do func(ctx context.Context, n int) error) {
		for n := range plan.Batches() {
			all = append(all, func(ctx context.Context) error { return do(ctx, n) })
		}
	}
	batches(func(ctx context.Context, n int) error {
		_, err := h.Office.EraseRows(ctx, hotel, request, hash, n)
		return err
	})
	all = append(all, func(ctx context.Context) error { return h.Office.EraseSystem(ctx, hotel, request, hash, func() {}) })
	all = append(all, func(ctx context.Context) error {
		_, err := h.Office.Tell(ctx, hotel, request, hash)
		return err
	})
	batches(func(ctx context.Context, n int) error {
		_, err := h.Office.DeleteRuns(ctx, hotel, request, hash, n)
		return err
	})
	batches(func(ctx context.Context, n int) error {
		_, err := h.Office.DestroyKeys(ctx, hotel, request, hash, n)
		return err
	})
	return all
}

// Trusted are the keys that a verifier of the house's certificates has.
func (h *House) Trusted() attest.Keys {
	h.t.Helper()
	trusted, err := attest.SignerKeys(h.t.Context(), h.Signer)
	require.NoError(h.t, err)
	return trusted
}

// Unreadable tells whether a scope's key for a purpose is destroyed.
func (h *House) Unreadable(hotel, scope string, purpose keys.Purpose) bool {
	h.t.Helper()
	_, err := h.Ring.Loaded(h.t.Context(), keys.Scope{Tenant: hotel, ID: scope}, purpose)
	return errors.Is(err, keys.ErrDestroyed)
}

// Cases is an erasure.Cases in memory.
type Cases struct {
	mu  sync.Mutex
	all map[string][]string
}

// Set says whose data a case is about.
func (c *Cases) Set(request string, scopes ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string][]string{}
	}
	c.all[request] = slices.Clone(scopes)
}

// Scopes implements erasure.Cases.
func (c *Cases) Scopes(_ context.Context, _, request string) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.all[request]), nil
}

// Runs is an erasure.Runs in memory.
type Runs struct {
	mu  sync.Mutex
	all map[string]int
}

// Put starts a run.
func (r *Runs) Put(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[string]int{}
	}
	r.all[id]++
}

// Left are the workflows that have runs.
func (r *Runs) Left() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.all))
}

// Count implements erasure.Runs.
func (r *Runs) Count(_ context.Context, ids []string) (map[string]int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := map[string]int{}
	for _, id := range ids {
		if n := r.all[id]; n > 0 {
			found[id] = n
		}
	}
	return found, nil
}

// Delete implements erasure.Runs.
func (r *Runs) Delete(_ context.Context, ids []string) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		n += r.all[id]
		delete(r.all, id)
	}
	return n, nil
}

// System is an erasure.System in memory.
type System struct {
	mu     sync.Mutex
	erased []string
	fail   error

	companions []erasure.Companion
	meanwhile  func(ctx context.Context)
}

// Fail has every call answered with err; nil ends that.
func (s *System) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// Erased are the reservations that were erased, in order.
func (s *System) Erased() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.erased)
}

// Erase implements erasure.System.
func (s *System) Erase(ctx context.Context, _, reservation string, companion *erasure.Companion) error {
	s.mu.Lock()
	meanwhile := s.meanwhile
	s.mu.Unlock()
	if meanwhile != nil {
		meanwhile(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail == nil {
		s.erased = append(s.erased, reservation)
		if companion != nil {
			s.companions = append(s.companions, *companion)
		}
	}
	return s.fail
}

// Meanwhile calls do in the middle of each call.
func (s *System) Meanwhile(do func(ctx context.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meanwhile = do
}

// Companions are those who were erased as somebody who came along.
func (s *System) Companions() []erasure.Companion {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.companions)
}
