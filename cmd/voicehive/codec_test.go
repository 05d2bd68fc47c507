//go:build full && linux

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/workflows/reservation"
)

// What stands on the page of a booking's workflow in the Web UI.
const (
	clearSummary = "Booking at aurora-berlin, arrival"
	clearStep    = "create the reservation"
	readable     = `"hotel"` // of the payload's JSON
	kept         = "your role may not open this"
	gone         = `"erased"`
)

// pageTime bounds the wait for a text on a page, and pagePoll is how often a
// page is looked at.
const (
	pageTime = 60 * time.Second
	pagePoll = 200 * time.Millisecond
)

// A visitor is a browser of its own with the Web UI in it.
type visitor struct {
	*testing.T
	ctx    context.Context
	folder string
}

// newVisitor starts Chromium. Its pictures are kept when the test runs with
// -artifacts.
func newVisitor(ctx context.Context, t *testing.T) *visitor {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.WindowSize(1500, 1200), chromedp.IgnoreCertErrors, chromedp.NoSandbox)
	// Now and then Chromium ends while it starts, without a word: nothing of ours
	// has run by then.
	var err error
	for range 3 {
		allocator, end := chromedp.NewExecAllocator(ctx, options...)
		tab, cancel := chromedp.NewContext(allocator)
		if err = chromedp.Run(tab); err == nil {
			t.Cleanup(func() { cancel(); end() })
			return &visitor{T: t, ctx: tab, folder: t.ArtifactDir()}
		}
		cancel()
		end()
	}
	require.NoError(t, err, "start Chromium; scripts/setup browser installs it")
	return nil
}

func (v *visitor) open(address string) {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, pageTime)
	defer cancel()
	require.NoError(v, chromedp.Run(ctx, chromedp.Navigate(address)), address)
}

// The Web UI draws timelines and shows summaries, which may be Markdown, in
// frames.
const readPage = `document.body ? [
	document.body.innerText,
	...[...document.querySelectorAll("svg")].map(e => e.textContent),
	...[...document.querySelectorAll("iframe")].map(e => e.contentDocument?.body?.innerText ?? ""),
].join(" ") : ""`

// text is all that can be read on the page.
func (v *visitor) text() string {
	var text string
	ctx, cancel := context.WithTimeout(v.ctx, pageTime)
	defer cancel()
	// Between two pages there is no body.
	_ = chromedp.Run(ctx, chromedp.Evaluate(readPage, &text))
	return strings.Join(strings.Fields(text), " ")
}

// sees waits until the page has all texts.
func (v *visitor) sees(wanted ...string) {
	v.Helper()
	has := func() bool {
		text := v.text()
		for _, w := range wanted {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
	if !eventually(has) {
		v.picture("missing")
		require.Fail(v, "the page lacks a text", "wanted %q in:\n%s", wanted, v.text())
	}
}

// eventually waits for a page, and reports whether it came to what is wanted.
func eventually(is func() bool) bool {
	enough, look := time.After(pageTime), time.NewTicker(pagePoll)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-enough:
			return false
		}
	}
	return true
}

func (v *visitor) lacks(unwanted ...string) {
	v.Helper()
	text := v.text()
	for _, u := range unwanted {
		require.NotContains(v, text, u)
	}
}

// picture keeps a screenshot of the whole page.
func (v *visitor) picture(name string) {
	v.Helper()
	var png []byte
	ctx, cancel := context.WithTimeout(v.ctx, pageTime)
	defer cancel()
	require.NoError(v, chromedp.Run(ctx, chromedp.CaptureScreenshot(&png)))
	require.NoError(v, os.WriteFile(filepath.Join(v.folder, name+".png"), png, 0o600))
}

func (v *visitor) click(selector string) {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, pageTime)
	defer cancel()
	require.NoError(v, chromedp.Run(ctx, chromedp.Click(selector, chromedp.ByQuery)), selector)
}

// booked books once and returns the booking's key scope.
func booked(ctx context.Context, t *testing.T, h *house) keys.Scope {
	t.Helper()
	bookOne(ctx, t, map[string]string{"api": h.API, "hotel": h.Hotel.ID}, h.Key)
	scope := keys.Scope{Tenant: h.Hotel.ID}
	require.NoError(t, openBooks(ctx, t, h).ledger.QueryRow(ctx, "select id from booking").Scan(&scope.ID))
	return scope
}

// requireSummariesInTheOpen finds summaries that nobody has added to the known
// forms.
func requireSummariesInTheOpen(ctx context.Context, t *testing.T, h *house, scope keys.Scope) {
	t.Helper()
	p, err := openAll(ctx, "test")
	require.NoError(t, err)
	defer p.close()
	seen := 0
	events := p.temporal.GetWorkflowHistory(ctx, reservation.WorkflowID(h.Hotel.ID, scope.ID), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		if summary := event.GetUserMetadata().GetSummary(); summary != nil {
			require.Equal(t, "json/plain", string(summary.GetMetadata()["encoding"]), event.GetEventType())
			seen++
		}
	}
	require.GreaterOrEqual(t, seen, 3)
}

