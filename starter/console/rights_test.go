package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter/console"
)

// overTLS is an option of newRig: the console stands behind a proxy.
func overTLS(o *console.Options) { o.Login.URL = "https://voicehive.example.com/console" }

// pages are addresses that only officers of the hotel may see.
var hotelPages = []string{"", "requests", "requests/new", "guests", "audit", "audit/entries?scope=" + bookingID, "audit/entries/2026/17"}

func TestOnlyOfficersOfTheHotelAreLetIn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, as := range map[string]loginAs{
		"another hotel": officer("olive", harbour),
		"ops":           {sub: "oskar", roles: []string{"ops"}, hotels: []string{aurora}},
		"agent":         {sub: "ada", roles: []string{"agent"}, hotels: []string{aurora}},
		"administrator": {sub: "adam", roles: []string{"admin"}, hotels: []string{"*"}},
		"all, no role":  {sub: "nora", roles: []string{"compliance"}, hotels: []string{"*"}},
	} {
		if as.life == 0 {
			as.life = officer("", "").life
		}
		b := r.browser()
		first := b.logIn(as)
		require.Contains(t, []int{http.StatusOK, http.StatusForbidden}, first.StatusCode, name)
		for _, page := range hotelPages {
			w := b.get("/h/aurora-berlin/" + page)
			require.Equal(t, http.StatusForbidden, w.StatusCode, "%s: %s", name, page)
			require.Contains(t, w.body, "compliance officers of the hotel", name)
			require.NotContains(t, w.body, "Hotel Aurora", name)
		}
		form := url.Values{"token": {tokenPattern.FindStringSubmatch(first.body)[1]}}
		for _, path := range []string{"guests", "guest", "requests/new", "requests/x/approve", "audit/check", "audit/pack"} {
			require.Equal(t, http.StatusForbidden, b.post("/h/aurora-berlin/"+path, form).StatusCode, "%s: %s", name, path)
		}
	}
	require.Empty(t, r.cases.done())
	for _, page := range hotelPages {
		require.Equal(t, http.StatusUnauthorized, r.browser().get("/h/aurora-berlin/"+page).StatusCode, page)
	}
	require.Equal(t, http.StatusForbidden, r.loggedIn("olive").get("/h/nowhere-at-all/").StatusCode, "an unknown hotel looks like one of others")
}

func TestOfficersByTheHotelsEntry(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser()
	as := officer("olive", aurora)
	as.roles, as.hotels = nil, nil
	require.Equal(t, http.StatusForbidden, b.logIn(as).StatusCode)
	r.members[harbour] = map[string][]string{"compliance": {r.issuer.URL + "#olive"}}
	require.Contains(t, b.get("/").body, "Harbour House", "the only hotel is chosen")
	require.Equal(t, http.StatusForbidden, b.get("/h/aurora-berlin/").StatusCode)
	r.members[aurora] = r.members[harbour]
	require.Contains(t, b.get("/").body, "Choose a hotel")
	delete(r.members, harbour)
	require.Equal(t, http.StatusForbidden, b.get("/h/harbour-cork/").StatusCode, "a right that was taken away counts no more")
}

