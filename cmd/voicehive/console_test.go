//go:build full && linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/cmd/voicehive/internal/stack"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// TestConsole goes the officer's main way in a real browser, on the whole stack:
// two officers take an erasure from its receipt to its certificate. Once as it
// is, and once with JavaScript switched off.
func TestConsole(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	mailbox, settings, err := openMailbox(t.TempDir())
	require.NoError(t, err)
	defer mailbox.Close()
	h := raiseForTest(ctx, t, stack.Options{UI: true, Env: settings})
	checker := axe(t)
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts=%t", scripts), func(t *testing.T) {
			d := &desk{T: t, house: h, booking: cancelledStay(ctx, t, h)}
			if scripts { // the checker is one
				d.checker = checker
			}
			d.olive, d.otto = d.officer(ctx, "compliance", scripts), d.officer(ctx, "officer", scripts)
			d.erase()
			if scripts {
				d.look()
			}
			d.leave()
		})
	}
}

// A desk is a console with two officers at it.
type desk struct {
	*testing.T
	house       *house
	checker     string
	booking     string
	olive, otto *visitor
}

// cancelledStay books and cancels, so that nothing lies ahead of the guest.
func cancelledStay(ctx context.Context, t *testing.T, h *house) string {
	t.Helper()
	bookOne(ctx, t, map[string]string{"api": h.API, "hotel": h.Hotel.ID}, h.Key)
	var id string
	require.NoError(t, openBooks(ctx, t, h).ledger.QueryRow(ctx, "select id from booking where state = 'confirmed'").Scan(&id))
	api, err := client.New(h.API, h.Key)
	require.NoError(t, err)
	key := client.NewKey()
	_, err = api.Settle(ctx, func(ctx context.Context) (starter.Reservation, error) { return api.Cancel(ctx, h.Hotel.ID, id, key) })
	require.NoError(t, err)
	return id
}

// officer logs in at the development provider.
func (d *desk) officer(ctx context.Context, user string, scripts bool) *visitor {
	d.Helper()
	v := newVisitor(ctx, d.T)
	if !scripts {
		require.NoError(d, chromedp.Run(v.ctx, emulation.SetScriptExecutionDisabled(true)))
	}
	v.open(d.house.API + consolePath + "/")
	v.sees("Log in with your work account")
	d.check(v, "welcome")
	v.click("main a.button")
	v.click(`button[value="` + user + `"]`)
	v.sees("What waits for you today", d.house.Hotel.Name)
	v.open(d.at("/procedure"))
	d.check(v, "procedure")
	v.click(`form[action$="/procedure"] button`)
	v.sees("Your confirmation is noted")
	return v
}

// at is a page of the hotel.
func (d *desk) at(path string) string {
	return d.house.API + consolePath + "/h/" + d.house.Hotel.ID + path
}

// erase takes a request to its certificate.
func (d *desk) erase() {
	d.Helper()
	d.olive.open(d.at("/requests/new?kind=erasure"))
	d.olive.fill("#number", d.booking)
	d.olive.fill("#words", "Please forget me")
	d.check(d.olive, "new request")
	d.olive.click("main .actions button")
	d.olive.sees("The request is kept")
	page := d.olive.where()
	d.olive.reads(page, "Verifying", "Have the person prove who they are")
	require.NotContains(d, page, "Lovelace")
	for _, v := range []*visitor{d.olive, d.otto} {
		v.open(page)
		v.click("#next ~ details summary")
		v.click(`form[action$="/vouch"] button`)
		v.sees("You have vouched")
	}
	d.olive.reads(page, "Approve: 0 of 2 have", "What would become of the records")
	d.check(d.olive, "request")
	d.olive.click(`form[action$="/approve"] button`)
	d.olive.sees("Your approval counts", "Another officer has to approve as well")
	d.otto.open(page)
	d.otto.click(`form[action$="/approve"] button`)
	d.otto.sees("Your approval counts")
	d.otto.reads(page, "Completed", "Download the certificate")
	d.check(d.otto, "completed")
	certificate := d.otto.download(page + "/certificate")
	var envelope struct{ PayloadType string }
	require.NoError(d, json.Unmarshal(certificate, &envelope), "%s", certificate)
	require.Contains(d, envelope.PayloadType, "in-toto")
	require.NotContains(d, string(certificate), "Lovelace")
}

