package reservation_test

import (
	"compress/gzip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// fixtureKeys makes the key of a scope from its name. Nothing but the fixtures
// is sealed under such keys.
type fixtureKeys struct{}

// Load implements temporal.Keys.
func (fixtureKeys) Load(context.Context, ...string) error { return nil }

// Current implements temporal.Keys.
func (k fixtureKeys) Current(scope string) (string, cipher.AEAD, error) {
	aead, err := k.ByID(scope + "/1")
	return scope + "/1", aead, err
}

// ByID implements temporal.Keys.
func (fixtureKeys) ByID(id string) (cipher.AEAD, error) {
	key := sha256.Sum256([]byte("voicehive replay fixture " + id))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// A recording is a history with the namespace that it is sealed for.
type recording struct {
	namespace string
	history   *historypb.History
}

// fixtures reads every committed history, by name.
func fixtures(t *testing.T) map[string]recording {
	t.Helper()
	files, err := filepath.Glob("testdata/replay/*.json.gz")
	require.NoError(t, err)
	all := map[string]recording{}
	for _, name := range files {
		file, err := os.Open(name)
		require.NoError(t, err)
		text, err := gzip.NewReader(file)
		require.NoError(t, err)
		history, err := client.HistoryFromJSON(text, client.HistoryJSONOptions{})
		require.NoError(t, err, name)
		require.NoError(t, file.Close())
		all[strings.TrimSuffix(filepath.Base(name), ".json.gz")] = recording{text.Comment, history}
	}
	return all
}

// replay plays a history against a workflow.
func (r recording) replay(t *testing.T, flow any) error {
	t.Helper()
	options := bookingtest.NewPlugin(t, r.namespace, fixtureKeys{}).ReplayerOptions()
	replayer, err := worker.NewWorkflowReplayerWithOptions(options)
	require.NoError(t, err)
	replayer.RegisterWorkflowWithOptions(flow, workflow.RegisterOptions{Name: reservation.Name})
	return replayer.ReplayWorkflowHistory(nil, r.history)
}

func TestReplay(t *testing.T) {
	t.Parallel()
	all := fixtures(t)
	for name := range scenes() {
		require.Contains(t, all, name, "record it: see testdata/README.md")
	}
	for name, fixture := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, fixture.replay(t, reservation.Reservation))
			requireSealed(t, fixture.history)
		})
	}
}

// TestReplayNoticesChanges: a replay that cannot fail proves nothing.
func TestReplayNoticesChanges(t *testing.T) {
	t.Parallel()
	for name, fixture := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slower := func(ctx workflow.Context, in reservation.Input) (booking.Outcome, error) {
				if err := workflow.Sleep(ctx, time.Second); err != nil {
					return booking.Outcome{}, err
				}
				return reservation.Reservation(ctx, in)
			}
			require.Error(t, fixture.replay(t, slower), "another order of commands")

			other := recording{fixture.namespace, proto.Clone(fixture.history).(*historypb.History)}
			for _, event := range other.history.Events {
				if a := event.GetActivityTaskScheduledEventAttributes(); a != nil {
					a.ActivityType = &commonpb.ActivityType{Name: "booking.other"}
				}
			}
			require.Error(t, other.replay(t, reservation.Reservation), "another activity")
		})
	}
}
