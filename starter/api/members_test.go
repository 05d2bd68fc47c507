package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// A hotel's entry lets in whom the token does not, at that hotel only; and a
// registry that is away lets in nobody.
func TestHotelEntryBindsPeople(t *testing.T) {
	t.Parallel()
	bound := func(_ context.Context, hotel string) (map[string][]string, error) {
		switch hotel {
		case "bound":
			return map[string][]string{"agent": {"subject-ops"}}, nil
		case "broken":
			return nil, errors.New("away")
		}
		return nil, nil
	}
	caller, err := fakeAuth{}.Authenticate(t.Context(), "Bearer ops")
	require.NoError(t, err)
	members := func(ctx context.Context, hotel string) (map[string][]string, error) {
		all, err := bound(ctx, hotel)
		for role := range all {
			all[role] = []string{caller.Subject}
		}
		return all, err
	}
	handler, err := New(Options{Starter: &fakeStarter{}, Auth: fakeAuth{}, Members: members})
	require.NoError(t, err)
	for hotel, want := range map[string]int{"bound": http.StatusOK, "broken": http.StatusForbidden, "unbound": http.StatusForbidden} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/hotels/"+hotel+"/availability?arrival=2027-01-01&departure=2027-01-02&adults=1", nil)
		r.Header.Set("Authorization", "Bearer ops")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.Equal(t, want, w.Code, hotel)
	}
}
