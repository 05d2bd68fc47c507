package register_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/register"
)

func TestTheRegisterAgreesWithItself(t *testing.T) {
	t.Parallel()
	r, err := register.Load()
	require.NoError(t, err)
	require.Empty(t, r.Flaws())
	for _, class := range register.Classes() {
		require.NotEmpty(t, r.By(class), "no activity processes %s", class)
		require.NotEmpty(t, r.Of(class), "no store holds %s", class)
	}
	a, ok := r.Activity("reservations")
	require.True(t, ok)
	for _, id := range a.Recipients {
		_, ok := r.Recipient(id)
		require.True(t, ok, id)
	}
	_, ok = r.Activity("gambling")
	require.False(t, ok)
	require.Error(t, register.Class("dice").Validate())
}

// TestARegisterThatContradictsItselfIsRefused, and the reason is named.
func TestARegisterThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	const good = `
activities:
  - {id: one, name: n, role: processor, purpose: p, basis: [{article: a, why: w}], people: [g], data: [d], classes: [guest], recipients: [r], transfers: t, term: t, source: s}
recipients:
  - {id: r, name: n, kind: sub_processor, what: w, country: DE}
stores:
  - {kind: table, database: main, name: guest, class: guest, purposes: [one], holds: h, sealed: operations, eraser: e, source: s, columns: {id: number, name: {data: name, sealed: operations}}}
  - {kind: signal, name: logs, none: nothing}
`
	parse := func(text string) error {
		_, err := register.Parse(fstest.MapFS{"one.yaml": {Data: []byte(text)}})
		return err
	}
	require.NoError(t, parse(good))
	for _, test := range []struct{ old, with, want string }{
		{"classes: [guest]", "classes: [dice]", `the class "dice"`},
		{"class: guest,", "class: dice,", `the class "dice"`},
		{"recipients: [r]", "recipients: [stranger]", `"stranger"`},
		{"purposes: [one]", "purposes: [two]", `"two"`},
		{"role: processor", "role: guest", `role "guest"`},
		{"id: number", "id: {data: number}", "guest.id"},
		{"columns: {id: number, name: {data: name, sealed: operations}}", "columns: {}", "needs a database and columns"},
		{"none: nothing", "holds: something", "lacks"},
		{"kind: signal, name: logs", "kind: smoke, name: logs", `"smoke"`},
		{"eraser: e, ", "", "lacks"},
		{"term: t, ", "", "lacks"},
		{"country: DE", "country: DE}\n  - {id: r, name: m, kind: sub_processor, what: w, country: FR", "twice"},
		{"sealed: operations, eraser", "seeled: operations, eraser", "seeled"},
	} {
		require.Contains(t, good, test.old)
		err := parse(strings.Replace(good, test.old, test.with, 1))
		require.ErrorIs(t, err, register.ErrInvalid, test.with)
		require.ErrorContains(t, err, test.want, test.with)
	}
}
