package apaleo_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

const countPath = "/inventory/v1/properties/$count"

func TestTokenExpiresOnTheSandboxClock(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{TokenLifetime: time.Minute})
	d.must(http.StatusOK, http.MethodGet, countPath, nil)

	d.box.Advance(59 * time.Second)
	d.must(http.StatusOK, http.MethodGet, countPath, nil)
	d.box.Advance(time.Second)
	d.must(http.StatusUnauthorized, http.MethodGet, countPath, nil)

	d.login()
	d.must(http.StatusOK, http.MethodGet, countPath, nil)
}

func TestTokenIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	for name, req := range map[string]*http.Request{
		"wrong secret": d.tokenRequest(apaleo.DefaultClientID, "guess"),
		"wrong client": d.tokenRequest("somebody", apaleo.DefaultClientSecret),
	} {
		resp, err := d.http.Do(req)
		require.NoError(t, err, name)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode, name)
	}
}

func TestNoWayAroundTheToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	for _, token := range []string{"", "x", strings.Repeat("0", 32)} {
		d.token = token
		d.must(http.StatusUnauthorized, http.MethodGet, countPath, nil)
		d.must(http.StatusUnauthorized, http.MethodPost, "/booking/v1/bookings", stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	}
	require.Zero(t, d.box.Count(""))
}

func TestScopeIsNeeded(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{Scopes: []string{"reservations.read"}})
	d.must(http.StatusNoContent, http.MethodGet, "/booking/v1/reservations", nil)
	answer := d.must(http.StatusForbidden, http.MethodPost, "/booking/v1/bookings", stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, ""))
	require.Nil(t, answer, "a 403 has an empty body")
}

func TestBadBodiesAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, apaleo.Options{})
	const path = "/booking/v1/bookings"
	good := stay(apaleo.Flexible(apaleo.Double), "2026-11-10", 1, "")
	d.must(http.StatusUnsupportedMediaType, http.MethodPost, path, good, "Content-Type", "text/plain")
	d.must(http.StatusBadRequest, http.MethodPost, path, []byte(`{"booker":`))
	d.must(http.StatusUnprocessableEntity, http.MethodPost, path, obj{"reservations": []obj{}})
	require.Zero(t, d.box.Count(""))
}
