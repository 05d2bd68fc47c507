package console_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/console"
)

const here = "/h/aurora-berlin"

var (
	rowPattern  = regexp.MustCompile(`/requests/([0-9A-Z]{26})"`)
	nextPattern = regexp.MustCompile(`<a href="([^"]+)" rel="next"`)
)

func TestRequestsArePaged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	require.Contains(t, b.get(here+"/requests").body, "No request is open", "an empty list tells the next step")
	for n := range 60 {
		r.cases.add(rights.Kinds()[n%6], rights.Deciding, time.Duration(n)*time.Hour)
	}
	r.cases.add(rights.Erasure, rights.Completed, 90*time.Hour, func(c *starter.Case) { c.ClosedAt = time.Now() })
	list := func(query string) (seen []string, pages int) {
		for path := here + "/requests" + query; path != ""; pages++ {
			w := b.get(path)
			require.Equal(t, http.StatusOK, w.StatusCode)
			for _, id := range rowPattern.FindAllStringSubmatch(w.body, -1) {
				require.NotContains(t, seen, id[1])
				seen = append(seen, id[1])
			}
			path = ""
			if next := nextPattern.FindStringSubmatch(w.body); next != nil {
				path = strings.TrimPrefix(strings.ReplaceAll(next[1], "&amp;", "&"), "/console")
			}
			require.Less(t, pages, 9)
		}
		return seen, pages
	}
	for query, want := range map[string][2]int{
		"": {60, 3}, "?show=all": {61, 3}, "?show=completed": {1, 1}, "?kind=erasure": {10, 1}, "?show=all&kind=erasure": {11, 1}, "?soon=1": {0, 1},
		"?show=nonsense&kind=nonsense&after=nonsense": {0, 1},
	} {
		seen, pages := list(query)
		if query == "?show=nonsense&kind=nonsense&after=nonsense" {
			continue // anything but a fault
		}
		require.Len(t, seen, want[0], query)
		require.Equal(t, want[1], pages, query)
	}
}

// A text of a guest, of a caller or of the identity provider stays a text.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser()
	as := officer("olive"+hostile, aurora)
	as.name = hostile
	require.Equal(t, http.StatusOK, b.logIn(as).StatusCode)
	c := r.cases.add(rights.Erasure, rights.Deciding, time.Hour, func(c *starter.Case) { c.Language, c.OpenedBy = hostile, hostile })
	r.cases.said[c.ID] = starter.CaseWords{Words: hostile, Person: &starter.PersonQuery{LastName: hostile}, Email: hostile}
	at := here + "/requests/" + c.ID
	for path, form := range map[string]url.Values{
		at: nil, here + "/requests?after=" + url.QueryEscape(hostile) + "&kind=" + url.QueryEscape(hostile): nil, "/h/" + url.PathEscape(hostile) + "/": nil,
		here + "/audit/entries?scope=" + url.QueryEscape(hostile): nil, here + "/?done=" + url.QueryEscape(hostile): nil, "/" + url.PathEscape(hostile): nil,
		at + "/words": b.with(), here + "/guests": b.with("last_name", hostile, "number", ""), here + "/guest": b.with("subject", guestNumber, "at", hostile),
		here + "/requests/new": b.with("kind", "objection", "words", hostile, "phone", hostile, "once", hostile), here + "/holds/new": b.with("matter", hostile, "kind", "hotel", "review", hostile),
		here + "/evidence": b.with("from", hostile, "until", hostile),
	} {
		var w answer
		if form == nil {
			w = b.get(path)
		} else {
			w = b.post(path, form)
		}
		require.NotContains(t, w.body, "<script", path)
		require.NotContains(t, w.body, `"><`+"script", path)
		if strings.HasSuffix(path, "/words") {
			require.Contains(t, w.body, "&lt;script&gt;", path)
		}
	}
}