// look visits the other pages, checks each, and keeps pictures of them.
func (d *desk) look() {
	d.Helper()
	for name, path := range map[string]string{
		"overview": "/", "requests": "/requests?show=all", "kinds": "/requests/new", "guests": "/guests", "holds": "/holds", "new-hold": "/holds/new",
		"retention": "/retention", "rules": "/retention/policy", "evidence": "/evidence", "audit": "/audit",
	} {
		d.olive.open(d.at(path))
		d.check(d.olive, name)
	}
	d.olive.open(d.at("/audit"))
	d.olive.click(`form[action$="/audit/check"] button`)
	d.olive.sees("The log is right")
	d.check(d.olive, "audit-checked")
	d.olive.open(d.at("/retention"))
	d.olive.click(`form[action$="/retention/plan"] button`)
	d.olive.sees("Dry run for")
	d.check(d.olive, "dry-run")
	d.olive.open(d.at("/evidence"))
	d.olive.fill("#until", time.Now().AddDate(0, 0, -1).Format("01/02/2006"))
	d.olive.click(`form[action$="/evidence"] button`)
	d.olive.sees("The pack is whole", "Packs that are kept", "Just collected", "by you")
	d.check(d.olive, "evidence-collected")
	d.hold()
	d.keyboard()
}

// hold places a legal hold, at the second try.
func (d *desk) hold() {
	d.Helper()
	d.olive.open(d.at("/holds/new"))
	d.olive.fill("#matter", "Ada Lovelace")
	d.olive.fill("#number", d.booking)
	d.olive.fill("#review", time.Now().AddDate(0, 2, 0).Format("01/02/2006"))
	d.olive.click("main .actions button")
	d.olive.sees("That did not work", "A matter is a file number", "Go to the field")
	d.check(d.olive, "hold-fault")
	require.NoError(d, chromedp.Run(d.olive.ctx, chromedp.Clear("#matter", chromedp.ByQuery)))
	d.olive.fill("#matter", "2026-17/B")
	d.olive.click("main .actions button")
	d.olive.sees("The hold binds", "another officer has to approve it")
	d.check(d.olive, "hold")
	d.otto.open(d.olive.where())
	d.otto.click(`form[action$="/approve"] button`)
	d.otto.sees("The hold is approved")
	d.check(d.otto, "hold-approved")
}

// keyboard goes through the overview by tabs: the way past the sections comes
// first, everything that can be reached is seen to be, and nothing holds one.
func (d *desk) keyboard() {
	d.Helper()
	d.olive.open(d.at("/"))
	ctx, cancel := context.WithTimeout(d.olive.ctx, pageTime)
	defer cancel()
	var first string
	for n := range 60 {
		var at struct {
			Name    string
			Seen    bool
			Outline string
		}
		require.NoError(d, chromedp.Run(ctx, chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(`(() => {
			const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
			return {name: e.tagName + " " + e.textContent.trim().slice(0, 40), seen: r.width > 0 && r.top > -r.height && e !== document.body, outline: s.outlineStyle};
		})()`, &at)))
		if n == 0 {
			require.Contains(d, at.Name, "Skip to the content")
		}
		if at.Name == first {
			require.Greater(d, n, 8, "sections, tiles and forms are reached")
			return
		}
		if strings.HasPrefix(at.Name, "BODY") { // the browser's own turn
			continue
		}
		require.True(d, at.Seen, at.Name)
		require.NotEqual(d, "none", at.Outline, "%s shows that it is where the keyboard is", at.Name)
		if first == "" {
			first = at.Name
		}
	}
	require.Fail(d, "the tabs come to no end")
}

