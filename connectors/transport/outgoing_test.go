package transport_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

func TestSetField(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for name, test := range map[string]struct {
		contentType, body, want string
		refused                 bool
	}{
		"object":          {"application/json", `{"b":1, "c":[{}]}`, `{"Token":"a\"b","b":1, "c":[{}]}`, false},
		"with charset":    {"application/json; charset=utf-8", ` {"b":1}`, `{"Token":"a\"b","b":1}`, false},
		"empty object":    {"application/json", `{ }`, `{"Token":"a\"b" }`, false},
		"no body":         {"", "", `{"Token":"a\"b"}`, false},
		"there already":   {"application/json", `{"Token":"x"}`, "", true},
		"list":            {"application/json", `[1]`, "", true},
		"null":            {"application/json", `null`, "", true},
		"no JSON":         {"application/json", `{`, "", true},
		"form":            {form, "b=1", "b=1&Token=a%22b", false},
		"empty form":      {form, "", "Token=a%22b", false},
		"there in a form": {form, "Token=", "", true},
		"no form":         {form, "%zz", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			draft := append(make([]byte, 0, 99), test.body...)
			r := &transport.Outgoing{Header: http.Header{"Content-Type": {test.contentType}}, Body: draft}
			err := r.SetField("Token", `a"b`)
			require.Equal(t, test.body, string(draft), "a frozen draft stays as it is")
			require.Zero(t, bytes.Trim(draft[len(draft):cap(draft)], "\x00"), "behind its end too")
			if test.refused {
				require.Error(t, err)
				require.NotContains(t, err.Error(), `a"b`)
				require.Equal(t, test.body, string(r.Body))
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, string(r.Body))
			require.NotEmpty(t, r.Header.Get("Content-Type"))
		})
	}
}

// bodyTokens is an Authorizer of a vendor that reads tokens in the body.
type bodyTokens struct {
	mu      sync.Mutex
	current string
	refused []any
}

func (a *bodyTokens) Authorize(_ context.Context, r *transport.Outgoing) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	r.Used = a.current
	r.Header.Set("X-Hotelid", "h1")
	return r.SetField("AccessToken", a.current)
}

func (a *bodyTokens) Refused(r *transport.Outgoing) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused = append(a.refused, r.Used)
	a.current = "new"
}

func TestTokensInTheBody(t *testing.T) {
	t.Parallel()
	var bodies []string
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(sent))
		if r.ContentLength != int64(len(sent)) || r.Header.Get("X-Hotelid") != "h1" || len(bodies) == 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"id":"1"}`)
	})
	authorizer := &bodyTokens{current: "old"}
	c := client(t, server.URL, func(_ *transport.Options, s *transport.Settings) { s.Authorizer = authorizer })
	write := call(transport.Write)
	write.Body = []byte(`{"a":1}`)
	_, err := c.Do(t.Context(), write)
	require.NoError(t, err)
	require.Equal(t, []string{`{"AccessToken":"old","a":1}`, `{"AccessToken":"new","a":1}`}, bodies)
	require.Equal(t, []any{"old"}, authorizer.refused)
	require.JSONEq(t, `{"a":1}`, string(write.Body))

	write.Body = []byte(`[]`)
	_, err = c.Do(t.Context(), write)
	require.ErrorIs(t, err, pms.ErrValidation, "nothing was sent without credentials")
	require.Len(t, bodies, 2)
}

func TestFormBodies(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("adults") != "2" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, `{"id":"1"}`)
	})
	form := call(transport.Write)
	form.ContentType, form.Body = "application/x-www-form-urlencoded", []byte("adults=2")
	_, err := client(t, server.URL).Do(t.Context(), form)
	require.NoError(t, err)
}

// broken is an Authorizer that has no credentials to give.
type broken struct{ err error }

func (b broken) Authorize(context.Context, *transport.Outgoing) error { return b.err }
func (b broken) Refused(*transport.Outgoing)                          {}

func TestNothingIsSentWithoutCredentials(t *testing.T) {
	t.Parallel()
	server, requests := serve(t, body(200, `{"id":"1"}`))
	for want, err := range map[error]error{
		pms.ErrAuthentication: &pms.Error{Kind: pms.ErrAuthentication, Detail: "renew them"},
		pms.ErrUnavailable:    errors.New(marker),
	} {
		c := client(t, server.URL, func(_ *transport.Options, s *transport.Settings) { s.Authorizer = broken{err} })
		_, err := c.Do(t.Context(), call(transport.Write))
		require.ErrorIs(t, err, want)
		require.NotContains(t, err.Error(), marker)
		require.Contains(t, err.Error(), "hotel hotel")
	}
	require.Zero(t, requests.Load())
}

func TestARequestThatIsNoHTTP(t *testing.T) {
	t.Parallel()
	wrong := call(transport.Write)
	wrong.Method = "not a method"
	_, err := client(t, "http://127.0.0.1:1").Do(t.Context(), wrong)
	require.ErrorIs(t, err, pms.ErrValidation)
}
