package api

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serve runs a server and returns its address, its end and its result.
func serve(t *testing.T, handler http.HandlerFunc, grace time.Duration) (address string, stop func(), result <-chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, handler, slog.New(slog.DiscardHandler), grace) }()
	return "http://" + listener.Addr().String(), cancel, ended
}

func TestServeFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	began, release := make(chan struct{}), make(chan struct{})
	address, stop, ended := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-release
		_, _ = io.WriteString(w, "done")
	}, time.Minute)

	answer := make(chan string, 1)
	go func() {
		response, err := http.Get(address)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer func() { _ = response.Body.Close() }()
		body, _ := io.ReadAll(response.Body)
		answer <- string(body)
	}()
	<-began
	stop()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address[len("http://"):])
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, time.Minute, time.Millisecond, "it takes no new requests")
	close(release)
	require.Equal(t, "done", <-answer)
	require.NoError(t, <-ended)
}

func TestServeCutsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	address, stop, ended := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
	}, time.Millisecond)
	failed := make(chan error, 1)
	go func() {
		response, err := http.Get(address)
		if err == nil {
			_ = response.Body.Close()
		}
		failed <- err
	}()
	<-began
	stop()
	require.Error(t, <-failed)
	require.NoError(t, <-ended)
}

func TestServeTellsWhyItCannot(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	require.Error(t, Serve(context.Background(), listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler), time.Second))
}
