package offboarding_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	activities "github.com/voicehive/voicehive/activities/offboarding"
	"github.com/voicehive/voicehive/activities/replaytest"
	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/calls/audio"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/connectors/status"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/temporal/temporaltest"
	flow "github.com/voicehive/voicehive/workflows/offboarding"
)

const (
	aurora, boreal = consenttest.Aurora, consenttest.Boreal
	opener, second = "ops:ada", "ops:grace"
)

// workerEnv tells a test process that it is a worker, and where.
const workerEnv = "VOICEHIVE_TEST_OFFBOARDING_WORKER"

// A place is what a worker is made of, in whichever process.
type place struct{ Temporal, Namespace, Database, Keys, Keyring, Home string }

func (p place) parts(t *testing.T) activities.Parts {
	t.Helper()
	ctx := context.Background()
	pool, err := postgres.Open(ctx, p.Database)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	keysPool, err := postgres.Open(ctx, p.Keys)
	require.NoError(t, err)
	t.Cleanup(keysPool.Close)
	root, err := keys.OpenLocalKeyring(p.Keyring, "test")
	require.NoError(t, err)
	store := keys.NewPostgres(keysPool)
	ring := keys.New(store, root, keys.Options{Buckets: 4})
	require.NoError(t, ring.EnsureTenant(ctx, audit.HouseTenant))
	statuses, err := status.New(pool)
	require.NoError(t, err)
	hotels, err := registry.New(pool)
	require.NoError(t, err)
	signer, err := audit.OpenLocalSigner(filepath.Join(p.Home, "audit.key"), "test")
	require.NoError(t, err)
	c, err := client.Dial(client.Options{
		HostPort: p.Temporal, Namespace: p.Namespace, Plugins: []client.Plugin{bookingtest.NewPlugin(t, p.Namespace, replaytest.Keys{})},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return activities.Parts{
		Store: &activities.Store{Pool: pool, Auditor: audit.NewWriter(ring)}, Pool: pool, Keys: ring, Living: store, Connections: statuses,
		Objects: objects.NewErasableDirectory(filepath.Join(p.Home, "objects")), Temporal: c, Namespace: p.Namespace, Signer: signer,
		Secrets: credentials.NewFileStore(filepath.Join(p.Home, "credentials.yaml")), Hotels: hotels,
		Folder: filepath.Join(p.Home, "packs"), Horizon: 7 * 24 * time.Hour,
	}
}

func serve(t *testing.T, parts activities.Parts) (stop func()) {
	t.Helper()
	w := worker.New(parts.Temporal, flow.TaskQueue, worker.Options{})
	flow.Register(w)
	activities.Register(w, activities.New(parts))
	require.NoError(t, w.Start())
	return w.Stop
}

// TestWorkerProcess is no test but a worker that is killed when it has removed
// the first recording, and nobody knows that yet.
func TestWorkerProcess(t *testing.T) {
	text := os.Getenv(workerEnv)
	if text == "" {
		return
	}
	var p place
	require.NoError(t, json.Unmarshal([]byte(text), &p))
	parts := p.parts(t)
	parts.Objects = doomed{parts.Objects}
	serve(t, parts)
	select {} // until it is killed
}

// doomed deletes an object, and never hears what came of it.
type doomed struct{ activities.Objects }

func (d doomed) Delete(ctx context.Context, name string) error {
	fmt.Println("deleted", d.Objects.Delete(ctx, name))
	select {}
}

// A theatre is two hotels with all that is kept of their guests, and a server.
type theatre struct {
	*consenttest.House
	*bookingtest.Namespace
	place
	t     *testing.T
	parts activities.Parts
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	h := consenttest.New(t)
	namespace := temporaltest.Namespace(t)
	th := &theatre{House: h, t: t, place: place{
		Temporal: temporaltest.Server(t).FrontendHostPort(), Namespace: namespace, Database: h.Database.URL, Keys: h.KeysDB.URL,
		Keyring: h.Keyring, Home: t.TempDir(),
	}}
	th.parts = th.place.parts(t)
	th.Namespace = &bookingtest.Namespace{Name: namespace, Client: th.parts.Temporal, Plain: temporaltest.Client(t, client.Options{Namespace: namespace})}
	hotels, err := registry.New(h.Pool)
	require.NoError(t, err)
	for _, id := range []string{aurora, boreal} {
		require.NoError(t, hotels.Add(t.Context(), registry.Hotel{
			ID: id, Name: "Hotel", Vendor: "apaleo", Property: "BER", TimeZone: "Europe/Berlin", Currency: "EUR", Country: "DE",
			Languages: []string{"de"}, CredentialsRef: id,
		}))
		require.NoError(t, th.keeper().Put(t.Context(), id, credentials.Credentials{Kind: credentials.APIKey, Key: credentials.NewSecret("secret")}))
		th.lives(id)
	}
	return th
}

// keeper is the store of the hotels' credentials.
func (th *theatre) keeper() credentials.Keeper { return th.parts.Secrets.(credentials.Keeper) }

// sound is what a recording holds.
var sound = bytes.Repeat([]byte(bookingtest.Marker), 100)

// lives gives a hotel a booking, a call that was written down and recorded, a run
// and what belongs to them.
func (th *theatre) lives(hotel string) {
	th.t.Helper()
	ctx := th.t.Context()
	booking := th.Booking(hotel, subjects.Person{FirstName: "Ada", LastName: bookingtest.Marker, Phone: "+49 30 5550199", Country: "DE"})
	c := th.Call(hotel, time.Minute)
	th.Notice(hotel, c)
	th.Append(th.Said(hotel, c, consent.Transcription, consent.Given, 8*time.Second))
	yes := th.Append(th.Said(hotel, c, consent.Recording, consent.Given, 9*time.Second))
	require.NoError(th.t, th.Calls.AddTurn(ctx, hotel, calls.Turn{
		Call: c.ID, Seq: 1, Speaker: calls.Caller, Text: "I am " + bookingtest.Marker, From: 10 * time.Second, To: 12 * time.Second,
	}))
	id := ulid.Make().String()
	r := calls.Recording{ID: id, Call: c.ID, Object: "recordings/" + id, From: 10 * time.Second, To: 20 * time.Second, Consent: yes.ID}
	var sealed bytes.Buffer
	w, err := audio.NewWriter(ctx, th.Ring, keys.Scope{Tenant: hotel, ID: c.ID}, r.Place(), &sealed)
	require.NoError(th.t, err)
	_, err = w.Write(sound)
	require.NoError(th.t, err)
	require.NoError(th.t, w.Close())
	sum := sha256.Sum256(sealed.Bytes())
	r.Bytes, r.SHA256 = int64(sealed.Len()), sum[:]
	require.NoError(th.t, th.parts.Objects.(*objects.ErasableDirectory).Put(ctx, r.Object, bytes.NewReader(sealed.Bytes())))
	require.NoError(th.t, th.Calls.AddRecording(ctx, hotel, r))
	_, err = th.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "booking/" + hotel + "/" + booking, TaskQueue: "nobody"}, "reservation")
	require.NoError(th.t, err)
}

