package connectors_test

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// statuses answers what a test says.
type statuses struct {
	now atomic.Pointer[connectors.Status]
	err error
}

func (s *statuses) Status(context.Context, string) (connectors.Status, error) {
	return *s.now.Load(), s.err
}

func (s *statuses) set(status connectors.Status) { s.now.Store(&status) }

// calls are the methods of a connector that may go to the vendor for a caller:
// all that take a context, but Health.
func calls() []reflect.Method {
	var methods []reflect.Method
	t := reflect.TypeFor[pms.Connector]()
	for i := range t.NumMethod() {
		m := t.Method(i)
		if m.Type.NumIn() > 0 && m.Type.In(0) == reflect.TypeFor[context.Context]() && m.Name != "Health" {
			methods = append(methods, m)
		}
	}
	return methods
}

// call calls a method with zero arguments and returns its error.
func call(ctx context.Context, c pms.Connector, m reflect.Method) error {
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < m.Type.NumIn(); i++ {
		in = append(in, reflect.Zero(m.Type.In(i)))
	}
	out := reflect.ValueOf(c).MethodByName(m.Name).Call(in)
	last := out[len(out)-1].Interface()
	if stream, ok := last.(iter.Seq2[pms.Stay, error]); ok {
		for _, err := range stream {
			return err
		}
		return nil
	}
	err, _ := last.(error)
	return err
}

// TestMaintenanceClosesEveryCall walks the contract, so that an operation that
// is added there cannot be forgotten.
func TestMaintenanceClosesEveryCall(t *testing.T) {
	t.Parallel()
	current := &statuses{}
	current.set(connectors.Status{State: connectors.Maintenance, Reason: "new server"})
	factory, _, box := newFactoryWith(t, current)
	connector, err := factory.Connector(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	require.Greater(t, len(calls()), 20)
	for _, m := range calls() {
		err := call(t.Context(), connector, m)
		require.ErrorIs(t, err, connectors.ErrMaintenance, m.Name)
		require.ErrorIs(t, err, pms.ErrUnavailable, m.Name)
		var failure *pms.Error
		require.ErrorAs(t, err, &failure, m.Name)
		require.True(t, pms.Operation(failure.Operation).Known(), m.Name)
		require.Equal(t, "apaleo", failure.Vendor)
		require.Equal(t, 30*time.Second, failure.RetryAfter, m.Name)
	}
	require.Empty(t, box.State(false).Counters.Requests, "nothing was asked")

	_, err = connector.Health(t.Context())
	require.NoError(t, err, "health checks go on")
	require.Equal(t, "apaleo", connector.Capabilities().Vendor)
	_, err = connector.ParseWebhook(nil, []byte(`{}`))
	require.NotErrorIs(t, err, connectors.ErrMaintenance, "what makes no call passes")
	built, err := factory.Status(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	require.Equal(t, "new server", built.Reason)
}

// TestOpenConnectionsPassEveryCall: each call reaches the operation that it is
// named after.
func TestOpenConnectionsPassEveryCall(t *testing.T) {
	t.Parallel()
	for _, status := range []connectors.Status{{State: connectors.Available}, {State: connectors.Degraded}, {State: ""}} {
		current := &statuses{}
		current.set(status)
		if status.State == "" {
			current.err = errors.New("the database is away")
		}
		factory, _, _ := newFactoryWith(t, current)
		connector, err := factory.Connector(t.Context(), "aurora-berlin")
		require.NoError(t, err)
		for _, m := range calls() {
			err := call(t.Context(), connector, m)
			require.NotErrorIs(t, err, connectors.ErrMaintenance, m.Name)
			inside := call(t.Context(), inner(t, factory), m)
			require.Equal(t, pms.KindName(inside), pms.KindName(err), m.Name)
			var ours, theirs *pms.Error
			if errors.As(inside, &theirs) {
				require.ErrorAs(t, err, &ours, m.Name)
				require.Equal(t, theirs.Operation, ours.Operation, m.Name)
			}
		}
	}
}

// inner is a connector that no status stands in front of.
func inner(t *testing.T, f *connectors.Factory) pms.Connector {
	t.Helper()
	factory, list, _ := newFactory(t)
	hotel, err := list.Hotel(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	connector, err := factory.Build(hotel)
	require.NoError(t, err)
	return connector
}

func TestTheEndOfAMaintenanceShortensThePause(t *testing.T) {
	t.Parallel()
	current := &statuses{}
	factory, _, _ := newFactoryWith(t, current)
	connector, err := factory.Connector(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	for left, want := range map[time.Duration][2]time.Duration{
		time.Hour:        {30 * time.Second, 30 * time.Second},
		20 * time.Second: {15 * time.Second, 20 * time.Second},
		-time.Second:     {time.Second, time.Second},
	} {
		current.set(connectors.Status{State: connectors.Maintenance, Until: time.Now().Add(left)})
		_, err := connector.Catalog(t.Context())
		var failure *pms.Error
		require.ErrorAs(t, err, &failure)
		require.GreaterOrEqual(t, failure.RetryAfter, want[0])
		require.LessOrEqual(t, failure.RetryAfter, want[1])
	}
	current.set(connectors.Status{State: connectors.Available})
	_, err = connector.Catalog(t.Context())
	require.NoError(t, err, "the same connector is open again")
}

func TestWithoutStatusesEveryConnectionIsAvailable(t *testing.T) {
	t.Parallel()
	factory, _, box := newFactory(t)
	status, err := factory.Status(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	require.Equal(t, connectors.Status{State: connectors.Available}, status)
	connector, err := factory.Connector(t.Context(), "aurora-berlin")
	require.NoError(t, err)
	for stay, err := range connector.InHouse(t.Context()) {
		require.NoError(t, err)
		require.NotEmpty(t, stay.ID)
	}
	require.NotZero(t, box.State(false).Counters.Requests["token"])
	require.Zero(t, box.Count(sandbox.InHouse))
}
