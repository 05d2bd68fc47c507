package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for status, healthy := range map[int]bool{
		http.StatusOK: true, http.StatusNoContent: false, http.StatusServiceUnavailable: false,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(server.Close)
		require.Equal(t, healthy, check(server.URL) == nil, "status %d", status)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	require.Error(t, check(gone.URL))
}