// Whom a page is about is asked by POST, answered at once, and stands neither in
// an address nor in the log.
func TestNothingOfAGuestStandsInAnAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	const name, mail = "Lovelace", "ada.lovelace@example.test"
	w := b.post(here+"/guests", b.with("last_name", name, "email", mail))
	require.Equal(t, http.StatusOK, w.StatusCode, "no address to go to")
	require.Empty(t, w.Header.Get("Location"))
	require.Contains(t, w.body, "2 guests match")
	require.Equal(t, "no-store", w.Header.Get("Cache-Control"))
	for _, href := range regexp.MustCompile(`(?:href|action)="([^"]*)"`).FindAllStringSubmatch(w.body, -1) {
		for _, secret := range []string{name, mail, "ada", guestNumber} {
			require.NotContains(t, href[1], secret)
		}
	}
	w = b.post(here+"/guest", b.with("subject", guestNumber))
	require.Equal(t, http.StatusOK, w.StatusCode)
	require.Contains(t, w.body, "Consents of a guest")
	for _, href := range regexp.MustCompile(`(?:href|action)="([^"]*)"`).FindAllStringSubmatch(w.body, -1) {
		require.NotContains(t, href[1], guestNumber)
	}
	// A search in the address is none.
	before := len(r.people.asked)
	require.NotContains(t, b.get(here+"/guests?email="+mail).body, "guests match")
	require.Len(t, r.people.asked, before)
	for _, secret := range []string{name, mail, guestNumber} {
		require.NotContains(t, r.log.String(), secret)
	}
	for _, e := range r.journal.events {
		require.NotContains(t, e.Actor, "olive")
	}
}

func TestGuests(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	require.Contains(t, b.post(here+"/guests", b.with("last_name", "Nobody")).body, "Nobody matches")
	require.Contains(t, b.post(here+"/guests", b.with("number", strings.ToLower(bookingID))).body, "1 guest matches")
	w := b.post(here+"/guests", b.with("number", "R-4711-B"))
	require.Equal(t, http.StatusNotFound, w.StatusCode)
	require.Contains(t, w.body, `value="R-4711-B"`, "the form keeps what was typed")
	require.Contains(t, w.body, `href="#number"`)
	require.Equal(t, http.StatusUnprocessableEntity, b.post(here+"/guests", b.with()).StatusCode)

	w = b.post(here+"/guest", b.with("subject", guestNumber))
	require.Regexp(t, `(?s)Recording</span>\s*<span class="badge good">Allowed`, w.body)
	require.Regexp(t, `(?s)Marketing</span>\s*<span class="badge bad">Not allowed`, w.body)
	require.Regexp(t, `(?s)Profile</span>\s*<span class="badge">Never asked`, w.body)
	past := time.Now().Add(-30 * 24 * time.Hour).Format("2006-01-02T15:04")
	w = b.post(here+"/guest", b.with("subject", guestNumber, "at", past))
	require.Regexp(t, `(?s)Recording</span>\s*<span class="badge">Never asked`, w.body, "at that time nothing was said")
	require.Equal(t, http.StatusUnprocessableEntity, b.post(here+"/guest", b.with("subject", guestNumber, "at", "yesterday")).StatusCode)
	require.Equal(t, http.StatusNotFound, b.post(here+"/guest", b.with("subject", "6f1d2c3b-0a1e-4b5c-8d7e-9f0a1b2c3d4f")).StatusCode)
	require.Contains(t, r.journal.kinds(), "console.consent_shown")

	r.journal.down.Store(true)
	w = b.post(here+"/guest", b.with("subject", guestNumber))
	require.Equal(t, http.StatusServiceUnavailable, w.StatusCode, "what cannot be written down is not shown")
	require.NotContains(t, w.body, "Recording")
}

func TestARequestFromEndToEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	olive, otto := r.loggedIn("olive"), r.loggedIn("otto")
	open := olive.with("kind", "erasure", "number", bookingID, "words", "Forget me, please", "once", "key-1")
	w := olive.post(here+"/requests/new", open)
	require.Equal(t, http.StatusSeeOther, w.StatusCode, w.body)
	again := olive.post(here+"/requests/new", open)
	require.Equal(t, w.Header.Get("Location"), again.Header.Get("Location"), "a form that is sent twice opens one request")
	at := strings.TrimPrefix(strings.TrimSuffix(w.Header.Get("Location"), "?done=opened"), "/console")
	page := olive.get(at + "?done=opened")
	require.Contains(t, page.body, "The request is kept")
	require.Contains(t, page.body, "Have the person prove who they are")
	require.Contains(t, page.body, "§ 147 AO", "the verdicts")
	require.Contains(t, page.body, `href="https://temporal.example.com/namespaces/voicehive/workflows/dsar%2Faurora-berlin%2F`)
	require.NotContains(t, page.body, "Forget me")
	require.Contains(t, olive.post(at+"/words", olive.with()).body, "Forget me, please")

	w = olive.post(at+"/verify", olive.with("code", "000000", "once", "k0"))
	require.Equal(t, http.StatusUnprocessableEntity, w.StatusCode)
	require.Contains(t, w.body, "The code is wrong")
	require.Equal(t, http.StatusUnprocessableEntity, olive.post(at+"/verify", olive.with("once", "k0")).StatusCode)
	require.Equal(t, http.StatusSeeOther, olive.post(at+"/verify", olive.with("code", "123456", "once", "k1")).StatusCode)
	page = olive.get(at)
	require.Contains(t, page.body, `name="plan" value="cafe"`)
	r.cases.plan("beef")
	w = olive.post(at+"/approve", olive.with("once", "k2", "plan", "cafe"))
	require.Equal(t, http.StatusConflict, w.StatusCode, "another plan than the one that was seen")
	require.Contains(t, w.body, `name="plan" value="beef"`, "and there it is")
	r.cases.plan("cafe")
	require.Equal(t, http.StatusSeeOther, olive.post(at+"/approve", olive.with("once", "k2", "plan", "cafe")).StatusCode)
	require.Equal(t, http.StatusSeeOther, olive.post(at+"/approve", olive.with("once", "k2", "plan", "cafe")).StatusCode, "the same click twice")
	page = olive.get(at)
	require.Contains(t, page.body, "You have approved")
	require.NotContains(t, page.body, ">Approve</button>")
	require.Contains(t, page.body, "(you)")
	w = olive.post(at+"/approve", olive.with("once", "k3", "plan", "cafe"))
	require.Equal(t, http.StatusConflict, w.StatusCode, "four eyes")
	require.Contains(t, otto.get(at).body, ">Approve</button>")
	require.Equal(t, http.StatusSeeOther, otto.post(at+"/approve", otto.with("once", "k4", "plan", "cafe")).StatusCode)
	page = otto.get(at)
	require.Contains(t, page.body, "Completed")
	require.NotContains(t, page.body, "Other ways")
	file := otto.get(at + "/certificate")
	require.Contains(t, file.Header.Get("Content-Disposition"), "attachment")
	require.Contains(t, file.body, "in-toto")
	require.Contains(t, r.journal.kinds(), "console.downloaded")
	for _, act := range r.cases.done() {
		require.Regexp(t, `^\w+ [0-9A-Z]{26} http://127\.0\.0\.1:\d+#(olive|otto) `, act, "who acts is known by issuer and sub")
	}
}

// TestWhatWaitsIsToldOfTheActAlone: an act that is not settled yet says so, and
// the next one of its kind does not.
func TestWhatWaitsIsToldOfTheActAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.cases.slow = "k1"
	b := r.loggedIn("olive")
	for _, told := range []string{"pending", "approved"} {
		key := map[string]string{"pending": "k1", "approved": "k2"}[told]
		c := r.cases.add(rights.Erasure, rights.Deciding, time.Hour)
		w := b.post(here+"/requests/"+c.ID+"/approve", b.with("once", key, "plan", "cafe"))
		require.Contains(t, w.Header.Get("Location"), "?done="+told)
	}
}

func TestRequestsThatAreEndedOtherwise(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	for path, good := range map[string]url.Values{
		"extend": b.with("reason", "complexity", "once", "e"), "refuse": b.with("reason", "identity", "once", "r"), "withdraw": b.with("once", "w"), "vouch": b.with("once", "v"), "code": b.with("once", "c"),
	} {
		c := r.cases.add(rights.Access, rights.Verifying, time.Hour)
		at := here + "/requests/" + c.ID
		if path == "extend" || path == "refuse" {
			require.Equal(t, http.StatusUnprocessableEntity, b.post(at+"/"+path, b.with("once", "x"+path)).StatusCode, path)
		}
		require.Equal(t, http.StatusSeeOther, b.post(at+"/"+path, good).StatusCode, path)
	}
	require.Equal(t, http.StatusNotFound, b.get(here+"/requests/01JD3Z8Q4X0000000000000000").StatusCode)
	require.Equal(t, http.StatusNotFound, b.get(here+"/requests/01JD3Z8Q4X0000000000000000/certificate").StatusCode)
}

