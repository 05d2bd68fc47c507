//go:build full && linux

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	sdk "go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/oauth2/clientcredentials"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// bookPlanted books for the planted guest while the hotel's system fails, and
// returns the booking's scope.
func (w *watch) bookPlanted(ctx context.Context) string {
	w.Helper()
	api, err := client.New(w.API, w.Key)
	require.NoError(w, err)
	arrival := openDay(pms.DateOf(time.Now()).AddDays(60))
	quote, err := api.Quote(ctx, w.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
		Arrival: arrival, Departure: arrival.AddDays(2), Occupancy: pms.Occupancy{Adults: 2},
	}}})
	require.NoError(w, err)
	require.NoError(w, w.HotelSystem().Fault(ctx, apaleo.Fault{Operation: "createBooking", Kind: apaleo.ErrorAfter, Count: 2}))
	booked, err := api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) {
		return api.Book(ctx, w.Hotel.ID, "planted-"+quote.ID, starter.BookRequest{Quote: quote.ID, Guest: planted, Comment: planted.Comment})
	})
	require.NoError(w, err)
	require.NotEmpty(w, booked.Confirmation)
	return booked.ID
}

// sendMessages writes to the planted guest: a confirmation, a letter that quotes
// them, and a code on the phone, through the worker's own activity; and one
// that the relay refuses, with the address in its words.
func (w *watch) sendMessages(ctx context.Context, scope string) {
	w.Helper()
	day := pms.DateOf(time.Now())
	for queue, draft := range map[string]notification.Draft{
		"confirmation": {Channel: notify.Email, To: planted.Email, Data: letters.Confirmation{Booking: letters.Booking{
			Reference: "XPGMSXGF-1", Arrival: day, Departure: day.AddDays(2), Rooms: []string{"BER-DBL"}, Guests: 2, Total: pms.Money{Amount: 12300, Currency: "EUR"},
		}}},
		"refusal": {Channel: notify.Email, To: planted.Email, Data: letters.Refusal{
			Request: letters.Request{Case: "DS-1", Right: "access", Received: day}, Reasons: letters.RefusalReasons()[:1],
			Explanation: planted.FirstName + " " + planted.LastName + ", " + planted.Phone + ": " + planted.Comment,
		}},
		"code": {Channel: notify.SMS, To: strings.ReplaceAll(planted.Phone, " ", ""), Data: letters.Code{Code: "480113", Minutes: 10}},
	} {
		ref := w.queue(ctx, scope, draft)
		w.deliver(ctx, scope, queue, ref)
	}

	ref := w.queue(ctx, scope, notification.Draft{Channel: notify.Email, To: planted.Email, Data: letters.Cancellation{
		Reference: "XPGMSXGF-1", Arrival: day, Departure: day.AddDays(2), FeeUnknown: true,
	}})
	env := append(os.Environ(), w.Env()...)
	env = append(env, "VOICEHIVE_SMTP=smtp://"+startRefusingRelay(w))
	_, err := w.verbIn(ctx, "verb: messages resend, refused by the relay", env, "messages", "resend", w.Hotel.ID, ref.Message, "--json")
	require.ErrorContains(w, err, "was not sent")
}

func (w *watch) queue(ctx context.Context, scope string, d notification.Draft) notification.MessageRef {
	w.Helper()
	outbox, _, err := w.parts.outbox()
	require.NoError(w, err)
	d.Hotel, d.Scope, d.Languages = w.Hotel.ID, scope, []string{"de"}
	if d.Data.Kind().OfCase() {
		require.NoError(w, w.parts.ring.Ensure(ctx, keys.Case, keys.Scope{Tenant: d.Hotel, ID: scope}))
	}
	ref, err := outbox.Queue(ctx, d)
	require.NoError(w, err)
	return ref
}

// deliver runs the worker's activity from a workflow of the test's.
func (w *watch) deliver(ctx context.Context, scope, name string, ref notification.MessageRef) {
	w.Helper()
	queue := "planted-" + name
	tester := worker.New(w.parts.temporal, queue, worker.Options{})
	tester.RegisterWorkflowWithOptions(func(ctx workflow.Context) (d notification.Delivery, err error) {
		return d, workflow.ExecuteActivity(notification.WithCode(ctx), notification.DeliverActivity, ref).Get(ctx, &d)
	}, workflow.RegisterOptions{Name: queue})
	require.NoError(w, tester.Start())
	defer tester.Stop()
	run, err := w.parts.temporal.ExecuteWorkflow(ctx, sdk.StartWorkflowOptions{ID: "dsar/" + w.Hotel.ID + "/" + scope, TaskQueue: queue}, queue)
	require.NoError(w, err)
	var got notification.Delivery
	require.NoError(w, run.Get(ctx, &got))
	require.Equal(w, notification.Sent, got.State, name)
}

// A refusing relay repeats whom it refuses, as real ones do.
type refusing struct{}

