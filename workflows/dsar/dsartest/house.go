//go:build unix

// Package dsartest gives tests a hotel whose guests make use of their rights:
// real stores, keys and audit log, real letters and codes in a mailbox, and a
// namespace on a real Temporal server. What carries a right out are stand-ins,
// so that a test says what comes of it. It is for tests only, on the workflows
// floor.
package dsartest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/code"
	"github.com/voicehive/voicehive/activities/notification/letters"
	activities "github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/email"
	"github.com/voicehive/voicehive/internal/notify/sink"
	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/workflows/dsar"
	messageflow "github.com/voicehive/voicehive/workflows/notification"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// Aurora is the hotel of a House, in Berlin.
const Aurora = consenttest.Aurora

// Horizon is that of the backups.
const Horizon = 7 * 24 * time.Hour

// A House is a hotel with guests and their cases.
type House struct {
	*consenttest.House
	*bookingtest.Namespace
	t        testing.TB
	Hotel    registry.Hotel
	Registry *registry.Registry
	Ledger   *ledger.Ledger
	Cases    *rights.Store
	Mailbox  *sink.Sink
	Stand    *Stand
	Rights   *activities.Activities
	Log      *bookingtest.Log
	// Office plans erasures, and asks whether people agreed to them.
	Office *erasure.Office
	post   *notification.Activities
}

// New opens a house. Nobody works in it yet; see Work. Payloads are sealed with
// the keys of the house, or with others for a recording.
func New(t testing.TB, with temporal.Keys) *House {
	t.Helper()
	h := &House{House: consenttest.New(t), t: t, Stand: &Stand{}, Log: &bookingtest.Log{}}
	attributes := reservation.SearchAttributes()
	maps.Copy(attributes, dsar.SearchAttributes())
	h.Namespace = (&bookingtest.House{Ring: h.Ring, Log: h.Log}).Temporal(t, attributes, with)
	h.Hotel = registry.Hotel{
		ID: Aurora, Name: "Hotel Aurora", Vendor: "apaleo", Property: "BER", TimeZone: "Europe/Berlin", Currency: "EUR", Country: "DE",
		Endpoints: map[string]string{"api": "http://127.0.0.1:1", "identity": "http://127.0.0.1:1"},
		Languages: []string{"de"}, CredentialsRef: "aurora",
	}
	var err error
	h.Registry, err = registry.New(h.Pool)
	require.NoError(t, err)
	require.NoError(t, h.Registry.Add(t.Context(), h.Hotel))
	h.Ledger = ledger.New(h.Pool, ledger.WithAudit(h.Writer))
	h.Cases = rights.New(h.Pool, h.Ring, h.Writer)
	texts, err := letters.New()
	require.NoError(t, err)
	outbox := notification.NewOutbox(h.Pool, h.Ring, texts)
	h.Rights, err = activities.New(activities.Parts{
		Cases: h.Cases, People: h.Desk, Hotels: h.Registry, Bookings: h.Ledger, Keys: h.Ring, Outbox: outbox, Codes: code.New(h.Pool, h.Ring),
		Erasures: erasures{h.office(t)},
	})
	require.NoError(t, err)
	h.Stand.office = h.Office
	h.openPost(outbox, texts)
	return h
}

// office plans over the house's own stores. No workflow of a booking ever ran.
func (h *House) office(t testing.TB) *erasure.Office {
	policy, err := retention.Shipped()
	require.NoError(t, err)
	h.Office = erasure.New(erasure.Options{
		Pool: h.Pool, KeysPool: h.KeysPool, Cases: h.Cases, Approvals: h.Cases, Keys: h.Ring, Desk: h.Desk, Table: h.Table, Policy: policy,
		Runs: noRuns{}, Auditor: h.Writer, Horizon: Horizon,
	})
	return h.Office
}

// Seen is what an officer who approves has seen: of an erasure the hash of its
// plan, where there is one yet.
func (h *House) Seen(c rights.Case) (n rights.Note) {
	h.t.Helper()
	if c.Kind != rights.Erasure {
		return n
	}
	p, err := h.Office.Plan(h.t.Context(), c.Hotel, c.ID)
	if errors.Is(err, erasure.ErrNobody) || errors.Is(err, rights.ErrPeople) || errors.Is(err, rights.ErrForgotten) {
		return n
	}
	require.NoError(h.t, err)
	n.Plan = p.Terms().Hash()
	return n
}

