package subjects_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/audit/audittest"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// What was erased stands in the log, by counts, in the same transaction, and
// can be read when the guest's keys are gone.
func TestErasuresAreInTheLog(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	scope := h.Booking(aurora, ada())
	gone, err := h.Desk.EraseRows(t.Context(), aurora, []string{scope})
	require.NoError(t, err)
	require.Positive(t, gone.Total())
	first, err := h.Desk.DestroyKeys(t.Context(), aurora, []string{scope})
	require.NoError(t, err)
	require.Equal(t, 2, first.Keys, "for operations and for the audit log")
	require.Len(t, first.Digest, sha256.Size)
	again, err := h.Desk.DestroyKeys(t.Context(), aurora, []string{scope})
	require.NoError(t, err)
	require.Equal(t, subjects.Destroyed{Purposes: map[keys.Purpose]int{}}, again)

	told := audittest.Waiting(t, h.Database.AdminURL, h.Ring)
	require.Equal(t, []audit.Kind{
		subjects.EventRows, subjects.EventKeysRequested, subjects.EventKeys, subjects.EventKeysRequested, subjects.EventKeys,
	}, audittest.Kinds(told))
	require.JSONEq(t, `{"scopes": 1, "erased": {"index": 4, "guests": 1, "companions": 0, "turns": 0, "recordings": 0,
		"objects": 0, "quotes": 1, "intents": 1, "bookings": 1, "messages": 0, "codes": 0,
		"decisions": 0, "deliveries": 0, "restrictions": 0}}`, told[0].Detail)
	require.Contains(t, told[2].Detail, `"purposes":{"audit":1,"operations":1}`)
	for _, each := range told {
		require.Equal(t, aurora, each.Tenant)
		require.NotContains(t, each.Detail, scope, "what was one person's is not told together")
		require.NotContains(t, each.Detail, "Lovelace") // not the first name: digests hold three letters by chance
	}
}

// An erasure that the log cannot tell does not happen, nor one that is rolled
// back stand in it.
func TestNoErasureWithoutItsEntry(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	scope := h.Booking(aurora, ada())
	h.Database.Admin(t, "revoke insert on audit_outbox from voicehive_tenant")
	_, err := h.Desk.EraseRows(t.Context(), aurora, []string{scope})
	require.Error(t, err)
	require.Equal(t, 1, h.Count(`select count(*) from guest`))
	_, err = h.Desk.DestroyKeys(t.Context(), aurora, []string{scope})
	require.Error(t, err)
	_, err = h.Ring.Loaded(t.Context(), keys.Scope{Tenant: aurora, ID: scope}, keys.Operations)
	require.NoError(t, err, "asked for comes first")

	h.Database.Admin(t, "grant insert on audit_outbox to voicehive_tenant", "alter table intent rename to request")
	_, err = h.Desk.EraseRows(t.Context(), aurora, []string{scope})
	require.Error(t, err)
	require.Empty(t, audittest.Waiting(t, h.Database.AdminURL, h.Ring))
	require.Equal(t, 1, h.Count(`select count(*) from guest`))
}
