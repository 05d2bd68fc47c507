package codec_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"

	"github.com/voicehive/voicehive/internal/temporal"
	"github.com/voicehive/voicehive/starter/codec"
)

// slow opens when it may, and counts who waits in it.
type slow struct {
	codec.Opener
	at      func(ctx context.Context)
	inside  atomic.Int32
	largest atomic.Int32
}

func (s *slow) Open(ctx context.Context, payloads []*commonpb.Payload, may func(string) bool) []temporal.Opened {
	n := s.inside.Add(1)
	defer s.inside.Add(-1)
	for most := s.largest.Load(); n > most && !s.largest.CompareAndSwap(most, n); most = s.largest.Load() {
	}
	s.at(ctx)
	return s.Opener.Open(ctx, payloads, may)
}

// A user who asks for all that there is, and one whose bodies never end, take
// nobody else's place.
func TestAGreedyUserBesideAnother(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sealed := r.guest(hotel)
	greedy := r.issuer.token(t, "compliance", hotel, func(c map[string]any) { c["sub"] = "greedy" })
	stuck := r.issuer.token(t, "compliance", hotel, func(c map[string]any) { c["sub"] = "stuck" })
	release := make(chan struct{})
	var patient atomic.Bool
	opener := &slow{Opener: r.plugin, at: func(context.Context) {
		if patient.Load() {
			<-release
		}
	}}
	server := newRigOn(t, r, func(o *codec.Options) {
		o.Opener = opener
		*o = codec.WithPatience(*o, time.Hour) // what is shown must not hang on how fast this machine is
	})
	patient.Store(true)
	var wg sync.WaitGroup
	codes := make([]int, 12)
	for i := range codes {
		q := server.request(greedy, sealed)
		wg.Go(func() { codes[i] = server.do(q).Code })
	}
	require.Eventually(t, func() bool { return opener.inside.Load() == 3 }, time.Minute, time.Millisecond)
	pending, end := io.Pipe()
	for range 6 {
		q := server.request(stuck)
		q.Body = pending
		wg.Go(func() { server.do(q) })
	}
	patient.Store(false)
	for range 20 {
		require.Contains(t, string(server.decode(r.issuer.token(t, "compliance", hotel), sealed)[0].Data), marker)
	}
	require.EqualValues(t, 3, opener.inside.Load(), "those of the greedy one are still in it")
	close(release)
	require.NoError(t, end.CloseWithError(io.ErrUnexpectedEOF))
	wg.Wait()
	for _, code := range codes {
		require.Equal(t, http.StatusOK, code, "who waits is answered in the end")
	}
	require.LessOrEqual(t, opener.largest.Load(), int32(4))
	require.Equal(t, 32, r.journal.count())
}

// Who hangs up while payloads are opened has asked for them all the same.
func TestADecodeIsOnRecordWhenItsCallerHangsUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sealed := r.guest(hotel)
	ctx, hangUp := context.WithCancel(t.Context())
	opener := &slow{Opener: r.plugin, at: func(inside context.Context) {
		hangUp()
		require.NoError(t, inside.Err())
	}}
	server := newRigOn(t, r, func(o *codec.Options) { o.Opener = opener })
	server.do(server.request(r.issuer.token(t, "compliance", hotel), sealed).WithContext(ctx))
	require.Error(t, ctx.Err())
	_, detail := r.journal.last(t)
	require.Equal(t, map[string]int{"opened": 1}, detail.Outcomes)
	require.Equal(t, 1, r.journal.count())
}
