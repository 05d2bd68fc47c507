// Package replaytest keeps histories of workflows beside their tests and plays
// them against the workflows as they are now. It is for tests only, on the
// activities floor, below the workflows that it plays.
//
// A history is sealed as in production. Its keys are no secret: Keys makes the
// key of a scope from its name, so nothing needs to lie beside the histories,
// and nothing but histories is sealed under them.
package replaytest

import (
	"compress/gzip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
)

// Keys makes the key of a scope from its name.
type Keys struct{}

// Load implements temporal.Keys.
func (Keys) Load(context.Context, ...string) error { return nil }

// Current implements temporal.Keys.
func (k Keys) Current(scope string) (string, cipher.AEAD, error) {
	aead, err := k.ByID(scope + "/1")
	return scope + "/1", aead, err
}

// ByID implements temporal.Keys.
func (Keys) ByID(id string) (cipher.AEAD, error) {
	key := sha256.Sum256([]byte("voicehive replay fixture " + id))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// A Recording is a history with the namespace that it is sealed for.
type Recording struct {
	Namespace string
	History   *historypb.History
}

// folder holds the histories of the package under test.
const folder = "testdata/replay"

// Load reads every committed history of the package under test, by name.
func Load(t testing.TB) map[string]Recording {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.json.gz")
	require.NoError(t, err)
	all := map[string]Recording{}
	for _, name := range files {
		file, err := os.Open(name)
		require.NoError(t, err)
		text, err := gzip.NewReader(file)
		require.NoError(t, err)
		history, err := client.HistoryFromJSON(text, client.HistoryJSONOptions{})
		require.NoError(t, err, name)
		require.NoError(t, file.Close())
		all[strings.TrimSuffix(filepath.Base(name), ".json.gz")] = Recording{text.Comment, history}
	}
	return all
}

// Read reads a run as the server has it: sealed. An empty run is the last.
func Read(t testing.TB, n *bookingtest.Namespace, id, run string) Recording {
	t.Helper()
	r := Recording{n.Name, &historypb.History{}}
	events := n.Plain.GetWorkflowHistory(t.Context(), id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		r.History.Events = append(r.History.Events, event)
	}
	return r
}

// Keep writes the history when VOICEHIVE_RECORD is set and there is none of
// that name: those that are there stand for runs that began before a change.
func (r Recording) Keep(t testing.TB, name string) {
	t.Helper()
	path := filepath.Join(folder, name+".json.gz")
	if _, err := os.Stat(path); os.Getenv("VOICEHIVE_RECORD") == "" || !errors.Is(err, fs.ErrNotExist) {
		return
	}
	text, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(r.History)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(folder, 0o755))
	file, err := os.Create(path)
	require.NoError(t, err)
	packed := gzip.NewWriter(file)
	packed.Comment = r.Namespace
	_, err = packed.Write(text)
	require.NoError(t, err)
	require.NoError(t, errors.Join(packed.Close(), file.Close()))
}

// Replay plays the history against a workflow.
func (r Recording) Replay(t testing.TB, name string, flow any) error {
	t.Helper()
	options := bookingtest.NewPlugin(t, r.Namespace, Keys{}).ReplayerOptions()
	options.DisableDeadlockDetection = true // a busy machine can stand still for its second
	replayer, err := worker.NewWorkflowReplayerWithOptions(options)
	require.NoError(t, err)
	replayer.RegisterWorkflowWithOptions(flow, workflow.RegisterOptions{Name: name})
	return replayer.ReplayWorkflowHistory(nil, r.History)
}

// Holds replays every history of the package under test, and expects one for
// each name. It proves that a replay can fail, too: with another order of
// commands, and with other activities.
func Holds[In, Out any](t *testing.T, name string, flow func(workflow.Context, In) (Out, error), recorded ...string) {
	t.Helper()
	all := Load(t)
	for _, one := range recorded {
		require.Contains(t, all, one, "record it: VOICEHIVE_RECORD=1 go test -run TestRecord")
	}
	slower := func(ctx workflow.Context, in In) (Out, error) {
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			var none Out
			return none, err
		}
		return flow(ctx, in)
	}
	for title, r := range all {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, r.Replay(t, name, flow))
			require.Error(t, r.Replay(t, name, slower), "another order of commands")
			require.Error(t, r.otherActivities().Replay(t, name, flow), "another activity")
			r.RequireSealed(t)
		})
	}
}

func (r Recording) otherActivities() Recording {
	other := Recording{r.Namespace, proto.Clone(r.History).(*historypb.History)}
	for _, event := range other.History.Events {
		if a := event.GetActivityTaskScheduledEventAttributes(); a != nil {
			a.ActivityType = &commonpb.ActivityType{Name: "other"}
		}
	}
	return other
}

// RequireSealed expects that no event shows anything of the guest of tests.
func (r Recording) RequireSealed(t testing.TB) {
	t.Helper()
	text, err := protojson.Marshal(r.History)
	require.NoError(t, err)
	require.NotContains(t, string(text), bookingtest.Marker)
	require.Contains(t, string(text), "encryption-key-id")
}