// leave logs out, and comes in no more.
func (d *desk) leave() {
	d.Helper()
	d.olive.open(d.at("/"))
	d.olive.click(`form[action$="/logout"] button`)
	d.olive.sees("You are logged out")
	d.olive.open(d.at("/requests"))
	d.olive.sees("Log in with your work account")

	stranger := newVisitor(d.olive.ctx, d.T)
	stranger.open(d.at("/"))
	stranger.click("main a.button")
	stranger.click(`button[value="ops"]`)
	stranger.sees("These pages are for the compliance officers of the hotel")
}

// fill types into a field.
func (v *visitor) fill(selector, text string) {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, pageTime)
	defer cancel()
	require.NoError(v, chromedp.Run(ctx, chromedp.SendKeys(selector, text, chromedp.ByQuery)), selector)
}

// where is the page's address without its query.
func (v *visitor) where() string {
	v.Helper()
	var address string
	require.NoError(v, chromedp.Run(v.ctx, chromedp.Location(&address)))
	address, _, _ = strings.Cut(address, "?")
	return address
}

// reads loads a page until it has the texts: something else has to happen first.
func (v *visitor) reads(page string, wanted ...string) {
	v.Helper()
	has := func() bool {
		v.open(page)
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

// download gets a file as the browser would, with its cookies.
func (v *visitor) download(address string) []byte {
	v.Helper()
	request, err := http.NewRequestWithContext(v.ctx, http.MethodGet, address, nil)
	require.NoError(v, err)
	require.NoError(v, chromedp.Run(v.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		cookies, err := network.GetCookies().WithURLs([]string{address}).Do(ctx)
		for _, c := range cookies {
			request.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
		return err
	})))
	answer, err := http.DefaultClient.Do(request)
	require.NoError(v, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(v, err)
	require.Equal(v, http.StatusOK, answer.StatusCode, "%s", text)
	return text
}

// looks are the ways in which a page is seen.
var looks = []struct {
	name          string
	width, height int64
	scheme        string
}{
	{"desktop-light", 1280, 860, "light"}, {"desktop-dark", 1280, 860, "dark"}, {"phone-light", 390, 844, "light"}, {"phone-dark", 390, 844, "dark"},
}

// violations are what axe-core has to say of WCAG 2.2 AA.
const violations = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(found =>
	found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target + " " + n.failureSummary).join(" | ")).join("\n"))`

// check has axe-core, where it can run, look at the page at each width and in
// light and dark, and keeps a picture of each in the folder of VOICEHIVE_SCREENSHOTS, if there is one.
func (d *desk) check(v *visitor, name string) {
	d.Helper()
	if d.checker == "" {
		return
	}
	ctx, cancel := context.WithTimeout(v.ctx, pageTime)
	defer cancel()
	await := func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
	for _, look := range looks {
		var found string
		var wide bool
		var png []byte
		require.NoError(d, chromedp.Run(ctx,
			emulation.SetDeviceMetricsOverride(look.width, look.height, 1, false),
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}),
			chromedp.Evaluate(d.checker+";0", nil),
			chromedp.Evaluate(violations, &found, await),
			chromedp.Evaluate(`document.documentElement.scrollWidth > innerWidth`, &wide),
			chromedp.FullScreenshot(&png, 100),
		), "%s, %s", name, look.name)
		require.Empty(d, found, "%s, %s", name, look.name)
		require.False(d, wide, "%s, %s: scrolls sideways", name, look.name)
		if folder := os.Getenv("VOICEHIVE_SCREENSHOTS"); folder != "" {
			require.NoError(d, os.WriteFile(filepath.Join(folder, name+"-"+look.name+".png"), png, 0o600))
		}
	}
}

// axe is the checker's source, where scripts/setup puts it.
func axe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "bin", "axe", "node_modules", "axe-core", "axe.min.js"))
	require.NoError(t, err, "scripts/setup axe installs the checker")
	return string(source)
}
