package codec_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/proto"
)

func TestWhoIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sealed := r.guest(hotel)
	stranger := newIssuer(t)
	claim := func(name string, value any) string {
		return r.issuer.token(t, "compliance", hotel, func(c map[string]any) { c[name] = value })
	}
	for name, tc := range map[string]struct {
		token  string
		status int
	}{
		"no token":              {"", http.StatusUnauthorized},
		"expired":               {claim("exp", time.Now().Add(-time.Second).Unix()), http.StatusUnauthorized},
		"another audience":      {claim("aud", "temporal-ui"), http.StatusUnauthorized},
		"an unknown issuer":     {stranger.token(t, "compliance", hotel), http.StatusUnauthorized},
		"signed by a stranger":  {stranger.token(t, "compliance", hotel, func(c map[string]any) { c["iss"] = r.issuer.URL }), http.StatusUnauthorized},
		"words":                 {"let-me-in", http.StatusUnauthorized},
		"an API key":            {"vhk_ABCDEF", http.StatusUnauthorized},
		"no role":               {claim("roles", []string{}), http.StatusForbidden},
		"a call session":        {claim("roles", []string{"agent"}), http.StatusForbidden},
		"no hotel":              {claim("hotels", []string{}), http.StatusForbidden},
		"every hotel, no admin": {claim("hotels", []string{"*"}), http.StatusForbidden},
	} {
		code := map[int]string{http.StatusUnauthorized: "unauthenticated", http.StatusForbidden: "forbidden"}[tc.status]
		w := r.do(r.request(tc.token, sealed))
		require.Equal(t, tc.status, w.Code, name)
		r.refused(w, tc.status, code)
	}
	require.Zero(t, r.journal.count())
	r.decode(r.issuer.token(t, "compliance", hotel), sealed) // or the cases above prove nothing
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	token, sealed := r.issuer.token(t, "compliance", hotel), r.guest(hotel)
	long := bytes.Repeat([]byte("a"), 10<<20)
	many := make([]*commonpb.Payload, 10_000)
	hotels := make([]*commonpb.Payload, 21)
	for i := range many {
		many[i] = sealed
	}
	for i := range hotels {
		hotels[i] = with(sealed, "encryption-key-id", fmt.Sprintf("hotel-%d/01JD3Z8Q4X0000000000000000/1", i))
	}
	post := func(body string, change func(*http.Request)) *http.Request {
		q := r.request(token)
		q.Body, q.ContentLength = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)).Body, int64(len(body))
		if change != nil {
			change(q)
		}
		return q
	}
	good := `{"payloads":[]}`
	for name, tc := range map[string]struct {
		q      *http.Request
		status int
		code   string
	}{
		"no content type":   {post(good, func(q *http.Request) { q.Header.Del("Content-Type") }), 415, "unsupported-media-type"},
		"a form":            {post(good, func(q *http.Request) { q.Header.Set("Content-Type", "text/plain") }), 415, "unsupported-media-type"},
		"no namespace":      {post(good, func(q *http.Request) { q.Header.Del("X-Namespace") }), 403, "forbidden"},
		"another namespace": {post(good, func(q *http.Request) { q.Header.Set("X-Namespace", "default") }), 403, "forbidden"},
		"10 MB":             {post(`{"payloads":[{"data":"`+string(long)+`"}]}`, nil), 413, "too-large"},
		"10,000 payloads":   {r.request(token, many...), 413, "too-large"},
		"21 hotels":         {r.request(token, hotels...), 413, "too-large"},
		"no JSON":           {post(`payloads=`+marker, nil), 400, "malformed-request"},
		"half of it":        {post(`{"payloads":[{"data":"`, nil), 400, "malformed-request"},
		"not base64":        {post(`{"payloads":[{"data":"`+marker+`"}]}`, nil), 400, "malformed-request"},
		"a list":            {post(`[]`, nil), 400, "malformed-request"},
		"GET":               {post(good, func(q *http.Request) { q.Method = http.MethodGet }), 405, "method-not-allowed"},
		"encode":            {post(good, func(q *http.Request) { q.URL.Path = "/encode" }), 404, "not-found"},
		"download":          {post(good, func(q *http.Request) { q.URL.Path = "/download" }), 404, "not-found"},
	} {
		w := r.do(tc.q)
		require.Equal(t, tc.status, w.Code, name)
		r.refused(w, tc.status, tc.code)
	}
	require.Zero(t, r.journal.count())
	require.NotContains(t, r.log.String(), marker)

	w := r.do(post(`{"payloads":[],"later":1}`, nil))
	require.Equal(t, http.StatusOK, w.Code, "what a later Web UI adds is passed over")
}

// with returns the payload with one piece of metadata changed.
func with(p *commonpb.Payload, name, value string) *commonpb.Payload {
	p = proto.Clone(p).(*commonpb.Payload)
	p.Metadata[name] = []byte(value)
	return p
}

func TestBadPayloadsKeepNoOtherBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good, second := r.guest(hotel), r.guest(hotel)
	_, workflow := r.scope(hotel)
	elsewhere := r.seal(pluginFor(t, "elsewhere", r.ring), "elsewhere", workflow, marker)
	flipped := proto.Clone(good).(*commonpb.Payload)
	flipped.Data[len(flipped.Data)-1] ^= 1
	cut := proto.Clone(good).(*commonpb.Payload)
	cut.Data = cut.Data[:5]
	plain := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"as it was"`)}
	out := r.decode(r.issuer.token(t, "compliance", hotel),
		good,
		with(good, "encryption-key-id", string(second.Metadata["encryption-key-id"])), // moved
		with(good, "encryption-key-id", hotel+"/01JD3Z8Q4X0000000000000000/1"),        // no such key
		with(good, "encryption-key-id", "../../etc/passwd"),
		with(good, "encryption-key-id", ""),
		with(good, "encryption-envelope", "2"),
		elsewhere, flipped, cut, plain, &commonpb.Payload{})
	require.Contains(t, string(out[0].Data), marker)
	for i := 1; i <= 8; i++ {
		require.Equal(t, "damaged", kindOf(t, out[i]).Kind, i)
		require.NotContains(t, string(out[i].Data), marker)
		require.NotContains(t, string(out[i].Data), "passwd", "what is no key's id is not repeated")
	}
	require.True(t, proto.Equal(plain, out[9]))
	require.True(t, proto.Equal(&commonpb.Payload{}, out[10]))
	_, detail := r.journal.last(t)
	require.Equal(t, 6, detail.Payloads, "those whose key is one of the hotel's")
	require.Equal(t, 1, detail.Outcomes["opened"])
}