// openPost delivers messages into a mailbox.
func (h *House) openPost(outbox *notification.Outbox, texts *letters.Letters) {
	var err error
	h.Mailbox, err = sink.Start(sink.Options{})
	require.NoError(h.t, err)
	h.t.Cleanup(h.Mailbox.Close)
	mail, err := email.New(email.Options{URL: h.Mailbox.MailURL(), From: "post@aurora.example"})
	require.NoError(h.t, err)
	h.post, err = notification.New(notification.Parts{
		Outbox: outbox, Letters: texts, Hotels: h.Registry, Audit: h.Writer, Sender: notify.Switch{notify.Email: mail}, Bookings: h.Ledger, Deliveries: h,
	})
	require.NoError(h.t, err)
}

// Deliver implements notification.Deliveries.
func (h *House) Deliver(ctx context.Context, ref notification.MessageRef) error {
	_, err := h.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: messageflow.WorkflowID(ref), TaskQueue: messageflow.TaskQueue}, messageflow.Name, ref)
	return err
}

// Work has workers serve every queue, until the returned function stops them.
func (h *House) Work(options worker.Options) (stop func()) {
	h.t.Helper()
	options.Identity = "test"
	privacy := worker.New(h.Client, dsar.TaskQueue, options)
	dsar.Register(privacy)
	activities.Register(privacy, h.Rights)
	h.Stand.registerErasure(privacy)
	records := worker.New(h.Client, "records", worker.Options{Identity: "test"})
	h.Stand.registerAccess(records)
	post := worker.New(h.Client, messageflow.TaskQueue, worker.Options{Identity: "test"})
	messageflow.Register(post)
	notification.Register(post, h.post)
	running := []worker.Worker{privacy, records, post}
	for _, w := range running {
		require.NoError(h.t, w.Start())
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			for _, w := range running {
				w.Stop()
			}
		}
	}
	h.t.Cleanup(stop)
	return stop
}

// Ada is the guest of tests. Her details hold the marker, which no log and no
// history may show.
func Ada() pms.Guest {
	return pms.Guest{
		FirstName: "Ada" + bookingtest.Marker, LastName: bookingtest.Marker, Email: "ada." + bookingtest.Marker + "@example.org", Language: "fr", Country: "FR",
	}
}

// Guest makes a booking of a guest that can be found, long enough ago for a code
// to go to its address, and returns its id.
func (h *House) Guest(g pms.Guest) string {
	h.t.Helper()
	return h.GuestSince(g, time.Now().AddDate(0, -3, 0))
}

// GuestSince is Guest with the moment of the booking.
func (h *House) GuestSince(g pms.Guest, since time.Time) string {
	h.t.Helper()
	id := h.Booking(Aurora, subjects.Person{FirstName: g.FirstName, LastName: g.LastName, Email: g.Email, Phone: g.Phone, Country: "DE"})
	plain, err := json.Marshal(g)
	require.NoError(h.t, err)
	sealed, err := h.Ring.Seal(h.t.Context(), keys.Scope{Tenant: Aurora, ID: id}, booking.SealPurpose, booking.PlaceGuest, plain)
	require.NoError(h.t, err)
	_, err = h.Pool.Tenant(Aurora).Exec(h.t.Context(), `update guest set sealed = $3 where hotel = $1 and booking = $2`, Aurora, id, sealed)
	require.NoError(h.t, err)
	_, err = h.Pool.Tenant(Aurora).Exec(h.t.Context(), `update booking set created_at = $3 where hotel = $1 and id = $2`, Aurora, id, since)
	require.NoError(h.t, err)
	return id
}

// Open keeps a case, about the guest of a booking or about nobody who is known.
func (h *House) Open(kind rights.Kind, scope string, change ...func(*rights.Opening)) rights.Case {
	h.t.Helper()
	ctx := h.t.Context()
	own, err := h.Ring.Create(ctx, Aurora)
	require.NoError(h.t, err)
	berlin, err := h.Hotel.Location()
	require.NoError(h.t, err)
	o := rights.Opening{
		Hotel: Aurora, ID: own.ID, Kind: kind, Channel: rights.ByAPI, Clock: rights.Deadline(time.Now(), berlin, Horizon), Match: rights.UnknownPerson,
		OpenedBy: "compliance:one", Wish: WishOf(kind),
	}
	if scope != "" {
		o.Match = rights.KnownPerson
		o.Subject, err = h.Desk.Of(ctx, Aurora, scope)
		require.NoError(h.t, err)
	}
	o.KeyHMAC, err = h.Ring.MAC(ctx, Aurora, "test", []byte(own.ID))
	require.NoError(h.t, err)
	o.BodyHMAC = o.KeyHMAC
	for _, f := range change {
		f(&o)
	}
	c, fresh, err := h.Cases.Open(ctx, o)
	require.NoError(h.t, err)
	require.True(h.t, fresh)
	return c
}