func TestNewRequestForms(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	require.Contains(t, b.get(here+"/requests/new").body, "Which right")
	for kind, label := range map[rights.Kind]string{
		rights.Rectification: "Right last name", rights.Objection: "Direct marketing", rights.Restriction: "End the restriction", rights.Access: "Booking number",
	} {
		require.Contains(t, b.get(here+"/requests/new?kind="+string(kind)).body, label)
	}
	w := b.post(here+"/requests/new", b.with("kind", "objection", "words", "No more letters", "email", "x@example.test", "once", "k"))
	require.Equal(t, http.StatusUnprocessableEntity, w.StatusCode)
	require.Contains(t, w.body, "No more letters", "the form keeps what was typed")
	require.Contains(t, w.body, `href="#purposes"`)
	require.Equal(t, http.StatusUnprocessableEntity, b.post(here+"/requests/new", b.with("kind", "access", "received", "last week")).StatusCode)
	require.Equal(t, http.StatusNotFound, b.post(here+"/requests/new", b.with("kind", "access", "number", "R-1")).StatusCode)
	require.Empty(t, r.cases.done())
}

func TestHoldsNeedTwoPeople(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	olive, otto := r.loggedIn("olive"), r.loggedIn("otto")
	require.Contains(t, olive.get(here+"/holds").body, "No hold binds")
	review := time.Now().AddDate(0, 2, 0).Format(time.DateOnly)
	for name, form := range map[string]url.Values{
		"a name for a matter": olive.with("once", "ABCDEFGHIJKLMNOPQRSTUVWXY2", "matter", "Ada Lovelace", "reason", "litigation", "kind", "booking", "number", bookingID, "review", review),
		"no review":           olive.with("once", "ABCDEFGHIJKLMNOPQRSTUVWXY2", "matter", "2026-17", "reason", "litigation", "kind", "booking", "number", bookingID),
		"no such booking":     olive.with("once", "ABCDEFGHIJKLMNOPQRSTUVWXY2", "matter", "2026-17", "reason", "litigation", "kind", "booking", "number", "R-1", "review", review),
	} {
		w := olive.post(here+"/holds/new", form)
		require.Contains(t, []int{http.StatusUnprocessableEntity, http.StatusNotFound}, w.StatusCode, name)
		require.NotContains(t, w.body, "holds: ", name)
		require.Contains(t, w.body, "<title>Error: ", name)
	}
	require.Equal(t, http.StatusUnprocessableEntity, olive.post(here+"/holds/new", olive.with("matter", "2026-17", "reason", "litigation", "kind", "hotel", "review", review)).StatusCode, "no key")
	w := olive.post(here+"/holds/new", olive.with("once", "ABCDEFGHIJKLMNOPQRSTUVWXY2", "matter", "2026-17", "reason", "litigation", "kind", "subject", "number", bookingID, "review", review))
	require.Equal(t, http.StatusSeeOther, w.StatusCode, w.body)
	at := here + "/holds/" + r.holds.all[0].ID
	require.Contains(t, olive.get(at).body, "another officer has to approve it")
	require.Equal(t, http.StatusSeeOther, otto.post(at+"/approve", otto.with()).StatusCode)
	require.Equal(t, http.StatusSeeOther, otto.post(at+"/review", otto.with("review", review)).StatusCode)
	require.Equal(t, http.StatusUnprocessableEntity, otto.post(at+"/review", otto.with("review", "soon")).StatusCode)
	require.Equal(t, http.StatusSeeOther, otto.post(at+"/release", otto.with()).StatusCode)
	require.Equal(t, http.StatusConflict, otto.post(at+"/release", otto.with()).StatusCode, "four eyes")
	require.Equal(t, http.StatusSeeOther, olive.post(at+"/release", olive.with()).StatusCode)
	require.Equal(t, holds.Grace, r.holds.all[0].State)
	require.Equal(t, http.StatusNotFound, olive.get(here+"/holds/01JD3Z8Q4X0000000000000000").StatusCode)
}

