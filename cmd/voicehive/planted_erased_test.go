//go:build full && linux

package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
)

// people is an erasure.Cases of one case.
type people []string

func (p people) Scopes(context.Context, string, string) ([]string, error) { return p, nil }

// TestNothingOfAnErasedGuest books for a guest, writes to them and records their
// consents, lets the stay pass, and erases them. Then it looks for them in every
// store, log, history, export and in the hotel's own system, for what nobody may
// open any more, and checks the certificate that lists what is kept.
func TestNothingOfAnErasedGuest(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	w := raiseWatched(ctx, t)
	w.hunt = newHunt(planted)
	scope := w.bookPlanted(ctx)
	w.sendMessages(ctx, scope)
	w.recordConsents(ctx, scope)
	reservation := w.reservationOf(ctx, scope)
	require.Equal(t, planted.LastName, reservation.Booker.LastName, "the hotel's system knows the guest")
	b := openBooks(ctx, t, w.house)
	_, err := b.ledger.Exec(ctx, `update booking set arrival = now()::date - 9, departure = now()::date - 7 where id = $1`, scope)
	require.NoError(t, err)

	made := w.eraseAndCertify(ctx, people{scope})
	require.Equal(t, erasure.StateErased, made.State)
	require.EqualValues(t, 1, made.System["erased"])
	for _, k := range made.Kept {
		require.NotEmpty(t, k.Rule, k.Class)
	}
	w.checkOffline(ctx, made)

	reservation = w.reservationOf(ctx, scope)
	w.look("the hotel's system", []byte(jsonOf(t, reservation)))
	for _, purpose := range []keys.Purpose{keys.Operations, keys.Recording, keys.Audit} {
		_, err := w.parts.ring.Loaded(ctx, keys.Scope{Tenant: w.Hotel.ID, ID: scope}, purpose)
		require.ErrorIs(t, err, keys.ErrDestroyed, purpose)
	}
	_, err = w.parts.temporal.DescribeWorkflowExecution(ctx, "booking/"+w.Hotel.ID+"/"+scope, "")
	require.Error(t, err, "the booking's runs are gone")
	require.Zero(t, b.count(ctx, `guest_index where scope = $1`, scope))
	w.lookEverywhere(ctx)
	w.tell(t)
	w.requireNobody(t, "the hotel's system", "ledger: erasure", "ledger: erasure_certificate", "ledger: erasure_journal", "keys: erasure_journal",
		"histories", "visibility", "audit pack", "file: temporal.db", "file: logs/api.log", "verb: erasure verify")
}

// reservationOf reads a booking at the hotel's own system.
func (w *watch) reservationOf(ctx context.Context, scope string) pms.Reservation {
	w.Helper()
	entry, err := w.parts.ledger.Entry(ctx, w.Hotel.ID, scope)
	require.NoError(w, err)
	conn, err := w.parts.factory.Connector(ctx, w.Hotel.ID)
	require.NoError(w, err)
	r, err := conn.Reservation(ctx, pms.ReservationID(entry.VendorBooking))
	require.NoError(w, err)
	return r
}

// eraseAndCertify carries an erasure out, step by step as the worker does.
func (w *watch) eraseAndCertify(ctx context.Context, of people) erasure.Certificate {
	w.Helper()
	office, err := w.parts.erasures()
	require.NoError(w, err)
	office.Cases, office.Approvals = of, nil // there is no request that anybody could agree to
	hotel, request := w.Hotel.ID, ulid.Make().String()
	plan, err := office.Prepare(ctx, hotel, request, "")
	require.NoError(w, err)
	hash := plan.Hash()
	require.Eventually(w, func() bool {
		_, err := office.EraseRows(ctx, hotel, request, hash, 0)
		require.NoError(w, err)
		require.NoError(w, office.EraseSystem(ctx, hotel, request, hash, func() {}))
		_, err = office.DeleteRuns(ctx, hotel, request, hash, 0)
		require.NoError(w, err)
		_, err = office.DestroyKeys(ctx, hotel, request, hash, 0)
		require.NoError(w, err)
		_, left, err := office.Check(ctx, hotel, request, hash)
		return err == nil && left == erasure.ReadBack{}
	}, 3*time.Minute, time.Second, "Temporal deletes a run that was open a while later")
	made, err := office.Certify(ctx, hotel, request, hash)
	require.NoError(w, err)
	return made
}

// checkOffline has the binary write the certificate with its proof and check it,
// and a forged one refused.
func (w *watch) checkOffline(ctx context.Context, made erasure.Certificate) {
	w.Helper()
	folder := w.TempDir()
	file, vkeys := filepath.Join(folder, "certificate.json"), filepath.Join(folder, "vkeys")
	status, err := w.verb(ctx, "audit status", "audit", "status", "--json")
	require.NoError(w, err)
	var known struct{ Keys []string }
	require.NoError(w, json.Unmarshal([]byte(status), &known))
	require.NoError(w, os.WriteFile(vkeys, []byte(known.Keys[0]), 0o600))
	require.Eventually(w, func() bool {
		out, err := w.verb(ctx, "erasure certificate", "erasure", "certificate", "--hotel", made.Hotel, "--case", made.Case, "--out", file, "--json")
		require.NoError(w, err)
		var answer struct {
			InLog bool `json:"in_audit_log"`
		}
		require.NoError(w, json.Unmarshal([]byte(out), &answer))
		return answer.InLog
	}, time.Minute, time.Second, "the log is signed")
	out, err := w.verbIn(ctx, "verb: erasure verify", []string{"PATH=" + os.Getenv("PATH")}, "erasure", "verify", "--file", file, "--key", vkeys, "--json")
	require.NoError(w, err)
	var checked erasure.Verified
	require.NoError(w, json.Unmarshal([]byte(out), &checked))
	require.True(w, checked.InLog)
	require.Equal(w, made.ID, checked.Certificate.ID)

	text, err := os.ReadFile(file)
	require.NoError(w, err)
	at := slices.Index(text, 'Q') // of the payload's base64, or of the proof
	text[at] = 'R'
	require.NoError(w, os.WriteFile(file, text, 0o600))
	_, err = w.verb(ctx, "erasure verify, forged", "erasure", "verify", "--file", file, "--key", vkeys)
	require.Error(w, err)
}
