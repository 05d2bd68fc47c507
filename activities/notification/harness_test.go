package notification_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

const (
	hotel = "hotel-aurora"
	// marker stands in every value of a guest: where it shows, a guest would.
	marker = "zzyzxova"
	guest  = marker + "@example.org"
	phone  = "+493055509912"
)

// A desk is a hotel with everything that a delivery needs but a provider.
type desk struct {
	t        *testing.T
	database *postgrestest.Database
	keysDB   *postgrestest.Database
	keyring  string
	pool     *postgres.Pool
	ring     *keys.Ring
	outbox   *notification.Outbox
	letters  *letters.Letters
	registry *registry.Registry
	sender   *sender
	auditor  *auditor
	metrics  *prometheus.Registry
	// late is how long after the stays' booking the messages are sent.
	late time.Duration
}

// now is before every stay of these tests, but for how late it is.
func (d *desk) now() time.Time {
	return time.Date(2027, time.February, 1, 12, 0, 0, 0, time.UTC).Add(d.late)
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{
		t: t, database: postgrestest.New(t, postgres.Migrations), keysDB: postgrestest.New(t, keys.Migrations),
		keyring: filepath.Join(t.TempDir(), "keyring.json"), sender: &sender{}, metrics: prometheus.NewRegistry(),
	}
	root, err := keys.OpenLocalKeyring(d.keyring, "test")
	require.NoError(t, err)
	d.pool = d.database.Pool(t)
	d.ring = keys.New(keys.NewPostgres(d.keysDB.Pool(t)), root, keys.Options{})
	d.registry, err = registry.New(d.pool)
	require.NoError(t, err)
	require.NoError(t, d.registry.Add(t.Context(), registry.Hotel{
		ID: hotel, Name: "Hotel Aurora", Vendor: "apaleo", Property: "BER", TimeZone: "Europe/Berlin", Currency: "EUR", Country: "DE",
		Languages: []string{"de", "en"}, PhoneLines: []string{"+493055501234"}, CredentialsRef: "aurora",
	}))
	require.NoError(t, d.ring.EnsureTenant(t.Context(), hotel))
	d.letters, err = letters.New()
	require.NoError(t, err)
	d.outbox = notification.NewOutbox(d.pool, d.ring, d.letters)
	d.auditor = &auditor{writer: audit.NewWriter(d.ring)}
	return d
}

// beside is the same hotel with another provider and audit, for a subtest.
func (d *desk) beside(t *testing.T) *desk {
	t.Helper()
	other := *d
	other.t, other.sender, other.auditor = t, &sender{}, &auditor{writer: d.auditor.writer}
	return &other
}

func (d *desk) activities() *notification.Activities {
	d.t.Helper()
	a, err := notification.New(notification.Parts{
		Outbox: d.outbox, Letters: d.letters, Sender: d.sender, Hotels: d.registry, Audit: d.auditor, SendTime: time.Second, Now: d.now,
	})
	require.NoError(d.t, err)
	return a
}

// scope is a fresh booking or case.
func (d *desk) scope() string {
	d.t.Helper()
	scope, err := d.ring.Create(d.t.Context(), hotel)
	require.NoError(d.t, err)
	return scope.ID
}

// openCase gives a scope what makes it a case.
func (d *desk) openCase(scope string) {
	d.t.Helper()
	require.NoError(d.t, d.ring.Ensure(d.t.Context(), keys.Case, keys.Scope{Tenant: hotel, ID: scope}))
}

func (d *desk) queue(draft notification.Draft) notification.MessageRef {
	d.t.Helper()
	draft.Hotel = hotel
	if draft.Scope == "" {
		draft.Scope = d.scope()
	}
	if draft.Data.Kind().OfCase() {
		d.openCase(draft.Scope)
	}
	ref, err := d.outbox.Queue(d.t.Context(), draft)
	require.NoError(d.t, err)
	return ref
}

func (d *desk) message(ref notification.MessageRef) notification.Message {
	d.t.Helper()
	m, err := d.outbox.Message(d.t.Context(), ref.Hotel, ref.Message)
	require.NoError(d.t, err)
	return m
}