func TestRetention(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	olive, otto := r.loggedIn("olive"), r.loggedIn("otto")
	require.Contains(t, olive.get(here+"/retention").body, "There was no run yet")
	done := r.retained.add(retention.Done, "schedule", planOf("2026-11-20", 8, 31, 700))
	w := olive.post(here+"/retention/plan", olive.with())
	require.Equal(t, http.StatusOK, w.StatusCode)
	for _, text := range []string{"912 rows would go", "+4 more", "31 fewer", "+200 more", "Nothing any more"} {
		require.Contains(t, w.body, text, "the dry run beside the run before it")
	}
	policy := olive.get(here + "/retention/policy").body
	for _, text := range []string{"8 years", "after calendar year end", "§ 147 AO", "Not by a lawyer yet", "30 days", "The hotel's own: 14 days"} {
		require.Contains(t, policy, text)
	}
	require.NotContains(t, olive.get(here+"/retention/policy?class=recording").body, "§ 147 AO")

	w = olive.post(here+"/retention/run", olive.with())
	require.Equal(t, http.StatusSeeOther, w.StatusCode)
	at := here + "/retention/runs/" + r.retained.all[0].ID
	require.Contains(t, olive.get(at).body, "more than three times what is usual")
	require.Equal(t, http.StatusConflict, olive.post(at+"/decide", olive.with("plan", "cafe")).StatusCode, "four eyes")
	require.Equal(t, http.StatusConflict, otto.post(at+"/decide", otto.with("plan", "beef")).StatusCode, "another plan than the one that was seen")
	require.Equal(t, http.StatusSeeOther, otto.post(at+"/decide", otto.with("plan", "cafe")).StatusCode)
	require.Equal(t, retention.Running, r.retained.all[0].State)
	require.Equal(t, http.StatusNotFound, olive.get(at+"/certificate").StatusCode)
	require.Equal(t, http.StatusOK, olive.get(here+"/retention/runs/"+done.ID+"/certificate").StatusCode)
	require.Equal(t, http.StatusNotFound, olive.get(here+"/retention/runs/01JD3Z8Q4X0000000000000000").StatusCode)
}

func TestAuditPages(t *testing.T) {
	t.Parallel()
	log := &logOf{}
	r := newRig(t, func(o *console.Options) { o.Log = log })
	b := r.loggedIn("olive")
	require.Contains(t, b.get(here+"/audit").body, "voicehive.local/2026")
	require.Contains(t, b.post(here+"/audit/check", b.with()).body, "The log is right")
	log.wrong = true
	w := b.post(here+"/audit/check", b.with())
	require.Contains(t, w.body, "The log is not right: 1 finding")
	require.Contains(t, w.body, "Entry 4100")
	require.Contains(t, b.get(here+"/audit/entries?scope="+bookingID).body, "/audit/entries/2026/17")
	require.Equal(t, http.StatusUnprocessableEntity, b.get(here+"/audit/entries?scope=R-1").StatusCode)
	require.Equal(t, "c2sp.org/tlog-proof@v1\n", b.get(here+"/audit/entries/2026/17").body)
	for _, path := range []string{"2026/18", "2026/x", "x/17"} {
		require.Equal(t, http.StatusNotFound, b.get(here+"/audit/entries/"+path).StatusCode, path)
	}
	pack := b.post(here+"/audit/pack", b.with())
	require.Equal(t, "PK", pack.body)
	require.Equal(t, "application/zip", pack.Header.Get("Content-Type"))
	require.Equal(t, []string{"console.logged_in", "console.audit_verified", "console.audit_verified", "console.downloaded", "console.downloaded"}, r.journal.kinds())
	r.journal.down.Store(true)
	require.Equal(t, http.StatusServiceUnavailable, b.get(here+"/audit/entries/2026/17").StatusCode)
	require.Equal(t, http.StatusServiceUnavailable, b.post(here+"/audit/pack", b.with()).StatusCode)
}

