package codec_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"

	"github.com/voicehive/voicehive/starter/auth"
	"github.com/voicehive/voicehive/starter/codec"
)

func TestAnOfficerReads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sealed := r.guest(hotel)
	out := r.decode(r.issuer.token(t, "compliance", hotel), sealed)
	require.JSONEq(t, `{"mail":"`+marker+`"}`, string(out[0].Data))
	require.Equal(t, "json/plain", string(out[0].Metadata["encoding"]))

	event, detail := r.journal.last(t)
	require.Equal(t, codec.KindDecoded, event.Kind)
	require.Equal(t, hotel, event.Tenant)
	require.Empty(t, event.Scope, "readable after the guest is erased, too")
	require.Regexp(t, `^compliance:[0-9a-f]{16}$`, event.Actor, "a pseudonym, and not the token's subject")
	require.Equal(t, codec.Decoded{
		Namespace: namespace, Payloads: 1, Outcomes: map[string]int{"opened": 1}, Keys: []string{string(sealed.Metadata["encryption-key-id"])},
	}, detail)
	again := event.Actor
	r.decode(r.issuer.token(t, "compliance", hotel), sealed)
	event, _ = r.journal.last(t)
	require.Equal(t, again, event.Actor, "the same person has the same pseudonym")
	require.NotContains(t, r.log.String(), marker)
}

func TestOperationsSeeWhatStandsWhere(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"ops", "admin"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			scope, workflow := r.scope(hotel)
			gone := r.seal(r.plugin, namespace, workflow, marker)
			_, err := r.ring.Destroy(t.Context(), scope)
			require.NoError(t, err)
			sealed := r.guest(hotel)
			out := r.decode(r.issuer.token(t, role, hotel), sealed, gone)
			m := kindOf(t, out[0])
			require.Equal(t, "withheld", m.Kind)
			require.Equal(t, string(sealed.Metadata["encryption-key-id"]), m.Sealed)
			require.Equal(t, len(sealed.Data), m.Bytes)
			require.Contains(t, string(out[1].Data), `"erased":true`)
			require.NotContains(t, fmt.Sprint(out), marker)
			event, detail := r.journal.last(t)
			require.True(t, strings.HasPrefix(event.Actor, role+":"))
			require.Equal(t, map[string]int{"withheld": 1, "erased": 1}, detail.Outcomes)
		})
	}
}

func TestAnOfficerSeesATombstoneOnceTheKeyIsGone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	scope, workflow := r.scope(hotel)
	sealed, token := r.seal(r.plugin, namespace, workflow, marker), r.issuer.token(t, "compliance", hotel)
	require.Contains(t, string(r.decode(token, sealed)[0].Data), marker)
	_, err := r.ring.Destroy(t.Context(), scope)
	require.NoError(t, err)
	require.JSONEq(t, `{"erased":true,"key":"`+string(sealed.Metadata["encryption-key-id"])+`"}`, string(r.decode(token, sealed)[0].Data))
}

// The hotel's own entry binds people that the provider knows nothing about.
func TestMembersOfAHotel(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sealed := r.guest(hotel)
	token := r.issuer.token(t, "agent", other)
	r.refused(r.do(r.request(token, sealed)), http.StatusForbidden, "forbidden")
	r.members[hotel] = map[string][]string{"compliance": {auth.Actor(r.issuer.URL, "agent-1")}}
	require.Contains(t, string(r.decode(token, sealed)[0].Data), marker)
	event, _ := r.journal.last(t)
	require.True(t, strings.HasPrefix(event.Actor, "compliance:"), event.Actor)
}

// An issuer beside ours may call its people as ours does.
func TestTheSamePersonOfAnotherIssuerIsSomebodyElse(t *testing.T) {
	t.Parallel()
	r, stranger := newRig(t), newIssuer(t)
	sealed := r.guest(hotel)
	issuers := []auth.Issuer{{URL: r.issuer.URL, Audience: "voicehive"}, {URL: stranger.URL, Audience: "voicehive"}}
	r.members[hotel] = map[string][]string{"compliance": {"agent-1", auth.Actor(r.issuer.URL, "agent-2")}}
	both := newRigOn(t, r, func(o *codec.Options) {
		gate, err := auth.New(auth.Options{Issuers: issuers})
		require.NoError(t, err)
		o.Auth, o.Members = gate, func(context.Context, string) (map[string][]string, error) {
			members, unclear := auth.Members(r.members[hotel], issuers)
			require.Equal(t, 1, unclear)
			return members, nil
		}
	})
	token := func(i *issuer, sub string) string {
		return i.token(t, "agent", other, func(c map[string]any) { c["sub"] = sub })
	}
	require.Contains(t, string(both.decode(token(r.issuer, "agent-2"), sealed)[0].Data), marker)
	both.refused(both.do(both.request(token(stranger, "agent-2"), sealed)), http.StatusForbidden, "forbidden")
	for _, i := range []*issuer{r.issuer, stranger} {
		both.refused(both.do(both.request(token(i, "agent-1"), sealed)), http.StatusForbidden, "forbidden")
	}

	// They have different pseudonyms, too.
	both.decode(r.issuer.token(t, "compliance", hotel), sealed)
	ours, _ := r.journal.last(t)
	both.decode(stranger.token(t, "compliance", hotel), sealed)
	theirs, _ := r.journal.last(t)
	require.NotEqual(t, ours.Actor, theirs.Actor)
}

