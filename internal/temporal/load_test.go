package temporal

import (
	"context"
	"crypto/cipher"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// coldKeys cannot load one scope: its bucket key is out of reach.
type coldKeys struct {
	cold  string
	asked []string
}

func (k *coldKeys) Load(ctx context.Context, names ...string) error {
	k.asked = append(k.asked, names...)
	if slices.Contains(names, k.cold) {
		return errors.New("its key cannot be reached just now")
	}
	return nil
}

func (k *coldKeys) Current(string) (string, cipher.AEAD, error) { return "", nil, ErrKeyNotLoaded }
func (k *coldKeys) ByID(string) (cipher.AEAD, error)            { return nil, ErrKeyNotLoaded }

// TestAMissedKeyHoldsUpNoOtherTask: what another task missed is tried along with
// the next one, and does not fail it.
func TestAMissedKeyHoldsUpNoOtherTask(t *testing.T) {
	t.Parallel()
	keys, missed := &coldKeys{cold: "cold"}, &names{}
	l := &loader{keys: keys, scopeOf: func(id string) (string, error) { return id, nil }, missed: missed, patience: time.Millisecond}
	missed.add("cold")
	needed, err := l.needs(t.Context(), &workflowservice.PollWorkflowTaskQueueResponse{WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: "warm"}})
	require.NoError(t, err)
	require.Equal(t, []string{"warm"}, needed)
	require.NoError(t, l.load(t.Context(), needed))
	require.Equal(t, []string{"cold", "warm"}, keys.asked)

	// A task of its own waits for it, and is repeated.
	needed, err = l.needs(t.Context(), &workflowservice.PollWorkflowTaskQueueResponse{WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: "cold"}})
	require.NoError(t, err)
	require.Error(t, l.load(t.Context(), needed))
}
