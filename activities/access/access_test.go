//go:build unix

package access_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	activities "github.com/voicehive/voicehive/activities/access"
	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/restriction"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/connectors/pms"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

const hotel, address = bookingtest.HotelID, bookingtest.Marker + "@example.org"

var (
	_ activities.Cases  = (*rights.Store)(nil)
	_ access.Cases      = (*rights.Store)(nil)
	_ activities.Outbox = (*notification.Outbox)(nil)
)

// request is a case as the test says.
type request struct {
	rights.Case
	wish    rights.Wish
	reply   rights.Reply
	unknown bool // where letters go
	scopes  []string
}

type requests map[string]*request

func (m requests) of(id string) (*request, error) {
	if r, ok := m[id]; ok {
		return r, nil
	}
	return &request{}, rights.ErrNotFound
}

func (m requests) Read(_ context.Context, _, id string) (rights.Case, error) {
	r, err := m.of(id)
	return r.Case, err
}

func (m requests) Wish(_ context.Context, _, id string) (rights.Wish, error) {
	r, err := m.of(id)
	return r.wish, err
}

func (m requests) People(_ context.Context, _, id string) (rights.People, error) {
	r, err := m.of(id)
	return rights.People{Scopes: r.scopes}, err
}

func (m requests) Scopes(_ context.Context, _, id string) ([]string, error) {
	r, err := m.of(id)
	return r.scopes, err
}

func (m requests) Reply(_ context.Context, _, id string) (rights.Reply, bool, error) {
	r, err := m.of(id)
	return r.reply, !r.unknown, err
}

// mailbox is a provider that keeps what it is given.
type mailbox struct{ sent []notify.Message }

func (m *mailbox) Send(_ context.Context, message notify.Message) (notify.Receipt, error) {
	m.sent = append(m.sent, message)
	return notify.Receipt{}, nil
}

// A bench runs the activities at a hotel whose every part is real but its
// cases.
type bench struct {
	*bookingtest.House
	t            *testing.T
	pool         *postgres.Pool
	requests     requests
	desk         *access.Desk
	restrictions *restriction.Store
	business     *restriction.Keys
	activities   *activities.Activities
	messages     *notification.Activities
	mailbox      *mailbox
}

func newBench(t *testing.T) *bench {
	b := &bench{House: bookingtest.New(t, sandbox.Options{}), t: t, requests: requests{}, mailbox: &mailbox{}}
	b.pool = b.Database.Pool(t)
	known, err := register.Load()
	require.NoError(t, err)
	writer, detector := audit.NewWriter(b.Ring), pii.New(pii.Options{})
	talks := calls.New(b.pool, b.Ring, writer)
	b.desk, err = access.New(access.Parts{
		Pool: b.pool, Keys: b.Ring, Auditor: writer, Cases: b.requests, Calls: talks, Consents: consent.New(b.pool, b.Ring, writer),
		Transcripts: transcript.New(transcript.Parts{Calls: talks, Keys: b.Ring, Detector: detector, Pool: b.pool, Auditor: writer}),
		Detector:    detector, Register: known, Objects: objects.NewErasableDirectory(filepath.Join(t.TempDir(), "objects")), Temp: t.TempDir(),
		Hotels: func(ctx context.Context, id string) (access.Hotel, error) {
			entry, err := b.Registry.Hotel(ctx, id)
			if err != nil {
				return access.Hotel{}, err
			}
			return activities.HotelOf(entry)
		},
	})
	require.NoError(t, err)
	b.restrictions = restriction.New(b.pool, writer, restriction.Options{TTL: time.Millisecond})
	b.business = restriction.NewKeys(b.Ring, b.restrictions)
	texts, err := letters.New()
	require.NoError(t, err)
	outbox := notification.NewOutbox(b.pool, b.business, texts)
	b.messages, err = notification.New(notification.Parts{Outbox: outbox, Letters: texts, Sender: b.mailbox, Hotels: b.Registry, Audit: writer})
	require.NoError(t, err)
	b.activities = activities.New(activities.Parts{
		Desk: b.desk, Cases: b.requests, Restrictions: b.restrictions, Outbox: outbox, Connectors: b.Connectors, Bookings: b.Ledger,
		Hotels: b.Registry, Public: "https://api.aurora.example/",
	})
	return b
}

