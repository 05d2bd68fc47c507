//go:build full && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/activities/booking/ledger"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

const (
	// throughTrouble is how many are booked in each trouble by processes that are
	// warm: more than one reserve of keys.
	throughTrouble = 40
	// callersAtOnce share them.
	callersAtOnce = 4
	auditKey      = vaulttest.SigningPrefix + "1"
)

// vaulted is a stack whose keys hang on a Vault, and what became of it.
type vaulted struct {
	*house
	t     *testing.T
	fake  *vaulttest.Fake
	books *books
	// booked are the reservations that callers were told of, answers all that was
	// answered to those who were refused.
	booked  map[string]starter.Reservation
	answers [][]byte
}

// raiseOnVault raises a stack with Vault's Transit as root of its keys, with
// the hotels' credentials in Vault and the audit log signed there.
func raiseOnVault(ctx context.Context, t *testing.T) *vaulted {
	t.Helper()
	fake := vaulttest.NewFake(t)
	setting, err := vault.New(vault.Options{Address: fake.URL, Login: appRole(t, fake)})
	require.NoError(t, err)
	require.NoError(t, setting.Transit(vaulttest.TransitMount).CreateKey(ctx, auditKey, vault.KeySigning))
	setting.Close()
	role := appRole(t, fake)
	o := roomy()
	o.TemporalFile = true // its files are searched
	o.Env = append(o.Env,
		"VAULT_ADDR="+fake.URL, "VOICEHIVE_VAULT_ROLE="+role.RoleID, "VOICEHIVE_VAULT_SECRET_FILE="+role.SecretIDFile,
		"VOICEHIVE_AUDIT_KEY="+auditKey, "VOICEHIVE_LOG_LEVEL=debug",
	)
	h := raiseForTest(ctx, t, o)
	return &vaulted{house: h, t: t, fake: fake, books: openBooks(ctx, t, h), booked: map[string]starter.Reservation{}}
}

// TestBookingsWhileVaultIsAway: whoever is warm goes on booking; whoever is not
// says so, changes nothing, and goes on by itself when Vault is back.
func TestBookingsWhileVaultIsAway(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	v := raiseOnVault(ctx, t)
	for _, trouble := range []vaulttest.Trouble{vaulttest.Sealed, vaulttest.Slow, vaulttest.Gone} {
		v.bookMany(ctx, "well", callersAtOnce) // which warms the newest API and worker
		v.awaitBuckets(ctx)
		v.fake.Become(t, trouble)
		v.bookMany(ctx, string(trouble), throughTrouble)

		started := v.restartWorker(ctx)
		waiting := v.bookPending(ctx, string(trouble))
		warm := v.client()
		require.NoError(t, v.StartAPI(ctx), "it starts, and is cold")
		refused := v.refuse(ctx, string(trouble), warm)
		v.requireWaiting(ctx, started, waiting.ID)

		v.fake.Become(t, vaulttest.Well)
		require.NoError(t, <-started, "the worker goes on by itself")
		v.settle(ctx, warm, waiting)
		v.settle(ctx, v.client(), refused)
	}
	v.requireWholeHouse(ctx)
	v.requireSecrets()
}

// order is a booking that is asked for.
type order struct {
	ID      string
	key     string
	request starter.BookRequest
}

// order prepares one: a quote touches no key.
func (v *vaulted) order(ctx context.Context, api *client.Client) (order, error) {
	arrival := openDay(pms.DateOf(time.Now()).AddDays(30))
	quote, err := api.Quote(ctx, v.Hotel.ID, starter.QuoteRequest{Stays: []starter.StayRequest{{
		RoomType: apaleo.Double, RatePlan: pms.RatePlanID(apaleo.Flexible(apaleo.Double)),
		Arrival: arrival, Departure: arrival.AddDays(1), Occupancy: pms.Occupancy{Adults: 2},
	}}})
	return order{key: client.NewKey(), request: starter.BookRequest{Quote: quote.ID, Guest: planted, Comment: planted.Comment}}, err
}

func (v *vaulted) client(options ...client.Option) *client.Client {
	api, err := client.New(v.API, v.Key, options...)
	require.NoError(v.t, err)
	return api
}

// bookMany books until all are confirmed.
func (v *vaulted) bookMany(ctx context.Context, when string, n int) {
	v.t.Helper()
	began := time.Now()
	type outcome struct {
		starter.Reservation
		err error
	}
	api, outcomes := v.client(), make(chan outcome, n)
	tickets := make(chan struct{}, n)
	for range n {
		tickets <- struct{}{}
	}
	close(tickets)
	for range callersAtOnce {
		go func() {
			for range tickets {
				o, err := v.order(ctx, api)
				var booked starter.Reservation
				if err == nil {
					booked, err = api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) {
						return api.Book(ctx, v.Hotel.ID, o.key, o.request)
					})
				}
				outcomes <- outcome{booked, err}
			}
		}()
	}
	for range n {
		out := <-outcomes
		require.NoError(v.t, out.err, "booking while Vault is %s", when)
		require.Equal(v.t, ledger.Confirmed, out.State)
		v.booked[out.ID] = out.Reservation
	}
	v.t.Logf("Vault %s: %d bookings confirmed in %s", when, n, short(time.Since(began)))
}

