package codec_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/voicehive/voicehive/starter/codec"
)

func newLoginRig(t *testing.T) *rig {
	t.Helper()
	return newRig(t, withLogin)
}

// withLogin is an option of newRig, which fills in the issuer.
func withLogin(o *codec.Options) {
	o.Login = &codec.Login{ClientID: "voicehive-codec", URL: "https://voicehive.example.com/codec"}
}

func get(target string, cookies ...*http.Cookie) *http.Request {
	q := httptest.NewRequest(http.MethodGet, target, nil)
	for _, c := range cookies {
		q.AddCookie(c)
	}
	return q
}

// cookieOf returns the cookie that an answer sets.
func cookieOf(t *testing.T, w *httptest.ResponseRecorder, name string) *http.Cookie {
	t.Helper()
	for _, c := range w.Result().Cookies() {
		if c.Name == name {
			return c
		}
	}
	require.Fail(t, "no cookie", name)
	return nil
}

// begin starts a login and returns its state and cookie.
func begin(t *testing.T, r *rig) (url.Values, *http.Cookie) {
	t.Helper()
	w := r.do(get("/login"))
	require.Equal(t, http.StatusSeeOther, w.Code, w.Body)
	to, err := url.Parse(w.Header().Get("Location"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(to.String(), r.issuer.URL+"/authorize?"))
	return to.Query(), cookieOf(t, w, "voicehive_codec_login")
}

func TestLoginOfABrowser(t *testing.T) {
	t.Parallel()
	r := newLoginRig(t)
	require.Contains(t, r.do(get("/")).Body.String(), "Log in")
	asked, under := begin(t, r)
	require.Equal(t, "https://voicehive.example.com/codec/callback", asked.Get("redirect_uri"))
	require.Equal(t, "S256", asked.Get("code_challenge_method"))
	require.True(t, under.HttpOnly && under.Secure)
	require.Equal(t, "/codec/", under.Path)

	r.issuer.login = func(form map[string][]string) string {
		if oauth2.S256ChallengeFromVerifier(form["code_verifier"][0]) != asked.Get("code_challenge") {
			return "a verifier of another login"
		}
		return r.issuer.token(t, "compliance", hotel)
	}
	w := r.do(get("/callback?code=c&state="+asked.Get("state"), under))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "compliance-1")
	require.Contains(t, w.Body.String(), origin)
	session := cookieOf(t, w, "voicehive_codec")
	require.True(t, session.HttpOnly && session.Secure)
	require.Equal(t, http.SameSiteStrictMode, session.SameSite)
	require.Positive(t, session.MaxAge)
	require.LessOrEqual(t, session.MaxAge, 600)

	sealed := r.guest(hotel)
	q := r.request("", sealed)
	q.AddCookie(session)
	w = r.do(q)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "true", w.Header().Get("Access-Control-Allow-Credentials"))
	require.Equal(t, 1, r.journal.count())

	// A cookie comes along with whatever page asks; so the page must be known.
	for _, from := range []string{"", "https://evil.example"} {
		q := r.request("", sealed)
		q.AddCookie(session)
		if q.Header.Set("Origin", from); from == "" {
			q.Header.Del("Origin")
		}
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, r.do(q).Code, from)
	}
	q = r.request("words", sealed)
	q.AddCookie(session)
	r.refused(r.do(q), http.StatusUnauthorized, "unauthenticated")

	out := httptest.NewRequest(http.MethodPost, "/logout", nil)
	out.Header.Set("Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, r.do(out).Code)
	w = r.do(httptest.NewRequest(http.MethodPost, "/logout", nil))
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Negative(t, cookieOf(t, w, "voicehive_codec").MaxAge)
}

func TestLoginsRefused(t *testing.T) {
	t.Parallel()
	r := newLoginRig(t)
	asked, under := begin(t, r)
	_, another := begin(t, r)
	good := "/callback?code=c&state=" + asked.Get("state")
	r.issuer.login = func(map[string][]string) string { return r.issuer.token(t, "compliance", hotel) }
	for name, q := range map[string]*http.Request{
		"not begun here":   get(good),
		"of another login": get(good, another),
		"no state":         get("/callback?code=c", under),
		"refused there":    get(good+"&error=access_denied", under),
	} {
		w := r.do(q)
		require.Equal(t, http.StatusUnauthorized, w.Code, name)
		r.refused(w, http.StatusUnauthorized, "unauthenticated")
		for _, c := range w.Result().Cookies() {
			require.NotEqual(t, "voicehive_codec", c.Name, name)
		}
	}
	r.issuer.login = nil
	r.refused(r.do(get(good, under)), http.StatusUnauthorized, "unauthenticated")
	r.issuer.login = func(map[string][]string) string { return "no token of anybody's" }
	r.refused(r.do(get(good, under)), http.StatusUnauthorized, "unauthenticated")
	r.issuer.login = func(map[string][]string) string {
		return r.issuer.token(t, "compliance", hotel, func(c map[string]any) { c["padding"] = strings.Repeat("x", 4000) })
	}
	r.refused(r.do(get(good, under)), http.StatusForbidden, "forbidden")

	r.issuer.Close()
	fresh := newLoginRig(t)
	fresh.issuer.Close()
	fresh.refused(fresh.do(get("/login")), http.StatusServiceUnavailable, "unavailable")
}

func TestLoginIsSetUpRight(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, l := range []codec.Login{
		{Issuer: "https://a", ClientID: "c", URL: "voicehive.example.com"}, {Issuer: "https://a", ClientID: "c", URL: "https://a/codec?x"},
		{Issuer: "https://a", URL: "https://a/codec"}, {ClientID: "c", URL: "https://a/codec"},
	} {
		_, err := codec.New(codec.Options{Namespace: "n", Opener: r.plugin, Auth: nobody{}, Journal: r.journal, Login: &l})
		require.Error(t, err)
	}
}
