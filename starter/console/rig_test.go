package console_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/connectors/registry"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
	"github.com/voicehive/voicehive/starter/console"
)

const (
	aurora  = "aurora-berlin"
	harbour = "harbour-cork"
)

// rig is a console on a real key database, audit outbox and issuer, with the
// parts that act replaced by ones that remember.
type rig struct {
	*testing.T
	issuer   *issuer
	server   *httptest.Server
	journal  *journal
	cases    *cases
	people   *people
	holds    *holdsOf
	retained *retained
	packs    string // the folder of the packs that are kept
	options  console.Options
	members  map[string]map[string][]string // hotel, role, subjects
	log      *lockedBuffer
	ahead    atomic.Int64 // how far the console's clock is ahead
}

func newRig(t *testing.T, change ...func(*console.Options)) *rig {
	t.Helper()
	root, err := keys.OpenLocalKeyring(filepath.Join(t.TempDir(), "keyring.yaml"), "development")
	require.NoError(t, err)
	ring := keys.New(keys.NewPostgres(postgrestest.New(t, keys.Migrations).Pool(t)), root, keys.Options{})
	for _, tenant := range []string{audit.HouseTenant, aurora, harbour} {
		require.NoError(t, ring.EnsureTenant(t.Context(), tenant))
	}
	r := &rig{T: t, issuer: newIssuer(t), members: map[string]map[string][]string{}, log: &lockedBuffer{}, cases: newCases(), people: &people{}, holds: &holdsOf{}, retained: &retained{}}
	pool := postgrestest.New(t, postgres.Migrations).Pool(t)
	r.journal = &journal{Ledger: console.Ledger{Pool: pool, Writer: audit.NewWriter(ring)}}
	r.packs = t.TempDir()
	store, err := objects.OpenDirectory(r.packs)
	require.NoError(t, err)
	shelf := &evidence.Shelf{Pool: pool, Auditor: r.journal.Writer, Store: store, Term: 24 * time.Hour, Temp: t.TempDir()}
	r.cases.ring = ring
	r.holds.name = func(subject string) string { return r.cases.actor(context.Background(), aurora, subject) }
	r.retained.name = r.holds.name
	r.server = httptest.NewUnstartedServer(nil)
	at := "http://" + r.server.Listener.Addr().String() + "/console"
	gate, err := auth.New(auth.Options{Issuers: []auth.Issuer{{URL: r.issuer.URL, Audience: "voicehive"}}})
	require.NoError(t, err)
	o := console.Options{
		Login: console.Login{Issuer: r.issuer.URL, ClientID: clientID, URL: at, Client: http.DefaultClient},
		Auth:  gate, Hotels: hotels{}, Keys: ring, Journal: r.journal, Ended: &console.EndedSessions{Pool: pool},
		Members: func(_ context.Context, hotel string) (map[string][]string, error) { return r.members[hotel], nil },
		People:  r.people, Consents: &consents{}, Cases: r.cases, Erasures: &plans{}, Log: &logOf{}, Holds: r.holds, Retention: r.retained, Evidence: packs{}, Packs: starter.NewPacks(hotels{}, shelf, ring),
		TemporalUI: "https://temporal.example.com", Namespace: "voicehive",
		Logger: slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:    func() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) },
	}
	for _, c := range change {
		c(&o)
	}
	r.options = o
	handler, err := console.New(o)
	require.NoError(t, err)
	r.server.Config.Handler = http.StripPrefix("/console", handler)
	r.server.Start()
	t.Cleanup(r.server.Close)
	return r
}

func (r *rig) url(path string) string { return r.server.URL + "/console" + path }

// another is a second process of the console: it shares databases and keys with
// the first, and nothing else.
func (r *rig) another() (url func(path string) string) {
	r.Helper()
	handler, err := console.New(r.options)
	require.NoError(r, err)
	server := httptest.NewServer(http.StripPrefix("/console", handler))
	r.Cleanup(server.Close)
	return func(path string) string { return server.URL + "/console" + path }
}

// hotels are the registry's.
type hotels struct{}

func (hotels) List(context.Context) ([]registry.Hotel, error) {
	return []registry.Hotel{
		{ID: aurora, Name: "Hotel Aurora", TimeZone: "Europe/Berlin", Country: "DE", Languages: []string{"de", "en"}},
		{ID: harbour, Name: "Harbour House", TimeZone: "Europe/Dublin", Country: "IE", Languages: []string{"en"}},
	}, nil
}

