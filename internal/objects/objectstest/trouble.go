package objectstest

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/objects"
)

// troubles are what networks and servers do.
var troubles = map[string]func(*testing.T, Server){
	"survives a cut while it writes":    survivesCut,
	"survives a lost answer":            survivesLostAnswer,
	"survives a server that is busy":    survivesBusy,
	"notices a recording that is cut":   noticesTruncated,
	"notices a proof that is cut":       noticesTruncatedProof,
	"gives up on a silent server":       givesUp,
	"asks a silent server again":        asksAgain,
	"sees an erasure that is none":      seesNoErasure,
	"sees a lock that is not kept":      seesNoRetention,
	"follows nobody elsewhere":          followsNobody,
	"takes no other page for an answer": refusesOtherAnswers,
}

// front stands in front of a server and does what meddle says, which calls
// through for what the server is to do.
func front(t testing.TB, s Server, meddle func(w http.ResponseWriter, r *http.Request, through http.Handler)) string {
	target, err := url.Parse(s.Endpoint())
	require.NoError(t, err)
	through := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		Transport: transport(),
		ErrorLog:  log.New(io.Discard, "", 0), // cut lines are what is wanted
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { meddle(w, r, through) }))
	t.Cleanup(server.Close)
	return server.URL
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func survivesCut(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Versioned)
	var broken atomic.Bool
	broken.Store(true)
	at := front(t, s, func(w http.ResponseWriter, r *http.Request, through http.Handler) {
		if r.Method == http.MethodPut && broken.Load() {
			// Half of the bytes come through, and then the line is dead.
			r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, 1<<20), dead{}))
			through.ServeHTTP(httptest.NewRecorder(), r)
			cut(w)
			return
		}
		through.ServeHTTP(w, r)
	})
	b := erasableBucket(t, options(t, s, bucket, at))
	content := strings.Repeat("x", 2<<20)
	err := b.Put(t.Context(), "r/1", strings.NewReader(content))
	require.ErrorIs(t, err, objects.ErrUnreachable)
	absent(t, b, "r/1")
	broken.Store(false)
	require.NoError(t, b.Put(t.Context(), "r/1", strings.NewReader(content)))
	require.True(t, content == readAll(t, b, "r/1"))
}

// dead is a line that is cut.
type dead struct{}

// Read implements io.Reader.
func (dead) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// loses answers the first write of each method with a cut line, after it was
// done.
func loses() func(w http.ResponseWriter, r *http.Request, through http.Handler) {
	var puts, deletes atomic.Int32
	return func(w http.ResponseWriter, r *http.Request, through http.Handler) {
		if r.Method == http.MethodPut && puts.Add(1) == 1 || r.Method == http.MethodDelete && deletes.Add(1) == 1 {
			through.ServeHTTP(httptest.NewRecorder(), r)
			cut(w)
			return
		}
		through.ServeHTTP(w, r)
	}
}

func survivesLostAnswer(t *testing.T, s Server) {
	locked := bucketOf(t, s, Locked)
	require.NoError(t, lockedBucket(t, options(t, s, locked, front(t, s, loses()))).Put(t.Context(), "a", []byte("one")))
	require.Len(t, versionsIn(t, s, locked), 1)
	b := erasableBucket(t, options(t, s, bucketOf(t, s, Versioned), front(t, s, loses())))
	require.NoError(t, b.Put(t.Context(), "r/1", strings.NewReader("one")))
	require.NoError(t, b.Delete(t.Context(), "r/1"))
	absent(t, b, "r/1")
}

func survivesBusy(t *testing.T, s Server) {
	var asked atomic.Int32
	at := front(t, s, func(w http.ResponseWriter, r *http.Request, through http.Handler) {
		if asked.Add(1)%2 != 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "<Error><Code>SlowDown</Code><Message>Please.</Message></Error>")
			return
		}
		through.ServeHTTP(w, r)
	})
	b := lockedBucket(t, options(t, s, bucketOf(t, s, Locked), at))
	require.NoError(t, b.Put(t.Context(), "a", []byte("one")))
	content, err := b.Read(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "one", string(content))
	always := front(t, s, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.WriteHeader(http.StatusInternalServerError)
	})
	require.ErrorIs(t, lockedBucket(t, options(t, s, "bbb", always)).Check(t.Context()), objects.ErrUnreachable)
}

// truncates cuts the answers that hold an object.
func truncates(w http.ResponseWriter, r *http.Request, through http.Handler) {
	if r.Method != http.MethodGet || strings.Count(r.URL.Path, "/") < 3 {
		through.ServeHTTP(w, r)
		return
	}
	whole := httptest.NewRecorder()
	through.ServeHTTP(whole, r)
	for name, values := range whole.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(whole.Code)
	body := whole.Body.Bytes()
	_, _ = io.Copy(w, bytes.NewReader(body[:len(body)/2]))
	panic(http.ErrAbortHandler)
}

