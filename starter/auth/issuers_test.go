package auth

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/starter"
)

// Two providers know somebody by the same sub. They are two callers.
func TestASubjectOfOneIssuerIsNobodyOfAnother(t *testing.T) {
	t.Parallel()
	ours, theirs := newTestIssuer(t), newTestIssuer(t)
	issuers := []Issuer{{URL: ours.URL, Audience: audience}, {URL: theirs.URL, Audience: audience}}
	a, err := New(Options{Issuers: issuers})
	require.NoError(t, err)
	officer := func(i *testIssuer) Caller {
		caller, err := a.Authenticate(t.Context(), "Bearer "+i.token(t, func(c map[string]any) { delete(c, "roles"); delete(c, "hotels") }))
		require.NoError(t, err)
		return caller
	}
	require.NotEqual(t, officer(ours).Subject, officer(theirs).Subject)

	members, unclear := Members(map[string][]string{"compliance": {Actor(ours.URL, "user-1")}}, issuers)
	require.Zero(t, unclear)
	require.NoError(t, Authorize(BoundAt(officer(ours).Subject, "alpha", members), "alpha", RoleCompliance))
	require.Error(t, Authorize(BoundAt(officer(theirs).Subject, "alpha", members), "alpha", RoleCompliance))

	// An entry from before the second provider is nobody's with two, and its
	// person's again with one.
	old := map[string][]string{"compliance": {"user-1"}}
	members, unclear = Members(old, issuers)
	require.Equal(t, 1, unclear)
	for _, i := range []*testIssuer{ours, theirs} {
		require.Error(t, Authorize(BoundAt(officer(i).Subject, "alpha", members), "alpha", RoleCompliance))
	}
	members, unclear = Members(old, issuers[:1])
	require.Zero(t, unclear)
	require.NoError(t, Authorize(BoundAt(officer(ours).Subject, "alpha", members), "alpha", RoleCompliance))
}

// A provider that lets people choose their sub cannot make an API key of one.
func TestASubjectIsNoAPIKey(t *testing.T) {
	t.Parallel()
	keys, _, _ := newTestKeys(t)
	_, key, err := keys.Issue(t.Context(), agentOf("alpha"))
	require.NoError(t, err)
	i := newTestIssuer(t)
	issuers := []Issuer{{URL: i.URL, Audience: audience}}
	a, err := New(Options{Keys: keys, Issuers: issuers})
	require.NoError(t, err)
	members, unclear := Members(map[string][]string{"agent": {"key:" + key.ID}}, issuers)
	require.Zero(t, unclear)
	require.NoError(t, Authorize(BoundAt("key:"+key.ID, "alpha", members), "alpha", RoleAgent), "the key itself")

	caller, err := a.Authenticate(t.Context(), "Bearer "+i.token(t, func(c map[string]any) { c["sub"] = "key:" + key.ID }))
	require.NoError(t, err)
	require.NotEqual(t, "key:"+key.ID, caller.Subject)
	require.Error(t, Authorize(BoundAt(caller.Subject, "alpha", members), "alpha", RoleAgent))
}

// Whatever two providers call their people, no two are the same, and none is a
// key.
func TestActorsAreUnambiguous(t *testing.T) {
	t.Parallel()
	urls := rapid.SampledFrom([]string{"https://a.example", "https://a.example/realm", "https://b.example"})
	sub := rapid.OneOf(rapid.StringMatching(`[a-z#:/.]{1,12}`), rapid.SampledFrom([]string{"key:01", "https://b.example#x", "/realm#x", "#"}))
	rapid.Check(t, func(t *rapid.T) {
		one, two := urls.Draw(t, "issuer"), urls.Draw(t, "other issuer")
		x, y := sub.Draw(t, "sub"), sub.Draw(t, "other sub")
		if (Actor(one, x) == Actor(two, y)) != (one == two && x == y) {
			t.Fatalf("%q and %q of %q and %q", x, y, one, two)
		}
		if strings.HasPrefix(Actor(one, x), keyActor) {
			t.Fatalf("%q is a key", Actor(one, x))
		}
	})
}