// A form counts with the session's token only, and from these pages only.
func TestForgedForms(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b, other := r.loggedIn("olive"), r.loggedIn("mallory")
	c := r.cases.add("erasure", "deciding", 0)
	path := "/h/aurora-berlin/requests/" + c.ID + "/approve"
	for name, form := range map[string]url.Values{
		"no token": {"once": {"k"}}, "wrong token": {"token": {"x"}, "once": {"k"}}, "token of another": {"token": {other.token()}, "once": {"k"}},
	} {
		require.Equal(t, http.StatusForbidden, b.post(path, form).StatusCode, name)
	}
	good := b.with("once", "k", "plan", "cafe")
	for name, headers := range map[string]map[string]string{
		"another site":      {"Sec-Fetch-Site": "cross-site"},
		"a neighbour":       {"Sec-Fetch-Site": "same-site"},
		"an older browser":  {"Origin": "https://evil.example"},
		"a sandboxed frame": {"Origin": "null"},
	} {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url(path), strings.NewReader(good.Encode()))
		require.NoError(t, err)
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for k, v := range headers {
			q.Header.Set(k, v)
		}
		require.Equal(t, http.StatusForbidden, b.do(q).StatusCode, name)
	}
	// The token in the address is none, and a GET does nothing.
	require.Equal(t, http.StatusForbidden, b.post(path+"?token="+good.Get("token"), url.Values{"once": {"k"}}).StatusCode)
	require.Equal(t, http.StatusNotFound, b.get(path+"?"+good.Encode()).StatusCode)
	require.Empty(t, r.cases.done())
	require.Equal(t, http.StatusSeeOther, b.post(path, good).StatusCode)
	require.Len(t, r.cases.done(), 1)
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	for _, path := range append([]string{"/", "/style.css", "/nowhere", "/callback", "/h/harbour-cork/"}, "/h/aurora-berlin/requests/none") {
		h := b.get(path).Header
		require.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'", path)
		require.NotContains(t, h.Get("Content-Security-Policy"), "unsafe", path)
		require.NotContains(t, h.Get("Content-Security-Policy"), "script-src", path)
		require.Equal(t, "no-referrer", h.Get("Referrer-Policy"), path)
		require.Equal(t, "DENY", h.Get("X-Frame-Options"), path)
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
	}
	require.Equal(t, "no-store", b.get("/h/aurora-berlin/").Header.Get("Cache-Control"))
}

// TestNothingIsKeptByCaches: whatever is answered, to whomever and how well, no
// cache keeps it but our own style sheet and icon; and what is answered to a form
// is guarded as a page is.
func TestNothingIsKeptByCaches(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	kept := func(name string, w answer) {
		t.Helper()
		require.Equal(t, "no-store", w.Header.Get("Cache-Control"), name)
		require.Equal(t, "DENY", w.Header.Get("X-Frame-Options"), name)
		require.Contains(t, w.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'", name)
	}
	c := r.cases.add(rights.Erasure, rights.Deciding, time.Hour)
	for _, path := range []string{"/", "/login", "/callback", "/nowhere", here + "/", here + "/requests", here + "/requests/" + c.ID, here + "/holds", here + "/evidence", here + "/audit", here + "/audit/entries/2026/17", "/h/harbour-cork/"} {
		kept(path, b.get(path))
	}
	for path, form := range map[string]url.Values{
		here + "/guests": b.with("last_name", "Lovelace"), here + "/guest": b.with("subject", guestNumber), here + "/requests/" + c.ID + "/words": b.with(),
		here + "/evidence": b.with("from", "2026-01-01", "until", "2026-03-31", "download", "1"), here + "/audit/pack": b.with(), here + "/holds/new": b.with(),
		here + "/audit/check": {}, "/nowhere": b.with(), "/logout": b.with(),
	} {
		kept(path, b.post(path, form))
	}
	for _, path := range []string{"/style.css", "/icon.svg"} {
		require.NotEqual(t, "no-store", b.get(path).Header.Get("Cache-Control"), path)
	}
}

func TestLongForms(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	require.Equal(t, http.StatusRequestEntityTooLarge, b.post("/h/aurora-berlin/guests", b.with("email", strings.Repeat("x", 70<<10))).StatusCode)
}

func TestConsoleIsSetUpRight(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*console.Options){
		"no hotels":     func(o *console.Options) { o.Hotels = nil },
		"no ended":      func(o *console.Options) { o.Ended = nil },
		"no issuer":     func(o *console.Options) { o.Login.Issuer = "" },
		"no client":     func(o *console.Options) { o.Login.Client = nil },
		"plain http":    func(o *console.Options) { o.Login.URL = "http://voicehive.example.com/console" },
		"with a query":  func(o *console.Options) { o.Login.URL = "https://voicehive.example.com/console?x" },
		"no address":    func(o *console.Options) { o.Login.URL = "" },
		"with a person": func(o *console.Options) { o.Login.URL = "https://me@voicehive.example.com/console" },
	} {
		o := console.Options{
			Auth: nobody{}, Hotels: hotels{}, Keys: nobody{}, Members: nobody{}.members, Journal: &journal{}, Ended: &console.EndedSessions{},
			Login: console.Login{Issuer: "https://a", ClientID: "c", URL: "https://a/console", Client: http.DefaultClient},
		}
		_, err := console.New(o)
		require.NoError(t, err)
		spoil(&o)
		_, err = console.New(o)
		require.Error(t, err, name)
	}
}