func TestAnotherHotelsPayloads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	mine, theirs := r.guest(hotel), r.guest(other)
	token := r.issuer.token(t, "compliance", hotel)
	r.refused(r.do(r.request(token, theirs)), http.StatusForbidden, "forbidden")
	require.Zero(t, r.journal.count())
	out := r.decode(token, mine, theirs)
	require.Contains(t, string(out[0].Data), marker)
	m := kindOf(t, out[1])
	require.Equal(t, "foreign", m.Kind)
	require.Equal(t, 1, r.journal.count(), "nothing was shown of the other hotel")
	_, detail := r.journal.last(t)
	require.Equal(t, 1, detail.Payloads)

	both := r.issuer.token(t, "compliance", hotel, func(c map[string]any) { c["hotels"] = []string{hotel, other} })
	out = r.decode(both, mine, theirs)
	require.Contains(t, string(out[1].Data), marker)
	require.Equal(t, 3, r.journal.count(), "an event in each hotel's log")
}

func TestWithoutTheAuditLogNothingIsOpened(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sealed, token := r.guest(hotel), r.issuer.token(t, "compliance", hotel)
	r.journal.down.Store(true)
	w := r.do(r.request(token, sealed))
	r.refused(w, http.StatusServiceUnavailable, "unavailable")
	require.Contains(t, w.Body.String(), "audit log")
	require.Equal(t, "5", w.Header().Get("Retry-After"))
	require.Contains(t, r.log.String(), errDown.Error(), "the cause is in the log")
	require.NotContains(t, w.Body.String(), errDown.Error())

	r.journal.down.Store(false)
	r.books.Admin(t, "alter table audit_outbox rename to audit_outbox_away")
	r.refused(r.do(r.request(token, sealed)), http.StatusServiceUnavailable, "unavailable")
	r.books.Admin(t, "alter table audit_outbox_away rename to audit_outbox")
	require.Contains(t, string(r.decode(token, sealed)[0].Data), marker)
}

func TestKeysOutOfReach(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	here, token := r.guest(hotel), r.issuer.token(t, "compliance", hotel)
	r.decode(token, here) // so that the hotel's own key, for the audit log, is in memory
	_, workflow := r.scope(hotel)
	away := r.seal(r.plugin, namespace, workflow, marker)
	forgetful := newRigOn(t, r)
	forgetful.decode(token, here)
	r.store.down.Store(true)

	out := forgetful.decode(token, here, away)
	require.Contains(t, string(out[0].Data), marker, "a key in memory serves on")
	require.Equal(t, "unavailable", kindOf(t, out[1]).Kind)
	w := forgetful.do(forgetful.request(token, away))
	r.refused(w, http.StatusServiceUnavailable, "unavailable")
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	r.store.down.Store(false)
	require.Contains(t, string(forgetful.decode(token, away)[0].Data), marker)
}

func TestLimitPerUser(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *codec.Options) { o.Limits = codec.Limits{PerSecond: 0.001, Burst: codec.MaxPayloads} })
	sealed, token := r.guest(hotel), r.issuer.token(t, "compliance", hotel)
	page := make([]*commonpb.Payload, codec.MaxPayloads)
	for i := range page {
		page[i] = sealed
	}
	r.decode(token, page...)
	_, detail := r.journal.last(t)
	require.Equal(t, codec.MaxPayloads, detail.Payloads)
	require.Len(t, detail.Keys, 1, "each key once")
	w := r.do(r.request(token, sealed))
	r.refused(w, http.StatusTooManyRequests, "too-many-requests")
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	r.decode(r.issuer.token(t, "compliance", hotel, func(c map[string]any) { c["sub"] = "somebody else" }), sealed)
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sealed, token := r.guest(hotel), r.issuer.token(t, "compliance", hotel)
	preflight := func(from string) *http.Request {
		q := httptest.NewRequest(http.MethodOptions, "/decode", nil)
		q.Header.Set("Origin", from)
		q.Header.Set("Access-Control-Request-Method", "POST")
		q.Header.Set("Access-Control-Request-Headers", "authorization,authorization-extras,content-type,x-namespace")
		return q
	}
	w := r.do(preflight(origin))
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Equal(t, origin, w.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(t, "POST", w.Header().Get("Access-Control-Allow-Methods"))
	for _, name := range []string{"Authorization", "Authorization-Extras", "Content-Type", "X-Namespace"} {
		require.Contains(t, strings.Split(w.Header().Get("Access-Control-Allow-Headers"), ", "), name)
	}
	require.Empty(t, w.Header().Get("Access-Control-Allow-Credentials"), "no login here, so no cookie")
	require.Contains(t, w.Header().Values("Vary"), "Origin")

	for _, foreign := range []string{"https://evil.example", "http://temporal.example.com", origin + ".evil.example", origin + ":8443", "null", strings.ToUpper(origin)} {
		for _, q := range []*http.Request{preflight(foreign), r.request(token, sealed)} {
			q.Header.Set("Origin", foreign)
			w := r.do(q)
			r.refused(w, http.StatusForbidden, "forbidden")
			require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"), foreign)
		}
	}
	require.Zero(t, r.journal.count())
	q := r.request(token, sealed)
	q.Header.Del("Origin")
	w = r.do(q)
	require.Equal(t, http.StatusOK, w.Code, "Temporal's command line has no origin")
	require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))

	for _, bad := range []string{"*", "https://*.example.com/", "temporal.example.com", "https://a/b", "https://", "ftp://a", "null"} {
		_, err := codec.New(codec.Options{Namespace: "n", Opener: r.plugin, Auth: nobody{}, Journal: r.journal, Origins: []string{bad}})
		require.Error(t, err, bad)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.decode(r.issuer.token(t, "ops", hotel), r.guest(hotel), r.guest(hotel))
	families, err := r.metrics.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "voicehive_codec_payloads_total", families[0].GetName())
	require.Len(t, families[0].Metric, 1)
	require.Equal(t, "withheld", families[0].Metric[0].Label[0].GetValue())
	require.EqualValues(t, 2, families[0].Metric[0].Counter.GetValue())
}
