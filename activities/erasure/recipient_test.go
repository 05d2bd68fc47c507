package erasure

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/erasure"
)

// signing is an attest.Signer with one key.
type signing ed25519.PrivateKey

func (s signing) Sign(_ context.Context, message []byte) ([]byte, int, error) {
	return ed25519.Sign(ed25519.PrivateKey(s), message), 1, nil
}

func (s signing) PublicKeys(context.Context) (map[int][]byte, error) {
	return map[int][]byte{1: ed25519.PrivateKey(s).Public().(ed25519.PublicKey)}, nil
}

// office answers notices by TLS.
type office struct {
	*httptest.Server
	key   signing
	heard []erasure.Notice
	raw   []string
	ids   []string
}

func newOffice(t *testing.T, answer func(http.ResponseWriter, erasure.Notice, signing)) *office {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	o := &office{key: signing(key)}
	o.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var n erasure.Notice
		_ = json.Unmarshal(body, &n)
		o.raw, o.heard, o.ids = append(o.raw, string(body)), append(o.heard, n), append(o.ids, r.Header.Get("Idempotency-Key"))
		answer(w, n, o.key)
	}))
	t.Cleanup(o.Close)
	return o
}

// receipt signs an answer to a notice.
func receipt(w http.ResponseWriter, n erasure.Notice, key signing) {
	e, err := attest.Sign(context.Background(), key, erasure.PredicateReceipt, []attest.Subject{attest.Digested("notice", []byte(n.ID))},
		erasure.ReceiptPredicate{Notice: n.ID, Nonce: n.Nonce, At: time.Now(), Outcome: erasure.OutcomeErased, Covers: erasure.Digest(n.Salt, n.References)})
	if err != nil {
		panic(err)
	}
	_ = json.NewEncoder(w).Encode(e)
}

// known is the office as a file of recipients names it.
func (o *office) known(t *testing.T) erasure.Recipient {
	t.Helper()
	public := ed25519.PrivateKey(o.key).Public().(ed25519.PublicKey)
	f, err := ParseRecipients([]byte(entry("channels", o.URL+"/erasures", base64.StdEncoding.EncodeToString(public), "reference: reservation, hotels: {aurora: H-7}")))
	require.NoError(t, err)
	all, err := f.Over(o.Client().Transport)
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

func entry(name, url, key, rest string) string {
	return fmt.Sprintf("recipients:\n  - {name: %q, url: %q, key: %q, %s}\n", name, url, key, rest)
}

func notice() erasure.Notice {
	return erasure.Notice{ID: "a1", Nonce: "b2", Salt: "c3", Type: "erasure", Hotel: "H-7", References: []erasure.Reference{{Number: "PMS-1", Whole: true}}}
}

func TestNoticeByTLS(t *testing.T) {
	t.Parallel()
	o := newOffice(t, receipt)
	r := o.known(t)
	e, err := r.Forget(t.Context(), notice())
	require.NoError(t, err)
	_, err = attest.Verify(e, r.Keys())
	require.NoError(t, err)
	require.Equal(t, []string{`{"id":"a1","nonce":"b2","salt":"c3","type":"erasure","hotel":"H-7","references":[{"number":"PMS-1","whole":true}]}`}, o.raw,
		"nothing else of a guest leaves the house")
	require.Equal(t, []string{"a1"}, o.ids)
	id, by, ok := r.Hotel("aurora")
	require.Equal(t, []any{"H-7", erasure.ByReservation, true}, []any{id, by, ok})
	_, _, ok = r.Hotel("borealis")
	require.False(t, ok)
}

func TestBadAnswersOfRecipients(t *testing.T) {
	t.Parallel()
	status := func(code int) func(http.ResponseWriter, erasure.Notice, signing) {
		return func(w http.ResponseWriter, _ erasure.Notice, _ signing) { w.WriteHeader(code) }
	}
	for name, c := range map[string]struct {
		answer  func(http.ResponseWriter, erasure.Notice, signing)
		receipt bool // what came is no receipt
		refused bool // and it is final
	}{
		"forbidden":   {answer: status(403), refused: true},
		"gone":        {answer: status(410), refused: true},
		"too many":    {answer: status(429)},
		"overloaded":  {answer: status(503)},
		"accepted":    {answer: status(202)},
		"no envelope": {answer: func(w http.ResponseWriter, _ erasure.Notice, _ signing) { _, _ = io.WriteString(w, "done") }, receipt: true},
		"oversized": {answer: func(w http.ResponseWriter, _ erasure.Notice, _ signing) {
			_, _ = io.WriteString(w, strings.Repeat(" ", maxReceipt)+"{}")
		}, receipt: true},
		"elsewhere": {answer: func(w http.ResponseWriter, n erasure.Notice, key signing) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, c.answer)
			_, err := o.known(t).Forget(t.Context(), notice())
			require.Error(t, err)
			var refused erasure.ErrRefused
			require.Equal(t, c.refused, errors.As(err, &refused), err)
			require.Equal(t, c.receipt, errors.Is(err, erasure.ErrReceipt), err)
			require.Len(t, o.heard, 1, "no redirect is followed")
		})
	}
	down := newOffice(t, receipt)
	r := down.known(t)
	down.Close()
	_, err := r.Forget(t.Context(), notice())
	require.ErrorContains(t, err, "does not answer")
	require.False(t, errors.As(err, new(erasure.ErrRefused)))
}

func TestWrongFilesOfRecipients(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString(make([]byte, 32))
	good := "reference: booking, all_hotels: true"
	f, err := ParseRecipients([]byte(entry("a", "https://a.example/x", key, good)))
	require.NoError(t, err)
	all, err := f.Over(http.DefaultTransport)
	require.NoError(t, err)
	id, _, ok := all[0].Hotel("aurora")
	require.True(t, ok)
	require.Equal(t, "aurora", id)
	for name, text := range map[string]string{
		"empty":             "",
		"nobody":            "recipients: []",
		"unknown field":     entry("a", "https://a.example", key, good+", hotel: x"),
		"http":              entry("a", "http://a.example", key, good),
		"a login":           entry("a", "https://u:p@a.example", key, good),
		"no host":           entry("a", "https:///x", key, good),
		"short key":         entry("a", "https://a.example", "AAAA", good),
		"a name with space": entry("a b", "https://a.example", key, good),
		"no reference":      entry("a", "https://a.example", key, "all_hotels: true"),
		"other reference":   entry("a", "https://a.example", key, "reference: e-mail, all_hotels: true"),
		"no hotels":         entry("a", "https://a.example", key, "reference: booking"),
		"both":              entry("a", "https://a.example", key, good+", hotels: {aurora: x}"),
		"empty id":          entry("a", "https://a.example", key, `reference: booking, hotels: {aurora: ""}`),
		"twice":             entry("a", "https://a.example", key, good) + strings.TrimPrefix(entry("a", "https://b.example", key, good), "recipients:\n"),
		"two documents":     entry("a", "https://a.example", key, good) + "---\nrecipients: []\n",
		"too large":         strings.Repeat("#", maxRecipientsFile+1),
	} {
		_, err := ParseRecipients([]byte(text))
		require.ErrorIs(t, err, ErrRecipients, name)
		require.NotContains(t, err.Error(), "u:p@", name)
	}
}