func (refusing) Reset()                               {}
func (refusing) Logout() error                        { return nil }
func (refusing) Mail(string, *smtp.MailOptions) error { return nil }
func (refusing) Data(io.Reader) error                 { return errors.New("not reached") }
func (refusing) Rcpt(to string, _ *smtp.RcptOptions) error {
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + to + "> " + planted.LastName + " does not live here"}
}

func startRefusingRelay(w *watch) string {
	w.Helper()
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return refusing{}, nil }))
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(w, err)
	go func() { _ = server.Serve(listener) }()
	w.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// recordConsents records what the planted guest said, in their words.
func (w *watch) recordConsents(ctx context.Context, scope string) {
	w.Helper()
	words, err := consent.WordingOf(consent.Marketing, "", "de")
	require.NoError(w, err)
	path := "/v1/hotels/" + w.Hotel.ID + "/consents"
	for _, action := range []consent.Action{consent.Given, consent.Withdrawn} {
		body := jsonOf(w.T, map[string]any{
			"event_id": ulid.Make().String(), "scope": scope, "purpose": consent.Marketing, "action": action, "wording_version": words.Version,
			"language": "de", "channel": "email", "method": "written", "event_time": time.Now().UTC(),
			"note": planted.FirstName + " " + planted.LastName + " <" + planted.Email + "> " + planted.Phone + ": " + planted.Comment,
		})
		status := w.exchange(ctx, "answers about consents", w.API, request{method: http.MethodPost, path: path, body: body})
		require.Equal(w, http.StatusCreated, status)
	}
	require.Equal(w, http.StatusOK, w.exchange(ctx, "answers about consents", w.API, request{method: http.MethodGet, path: path}))
}

// askTheCodec asks for the booking's payloads, and for one that somebody sealed
// a guest into, as operations; and wrongly.
func (w *watch) askTheCodec(ctx context.Context, scope string) {
	w.Helper()
	payloads := append(payloadsOf(ctx, w.T, w.parts, reservation.WorkflowID(w.Hotel.ID, scope)), w.sealedGuest(ctx, scope))
	for _, user := range []string{"ops", "admin"} {
		require.Equal(w, http.StatusOK, w.decode(ctx, "answers of the codec to operations", user, payloads...))
	}
	guest := jsonOf(w.T, planted)
	name, mail := planted.LastName, planted.Email
	for _, wrong := range []request{
		{path: codecPath + "/decode", body: "[" + guest + "]"}, {path: codecPath + "/decode", body: guest[:len(guest)-3]},
		{path: codecPath + "/decode", body: `{"payloads":[{"data":"` + mail + `"}]}`},
		{path: codecPath + "/decode", body: `{"payloads":[{"` + mail + `":"` + name + `"}],"x":` + guest + `}`, header: map[string]string{"X-Namespace": mail}},
		{path: codecPath + "/decode", body: guest, header: map[string]string{"Content-Type": mail}},
		{path: codecPath + "/decode", body: guest, header: map[string]string{"Authorization": "Bearer " + mail}},
		{path: codecPath + "/decode", body: guest, header: map[string]string{"Origin": "https://" + mail}},
		{path: codecPath + "/encode?" + queryOf(mail, name), body: guest}, {path: codecPath + "/" + pathOf(name) + "?" + queryOf(mail, name)},
		{method: http.MethodGet, path: codecPath + "/callback?code=" + pathOf(mail) + "&state=" + pathOf(name)},
	} {
		if wrong.method == "" {
			wrong.method = http.MethodPost
		}
		wrong.header = merge(map[string]string{"Authorization": "Bearer " + w.token(ctx, "ops"), "X-Namespace": defaultNamespace}, wrong.header)
		require.GreaterOrEqual(w, w.exchange(ctx, "answers of the codec, refused", w.API, wrong), 400, wrong.path)
	}
}

// decode asks the codec as a user.
func (w *watch) decode(ctx context.Context, place, user string, payloads ...*commonpb.Payload) int {
	w.Helper()
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: payloads})
	require.NoError(w, err)
	return w.exchange(ctx, place, w.API, request{method: http.MethodPost, path: codecPath + "/decode", body: string(body), header: map[string]string{
		"Authorization": "Bearer " + w.token(ctx, user), "X-Namespace": defaultNamespace,
	}})
}

func (w *watch) token(ctx context.Context, user string) string {
	w.Helper()
	machine := clientcredentials.Config{ClientID: user, ClientSecret: user + "-development-only", TokenURL: w.Issuer + "/token"}
	token, err := machine.Token(ctx)
	require.NoError(w, err)
	return token.AccessToken
}

// sealedGuest is a payload of the booking's with the guest in it, which no
// workflow of ours writes.
func (w *watch) sealedGuest(ctx context.Context, scope string) *commonpb.Payload {
	w.Helper()
	sealed, err := sealing(ctx, w.T, w.parts, reservation.WorkflowID(w.Hotel.ID, scope)).ToPayload(planted)
	require.NoError(w, err)
	require.Empty(w, w.in(bytes.Join([][]byte{sealed.Data, sealed.Metadata["encryption-key-id"]}, nil)))
	return sealed
}