func (h hotels) Hotel(ctx context.Context, id string) (registry.Hotel, error) {
	all, _ := h.List(ctx)
	i := slices.IndexFunc(all, func(h registry.Hotel) bool { return h.ID == id })
	if i < 0 {
		return registry.Hotel{}, registry.ErrUnknownHotel
	}
	return all[i], nil
}

// A browser keeps cookies and follows redirects within the console.
type browser struct {
	*rig
	client *http.Client
}

func (r *rig) browser() *browser {
	kept, err := cookiejar.New(nil)
	require.NoError(r, err)
	return &browser{r, &http.Client{Jar: kept, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// An answer is a page with its status.
type answer struct {
	*http.Response
	body string
}

func (b *browser) do(q *http.Request) answer {
	b.Helper()
	w, err := b.client.Do(q)
	require.NoError(b, err)
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	require.NoError(b, err)
	return answer{w, string(text)}
}

// get loads a page as a click on a link does.
func (b *browser) get(path string) answer {
	b.Helper()
	q, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.at(path), nil)
	require.NoError(b, err)
	w := b.do(q)
	for hops := 0; w.StatusCode == http.StatusSeeOther && hops < 5; hops++ {
		to, err := q.URL.Parse(w.Header.Get("Location"))
		require.NoError(b, err)
		if to.Host != q.URL.Host {
			return w
		}
		q, err = http.NewRequestWithContext(b.Context(), http.MethodGet, to.String(), nil)
		require.NoError(b, err)
		w = b.do(q)
	}
	return w
}

func (b *browser) at(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return b.url(path)
}

// post sends a form as one of the console's pages does.
func (b *browser) post(path string, form url.Values) answer {
	b.Helper()
	q, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.at(path), strings.NewReader(form.Encode()))
	require.NoError(b, err)
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(q)
}

var tokenPattern = regexp.MustCompile(`name="token" value="([^"]+)"`)

// token is that of the session's forms.
func (b *browser) token() string {
	b.Helper()
	found := tokenPattern.FindStringSubmatch(b.get("/h/" + aurora + "/").body)
	require.NotNil(b, found, "the page has no form")
	return found[1]
}

// with is a form of the session.
func (b *browser) with(pairs ...string) url.Values {
	b.Helper()
	form := url.Values{"token": {b.token()}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// officer is a compliance officer of a hotel.
func officer(sub string, at ...string) loginAs {
	return loginAs{sub: sub, name: "Olive Officer", roles: []string{"compliance"}, hotels: at, life: time.Hour}
}

// begin goes to the provider and returns what it was asked.
func (b *browser) begin(next string) url.Values {
	b.Helper()
	w := b.get("/login?next=" + url.QueryEscape(next))
	require.Equal(b, http.StatusSeeOther, w.StatusCode, w.body)
	to, err := url.Parse(w.Header.Get("Location"))
	require.NoError(b, err)
	require.Equal(b, b.issuer.URL+"/authorize", to.Scheme+"://"+to.Host+to.Path)
	return to.Query()
}

// come returns from the provider.
func (b *browser) come(asked url.Values, as loginAs) answer {
	b.Helper()
	as.asked = asked
	return b.get("/callback?code=" + b.issuer.code(as) + "&state=" + url.QueryEscape(asked.Get("state")))
}

// logIn logs in and returns the first page.
func (b *browser) logIn(as loginAs) answer {
	b.Helper()
	return b.come(b.begin("/"), as)
}

// loggedIn is a browser of an officer of the hotel.
func (r *rig) loggedIn(sub string) *browser {
	r.Helper()
	b := r.browser()
	w := b.logIn(officer(sub, aurora))
	require.Equal(r, http.StatusOK, w.StatusCode, w.body)
	return b
}

// journal is the real one, which can fail and remembers.
type journal struct {
	console.Ledger
	mu     sync.Mutex
	events []audit.Event
	down   atomic.Bool
}

var errDown = errors.New("down for the test")

func (j *journal) Record(ctx context.Context, e audit.Event) error {
	if j.down.Load() {
		return errDown
	}
	if err := j.Ledger.Record(ctx, e); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
	return nil
}

func (j *journal) kinds() (all []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.events {
		all = append(all, string(e.Kind))
	}
	return all
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