// open opens a case.
func (b *bench) open(kind rights.Kind, wish rights.Wish, scopes ...string) *request {
	b.t.Helper()
	scope, err := b.Ring.Create(b.t.Context(), hotel)
	require.NoError(b.t, err)
	require.NoError(b.t, b.Ring.Ensure(b.t.Context(), keys.Case, scope))
	r := &request{
		Case: rights.Case{Hotel: hotel, ID: scope.ID, Kind: kind, Clock: rights.Clock{Received: time.Now().UTC().Add(-time.Hour)}},
		wish: wish, reply: rights.Reply{Channel: "email", To: address, Language: "de"}, scopes: scopes,
	}
	b.requests[scope.ID] = r
	return r
}

func (r *request) named() activities.Case { return activities.Case{Hotel: hotel, Case: r.ID} }

// book books a room at the sandbox.
func (b *bench) book() string {
	b.t.Helper()
	write := b.Ask(b.t, false, b.Offer(b.t, sandbox.Double))
	var out booking.Outcome
	run(b, booking.CreateActivity, write, &out)
	require.EqualValues(b.t, "confirmed", out.State)
	return write.Booking
}

// run runs an activity as a worker does, and holds what it answers against the
// rule that nothing names a guest.
func run[T any](b *bench, name string, in any, out *T) {
	b.t.Helper()
	require.NoError(b.t, try(b, name, in, out))
}

func try[T any](b *bench, name string, in any, out *T) error {
	b.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(b.Log.Logger()))
	env := suite.NewTestActivityEnvironment()
	booking.RegisterPMS(env, b.Activities)
	activities.Register(env, b.activities)
	value, err := env.ExecuteActivity(name, in)
	require.NotContains(b.t, b.Log.String(), bookingtest.Marker)
	if err != nil {
		require.NotContains(b.t, err.Error(), bookingtest.Marker)
		return err
	}
	*out = *new(T) // what is left out in an answer would stay
	return value.Get(out)
}

func refused(t *testing.T, err error, kind string) {
	t.Helper()
	var no *temporal.ApplicationError
	require.ErrorAs(t, err, &no)
	require.Equal(t, kind, no.Type())
	require.True(t, no.NonRetryable())
}

func (b *bench) deliver(message string) notify.Message {
	b.t.Helper()
	got, err := b.messages.Deliver(b.t.Context(), notification.MessageRef{Hotel: hotel, Message: message})
	require.NoError(b.t, err)
	require.Equal(b.t, notification.Sent, got.State)
	return b.mailbox.sent[len(b.mailbox.sent)-1]
}