func noticesTruncated(t *testing.T, s Server) {
	b := erasableBucket(t, options(t, s, bucketOf(t, s, Versioned), front(t, s, truncates)))
	require.NoError(t, b.Put(t.Context(), "r/1", strings.NewReader(strings.Repeat("x", 1<<20))))
	body, err := b.Read(t.Context(), "r/1")
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, body)
	require.ErrorIs(t, err, objects.ErrTruncated)
	require.NoError(t, body.Close())
}

func noticesTruncatedProof(t *testing.T, s Server) {
	bucket := bucketOf(t, s, Locked)
	content := []byte(strings.Repeat("x", 64<<10))
	require.NoError(t, lockedBucket(t, options(t, s, bucket)).Put(t.Context(), "a", content))
	b := lockedBucket(t, options(t, s, bucket, front(t, s, truncates)))
	_, err := b.Read(t.Context(), "a")
	require.ErrorIs(t, err, objects.ErrTruncated)
	require.ErrorIs(t, b.Put(t.Context(), "a", content), objects.ErrTruncated, "what cannot be read back is not written")
}

func givesUp(t *testing.T, s Server) {
	over := make(chan struct{})
	at := front(t, s, func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		// The client's going is noticed only once its request was read.
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-over:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(over) }) // before the server in front ends
	o := options(t, s, "bbb", at)
	o.Patience = 20 * time.Millisecond
	require.ErrorIs(t, lockedBucket(t, o).Check(t.Context()), objects.ErrUnreachable)
	require.ErrorIs(t, lockedBucket(t, o).Put(t.Context(), "a", []byte("one")), objects.ErrUnreachable)
	require.ErrorIs(t, erasableBucket(t, o).Delete(t.Context(), "a"), objects.ErrUnreachable)
	_, err := erasableBucket(t, o).Read(t.Context(), "a")
	require.ErrorIs(t, err, objects.ErrUnreachable)
}

// seesNoRetention: servers that take the headers of a lock and do nothing, or
// less, are told by what they say afterwards.
func seesNoRetention(t *testing.T, s Server) {
	for name, answer := range map[string]string{
		"none":       "",
		"governance": "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2999-01-01T00:00:00Z</RetainUntilDate></Retention>",
		"short":      "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2026-01-01T00:00:00Z</RetainUntilDate></Retention>",
	} {
		at := front(t, s, func(w http.ResponseWriter, r *http.Request, through http.Handler) {
			switch {
			case !r.URL.Query().Has("retention"):
				through.ServeHTTP(w, r)
			case answer == "":
				w.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(w, "<Error><Code>NoSuchObjectLockConfiguration</Code></Error>")
			default:
				_, _ = io.WriteString(w, answer)
			}
		})
		b := lockedBucket(t, options(t, s, bucketOf(t, s, Locked), at))
		require.ErrorIs(t, b.Put(t.Context(), "a", []byte("one")), objects.ErrNoLock, name)
	}
}

func asksAgain(t *testing.T, s Server) {
	var asked atomic.Int32
	over := make(chan struct{})
	at := front(t, s, func(w http.ResponseWriter, r *http.Request, through http.Handler) {
		if asked.Add(1) == 1 {
			<-over
			return
		}
		through.ServeHTTP(w, r)
	})
	t.Cleanup(func() { close(over) })
	o := options(t, s, bucketOf(t, s, Locked), at)
	o.Patience = 2 * time.Second
	require.NoError(t, lockedBucket(t, o).Check(t.Context()))
}

// seesNoErasure: a server may say that it deleted, and not have done it.
func seesNoErasure(t *testing.T, s Server) {
	at := front(t, s, func(w http.ResponseWriter, r *http.Request, through http.Handler) {
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		through.ServeHTTP(w, r)
	})
	b := erasableBucket(t, options(t, s, bucketOf(t, s, Versioned), at))
	require.NoError(t, b.Put(t.Context(), "r/1", strings.NewReader("one")))
	require.ErrorIs(t, b.Delete(t.Context(), "r/1"), objects.ErrNotErased)
}

func followsNobody(t *testing.T, s Server) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(elsewhere.Close)
	at := front(t, s, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	require.ErrorIs(t, lockedBucket(t, options(t, s, "bbb", at)).Check(t.Context()), objects.ErrRegion)
	require.ErrorIs(t, erasableBucket(t, options(t, s, "bbb", at)).Delete(t.Context(), "a"), objects.ErrRegion)
	require.Zero(t, asked.Load())
}

// refusesOtherAnswers: a proxy's friendly page is neither a lock nor an erasure.
func refusesOtherAnswers(t *testing.T, s Server) {
	at := front(t, s, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		_, _ = io.WriteString(w, "<html><body>Welcome</body></html>")
	})
	require.Error(t, lockedBucket(t, options(t, s, "bbb", at)).Check(t.Context()))
	require.Error(t, erasableBucket(t, options(t, s, "bbb", at)).Delete(t.Context(), "a"))
}
