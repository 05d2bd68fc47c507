//go:build unix

package api

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/calls/transcript"
	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/pii"
	processing "github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/internal/objects"
	"github.com/voicehive/voicehive/internal/postgres"
)

// oneCase is a request about one call.
type oneCase struct{ id, call string }

func (c oneCase) Read(context.Context, string, string) (rights.Case, error) {
	return rights.Case{Hotel: consenttest.Aurora, ID: c.id, Kind: rights.Access}, nil
}
func (c oneCase) Wish(context.Context, string, string) (rights.Wish, error) {
	return rights.Wish{}, nil
}
func (c oneCase) People(context.Context, string, string) (rights.People, error) {
	return rights.People{Scopes: []string{c.call}}, nil
}
func (c oneCase) Reply(context.Context, string, string) (rights.Reply, bool, error) {
	return rights.Reply{}, false, nil
}

// exporting is an API that hands out one pack.
type exporting struct {
	t    *testing.T
	desk *access.Desk
	pack access.Pack
	url  string
}

func newExporting(t *testing.T) *exporting {
	h := consenttest.New(t)
	c := oneCase{h.Scope(consenttest.Aurora), h.Call(consenttest.Aurora, time.Minute).ID}
	require.NoError(t, h.Ring.Ensure(t.Context(), keys.Case, keys.Scope{Tenant: consenttest.Aurora, ID: c.id}))
	known, err := processing.Load()
	require.NoError(t, err)
	detector := pii.New(pii.Options{})
	e := &exporting{t: t}
	e.desk, err = access.New(access.Parts{
		Pool: h.Pool, Keys: h.Ring, Auditor: h.Writer, Cases: c, Calls: h.Calls, Consents: h.Consents, Detector: detector, Register: known,
		Transcripts: transcript.New(transcript.Parts{Calls: h.Calls, Keys: h.Ring, Detector: detector, Pool: h.Pool, Auditor: h.Writer}),
		Hotels: func(context.Context, string) (access.Hotel, error) {
			return access.Hotel{Name: "Aurora", Country: "DE"}, nil
		},
		Objects: objects.NewErasableDirectory(filepath.Join(t.TempDir(), "objects")), Temp: t.TempDir(),
	})
	require.NoError(t, err)
	e.pack, err = e.desk.Build(t.Context(), consenttest.Aurora, c.id, false, func() {})
	require.NoError(t, err)
	e.serve()
	return e
}

// serve begins a server that has seen nobody yet.
func (e *exporting) serve() {
	e.t.Helper()
	handler, err := New(Options{Starter: &fakeStarter{}, Auth: fakeAuth{}, Exports: e.desk})
	require.NoError(e.t, err)
	server := httptest.NewServer(handler)
	e.t.Cleanup(server.Close)
	e.url = server.URL + "/v1/exports/"
}

func (e *exporting) link(attempt int) string {
	e.t.Helper()
	link, err := e.desk.MakeLink(e.t.Context(), consenttest.Aurora, e.pack, attempt, func(access.Link) (postgres.Step, error) {
		return func(context.Context, pgx.Tx) error { return nil }, nil
	})
	require.NoError(e.t, err)
	return link.Token
}

func (e *exporting) ask(method, token string, header ...string) (*http.Response, []byte) {
	e.t.Helper()
	r, err := http.NewRequestWithContext(e.t.Context(), method, e.url+token, nil)
	require.NoError(e.t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(e.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(e.t, err)
	return answer, body
}

func TestExportIsHandedOutOnce(t *testing.T) {
	t.Parallel()
	e := newExporting(t)
	token := e.link(1)
	// Whoever looks first, such as a mail filter, uses nothing up.
	for range 3 {
		answer, page := e.ask(http.MethodGet, token, "Accept-Language", "de")
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.Contains(t, string(page), `lang="de"`)
		require.Contains(t, string(page), "Jetzt abholen")
		require.NotContains(t, string(page), token)
	}
	answer, whole := e.ask(http.MethodPost, token)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Equal(t, "application/zip", answer.Header.Get("Content-Type"))
	require.Equal(t, "no-store", answer.Header.Get("Cache-Control"))
	require.Contains(t, answer.Header.Get("Content-Disposition"), "attachment")
	sum := sha256.Sum256(whole)
	require.Equal(t, "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":", answer.Header.Get("Repr-Digest"))
	_, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	require.NoError(t, err)
	answer, _ = e.ask(http.MethodPost, token)
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
}

// TestExportsCannotBeProbed: used, replaced, unknown and malformed links are
// answered alike, to the byte, for machines and in each language for people.
func TestExportsCannotBeProbed(t *testing.T) {
	t.Parallel()
	e := newExporting(t)
	used := e.link(1)
	e.ask(http.MethodPost, used)
	replaced := e.link(2)
	living := e.link(3)
	unknown := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	seen := map[string]bool{}
	for _, language := range []string{"", "en", "de", "fr", "es", "it", "nl", "pl"} {
		accept := "text/html,*/*"
		if language == "" {
			accept = "application/json"
		}
		e.serve()
		var first []byte
		for i, token := range []string{unknown, used, replaced, "open-sesame", unknown + "A"} {
			answer, body := e.ask(http.MethodPost, token, "Accept", accept, "Accept-Language", language)
			require.Equal(t, http.StatusNotFound, answer.StatusCode)
			body = bytes.ReplaceAll(body, []byte(answer.Header.Get("X-Request-Id")), nil)
			if i == 0 {
				first = body
				require.False(t, seen[string(body)], "each language has its own words")
				seen[string(body)] = true
			}
			require.Equal(t, string(first), string(body))
		}
		_, unknownPage := e.ask(http.MethodGet, unknown, "Accept-Language", language)
		_, livingPage := e.ask(http.MethodGet, living, "Accept-Language", language)
		require.Equal(t, string(unknownPage), string(livingPage))
	}
	answer, _ := e.ask(http.MethodPost, living)
	require.Equal(t, http.StatusOK, answer.StatusCode, "none of this used it up")
}

func TestTooManyLinksFromOneAddress(t *testing.T) {
	t.Parallel()
	e := newExporting(t)
	living := e.link(1)
	var last *http.Response
	for range 15 {
		last, _ = e.ask(http.MethodPost, strings.Repeat("A", 43))
	}
	require.Equal(t, http.StatusTooManyRequests, last.StatusCode)
	require.NotEmpty(t, last.Header.Get("Retry-After"))
	last, _ = e.ask(http.MethodPost, living)
	require.Equal(t, http.StatusTooManyRequests, last.StatusCode, "what it would be is not told either")
}

// TestABrokenExportCanBeFetchedAgain: the guest's line breaks in the middle.
func TestABrokenExportCanBeFetchedAgain(t *testing.T) {
	t.Parallel()
	e := newExporting(t)
	token := e.link(1)
	handler, err := New(Options{Starter: &fakeStarter{}, Auth: fakeAuth{}, Exports: e.desk})
	require.NoError(t, err)
	broken := &brokenLine{header: http.Header{}}
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		handler.ServeHTTP(broken, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/exports/"+token, nil))
	})
	answer, whole := e.ask(http.MethodPost, token)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Len(t, whole, int(e.pack.Bytes))
}

// brokenLine takes a few bytes and no more.
type brokenLine struct{ header http.Header }

func (b *brokenLine) Header() http.Header { return b.header }
func (b *brokenLine) WriteHeader(int)     {}
func (b *brokenLine) Write([]byte) (int, error) {
	return 0, io.ErrClosedPipe
}
