package console_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cookie is the session's, as the browser has it.
func (b *browser) cookie(name string) *http.Cookie {
	b.Helper()
	at, err := url.Parse(b.url("/"))
	require.NoError(b, err)
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func (b *browser) plant(c *http.Cookie) {
	b.Helper()
	at, err := url.Parse(b.url("/"))
	require.NoError(b, err)
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: c.Name, Value: c.Value, Path: "/"}})
}

const session = "voicehive_console"

func TestLogin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser()
	first := b.get("/")
	require.Equal(t, http.StatusUnauthorized, first.StatusCode)
	require.Contains(t, first.body, "Log in")
	asked := b.begin("/h/aurora-berlin/requests")
	require.Equal(t, "S256", asked.Get("code_challenge_method"))
	require.NotEmpty(t, asked.Get("nonce"))
	require.Equal(t, r.url("/callback"), asked.Get("redirect_uri"))
	w := b.come(asked, officer("olive", aurora))
	require.Equal(t, http.StatusOK, w.StatusCode, w.body)
	require.Contains(t, w.body, "Olive Officer")
	require.Contains(t, w.body, "<h1>Requests</h1>", "the login leads back to the page that was wanted")
	require.Nil(t, b.cookie("voicehive_console_login"), "a login is used once")
	require.Equal(t, []string{"console.logged_in"}, r.journal.kinds())
	require.NotContains(t, r.journal.events[0].Actor, "olive", "the officer stands in the open by a pseudonym")
}

func TestLoginsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	claim := func(name string, value any) func(map[string]any) {
		return func(c map[string]any) { c[name] = value }
	}
	for name, as := range map[string]loginAs{
		"nonce of another login": {spoilID: claim("nonce", "another")},
		"no nonce":               {spoilID: func(c map[string]any) { delete(c, "nonce") }},
		"for another client":     {spoilID: claim("aud", "temporal-ui")},
		"of another issuer":      {spoilID: claim("iss", "https://evil.example")},
		"two people":             {spoilAccess: claim("sub", "mallory")},
		"for another API":        {spoilAccess: claim("aud", "other")},
		"expired":                {life: -time.Minute},
	} {
		b := r.browser()
		full := officer("olive", aurora)
		full.spoilID, full.spoilAccess = as.spoilID, as.spoilAccess
		if as.life != 0 {
			full.life = as.life
		}
		w := b.logIn(full)
		require.Equal(t, http.StatusUnauthorized, w.StatusCode, name)
		require.Nil(t, b.cookie(session), name)
	}
	b, other := r.browser(), r.browser()
	asked, theirs := b.begin("/"), other.begin("/")
	as := officer("mallory", aurora)
	as.asked = theirs
	code := r.issuer.code(as)
	for name, path := range map[string]string{
		"state of another browser": "/callback?code=" + code + "&state=" + theirs.Get("state"),
		"no state":                 "/callback?code=" + code,
		"issuer of another":        "/callback?code=" + code + "&state=" + asked.Get("state") + "&iss=https://evil.example",
		"refused there":            "/callback?error=access_denied&state=" + asked.Get("state"),
	} {
		b := r.browser()
		b.begin("/")
		w := b.get(path)
		require.Equal(t, http.StatusUnauthorized, w.StatusCode, name)
		require.Nil(t, b.cookie(session), name)
	}
	require.Empty(t, r.journal.kinds())
	require.Equal(t, http.StatusUnauthorized, r.browser().get("/callback?code="+code+"&state="+theirs.Get("state")).StatusCode)

	r.issuer.Close()
	require.Equal(t, http.StatusServiceUnavailable, newRigWithoutIssuer(t).browser().get("/login").StatusCode)
}

func newRigWithoutIssuer(t *testing.T) *rig {
	r := newRig(t)
	r.issuer.Close()
	return r
}

// A login that comes back too late, or whose cookie is another's, is none.
func TestLoginTakesTooLong(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser()
	asked := b.begin("/")
	r.ahead.Store(int64(11 * time.Minute))
	require.Equal(t, http.StatusUnauthorized, b.come(asked, officer("olive", aurora)).StatusCode)
}

func TestLoginLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\nb", "/" + strings.Repeat("x", 600),
		// Steps up, out of the console, also as browsers read them.
		"/..", "/../v1/exports/x", "/h/../../codec", "/%2e%2e/codec", "/.%2E/codec", "/h/%2e/x", "/%2f%2fevil.example", "/%5c%5cevil.example", "/h//evil.example", "/h/x#a",
	} {
		b := r.browser()
		w := b.come(b.begin(next), officer("olive", aurora))
		require.Equal(t, http.StatusOK, w.StatusCode, next)
		require.Equal(t, r.url("/h/aurora-berlin/"), w.Request.URL.String(), next)
	}
}

// A session that somebody planted before the login is not the one after it.
func TestSessionIsFreshAtLogin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	mallory, olive := r.loggedIn("mallory"), r.browser()
	planted, token := mallory.cookie(session), mallory.token()
	olive.plant(planted)
	require.Equal(t, http.StatusOK, olive.logIn(officer("olive", aurora)).StatusCode)
	require.NotEqual(t, planted.Value, olive.cookie(session).Value)
	require.NotEqual(t, token, olive.token())
	require.Equal(t, http.StatusForbidden, olive.post("/h/aurora-berlin/guests", url.Values{"token": {token}, "email": {"a@b.example"}}).StatusCode)
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	minutes := func(n int) { r.ahead.Store(int64(time.Duration(n) * time.Minute)) }
	for n := 20; n <= 55; n += 20 { // each page puts the idle end off
		minutes(n)
		require.Equal(t, http.StatusOK, b.get("/h/aurora-berlin/").StatusCode, n)
	}
	minutes(61) // the token's own life
	require.Equal(t, http.StatusUnauthorized, b.get("/h/aurora-berlin/").StatusCode)

	minutes(0)
	b = r.loggedIn("olive")
	minutes(31)
	require.Equal(t, http.StatusUnauthorized, b.get("/h/aurora-berlin/").StatusCode, "idle")
	form := url.Values{"token": {"any"}}
	w := b.post("/h/aurora-berlin/guests", form)
	require.Equal(t, http.StatusUnauthorized, w.StatusCode)
	require.Contains(t, w.body, "nothing was done")
}

func TestSessionOutlivesNoLifeOfItsOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser()
	as := officer("olive", aurora)
	as.life = 24 * time.Hour
	require.Equal(t, http.StatusOK, b.logIn(as).StatusCode)
	for n := 1; n < 32; n++ {
		r.ahead.Store(int64(time.Duration(n) * 15 * time.Minute))
		require.Equal(t, http.StatusOK, b.get("/h/aurora-berlin/").StatusCode, n)
	}
	r.ahead.Store(int64(8 * time.Hour))
	require.Equal(t, http.StatusUnauthorized, b.get("/h/aurora-berlin/").StatusCode)
}

func TestLogout(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	kept := b.cookie(session)
	require.Equal(t, http.StatusForbidden, b.post("/logout", url.Values{}).StatusCode, "without the token")
	w := b.post("/logout", b.with())
	require.Equal(t, http.StatusSeeOther, w.StatusCode)
	require.Nil(t, b.cookie(session))
	require.Contains(t, b.get(w.Header.Get("Location")[len("/console"):]).body, "You are logged out")
	b.plant(kept)
	require.Equal(t, http.StatusUnauthorized, b.get("/h/aurora-berlin/").StatusCode, "a cookie that was kept aside is worth nothing")
	require.Equal(t, []string{"console.logged_in", "console.logged_out"}, r.journal.kinds())
}

// TestALogoutCountsInEveryProcess: a cookie that was kept aside is worth nothing
// at another process either, nor when the process was restarted.
func TestALogoutCountsInEveryProcess(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b, elsewhere := r.loggedIn("olive"), r.another()
	kept, form := b.cookie(session), b.with()
	require.Equal(t, http.StatusOK, b.get(elsewhere("/h/aurora-berlin/")).StatusCode, "the other process takes the session")
	require.Equal(t, http.StatusSeeOther, b.post("/logout", form).StatusCode)
	b.plant(kept)
	for name, path := range map[string]string{"where it was ended": "/h/aurora-berlin/", "at another": elsewhere("/h/aurora-berlin/"), "at a new one": r.another()("/h/aurora-berlin/")} {
		require.Equal(t, http.StatusUnauthorized, b.get(path).StatusCode, name)
	}
	// Others' sessions go on.
	require.Equal(t, http.StatusOK, r.loggedIn("otto").get(elsewhere("/h/aurora-berlin/")).StatusCode)
}

