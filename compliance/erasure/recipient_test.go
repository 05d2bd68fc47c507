//go:build unix

package erasure_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/erasure/erasuretest"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// neighbour is a recipient who signs with a key of their own.
type neighbour struct {
	house  *erasuretest.House
	by     erasure.Numbering
	change func(*erasure.ReceiptPredicate)
	open   []int // what it leaves open
	fail   error
	heard  []erasure.Notice
	after  func()
}

func (n *neighbour) Name() string      { return "neighbour" }
func (n *neighbour) Keys() attest.Keys { return n.house.Trusted() }

func (n *neighbour) Hotel(hotel string) (string, erasure.Numbering, bool) {
	return "H-7", n.by, hotel == aurora
}

func (n *neighbour) Forget(ctx context.Context, notice erasure.Notice) (attest.Envelope, error) {
	n.heard = append(n.heard, notice)
	if n.fail != nil {
		return attest.Envelope{}, n.fail
	}
	if n.after != nil {
		defer n.after()
	}
	var done []erasure.Reference
	for i, r := range notice.References {
		if !slices.Contains(n.open, i) {
			done = append(done, r)
		}
	}
	said := erasure.ReceiptPredicate{
		Notice: notice.ID, Nonce: notice.Nonce, At: time.Now(), Outcome: erasure.OutcomeErased, Open: n.open, Covers: erasure.Digest(notice.Salt, done),
	}
	if n.change != nil {
		n.change(&said)
	}
	return attest.Sign(ctx, n.house.Signer, erasure.PredicateReceipt, []attest.Subject{attest.Digested("notice", []byte(said.Notice))}, said)
}

// told opens a house with one neighbour and a plan of a stay that is over.
func told(t *testing.T, n *neighbour) (h *erasuretest.House, booking, request, hash string) {
	t.Helper()
	h = erasuretest.New(t)
	n.house = h
	if n.by == "" {
		n.by = erasure.ByReservation
	}
	o := h.Options
	o.Recipients = []erasure.Recipient{n}
	h.Office = erasure.New(o)
	booking = h.Stayed(aurora, ada())
	ahead := h.Stayed(aurora, ada())
	h.Move(ahead, "3")
	request = h.Case(booking, ahead)
	plan, err := h.Office.Prepare(t.Context(), aurora, request, "")
	require.NoError(t, err)
	return h, booking, request, plan.Hash()
}

// Whoever else has the data is told once, by the number that they know, and what
// they signed is kept.
func TestOtherRecipientsAreTold(t *testing.T) {
	t.Parallel()
	n := &neighbour{fail: errors.New("away")}
	h, booking, request, hash := told(t, n)
	_, err := h.Office.Tell(t.Context(), aurora, request, hash)
	require.ErrorIs(t, err, n.fail)
	n.fail = nil
	count, err := h.Office.Tell(t.Context(), aurora, request, hash)
	require.NoError(t, err)
	require.Equal(t, 1, count)
	require.Equal(t, n.heard[0], n.heard[1], "the same notice is asked again")
	require.Equal(t, []erasure.Reference{{Number: "PMS-" + booking, Whole: true}}, n.heard[0].References, "a stay that is ahead is nobody's to erase yet")
	require.Equal(t, "H-7", n.heard[0].Hotel)
	require.NotContains(t, n.heard[0].ID+n.heard[0].Nonce, request)
	made, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Len(t, n.heard, 2, "who has answered is not asked again")
	require.Len(t, made.Recipients, 1)
	require.Equal(t, "neighbour", made.Recipients[0].Name)
	require.Equal(t, erasure.OutcomeErased, made.Recipients[0].Outcome)
	require.Len(t, made.Recipients[0].SHA256, 64)
	require.Equal(t, 1, made.Recipients[0].References)
	require.Equal(t, erasure.Digest(n.heard[0].Salt, n.heard[0].References), made.Recipients[0].Covers)
	// The digest can be computed with a shell, and without the salt by nobody.
	sum := sha256.Sum256([]byte(n.heard[0].Salt + "\nPMS-" + booking + "\twhole\n"))
	require.Equal(t, hex.EncodeToString(sum[:]), made.Recipients[0].Covers)
	require.Zero(t, h.Count(`select count(*) from erasure_receipt r where encode(receipt, 'escape') like '%' || '`+n.heard[0].Salt+`' || '%'`))
}