// begin opens an off-boarding of aurora.
func (th *theatre) begin(giveBack, recipient string) activities.Record {
	th.t.Helper()
	r, err := th.parts.Store.Open(th.t.Context(), activities.Opening{Hotel: aurora, GiveBack: giveBack, Recipient: recipient, Actor: opener})
	require.NoError(th.t, err)
	_, err = th.Client.ExecuteWorkflow(th.t.Context(), client.StartWorkflowOptions{ID: flow.WorkflowID(r.ID), TaskQueue: flow.TaskQueue},
		flow.Name, flow.Input{Ref: activities.Ref{Offboarding: r.ID, Hotel: aurora}, OpenedBy: opener, GiveBack: giveBack})
	require.NoError(th.t, err)
	return r
}

// decide sends an update, and returns the type of its refusal.
func (th *theatre) decide(id, name string, d flow.Decision) string {
	th.t.Helper()
	ctx, cancel := context.WithTimeout(th.t.Context(), time.Minute)
	defer cancel()
	handle, err := th.Client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: flow.WorkflowID(id), UpdateName: name, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	var refused *temporal.ApplicationError
	if err != nil {
		require.ErrorAs(th.t, err, &refused)
		return refused.Type()
	}
	return ""
}

// in waits until it is in a state.
func (th *theatre) in(id, state string) (s flow.State) {
	th.t.Helper()
	require.Eventually(th.t, func() bool {
		answer, err := th.Client.QueryWorkflow(th.t.Context(), flow.WorkflowID(id), "", flow.QueryState)
		return err == nil && answer.Get(&s) == nil && s.State == state
	}, 45*time.Second, 50*time.Millisecond)
	return s
}

