package pms_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
)

func TestOperationsAreKnown(t *testing.T) {
	t.Parallel()
	seen := map[pms.Operation]bool{}
	for _, o := range pms.Operations() {
		require.True(t, o.Known(), o)
		require.False(t, seen[o], "%s is listed twice", o)
		seen[o] = true
	}
	require.False(t, pms.Operation("teleport").Known())
	require.True(t, pms.OpCreate.Writes())
	require.False(t, pms.OpRead.Writes())
}

// TestWithoutAnswersUnsupported walks the whole contract, so that an operation
// that is added later cannot be forgotten.
func TestWithoutAnswersUnsupported(t *testing.T) {
	t.Parallel()
	connector := reflect.ValueOf(pms.Without{Vendor: "vendor"})
	contract := reflect.TypeFor[pms.Connector]()
	named := map[string]bool{}
	for i := range contract.NumMethod() {
		method := contract.Method(i)
		if method.Name == "Capabilities" {
			continue
		}
		err := answer(connector.MethodByName(method.Name))
		require.ErrorIs(t, err, pms.ErrUnsupported, method.Name)
		var failure *pms.Error
		require.ErrorAs(t, err, &failure, method.Name)
		require.Equal(t, "vendor", failure.Vendor)
		require.True(t, pms.Operation(failure.Operation).Known(), method.Name)
		named[failure.Operation] = true
	}
	require.Len(t, named, len(pms.Operations()), "each operation is answered under its own name")
	require.False(t, pms.Without{}.Capabilities().Can(pms.OpCreate))
}

// answer calls a method with zero values and returns its error, which a stream
// yields.
func answer(method reflect.Value) error {
	var in []reflect.Value
	for i := range method.Type().NumIn() {
		value := reflect.Zero(method.Type().In(i))
		if method.Type().In(i) == reflect.TypeFor[context.Context]() {
			value = reflect.ValueOf(context.Background())
		}
		in = append(in, value)
	}
	out := method.Call(in)
	last := out[len(out)-1]
	if last.Kind() != reflect.Func {
		err, _ := last.Interface().(error)
		return err
	}
	var err error
	last.Call([]reflect.Value{reflect.MakeFunc(last.Type().In(0), func(yielded []reflect.Value) []reflect.Value {
		err, _ = yielded[1].Interface().(error)
		return []reflect.Value{reflect.ValueOf(true)}
	})})
	return err
}