// What deferred stays leave over is told when it is free, as another notice.
func TestRecipientsAreToldAgainOfMore(t *testing.T) {
	t.Parallel()
	n := &neighbour{by: erasure.ByBooking}
	h, booking, request, _ := told(t, n)
	_, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Equal(t, []erasure.Reference{{Number: booking, Whole: true}}, n.heard[0].References)
	h.Database.Admin(t, `update booking set departure = now()::date - 3, arrival = now()::date - 5 where id <> '`+booking+`'`)
	made, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Len(t, n.heard, 2)
	require.Len(t, n.heard[1].References, 1, "what is covered is not asked for again")
	require.NotEqual(t, booking, n.heard[1].References[0].Number)
	require.NotEqual(t, n.heard[0].ID, n.heard[1].ID)
	require.NotEqual(t, n.heard[0].Nonce, n.heard[1].Nonce)
	require.Len(t, made.Recipients, 2)
}

// As many references as were answered for are not the same references.
func TestReceiptsCoverReferencesAndNotNumbers(t *testing.T) {
	t.Parallel()
	n := &neighbour{by: erasure.ByBooking}
	h, booking, request, hash := told(t, n)
	_, err := h.Office.Tell(t.Context(), aurora, request, hash)
	require.NoError(t, err)
	// Its stay is ahead now, and the other one's is over.
	h.Database.Admin(t, `update booking set departure = case when id = '`+booking+`' then now()::date + 3 else now()::date - 3 end, arrival = now()::date - 9`)
	made, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Len(t, n.heard, 2)
	require.NotEqual(t, n.heard[0].References, n.heard[1].References)
	require.Len(t, made.Recipients, 2)
}

// A receipt of a part leaves the rest open, in the certificate too, and it is
// asked for again.
func TestReceiptsOfAPart(t *testing.T) {
	t.Parallel()
	n := &neighbour{by: erasure.ByBooking}
	h, booking, request, _ := told(t, n)
	h.Database.Admin(t, `update booking set departure = now()::date - 3, arrival = now()::date - 5 where id <> '`+booking+`'`)
	plan, err := h.Office.Prepare(t.Context(), aurora, request, "")
	require.NoError(t, err)
	for i, step := range h.Steps(aurora, request, plan) {
		if i != 2 { // those who tell recipients
			require.NoError(t, step(t.Context()))
		}
	}
	n.open = []int{1}
	_, err = h.Office.Tell(t.Context(), aurora, request, plan.Hash())
	require.ErrorIs(t, err, erasure.ErrOpen)
	require.Len(t, n.heard[0].References, 2)
	draft, err := h.Office.Certify(t.Context(), aurora, request, plan.Hash())
	require.NoError(t, err)
	require.Len(t, draft.Recipients, 2)
	require.Equal(t, []any{erasure.OutcomeErased, 1}, []any{draft.Recipients[0].Outcome, draft.Recipients[0].References})
	rest := n.heard[0].References[1:]
	require.Equal(t, erasure.Receipt{Name: "neighbour", Outcome: erasure.OutcomeOpen, References: 1, Covers: erasure.Digest(n.heard[0].Salt, rest)}, draft.Recipients[1])
	n.open = nil
	_, err = h.Office.Tell(t.Context(), aurora, request, plan.Hash())
	require.NoError(t, err)
	require.Equal(t, rest, n.heard[1].References, "the rest, and nothing else")
	made, err := h.Office.Certify(t.Context(), aurora, request, plan.Hash())
	require.NoError(t, err)
	require.Len(t, made.Recipients, 2)
	for _, r := range made.Recipients {
		require.Equal(t, erasure.OutcomeErased, r.Outcome)
		require.Len(t, r.SHA256, 64)
	}
}

// Who came along is told of too, when the place in the booking is gone already.
func TestRecipientsAreToldOfCompanions(t *testing.T) {
	t.Parallel()
	n := &neighbour{}
	h, booking, _, _ := told(t, n)
	byron, err := h.Desk.AddCompanion(t.Context(), aurora, booking, subjects.Person{FirstName: "Byron", LastName: "King"})
	require.NoError(t, err)
	_, err = h.Carry(aurora, h.Case(byron))
	require.NoError(t, err)
	require.Len(t, n.heard, 1)
	require.Equal(t, []erasure.Reference{{Number: "PMS-" + booking}}, n.heard[0].References)
}