func TestAPackGoesOutInALetter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.book()
	r := b.open(rights.Access, rights.Wish{}, id)
	var built, again activities.Built
	run(b, activities.BuildActivity, activities.Build{Hotel: hotel, Case: r.ID}, &built)
	run(b, activities.BuildActivity, activities.Build{Hotel: hotel, Case: r.ID}, &again)
	require.Equal(t, built, again)
	require.Len(t, built.SHA256, 64)

	var linked, repeated activities.Linked
	link := activities.Link{Hotel: hotel, Case: r.ID, Pack: built.Pack}
	run(b, activities.LinkActivity, link, &linked)
	run(b, activities.LinkActivity, link, &repeated)
	require.Equal(t, linked, repeated)
	letter := b.deliver(linked.Message)
	require.Equal(t, address, letter.To)
	require.Equal(t, "de", letter.Language)
	_, rest, found := strings.Cut(letter.Text, "https://api.aurora.example/v1/exports/")
	require.True(t, found, letter.Text)
	token := strings.Fields(rest)[0]
	_, err := url.PathUnescape(token)
	require.NoError(t, err)
	download, err := b.desk.Redeem(t.Context(), token)
	require.NoError(t, err)
	whole, err := io.ReadAll(download)
	require.NoError(t, err)
	require.NoError(t, download.Close(t.Context(), true))
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	require.NoError(t, err)
	require.NotEmpty(t, z.File)

	// Sent anew, the letter has another link.
	link.Attempt = 1
	run(b, activities.LinkActivity, link, &repeated)
	require.NotEqual(t, linked.Message, repeated.Message)
	require.NotContains(t, b.deliver(repeated.Message).Text, token)

	// Where nobody knows whom to write to there is no link either.
	r.unknown, link.Attempt = true, 2
	run(b, activities.LinkActivity, link, &repeated)
	require.Empty(t, repeated.Message)
	require.Equal(t, 2, b.Rows(t, "access_link"))

	refused(t, try(b, activities.LinkActivity, activities.Link{Hotel: hotel, Case: r.ID, Pack: ulid.Make().String()}, &linked), activities.TypeRequest)
	other := b.open(rights.Access, rights.Wish{}, id)
	refused(t, try(b, activities.LinkActivity, activities.Link{Hotel: hotel, Case: other.ID, Pack: built.Pack}, &linked), activities.TypeRequest)
	refused(t, try(b, activities.BuildActivity, activities.Build{Hotel: hotel, Case: ulid.Make().String()}, &built), activities.TypeRequest)
	_, err = b.Ring.DestroyPurposes(t.Context(), keys.Scope{Tenant: hotel, ID: other.ID}, keys.Case)
	require.NoError(t, err)
	refused(t, try(b, activities.BuildActivity, activities.Build{Hotel: hotel, Case: other.ID}, &built), activities.TypeErased)
}

// TestALinkFitsATextMessage: whose contact is a phone gets the link too.
func TestALinkFitsATextMessage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, language := range access.Languages() {
		r := b.open(rights.Access, rights.Wish{}, b.book())
		r.reply = rights.Reply{Channel: "sms", To: "+4915112345678", Language: language}
		var built activities.Built
		run(b, activities.BuildActivity, activities.Build{Hotel: hotel, Case: r.ID}, &built)
		var linked activities.Linked
		run(b, activities.LinkActivity, activities.Link{Hotel: hotel, Case: r.ID, Pack: built.Pack}, &linked)
		require.NotEmpty(t, linked.Message, language)
		require.Contains(t, b.deliver(linked.Message).Text, "https://api.aurora.example/v1/exports/", language)
	}
}