// erase destroys the key as another process would.
func erase(ctx context.Context, t *testing.T, scope keys.Scope) {
	t.Helper()
	p, err := openStores(ctx, "test")
	require.NoError(t, err)
	defer p.close()
	_, err = p.ring.Destroy(ctx, scope)
	require.NoError(t, err)
}

// TestWebUIWithLogin is how it is in production: the Web UI asks for a login and
// passes its user's token to the codec, which is on https.
func TestWebUIWithLogin(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	var behind atomic.Pointer[url.URL]
	front := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind.Load()) }})
	t.Cleanup(front.Close)
	h := raiseForTest(ctx, t, stack.Options{UI: true, UILogin: true, Codec: front.URL + "/codec"})
	api, err := url.Parse(h.API)
	require.NoError(t, err)
	behind.Store(api)
	scope := booked(ctx, t, h)
	page := h.workflowURL(scope.ID)
	requireSummariesInTheOpen(ctx, t, h, scope)

	nobody := newVisitor(ctx, t)
	nobody.open(page)
	nobody.sees("Continue to SSO")
	nobody.picture("1-nobody")
	nobody.lacks(clearSummary, readable)
	answer, err := http.Post(h.API+codecPath+"/decode", "application/json", strings.NewReader(`{"payloads":[]}`))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)

	ops := newVisitor(ctx, t)
	ops.logIn(h, "ops", page)
	ops.sees("Timeline", kept)
	ops.picture("2-ops")
	ops.lacks(readable)
	ops.seesSummaries("2-ops")

	officer := newVisitor(ctx, t)
	officer.logIn(h, "compliance", page)
	officer.sees("Timeline", readable)
	officer.picture("3-compliance")
	officer.lacks(kept)
	officer.seesSummaries("3-compliance")

	erase(ctx, t, scope)
	for name, v := range map[string]*visitor{"4-ops-erased": ops, "5-compliance-erased": officer} {
		v.seesErased(page)
		v.picture(name)
		v.lacks(readable)
		v.seesSummaries(name)
	}
}

// seesSummaries looks at a step's summary in the timeline, and at the
// workflow's.
func (v *visitor) seesSummaries(name string) {
	v.Helper()
	v.sees(clearStep)
	v.click(`a[href$="/user-metadata"]`)
	v.sees(clearSummary)
	v.picture(name + "-summary")
	v.lacks("Ada") // the guest
}

// logIn goes through the Web UI's login and comes back to the page.
func (v *visitor) logIn(h *house, user, page string) {
	v.Helper()
	v.open(h.UI + "/auth/sso?returnUrl=" + url.QueryEscape(page))
	v.click(`button[value="` + user + `"]`)
}

// seesErased loads the page until the payload is gone: a key destroyed elsewhere
// may be used for its short life in memory.
func (v *visitor) seesErased(page string) {
	v.Helper()
	for began := time.Now(); time.Since(began) < 2*time.Minute; {
		v.open(page)
		var text string
		eventually(func() bool {
			text = v.text()
			return strings.Contains(text, readable) || strings.Contains(text, kept) || strings.Contains(text, gone)
		})
		if strings.Contains(text, gone) {
			break
		}
	}
	v.sees("Timeline", gone)
}

// TestWebUIWithTheCodecsLogin is how `voicehive dev` has it: the Web UI is open
// to all, and whoever wants to read logs in at the codec.
func TestWebUIWithTheCodecsLogin(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	h := raiseForTest(ctx, t, stack.Options{UI: true})
	scope := booked(ctx, t, h)
	page := h.workflowURL(scope.ID)

	v := newVisitor(ctx, t)
	v.open(page)
	v.sees("Timeline", "log in at the decoder")
	v.picture("1-not-logged-in")
	v.lacks(readable)
	v.seesSummaries("1-not-logged-in")
	v.sees(h.API + codecPath + "/") // the link to it, which opens a tab of its own
	v.open(h.API + codecPath + "/")
	v.sees("Log in to see")
	v.click(`a[href$="/codec/login"]`)
	v.click(`button[value="compliance"]`)
	v.sees("Logged in as", h.UI)
	v.picture("2-logged-in")
	v.open(page)
	v.sees("Timeline", readable)
	v.picture("3-compliance")

	v.open(h.API + codecPath + "/")
	v.click("form button")
	v.sees("Log in to see")
	require.NoError(t, chromedp.Run(v.ctx, network.ClearBrowserCache()))
	v.open(page)
	v.sees("Timeline", "log in at the decoder")
	v.lacks(readable)
}
