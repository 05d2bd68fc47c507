//go:build unix

package dsar_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/workflows/dsar"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
)

func answeredTo(email string) func(*rights.Opening) {
	return func(o *rights.Opening) { o.Wish.Contact.Email = email }
}

// TestNobodyTakesARequestOver: whoever opens one in a guest's name before the
// guest does, and is believed, gets no answer to either: the guest's own is a
// request of its own, and answers go to the address on file.
func TestNobodyTakesARequestOver(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	h.Work(worker.Options{})
	ada := dsartest.Ada()
	scope := h.Guest(ada)
	stranger := h.Open(rights.Restriction, scope, answeredTo("mallory@example.net"))
	own := h.Open(rights.Restriction, scope, answeredTo("ada@example.net"))
	require.Equal(t, rights.Received, own.State, "it is not joined to a stranger's")
	again := h.Open(rights.Restriction, scope, answeredTo("Ada@Example.net "))
	require.Equal(t, rights.Joined, again.State)
	require.Equal(t, own.ID, again.JoinedTo)

	h.Start(stranger)
	h.Await(stranger, rights.Verifying)
	for _, officer := range []string{one, two} {
		_, err := h.Act(stranger, dsar.UpdateVerify, rights.ActVouched, officer, rights.Note{})
		require.NoError(t, err)
	}
	h.Await(stranger, rights.Deciding)
	_, err := approve(h, stranger, one)
	require.NoError(t, err)
	h.Await(stranger, rights.Completed)
	var told []string
	for _, letter := range h.Letters(stranger.ID, 2) { // the receipt, and what came of it
		told = append(told, letter.To...)
	}
	require.ElementsMatch(t, []string{"mallory@example.net", ada.Email}, told, "a receipt tells nothing of a guest; the answer goes to the address on file")
}

// TestWhatIsAskedBesideIsNotLost: another field to correct, the end of a
// restriction and another purpose are requests of their own.
func TestWhatIsAskedBesideIsNotLost(t *testing.T) {
	t.Parallel()
	h := dsartest.New(t, nil)
	scope := h.Guest(dsartest.Ada())
	for kind, beside := range map[rights.Kind]rights.Wish{
		rights.Rectification: {Correct: rights.Correction{Phone: "+493012345678"}},
		rights.Restriction:   {Lift: true},
		rights.Objection:     {Purposes: []string{"profiling"}},
	} {
		first := h.Open(kind, scope)
		require.Equal(t, rights.Received, h.Open(kind, scope, func(o *rights.Opening) { o.Wish = beside }).State, kind)
		again := h.Open(kind, scope, func(o *rights.Opening) { o.Wish.Words = "In other words." })
		require.Equal(t, first.ID, again.JoinedTo, kind)
	}
}