// rows counts the rows of a hotel by table.
func (th *theatre) rows(hotel string) map[string]int {
	th.t.Helper()
	found := map[string]int{}
	for _, table := range []string{"booking", "guest", "intent", "quote", "guest_index", "call", "turn", "recording", "consent_event"} {
		if n := th.Count("select count(*) from "+table+" where hotel = $1", hotel); n > 0 {
			found[table] = n
		}
	}
	if n := th.Count("select count(*) from hotel where id = $1", hotel); n > 0 {
		found["hotel"] = n
	}
	return found
}

func (th *theatre) living(hotel string) int {
	th.t.Helper()
	scopes, err := th.parts.Living.Living(th.t.Context(), hotel, 1000)
	require.NoError(th.t, err)
	return len(scopes)
}

// left expects that nothing of aurora is left, and all of boreal, and that the
// certificate says so.
func (th *theatre) left(id string, before map[string]int) activities.Certificate {
	th.t.Helper()
	require.Empty(th.t, th.rows(aurora))
	require.Equal(th.t, before, th.rows(boreal), "the other hotel's")
	require.Zero(th.t, th.living(aurora))
	require.Positive(th.t, th.living(boreal))
	var objects int
	require.NoError(th.t, filepath.WalkDir(filepath.Join(th.Home, "objects"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			objects++
		}
		return err
	}))
	require.Equal(th.t, 1, objects, "the other hotel's recording")
	entries, err := th.keeper().List(th.t.Context())
	require.NoError(th.t, err)
	require.Equal(th.t, []string{boreal}, entries, "the secrets of the other hotel's system")
	require.Zero(th.t, th.Count("select count(*) from erased_object"))
	c := th.certificate(id)
	require.Equal(th.t, aurora, c.Hotel)
	require.Empty(th.t, c.ReadBack.Rows)
	require.Greater(th.t, c.ReadBack.Tables, 20)
	require.Equal(th.t, []int{0, 1, 0}, []int{c.ReadBack.Objects, c.ReadBack.ObjectsLooked, c.ReadBack.Secrets}, "each object is looked for again")
	require.Equal(th.t, 1, c.Removed.Secrets)
	require.Len(th.t, c.Kept, 3)
	require.Equal(th.t, 1, c.Removed.Rows["guest"])
	require.GreaterOrEqual(th.t, c.Removed.Runs, 1)
	require.Equal(th.t, 7*24*time.Hour, c.Final.Sub(c.ErasedLive))
	require.Positive(th.t, c.Kept[0].N, "what stays in the audit log is said")
	packs, err := os.ReadDir(filepath.Join(th.Home, "packs"))
	require.True(th.t, err != nil || len(packs) == 0, "the hotel has its own")
	return c
}

