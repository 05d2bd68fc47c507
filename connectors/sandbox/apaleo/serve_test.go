package apaleo_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	box := apaleo.New(apaleo.Options{})
	defer box.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- apaleo.Serve(ctx, listener, box) }()
	resp, err := http.Get("http://" + listener.Addr().String() + "/sandbox/v1/state")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	stop()
	require.NoError(t, <-ended)
}