// awaitBuckets waits until the worker has heard of every bucket key there is.
func (v *vaulted) awaitBuckets(ctx context.Context) {
	v.t.Helper()
	logs := v.logsOf("worker-")
	require.Eventually(v.t, func() bool {
		text, err := os.ReadFile(logs[len(logs)-1])
		require.NoError(v.t, err)
		line := fmt.Sprintf(`"Bucket keys are up to date.","held":%d}`, count(ctx, v.t, v.books.keys, "bucket_key"))
		last := bytes.LastIndex(text, []byte(`"Bucket keys are up to date."`))
		return last >= 0 && bytes.HasPrefix(text[last:], []byte(line))
	}, time.Minute, 50*time.Millisecond, "the worker does not load what the API made")
}

// restartWorker kills the worker and starts another one, whose start ends when
// it takes tasks.
func (v *vaulted) restartWorker(ctx context.Context) <-chan error {
	for _, w := range v.Workers() {
		w.Kill()
	}
	started := make(chan error, 1)
	go func() {
		_, err := v.StartWorker(ctx)
		started <- err
	}()
	return started
}

// bookPending books at a warm API while no worker can serve.
func (v *vaulted) bookPending(ctx context.Context, when string) order {
	v.t.Helper()
	api := v.client(client.WithWait(time.Second))
	o, err := v.order(ctx, api)
	require.NoError(v.t, err)
	answer, err := api.Book(ctx, v.Hotel.ID, o.key, o.request)
	require.NoError(v.t, err, "a warm API while Vault is %s", when)
	require.Equal(v.t, ledger.Pending, answer.State)
	o.ID = answer.ID
	return o
}

// refuse books at the API that is cold, by a warm one's quote: it must say when to come again, and write nothing.
func (v *vaulted) refuse(ctx context.Context, when string, warm *client.Client) order {
	v.t.Helper()
	o, err := v.order(ctx, warm)
	require.NoError(v.t, err)
	before := v.books.rows(ctx)
	body, err := json.Marshal(o.request)
	require.NoError(v.t, err)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, v.API+"/v1/hotels/"+v.Hotel.ID+"/reservations", bytes.NewReader(body))
	require.NoError(v.t, err)
	request.Header.Set("Authorization", "Bearer "+v.Key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", o.key)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(v.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	require.Equal(v.t, http.StatusServiceUnavailable, answer.StatusCode, "Vault is %s: %s", when, text)
	var problem struct{ Type, Detail, Say string }
	require.NoError(v.t, json.Unmarshal(text, &problem))
	require.Equal(v.t, "/problems/"+starter.Unavailable.Code, problem.Type)
	require.Contains(v.t, problem.Detail, "again")
	require.NotEmpty(v.t, problem.Say)
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	require.NoError(v.t, err, "no Retry-After: %s", text)
	require.Positive(v.t, seconds)
	v.answers = append(v.answers, text)
	require.Equal(v.t, before, v.books.rows(ctx), "rows were written while Vault is %s", when)
	return o
}

// requireWaiting: the worker that starts neither ends nor serves, and the
// booking's workflow runs.
func (v *vaulted) requireWaiting(ctx context.Context, started <-chan error, id string) {
	v.t.Helper()
	require.Eventually(v.t, func() bool {
		logs := v.logsOf("worker-")
		text, err := os.ReadFile(logs[len(logs)-1])
		return err == nil && bytes.Contains(text, []byte("takes no task until they can"))
	}, time.Minute, 50*time.Millisecond, "the worker says what it waits for")
	select {
	case err := <-started:
		v.t.Fatalf("the worker did not wait for Vault: %v", err)
	default:
	}
	require.Equal(v.t, 1, v.books.count(ctx, "booking where id = $1 and state = 'pending'", id))
	require.Zero(v.t, v.books.count(ctx, "operator_task"))
}

func (v *vaulted) logsOf(prefix string) []string {
	all, err := filepath.Glob(filepath.Join(v.Home, "logs", prefix+"*.log"))
	require.NoError(v.t, err)
	return all
}

// settle repeats an order until it is confirmed.
func (v *vaulted) settle(ctx context.Context, api *client.Client, o order) {
	v.t.Helper()
	booked, err := api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) {
		return api.Book(ctx, v.Hotel.ID, o.key, o.request)
	})
	require.NoError(v.t, err, "after Vault came back")
	require.Equal(v.t, ledger.Confirmed, booked.State)
	v.booked[booked.ID] = booked
}