// Nothing but a receipt of this very notice is kept.
func TestForeignReceiptsAreRefused(t *testing.T) {
	t.Parallel()
	n := &neighbour{}
	h, _, request, hash := told(t, n)
	for name, change := range map[string]func(*erasure.ReceiptPredicate){
		"another notice":  func(p *erasure.ReceiptPredicate) { p.Notice = strings.Repeat("0", 32) },
		"another nonce":   func(p *erasure.ReceiptPredicate) { p.Nonce = strings.Repeat("0", 64) },
		"no nonce":        func(p *erasure.ReceiptPredicate) { p.Nonce = "" },
		"no digest":       func(p *erasure.ReceiptPredicate) { p.Covers = "" },
		"another digest":  func(p *erasure.ReceiptPredicate) { p.Covers = erasure.Digest(n.heard[0].Salt, nil) },
		"no salt":         func(p *erasure.ReceiptPredicate) { p.Covers = erasure.Digest("", n.heard[0].References) },
		"nothing covered": func(p *erasure.ReceiptPredicate) { p.Open, p.Covers = []int{0}, erasure.Digest(n.heard[0].Salt, nil) },
		"open elsewhere":  func(p *erasure.ReceiptPredicate) { p.Open = []int{1} },
		"open before":     func(p *erasure.ReceiptPredicate) { p.Open = []int{-1} },
		"no time":         func(p *erasure.ReceiptPredicate) { p.At = time.Time{} },
		"another outcome": func(p *erasure.ReceiptPredicate) { p.Outcome = "manual" },
		"kept by no law":  func(p *erasure.ReceiptPredicate) { p.Outcome = erasure.OutcomeKept },
		"a law that is long": func(p *erasure.ReceiptPredicate) {
			p.Outcome, p.Statute = erasure.OutcomeKept, strings.Repeat("x", 121)
		},
		"a law that breaks": func(p *erasure.ReceiptPredicate) { p.Outcome, p.Statute = erasure.OutcomeKept, "HGB\n257" },
	} {
		n.change = change
		_, err := h.Office.Tell(t.Context(), aurora, request, hash)
		require.ErrorIs(t, err, erasure.ErrReceipt, name)
	}
	require.Zero(t, h.Count(`select count(*) from erasure_receipt`))
	// A key that is not theirs signs nothing.
	o := h.Options
	n.change = nil
	o.Recipients = []erasure.Recipient{trusting{n, erasuretest.New(t)}}
	_, err := erasure.New(o).Tell(t.Context(), aurora, request, hash)
	require.ErrorIs(t, err, attest.ErrSignature)
	require.Zero(t, h.Count(`select count(*) from erasure_receipt`))
}

// Whoever dies between the answer and its keeping asks for the same again.
func TestKilledBetweenAnswerAndReceipt(t *testing.T) {
	t.Parallel()
	n := &neighbour{}
	h, _, request, hash := told(t, n)
	ctx, kill := context.WithCancel(t.Context())
	n.after = kill
	_, err := h.Office.Tell(ctx, aurora, request, hash)
	require.Error(t, err)
	require.Zero(t, h.Count(`select count(*) from erasure_receipt`))
	n.after = nil
	_, err = h.Office.Tell(t.Context(), aurora, request, hash)
	require.NoError(t, err)
	require.Len(t, n.heard, 2)
	require.Equal(t, n.heard[0], n.heard[1])
	require.EqualValues(t, 1, h.Count(`select count(*) from erasure_receipt`))
}

// What a recipient keeps by law stands in the certificate.
func TestRecipientKeepsByStatute(t *testing.T) {
	t.Parallel()
	n := &neighbour{change: func(p *erasure.ReceiptPredicate) { p.Outcome, p.Statute = erasure.OutcomeKept, "HGB § 257" }}
	h, _, request, _ := told(t, n)
	made, err := h.Carry(aurora, request)
	require.NoError(t, err)
	require.Equal(t, erasure.OutcomeKept, made.Recipients[0].Outcome)
	require.Equal(t, "HGB § 257", made.Recipients[0].Statute)
}

// Who refuses, or never answers, is left to staff and listed as such.
func TestRecipientsLeftToStaff(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]error{"refuses": erasure.ErrRefused{Problem: "http_403"}, "away": errors.New("away")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &neighbour{fail: fail}
			h, _, request, hash := told(t, n)
			_, err := h.Office.Tell(t.Context(), aurora, request, hash)
			if name == "refuses" {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, fail)
				require.NoError(t, h.Office.GiveUpRecipients(t.Context(), aurora, request, hash))
			}
			require.NoError(t, h.Office.GiveUpRecipients(t.Context(), aurora, request, hash))
			require.EqualValues(t, 1, h.Count(`select count(*) from operator_task where kind = 'tell_recipients' and detail like '%neighbour%' and booking = '`+request+`'`))
			made, err := h.Carry(aurora, request)
			require.NoError(t, err)
			require.Len(t, made.Recipients, 1)
			require.Equal(t, erasure.OutcomeManual, made.Recipients[0].Outcome)
			require.Empty(t, made.Recipients[0].SHA256)
			require.Len(t, n.heard, 1)
		})
	}
}

// trusting is a recipient whose known key is another's.
type trusting struct {
	*neighbour
	other *erasuretest.House
}

func (t trusting) Keys() attest.Keys { return t.other.Trusted() }
