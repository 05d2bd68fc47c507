package objectstest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/objects/objectstest"
)

func options(t *testing.T, g *gateway, bucket string) objects.BucketOptions {
	return objects.BucketOptions{
		URL: objectstest.URL(bucket, g.Endpoint()), LoginFile: objectstest.LoginFile(t, g.Login()),
		Transport: http.DefaultTransport.(*http.Transport), Patience: 20 * time.Second,
	}
}

// A halfway stops in the middle of its bytes, says so, and goes on when it is
// told to.
type halfway struct {
	io.ReadSeeker
	size, at     int64
	passes       int
	reached, run chan struct{}
}

func (h *halfway) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekStart && offset == 0 {
		h.at = 0
	}
	return h.ReadSeeker.Seek(offset, whence)
}

func (h *halfway) Read(p []byte) (int, error) {
	n, err := h.ReadSeeker.Read(p[:min(len(p), 32<<10)])
	before := h.at
	h.at += int64(n)
	if before < h.size/2 && h.at >= h.size/2 {
		// It is read to be digested and to be signed before it is sent.
		if h.passes++; h.passes == 3 {
			close(h.reached)
			<-h.run
		}
	}
	return n, err
}

// TestKilledWhileWriting: a server that dies in the middle of an object has the
// whole of it or nothing afterwards, and erasing leaves nothing.
func TestKilledWhileWriting(t *testing.T) {
	g := startGateway(t)
	g.MakeBucket(t, "recordings", objectstest.Versioned)
	b, err := objects.NewErasableBucket(options(t, g, "recordings"))
	require.NoError(t, err)
	content := strings.Repeat("sealed", 1<<20)
	stopped := &halfway{ReadSeeker: strings.NewReader(content), size: int64(len(content)), reached: make(chan struct{}), run: make(chan struct{})}
	failed := make(chan error, 1)
	go func() { failed <- b.Put(t.Context(), "r/1", stopped) }()
	<-stopped.reached
	g.kill()
	close(stopped.run)
	require.ErrorIs(t, <-failed, objects.ErrUnreachable)
	_, err = b.Exists(t.Context(), "r/1")
	require.ErrorIs(t, err, objects.ErrUnreachable, "a server that is gone proves nothing")
	require.ErrorIs(t, b.Delete(t.Context(), "r/1"), objects.ErrUnreachable)

	g.start(t)
	there, err := b.Exists(t.Context(), "r/1")
	require.NoError(t, err)
	require.False(t, there, "half an object is none")
	require.NoError(t, b.Put(t.Context(), "r/1", strings.NewReader(content)))
	require.NoError(t, b.Delete(t.Context(), "r/1"))
	there, err = b.Exists(t.Context(), "r/1")
	require.NoError(t, err)
	require.False(t, there)
}

// TestNothingAnsweredIsLost kills the server under several writers: each object
// that was answered for is there afterwards, and a repeated write of the others
// succeeds.
func TestNothingAnsweredIsLost(t *testing.T) {
	g := startGateway(t)
	g.MakeBucket(t, "heads", objectstest.Locked)
	b, err := objects.NewLockedBucket(options(t, g, "heads"), 24*time.Hour)
	require.NoError(t, err)
	var (
		group    sync.WaitGroup
		lock     sync.Mutex
		answered = map[string]bool{}
		enough   = make(chan struct{})
	)
	for writer := range 4 {
		group.Go(func() {
			for i := range 1000 {
				name := fmt.Sprintf("f/%d-%04d", writer, i)
				err := b.Put(t.Context(), name, []byte(name))
				lock.Lock()
				answered[name] = err == nil
				if len(answered) == 40 {
					close(enough)
				}
				lock.Unlock()
				if err != nil {
					return // the server is gone
				}
			}
		})
	}
	<-enough
	g.kill()
	group.Wait()
	g.start(t)
	require.GreaterOrEqual(t, len(answered), 40)
	for name, kept := range answered {
		if !kept {
			require.NoError(t, b.Put(t.Context(), name, []byte(name)))
		}
		content, err := b.Read(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, name, string(content))
	}
}