// WishOf is a wish that a kind can be opened with.
func WishOf(kind rights.Kind) rights.Wish {
	w := rights.Wish{Words: "I am " + bookingtest.Marker + ", please."}
	switch kind {
	case rights.Rectification:
		w.Correct.LastName = "New" + bookingtest.Marker
	case rights.Restriction:
		w.Ground = "accuracy"
	case rights.Objection:
		w.Purposes = []string{"direct_marketing"}
	}
	return w
}

// Start starts a case's workflow.
func (h *House) Start(c rights.Case) client.WorkflowRun {
	h.t.Helper()
	run, err := h.Client.ExecuteWorkflow(h.t.Context(), client.StartWorkflowOptions{
		ID: dsar.WorkflowID(c.Hotel, c.ID), TaskQueue: dsar.TaskQueue,
	}, dsar.Name, dsar.Input{Hotel: c.Hotel, Case: c.ID})
	require.NoError(h.t, err)
	return run
}

// Act asks for an act and sends it, and waits for what comes of it.
func (h *House) Act(c rights.Case, update string, kind rights.ActKind, actor string, n rights.Note, change ...func(*dsar.Act)) (dsar.Status, error) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	id := ulid.Make().String()
	mac, err := h.Ring.MAC(ctx, Aurora, "test", []byte(id))
	require.NoError(h.t, err)
	_, _, err = h.Cases.Ask(ctx, rights.Asking{
		Hotel: c.Hotel, Case: c.ID, ID: id, Kind: kind, Actor: actor, Note: n, KeyHMAC: mac, BodyHMAC: mac,
	})
	require.NoError(h.t, err)
	act := dsar.Act{ID: id, Kind: kind, Actor: actor}
	for _, f := range change {
		f(&act)
	}
	handle, err := h.Client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		UpdateID: id, WorkflowID: dsar.WorkflowID(c.Hotel, c.ID), UpdateName: update, Args: []any{act}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return dsar.Status{}, err
	}
	var status dsar.Status
	return status, handle.Get(ctx, &status)
}

// Read reads a case.
func (h *House) Read(c rights.Case) rights.Case {
	h.t.Helper()
	read, err := h.Cases.Read(h.t.Context(), c.Hotel, c.ID)
	require.NoError(h.t, err)
	return read
}

// Await waits until a case is in a state.
func (h *House) Await(c rights.Case, state rights.State) rights.Case {
	h.t.Helper()
	var read rights.Case
	require.Eventually(h.t, func() bool {
		read = h.Read(c)
		return read.State == state
	}, time.Minute, 20*time.Millisecond, "the case does not become %s", state)
	return read
}

// Letters waits for so many messages in the mailbox whose subject matches.
func (h *House) Letters(subject string, count int) []sink.Received {
	h.t.Helper()
	pattern := regexp.MustCompile(subject)
	var found []sink.Received
	require.Eventually(h.t, func() bool {
		found = slices.DeleteFunc(h.Mailbox.Messages(), func(m sink.Received) bool { return !pattern.MatchString(m.Subject) })
		return len(found) >= count
	}, time.Minute, 20*time.Millisecond, "no %d letters with the subject %s", count, subject)
	require.Len(h.t, found, count)
	return found
}

// Code waits for so many codes in the mailbox, and returns the last.
func (h *House) Code(count int) string {
	h.t.Helper()
	sent := h.Letters("^(Votre code|Ihr Code|Your code)", count)
	return regexp.MustCompile(`(?m)^ *([0-9]{6})\s*$`).FindStringSubmatch(sent[len(sent)-1].Text)[1]
}

// Prove has the requester tell the code that was sent.
func (h *House) Prove(c rights.Case) {
	h.t.Helper()
	_, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeAsked, "compliance:one", rights.Note{})
	require.NoError(h.t, err)
	status, err := h.Act(c, dsar.UpdateVerify, rights.ActCodeTold, "compliance:one", rights.Note{Code: h.Code(1)})
	require.NoError(h.t, err)
	require.Equal(h.t, rights.ByCode, status.Proof)
}