// certificate is the one of an off-boarding that has ended.
func (th *theatre) certificate(id string) activities.Certificate {
	th.t.Helper()
	record, err := th.parts.Store.Read(th.t.Context(), id)
	require.NoError(th.t, err)
	require.Equal(th.t, activities.Gone, record.State)
	trusted, err := attest.SignerKeys(th.t.Context(), th.parts.Signer)
	require.NoError(th.t, err)
	c, err := activities.Verify(record.Certificate, trusted)
	require.NoError(th.t, err)
	forged := bytes.Replace(record.Certificate, []byte(`"payload":"e`), []byte(`"payload":"f`), 1)
	_, err = activities.Verify(forged, trusted)
	require.Error(th.t, err)
	return c
}

// pack reads the files of a pack, opened where they are sealed.
func (th *theatre) pack(p activities.Pack, identity age.Identity) map[string]string {
	th.t.Helper()
	root := filepath.Join(th.Home, "packs", p.Folder)
	manifest, err := os.ReadFile(filepath.Join(root, "manifest.json"))
	require.NoError(th.t, err)
	sum := sha256.Sum256(manifest)
	require.Equal(th.t, p.SHA256, hex.EncodeToString(sum[:]))
	var m struct {
		Files []struct{ Name, SHA256 string }
	}
	require.NoError(th.t, json.Unmarshal(manifest, &m))
	all := map[string]string{}
	for _, f := range m.Files {
		content, err := os.ReadFile(filepath.Join(root, f.Name))
		require.NoError(th.t, err)
		sum := sha256.Sum256(content)
		require.Equal(th.t, f.SHA256, hex.EncodeToString(sum[:]))
		if identity != nil {
			require.NotContains(th.t, string(content), bookingtest.Marker)
			plain, err := age.Decrypt(bytes.NewReader(content), identity)
			require.NoError(th.t, err)
			content, err = io.ReadAll(plain)
			require.NoError(th.t, err)
		}
		all[strings.TrimSuffix(f.Name, ".age")] = string(content)
	}
	return all
}

// holdsEverything expects what is kept of the guest in a pack's files.
func holdsEverything(t *testing.T, files map[string]string) {
	t.Helper()
	for _, name := range []string{"tables/guest.jsonl", "tables/turn.jsonl"} {
		require.Contains(t, files[name], bookingtest.Marker, name)
	}
	require.Contains(t, files["tables/consent_event.jsonl"], "given")
	require.Contains(t, files["tables/booking.jsonl"], "confirmed")
	recorded := false
	for name, content := range files {
		recorded = recorded || strings.HasPrefix(name, "recordings/") && content == string(sound)
	}
	require.True(t, recorded, "the recording, in the clear")
}