// TestLogoutTwice: a double click is told the same as one.
func TestLogoutTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	form := b.with()
	for range 2 {
		w := b.post("/logout", form)
		require.Equal(t, http.StatusSeeOther, w.StatusCode)
		require.Equal(t, "/console/?done=logged-out", w.Header.Get("Location"))
		require.Equal(t, `"cache"`, w.Header.Get("Clear-Site-Data"))
	}
	require.Equal(t, []string{"console.logged_in", "console.logged_out"}, r.journal.kinds())
}

// A login leaves nothing of the session that the browser had before.
func TestALoginEndsTheSessionBefore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	before := b.cookie(session)
	require.Equal(t, http.StatusOK, b.logIn(officer("olive", aurora)).StatusCode)
	require.Equal(t, http.StatusOK, b.get("/h/aurora-berlin/").StatusCode)
	other := r.browser()
	other.plant(before)
	require.Equal(t, http.StatusUnauthorized, other.get("/h/aurora-berlin/").StatusCode)
}

// awayEnded is a database that does not answer.
type awayEnded struct{}

func (awayEnded) End(context.Context, string, time.Time) error { return errDown }
func (awayEnded) Has(context.Context, string) (bool, error)    { return false, errDown }

// What cannot be checked lets nobody in, and a logout that did not reach the
// others does not say that it did.
func TestSessionsThatCannotBeChecked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	form := b.with()
	r.options.Ended = awayEnded{}
	elsewhere := r.another()
	w := b.get(elsewhere("/h/aurora-berlin/"))
	require.Equal(t, http.StatusServiceUnavailable, w.StatusCode)
	require.NotContains(t, w.body, "Hotel Aurora")
	w = b.post(elsewhere("/logout"), form)
	require.Equal(t, http.StatusServiceUnavailable, w.StatusCode)
	require.Equal(t, http.StatusOK, b.get("/h/aurora-berlin/").StatusCode)
}

// Whatever is done to a cookie, it is no session, and no fault of ours.
func TestTamperedCookies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	good := b.cookie(session)
	raw, err := base64.RawURLEncoding.DecodeString(good.Value)
	require.NoError(t, err)
	require.NotContains(t, string(raw), "olive", "the cookie is sealed")
	var bad []string
	for i := 0; i < len(raw); i += 7 {
		flipped := append([]byte(nil), raw...)
		flipped[i] ^= 1
		bad = append(bad, base64.RawURLEncoding.EncodeToString(flipped))
	}
	other := r.browser()
	other.begin("/")
	bad = append(bad, "", "x", "%%%", good.Value[:20], good.Value+"AA", strings.Repeat("A", 5000), other.cookie("voicehive_console_login").Value)
	for _, value := range bad {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url("/h/aurora-berlin/"), nil)
		require.NoError(t, err)
		q.AddCookie(&http.Cookie{Name: session, Value: value})
		require.Equal(t, http.StatusUnauthorized, r.browser().do(q).StatusCode, value)
	}
	require.Equal(t, http.StatusOK, b.get("/h/aurora-berlin/").StatusCode)
}

// In production the cookies go over TLS only, to this host only, and no script
// reads them.
func TestCookiesOverTLS(t *testing.T) {
	t.Parallel()
	r := newRig(t, overTLS)
	w := r.browser().get("/login")
	require.Equal(t, http.StatusSeeOther, w.StatusCode)
	all := w.Cookies()
	require.Len(t, all, 1)
	c := all[0]
	require.Equal(t, "__Host-voicehive_console_login", c.Name)
	require.True(t, c.Secure && c.HttpOnly && c.Path == "/" && c.Domain == "" && c.SameSite == http.SameSiteLaxMode)
	require.Contains(t, w.Header.Get("Strict-Transport-Security"), "max-age")
}