// prepared are the kinds of the audit events that this desk prepared.
func (d *desk) prepared() []string {
	var kinds []string
	for _, e := range d.auditor.events {
		kinds = append(kinds, string(e.Kind))
	}
	return kinds
}

// events are the kinds of the audit events that are committed.
func (d *desk) events() []string {
	d.t.Helper()
	rows, err := d.pool.Role(postgres.RoleAuditor).Query(d.t.Context(), "select kind from audit_outbox order by id")
	require.NoError(d.t, err)
	defer rows.Close()
	var kinds []string
	for rows.Next() {
		var kind string
		require.NoError(d.t, rows.Scan(&kind))
		kinds = append(kinds, kind)
	}
	require.NoError(d.t, rows.Err())
	return kinds
}

func refusal() notification.Draft {
	return notification.Draft{Channel: notify.Email, To: guest, Languages: []string{"fr"}, Data: letters.Refusal{
		Request: letters.Request{Case: "DS-1", Right: "erasure", Received: pms.NewDate(2027, time.January, 31)},
		Reasons: []string{"legal_claims"}, Explanation: "Voir " + marker + ".",
	}}
}

func confirmation(channel notify.Channel) notification.Draft {
	to := guest
	if channel == notify.SMS {
		to = phone
	}
	return notification.Draft{Channel: channel, To: to, Data: letters.Confirmation{Booking: letters.Booking{
		Reference: "XPG-1", Arrival: pms.NewDate(2027, time.March, 1), Departure: pms.NewDate(2027, time.March, 3),
		Rooms: []string{"Double"}, Guests: 2, Total: pms.Money{Amount: 24000, Currency: "EUR"},
	}}}
}

func code(channel notify.Channel) notification.Draft {
	draft := confirmation(channel)
	draft.Data = letters.Code{Code: "480113", Minutes: 10}
	return draft
}

// sender is a provider whose answers a test says.
type sender struct {
	mu      sync.Mutex
	answers []error // of the next sendings; then all succeed
	sent    []notify.Message
	during  func() // happens while it sends
	// records tell whether the provider can be asked, and what it answers when
	// it does not know.
	find func(notify.Message) (notify.Receipt, error)
}

func (s *sender) Send(_ context.Context, m notify.Message) (notify.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := m.Validate(); err != nil {
		return notify.Receipt{}, err
	}
	s.sent = append(s.sent, m)
	if s.during != nil {
		s.during()
	}
	if len(s.answers) > 0 {
		err := s.answers[0]
		s.answers = s.answers[1:]
		if err != nil {
			return notify.Receipt{}, err
		}
	}
	return notify.Receipt{Provider: "test", Reference: m.ID}, nil
}

func (s *sender) Find(_ context.Context, m notify.Message) (notify.Receipt, error) {
	if s.find == nil {
		return notify.Receipt{}, notify.ErrNoRecords
	}
	return s.find(m)
}

func (s *sender) messages() []notify.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

func failure(outcome error, p notify.Problem) error {
	return &notify.Error{Outcome: outcome, Problem: p, Cause: errors.New("so it is")}
}

// auditor fails as often as a test says, then is the real one.
type auditor struct {
	writer *audit.Writer
	mu     sync.Mutex
	fail   int
	events []audit.Event
}

var errAway = errors.New("the keys are away just now")

func (a *auditor) Prepare(ctx context.Context, events ...audit.Event) (audit.Prepared, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail > 0 {
		a.fail--
		return audit.Prepared{}, errAway
	}
	a.events = append(a.events, events...)
	return a.writer.Prepare(ctx, events...)
}

// noGuest fails when a text holds anything of the guest.
func noGuest(t testing.TB, what, text string) {
	t.Helper()
	for _, value := range []string{marker, guest, phone, "480113", phone[1:]} {
		require.False(t, strings.Contains(text, value), "%s holds a guest's %q", what, value)
	}
}