func TestARestriction(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, id := t.Context(), b.book()
	sealed, err := b.Ledger.Guest(ctx, hotel, id)
	require.NoError(t, err)
	read := func() error {
		_, err := b.business.Open(ctx, keys.Scope{Tenant: hotel, ID: id}, booking.SealPurpose, booking.PlaceGuest, sealed)
		return err
	}
	require.NoError(t, read())
	r := b.open(rights.Restriction, rights.Wish{Ground: "accuracy"}, id)
	ask := activities.Restrict{Hotel: hotel, Case: r.ID}
	var out activities.Restricted
	run(b, activities.RestrictActivity, ask, &out)
	run(b, activities.RestrictActivity, ask, &out)
	require.Equal(t, activities.Restricted{Scopes: 1}, out)
	require.ErrorIs(t, read(), restriction.ErrRestricted)

	// The guest's own requests go on.
	var built activities.Built
	run(b, activities.BuildActivity, activities.Build{Hotel: hotel, Case: b.open(rights.Access, rights.Wish{}, id).ID}, &built)

	// The guest wants it to end, and hears of the end before it comes.
	wish := b.open(rights.Restriction, rights.Wish{Lift: true}, id)
	lift := activities.Restrict{Hotel: hotel, Case: wish.ID, Lift: true}
	var first activities.Restricted
	run(b, activities.RestrictActivity, lift, &first)
	require.NotEmpty(t, first.Message)
	run(b, activities.RestrictActivity, lift, &out)
	require.Equal(t, first, out)
	lift.Told = true
	refused(t, try(b, activities.RestrictActivity, lift, &out), activities.TypeNotTold)
	require.ErrorIs(t, read(), restriction.ErrRestricted)
	require.NotEmpty(t, b.deliver(first.Message).Text)
	run(b, activities.RestrictActivity, lift, &out)
	require.Equal(t, activities.Restricted{Scopes: 1}, out)
	require.NoError(t, read())
	run(b, activities.RestrictActivity, lift, &out)
	require.Equal(t, activities.Restricted{}, out, "nothing is left to lift")

	// Whom nobody can write to is told by a person.
	r = b.open(rights.Restriction, rights.Wish{Ground: "claims"}, id)
	r.unknown = true
	run(b, activities.RestrictActivity, activities.Restrict{Hotel: hotel, Case: r.ID}, &out)
	run(b, activities.RestrictActivity, activities.Restrict{Hotel: hotel, Case: r.ID, Lift: true}, &out)
	require.True(t, out.Untold, "a person has to tell the guest")
	require.Zero(t, out.Scopes)
	out = activities.Restricted{}
	run(b, activities.RestrictActivity, activities.Restrict{Hotel: hotel, Case: r.ID, Lift: true, ByHand: true}, &out)
	require.Equal(t, 1, out.Scopes)
	r.wish.Ground = "because"
	refused(t, try(b, activities.RestrictActivity, activities.Restrict{Hotel: hotel, Case: r.ID}, &out), activities.TypeRequest)
}

// TestARestrictedBookingGetsNoNews: a message that was queued before is not
// sent, and says why.
func TestARestrictedBookingGetsNoNews(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.book()
	texts, err := letters.New()
	require.NoError(t, err)
	ref, err := notification.NewOutbox(b.pool, b.Ring, texts).Queue(t.Context(), notification.Draft{
		Hotel: hotel, Scope: id, Channel: notify.Email, To: address, Data: letters.Confirmation{Booking: letters.Booking{
			Reference: "X-1", Arrival: pms.NewDate(2099, time.March, 1), Departure: pms.NewDate(2099, time.March, 3), Rooms: []string{"Double"},
			Guests: 1, Total: pms.Money{Amount: 1, Currency: "EUR"},
		}},
	})
	require.NoError(t, err)
	var out activities.Restricted
	run(b, activities.RestrictActivity, activities.Restrict{Hotel: hotel, Case: b.open(rights.Restriction, rights.Wish{Ground: "unlawful"}, id).ID}, &out)
	got, err := b.messages.Deliver(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, notification.Delivery{State: notification.Skipped, Problem: "restricted"}, got)
	require.Empty(t, b.mailbox.sent)
}

// reservation reads what the hotel's system has.
func (b *bench) reservation(id string) pms.Reservation {
	b.t.Helper()
	found, err := b.Conn(b.t).Reservation(b.t.Context(), pms.ReservationID(b.Entry(b.t, id).VendorBooking))
	require.NoError(b.t, err)
	return found
}

func (b *bench) guest(id string) pms.Guest {
	b.t.Helper()
	sealed, err := b.Ledger.Guest(b.t.Context(), hotel, id)
	require.NoError(b.t, err)
	guest, err := keys.OpenJSON[pms.Guest](b.t.Context(), b.Ring, keys.Scope{Tenant: hotel, ID: id}, booking.SealPurpose, booking.PlaceGuest, sealed)
	require.NoError(b.t, err)
	return guest
}

var corrected = rights.Wish{Correct: rights.Correction{LastName: bookingtest.Marker + "-New", Email: "new-" + address}}