// What nobody gives has no page and no link.
func TestPartsThatAreNotThere(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *console.Options) {
		o.Cases, o.Holds, o.Retention, o.Evidence, o.Log, o.People = nil, nil, nil, nil, nil, nil
	})
	b := r.loggedIn("olive")
	w := b.get(here + "/")
	require.Equal(t, http.StatusOK, w.StatusCode)
	for _, path := range []string{"/requests", "/holds", "/retention", "/evidence", "/audit", "/guests"} {
		require.NotContains(t, w.body, `href="/console`+here+path, path)
		require.Equal(t, http.StatusNotFound, b.get(here+path).StatusCode, path)
	}
}

// TestOverviewTellsWhatIsDueNext: what a person has to do first stands at the
// top, whichever part it is of.
func TestOverviewTellsWhatIsDueNext(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	due := func() string {
		t.Helper()
		found := regexp.MustCompile(`(?s)<section class="card duenext[^>]*>.*?</section>`).FindString(b.get(here + "/").body)
		return html.UnescapeString(regexp.MustCompile(`<[^>]*>|\s+`).ReplaceAllString(found, " "))
	}
	require.Empty(t, due())
	require.Contains(t, b.get(here+"/").body, "Nothing is due")
	machine := r.cases.add(rights.Objection, rights.CarryingOut, 25*24*time.Hour)
	require.Contains(t, due(), machine.ID[20:], "what the machines do is due as well")
	far := r.cases.add(rights.Access, rights.Verifying, time.Hour)
	require.Contains(t, due(), far.ID[20:], "what waits for a person comes first")
	run := r.retained.add(retention.Waiting, "schedule", planOf("2026-11-22", 9, 31, 1700))
	require.Contains(t, due(), "Retention run of")
	require.Contains(t, b.get(here+"/").body, `href="/console`+here+"/retention/runs/"+run.ID)
	_, err := r.holds.Place(t.Context(), aurora, "otto", starter.HoldRequest{Matter: "2026-17", Reason: holds.Audit, Kind: holds.Hotel, ReviewAt: time.Now().AddDate(0, 3, 0), Key: "k"})
	require.NoError(t, err)
	require.Contains(t, due(), "Legal hold 2026-17")
	near := r.cases.add(rights.Erasure, rights.Deciding, 20*24*time.Hour)
	require.Contains(t, due(), near.ID[20:])
	require.Contains(t, due(), "The house's own date; the law's is")
	r.cases.add(rights.Erasure, rights.Deciding, 40*24*time.Hour)
	require.Contains(t, due(), "overdue")
}

// A part that cannot be asked keeps the overview from nobody.
func TestOverviewWithoutAPart(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *console.Options) { o.Log = &brokenLog{} })
	r.cases.add(rights.Erasure, rights.Deciding, time.Hour)
	b := r.loggedIn("olive")
	w := b.get(here + "/")
	require.Equal(t, http.StatusOK, w.StatusCode)
	require.Contains(t, w.body, "cannot be read just now")
	require.Contains(t, w.body, "Approve: 0 of 2 have")
	w = b.get(here + "/audit")
	require.Equal(t, http.StatusInternalServerError, w.StatusCode)
	require.NotContains(t, w.body, errDown.Error(), "what went wrong is in the log")
	require.Contains(t, r.log.String(), errDown.Error())
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn("olive")
	require.Contains(t, b.get(here+"/evidence").body, "No pack is kept yet")
	w := b.post(here+"/evidence", b.with("from", "2026-01-01", "until", "2026-03-31"))
	require.Equal(t, http.StatusOK, w.StatusCode, w.body)
	require.Contains(t, w.body, "Just collected")
	require.Contains(t, w.body, "1 satisfied, 1 not satisfied, 1 not tested")
	require.Contains(t, w.body, "The pack is whole")
	w = b.post(here+"/evidence", b.with("from", "2026-01-01", "until", "2026-03-31", "download", "1"))
	require.Equal(t, `attachment; filename="evidence-aurora-berlin-2026-01-01-2026-03-31.zip"`, w.Header.Get("Content-Disposition"))
	require.Equal(t, "PK", w.body)
	require.Contains(t, r.journal.kinds(), "console.downloaded")
	for _, days := range [][2]string{{"2026-03-31", "2026-01-01"}, {"soon", "2026-01-01"}, {"2026-01-01", "2999-01-01"}} {
		require.Equal(t, http.StatusUnprocessableEntity, b.post(here+"/evidence", b.with("from", days[0], "until", days[1])).StatusCode, days)
	}
}