// scenes are the ways through the workflow that have a recorded history.
func scenes() map[string]func(*theatre) (id string) {
	return map[string]func(*theatre) string{
		"returned-sealed": func(th *theatre) string {
			before := th.rows(boreal)
			identity, err := age.GenerateX25519Identity()
			require.NoError(th.t, err)
			r := th.begin(activities.Sealed, identity.Recipient().String())
			require.Equal(th.t, flow.RefusedSamePerson, th.decide(r.ID, flow.UpdateApprove, flow.Decision{Actor: opener}))
			require.Equal(th.t, flow.RefusedState, th.decide(r.ID, flow.UpdateHanded, flow.Decision{Actor: second}))
			require.Empty(th.t, th.decide(r.ID, flow.UpdateApprove, flow.Decision{Actor: second}))
			pack := *th.in(r.ID, activities.Returned).Pack
			holdsEverything(th.t, th.pack(pack, identity))
			require.Equal(th.t, flow.RefusedPack, th.decide(r.ID, flow.UpdateHanded, flow.Decision{Actor: opener, SHA256: strings.Repeat("0", 64)}))
			require.NotEmpty(th.t, th.rows(aurora), "nothing goes before the hotel has it")
			require.Empty(th.t, th.decide(r.ID, flow.UpdateHanded, flow.Decision{Actor: opener, SHA256: pack.SHA256}))
			require.Equal(th.t, flow.RefusedState, th.decide(r.ID, flow.UpdateWithdraw, flow.Decision{Actor: second, Reason: "too late"}))
			th.in(r.ID, activities.Gone)
			c := th.left(r.ID, before)
			require.Equal(th.t, pack.SHA256, c.Pack.SHA256)
			require.Equal(th.t, []string{opener, second, opener}, []string{c.OpenedBy, c.ApprovedBy, c.HandedBy})
			return r.ID
		},
		"nothing-returned": func(th *theatre) string {
			before := th.rows(boreal)
			r := th.begin(activities.Nothing, "")
			require.Empty(th.t, th.decide(r.ID, flow.UpdateApprove, flow.Decision{Actor: second}))
			th.in(r.ID, activities.Gone)
			require.Nil(th.t, th.left(r.ID, before).Pack)
			return r.ID
		},
		"account-shared": func(th *theatre) string {
			require.NoError(th.t, th.keeper().Delete(th.t.Context(), aurora))
			th.House.Database.Admin(th.t, `update hotel set credentials_ref = '`+boreal+`' where id = '`+aurora+`'`)
			r := th.begin(activities.Nothing, "")
			require.Empty(th.t, th.decide(r.ID, flow.UpdateApprove, flow.Decision{Actor: second}))
			th.in(r.ID, activities.Gone)
			_, err := th.keeper().Credentials(th.t.Context(), boreal)
			require.NoError(th.t, err, "the other hotel goes on with it")
			c := th.certificate(r.ID)
			require.Zero(th.t, c.Removed.Secrets)
			require.Contains(th.t, c.Kept[len(c.Kept)-1].Why, "another hotel")
			return r.ID
		},
		"withdrawn": func(th *theatre) string {
			before := th.rows(aurora)
			r := th.begin(activities.Plain, "")
			require.Empty(th.t, th.decide(r.ID, flow.UpdateApprove, flow.Decision{Actor: second}))
			holdsEverything(th.t, th.pack(*th.in(r.ID, activities.Returned).Pack, nil))
			require.Equal(th.t, flow.RefusedRequest, th.decide(r.ID, flow.UpdateWithdraw, flow.Decision{Actor: opener}))
			require.Empty(th.t, th.decide(r.ID, flow.UpdateWithdraw, flow.Decision{Actor: opener, Reason: "it stays"}))
			require.NoError(th.t, th.Client.GetWorkflow(th.t.Context(), flow.WorkflowID(r.ID), "").Get(th.t.Context(), nil))
			require.Equal(th.t, before, th.rows(aurora))
			_, err := os.Stat(filepath.Join(th.Home, "packs", r.ID))
			require.ErrorIs(th.t, err, fs.ErrNotExist)
			return r.ID
		},
	}
}

// TestRecord plays every scene on a real server, and keeps its history when it
// is asked to.
func TestRecord(t *testing.T) {
	t.Parallel()
	for name, play := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			th := newTheatre(t)
			t.Cleanup(serve(t, th.parts))
			id := flow.WorkflowID(play(th))
			require.NoError(t, th.Client.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
			recorded := replaytest.Read(t, th.Namespace, id, "")
			recorded.RequireSealed(t)
			require.NoError(t, recorded.Replay(t, flow.Name, flow.Offboarding))
			recorded.Keep(t, name)
		})
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	replaytest.Holds(t, flow.Name, flow.Offboarding, slices.Collect(maps.Keys(scenes()))...)
}

// TestAKilledWorkerLeavesNothing: it dies (SIGKILL) in the middle of the removal,
// and another brings it to its end.
func TestAKilledWorkerLeavesNothing(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	before := th.rows(boreal)
	r := th.begin(activities.Nothing, "")
	text, err := json.Marshal(th.place)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWorkerProcess$", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), workerEnv+"="+string(text))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	approved := make(chan string, 1)
	go func() { approved <- th.decide(r.ID, flow.UpdateApprove, flow.Decision{Actor: second}) }()
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "deleted <nil>" {
	}
	require.Equal(t, "deleted <nil>", lines.Text())
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	require.NotEmpty(t, th.rows(aurora), "it was in the middle of it")
	t.Cleanup(serve(t, th.parts))
	require.Empty(t, <-approved)
	th.in(r.ID, activities.Gone)
	th.left(r.ID, before)
}

