package subjects_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// unsteady is a table that does something else when scopes are assigned.
type unsteady struct {
	subjects.Table
	assign func(ctx context.Context, tenant string, subject uuid.UUID, scopes ...keys.Scope) error
}

func (u unsteady) Assign(ctx context.Context, tenant string, subject uuid.UUID, scopes ...keys.Scope) error {
	return u.assign(ctx, tenant, subject, scopes...)
}

// deskOn is a desk that has another table than the house's.
func deskOn(h *consenttest.House, table subjects.Table) *subjects.Desk {
	return subjects.New(subjects.Options{Pool: h.Pool, Keys: h.Ring, Table: table, Auditor: h.Writer})
}

// subjectOf reads the keys' database, and decides nothing.
func subjectOf(t *testing.T, h *consenttest.House, scope string) subjects.Ref {
	t.Helper()
	known, err := h.Table.SubjectOf(t.Context(), aurora, keys.Scope{Tenant: aurora, ID: scope})
	require.NoError(t, err)
	return subjects.Ref(known[keys.Scope{Tenant: aurora, ID: scope}])
}

// joinedOnce tells that one join was decided, and remembered.
func joinedOnce(t *testing.T, h *consenttest.House) {
	t.Helper()
	require.Equal(t, 1, h.Count(`select count(*) from subject_decision where kind = 'joined' and done_at is not null`))
	require.Equal(t, 1, h.Count(`select count(*) from audit_outbox where kind = 'subject.joined'`))
}

// TestNoJoinWithoutARecord: what the keys' database says of two bookings is in
// the record and in the audit log too, wherever a join is cut off.
func TestNoJoinWithoutARecord(t *testing.T) {
	t.Parallel()
	for name, assign := range map[string]func(*consenttest.House) func(context.Context, string, uuid.UUID, ...keys.Scope) error{
		"before the keys' database": func(*consenttest.House) func(context.Context, string, uuid.UUID, ...keys.Scope) error {
			return func(context.Context, string, uuid.UUID, ...keys.Scope) error { return errCut }
		},
		// Every connection to the main database is lost: what was not committed
		// there by now is gone.
		"after the keys' database": func(h *consenttest.House) func(context.Context, string, uuid.UUID, ...keys.Scope) error {
			return func(ctx context.Context, tenant string, subject uuid.UUID, scopes ...keys.Scope) error {
				err := h.Table.Assign(ctx, tenant, subject, scopes...)
				h.Database.Admin(t, `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
				for range 25 { // an idle connection that was cut off is thrown away at its next use
					_ = h.Pool.Ping(ctx)
				}
				return err
			}
		},
	} {
		for again, repair := range map[string]func(h *consenttest.House, scope string) error{
			"asked again": func(h *consenttest.House, scope string) error {
				_, err := h.Desk.Resolve(t.Context(), aurora, scope)
				return err
			},
			"finished": func(h *consenttest.House, _ string) error {
				_, err := h.Desk.Finish(t.Context(), aurora)
				return err
			},
		} {
			h := consenttest.New(t)
			first, second := h.Booking(aurora, ada()), h.Booking(aurora, ada())
			// It may fail or not; what counts is what is left behind.
			_, _ = deskOn(h, unsteady{h.Table, assign(h)}).Resolve(t.Context(), aurora, second)
			require.NoError(t, repair(h, second), name, again)
			one := subjectOf(t, h, second)
			require.False(t, one.IsZero(), name+again)
			require.Equal(t, one, subjectOf(t, h, first), name+again)
			joinedOnce(t, h)
			require.Equal(t, one, resolve(t, h, first).Subject)
			joinedOnce(t, h)
		}
	}
}

// TestAnOpenJoinIsSeen: while one join is not carried out yet, the next booking
// of the same person still becomes theirs.
func TestAnOpenJoinIsSeen(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	first, second := h.Booking(aurora, ada()), h.Booking(aurora, ada())
	cut := deskOn(h, unsteady{h.Table, func(context.Context, string, uuid.UUID, ...keys.Scope) error { return errCut }})
	_, err := cut.Resolve(t.Context(), aurora, second)
	require.ErrorIs(t, err, errCut)
	third := resolve(t, h, h.Booking(aurora, ada()))
	require.True(t, third.Joined)
	require.Equal(t, third.Subject, subjectOf(t, h, first))
	require.Equal(t, third.Subject, subjectOf(t, h, second))
}

// TestAFailedDecisionAssignsNothing: no audit entry, no join.
func TestAFailedDecisionAssignsNothing(t *testing.T) {
	t.Parallel()
	h := consenttest.New(t)
	first, second := h.Booking(aurora, ada()), h.Booking(aurora, ada())
	h.Database.Admin(t, `create function no() returns trigger language plpgsql as $$ begin raise 'the log is full'; end $$;
		create constraint trigger no after insert on audit_outbox deferrable initially deferred for each row execute function no()`)
	_, err := h.Desk.Resolve(t.Context(), aurora, second)
	require.Error(t, err)
	require.True(t, subjectOf(t, h, first).IsZero())
	require.True(t, subjectOf(t, h, second).IsZero())
	h.Database.Admin(t, `drop trigger no on audit_outbox`)
	require.Equal(t, resolve(t, h, second).Subject, subjectOf(t, h, first))
	joinedOnce(t, h)
}