func TestIssuersAreBounded(t *testing.T) {
	t.Parallel()
	i := newTestIssuer(t)
	a, err := New(Options{Issuers: []Issuer{{URL: i.URL, Audience: audience, Clients: []string{"console"}, Roles: []Role{RoleOps}}}})
	require.NoError(t, err)
	given := func(name, value string) string {
		return "Bearer " + i.token(t, func(c map[string]any) { c[name], c["roles"] = value, []string{"admin", "ops"} })
	}
	for _, claim := range []string{"azp", "client_id"} {
		caller, err := a.Authenticate(t.Context(), given(claim, "console"))
		require.NoError(t, err)
		require.Equal(t, []Role{RoleOps}, caller.Roles, "the provider is trusted for operations alone")
		_, err = a.Authenticate(t.Context(), given(claim, "another"))
		requireProblem(t, err, starter.Unauthenticated)
	}
	_, err = a.Authenticate(t.Context(), "Bearer "+i.token(t, nil))
	requireProblem(t, err, starter.Unauthenticated)
}

func TestIssuersOfAWrongForm(t *testing.T) {
	t.Parallel()
	for _, wrong := range []Issuer{
		{URL: "https://a.example#x", Audience: "a"}, {URL: "https://a.example?realm=x", Audience: "a"}, {URL: "https://a.example/#", Audience: "a"},
		{URL: "https://a.example", Audience: "a", Roles: []Role{"king"}},
	} {
		_, err := New(Options{Issuers: []Issuer{wrong}})
		require.Error(t, err, wrong)
	}
}

// The clock jumps, or was never right: a token lives no longer than it says.
func TestTokensWhenTheClockIsWrong(t *testing.T) {
	t.Parallel()
	i := newTestIssuer(t)
	for name, tc := range map[string]struct {
		jump time.Duration
		ok   bool
	}{
		"right":                          {0, true},
		"ours is a little slow":          {-skew + time.Minute, true},
		"ours is a little fast":          {skew, true},
		"an hour back":                   {-time.Hour, false},
		"a day back":                     {-24 * time.Hour, false},
		"an hour on, when it is over":    {time.Hour, false},
		"a day on":                       {24 * time.Hour, false},
		"a moment before its last one":   {time.Hour - 2*time.Second, true},
		"just before it was issued here": {-skew - time.Minute, false},
	} {
		c := newClock()
		token := i.token(t, func(claims map[string]any) { claims["nbf"] = time.Now().Unix() })
		c.advance(tc.jump)
		_, err := i.authenticator(t, c.now).Authenticate(t.Context(), "Bearer "+token)
		if tc.ok {
			require.NoError(t, err, name)
			continue
		}
		requireProblem(t, err, starter.Unauthenticated)
	}
}

// A token that is over does not count again when the clock goes back.
func TestATokenThatIsOverStaysOver(t *testing.T) {
	t.Parallel()
	i, c := newTestIssuer(t), newClock()
	a := i.authenticator(t, c.now)
	token := "Bearer " + i.token(t, nil)
	_, err := a.Authenticate(t.Context(), token)
	require.NoError(t, err)
	for _, jump := range []time.Duration{2 * time.Hour, -26 * time.Hour, 25 * time.Hour} {
		c.advance(jump)
		_, err := a.Authenticate(t.Context(), token)
		requireProblem(t, err, starter.Unauthenticated)
	}
}

func TestProvidersThatAnswerNonsense(t *testing.T) {
	t.Parallel()
	i := newTestIssuer(t)
	good := `{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`
	for name, tc := range map[string]struct {
		document string
		ok       bool
	}{
		"good":                {good, true},
		"good, keys on https": {`{"issuer":"ISSUER","jwks_uri":"https://keys.example.com"}`, true},
		"another issuer":      {`{"issuer":"https://login.example.com","jwks_uri":"ISSUER/keys"}`, false},
		"keys in plain sight": {`{"issuer":"ISSUER","jwks_uri":"http://keys.example.com"}`, false},
		"keys in a file":      {`{"issuer":"ISSUER","jwks_uri":"file:///etc/keys"}`, false},
		"no keys":             {`{"issuer":"ISSUER"}`, false},
		"no JSON":             {`<html>`, false},
		"without an end":      {good[:len(good)-1] + `,"more":"` + strings.Repeat("x", maxAnswer) + `"}`, false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(strings.ReplaceAll(tc.document, "ISSUER", "http://"+r.Host)))
		}))
		found, err := discover(t.Context(), server.Client(), server.URL)
		server.Close()
		if tc.ok {
			require.NoError(t, err, name)
			require.Equal(t, []string{"RS256"}, found.Algorithms)
			continue
		}
		require.Error(t, err, name)
	}
	i.down.Store(true)
	_, err := discover(t.Context(), i.Client(), i.URL)
	require.Error(t, err)
}