func TestARectificationReachesTheHotelsSystem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.book()
	r := b.open(rights.Rectification, corrected, id)
	var out activities.Rectified
	run(b, activities.RectifyActivity, r.named(), &out)
	require.Equal(t, activities.Rectified{Changed: 1, Systems: 1}, out)
	require.Equal(t, corrected.Correct.LastName, b.guest(id).LastName)
	require.Equal(t, bookingtest.Guest().FirstName, b.guest(id).FirstName)
	found := b.reservation(id)
	require.Equal(t, corrected.Correct.LastName, found.Stays[0].Guest.LastName)
	require.Equal(t, corrected.Correct.Email, found.Booker.Email)
	require.Equal(t, bookingtest.Guest().FirstName, found.Stays[0].Guest.FirstName)

	run(b, activities.RectifyActivity, r.named(), &out)
	require.Equal(t, activities.Rectified{}, out, "done before")
	refused(t, try(b, activities.RectifyActivity, b.open(rights.Rectification, rights.Wish{}, id).named(), &out), activities.TypeRequest)
}

// limited is a system that lacks operations, or refuses them.
type limited struct {
	pms.Connector
	without []pms.Operation
	err     error
}

func (l limited) Capabilities() pms.Capabilities {
	c := l.Connector.Capabilities()
	all := map[pms.Operation]pms.Support{}
	for o, s := range c.Operations {
		all[o] = s
	}
	for _, o := range l.without {
		delete(all, o)
	}
	c.Operations = all
	return c
}

func (l limited) UpsertGuest(ctx context.Context, g pms.Guest) (pms.GuestID, error) {
	if l.err != nil {
		return "", l.err
	}
	return l.Connector.UpsertGuest(ctx, g)
}

// TestWhatTheSystemCannotDoIsAPersonsTask: ours is corrected all the same. A
// system that is away is tried again, and ours waits for it.
func TestWhatTheSystemCannotDoIsAPersonsTask(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wrap  limited
		tasks int
		fails bool
	}{
		"no operation": {wrap: limited{without: []pms.Operation{pms.OpUpsertGuest, pms.OpEdit}}, tasks: 1},
		"refused":      {wrap: limited{err: &pms.Error{Kind: pms.ErrValidation, Vendor: "apaleo", Operation: "upsert_guest"}}, tasks: 1},
		"away":         {wrap: limited{err: &pms.Error{Kind: pms.ErrUnavailable, Vendor: "apaleo", Operation: "upsert_guest"}}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := b.book()
			b.Connectors.Wrap(func(c pms.Connector) pms.Connector { w := test.wrap; w.Connector = c; return w })
			r := b.open(rights.Rectification, corrected, id)
			var out activities.Rectified
			err := try(b, activities.RectifyActivity, r.named(), &out)
			if test.fails {
				require.Error(t, err)
				require.Equal(t, bookingtest.Guest().LastName, b.guest(id).LastName, "what it was called there has to be known still")
				b.Connectors.Wrap(nil)
				run(b, activities.RectifyActivity, r.named(), &out)
				require.Equal(t, activities.Rectified{Changed: 1, Systems: 1}, out)
				return
			}
			require.NoError(t, err)
			require.Equal(t, activities.Rectified{Changed: 1, Tasks: test.tasks}, out)
			require.Equal(t, corrected.Correct.LastName, b.guest(id).LastName)
			require.Equal(t, bookingtest.Guest().LastName, b.reservation(id).Booker.LastName)
			tasks, err := b.Ledger.Tasks(t.Context(), hotel)
			require.NoError(t, err)
			require.Equal(t, activities.TaskRectify, tasks[0].Kind)
			require.NotContains(t, tasks[0].Detail, bookingtest.Marker)
			run(b, activities.RectifyActivity, r.named(), &out)
			require.Equal(t, activities.Rectified{Tasks: test.tasks}, out, "the task is still to be done")
		})
	}
}

func TestAnObjection(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.open(rights.Objection, rights.Wish{Purposes: []string{"direct_marketing"}}, b.book())
	var out activities.Objected
	run(b, activities.ObjectActivity, r.named(), &out)
	require.Equal(t, activities.Objected{Suppressed: 2}, out)
	yes, err := access.NewSuppressions(b.pool, b.Ring).Suppressed(t.Context(), hotel, "email", address)
	require.NoError(t, err)
	require.True(t, yes)
}