// TestALegalHoldStopsTheRemoval: for as long as it stands, and no longer.
func TestALegalHoldStopsTheRemoval(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	hold := func(statement string) {
		th.House.Database.Admin(t, "set session_replication_role = replica", statement)
	}
	hold(`insert into legal_hold (hotel, id, matter, reason, kind, placed_by, lapses_at, review_at)
		values ('` + aurora + `', '01JD3Z8Q4X0000000000000000', 'AZ-1/26', 'litigation', 'hotel', 'ops:1', now() + interval '1 day', now() + interval '1 day')`)
	ref := activities.Ref{Hotel: aurora}
	does := activities.New(th.parts)
	for name, step := range map[string]func(context.Context, activities.Ref) (activities.Step, error){
		"runs": does.Runs, "objects": does.RemoveObjects, "rows": does.Rows, "keys": does.DestroyKeys,
		"secrets": func(ctx context.Context, ref activities.Ref) (activities.Step, error) {
			return does.RemoveSecrets(ctx, activities.Ending{Ref: ref})
		},
	} {
		before := th.rows(aurora)
		_, err := step(t.Context(), ref)
		var held *temporal.ApplicationError
		require.ErrorAs(t, err, &held, name)
		require.Equal(t, activities.TypeHeld, held.Type(), name)
		require.False(t, held.NonRetryable(), name)
		require.Equal(t, before, th.rows(aurora), name)
	}
	hold("update legal_hold set lapses_at = now()")
	_, err := does.Rows(t.Context(), ref)
	require.NoError(t, err)
}

// stuck says that it deleted, and did not.
type stuck struct{ activities.Objects }

func (stuck) Delete(context.Context, string) error { return nil }

// locked is a store of secrets that says so too.
type locked struct{ activities.Secrets }

func (locked) Delete(context.Context, string) error { return nil }

// TestEachStoreIsReadBack: whatever a store says, nothing is certified while an
// object or an entry of secrets is there, and the next round removes it.
func TestEachStoreIsReadBack(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	r := th.begin(activities.Nothing, "")
	liars := th.parts
	liars.Objects, liars.Secrets = stuck{th.parts.Objects}, locked{th.parts.Secrets}
	ending := activities.Ending{Ref: activities.Ref{Offboarding: r.ID, Hotel: aurora}}
	remove := func(parts activities.Parts) error {
		does := activities.New(parts)
		s, err := does.RemoveSecrets(t.Context(), ending)
		require.NoError(t, err)
		ending.Entry = s.Entry
		for _, step := range []func(context.Context, activities.Ref) (activities.Step, error){does.Runs, does.RemoveObjects, does.Rows, does.Rows, does.Rows, does.DestroyKeys} {
			_, err := step(t.Context(), ending.Ref)
			require.NoError(t, err) // rows that others need go in a later round
		}
		_, err = does.Certify(t.Context(), ending)
		return err
	}
	err := remove(liars)
	var left *temporal.ApplicationError
	require.ErrorAs(t, err, &left)
	require.Equal(t, activities.TypeLeft, left.Type())
	require.ErrorContains(t, err, "1 objects, 1 entries of secrets")
	require.Empty(t, th.rows(aurora), "the rows that named them are gone")
	does := activities.New(th.parts)
	require.NoError(t, does.Approve(t.Context(), activities.Act{Ref: ending.Ref, Actor: second}))
	require.NoError(t, does.Handed(t.Context(), activities.Act{Ref: ending.Ref}))
	require.Eventually(t, func() bool { return remove(th.parts) == nil }, time.Minute, 50*time.Millisecond) // Temporal's list is late
	c := th.certificate(r.ID)
	require.Equal(t, []int{0, 1, 0}, []int{c.ReadBack.Objects, c.ReadBack.ObjectsLooked, c.ReadBack.Secrets})
	require.Zero(t, th.Count("select count(*) from erased_object"))
}
