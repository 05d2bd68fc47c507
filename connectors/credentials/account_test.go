package credentials_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/credentials/credentialstest"
	"github.com/voicehive/voicehive/connectors/pms"
)

// quick looks for rotated secrets at every use.
var quick = credentials.Recheck(time.Nanosecond)

// files is a store with one entry, aurora.
func files(t *testing.T, c credentials.Credentials) *credentials.FileStore {
	t.Helper()
	keeper := credentials.NewFileStore(filepath.Join(t.TempDir(), "credentials.yaml"))
	require.NoError(t, keeper.Put(t.Context(), "aurora", c))
	return keeper
}

func client(password string, scopes ...string) credentials.Credentials {
	return credentials.Credentials{ClientID: "id", ClientSecret: credentials.NewSecret(password), Scopes: scopes}
}

// answering is an identity server that says the same to everybody, and counts.
func answering(t *testing.T, status int, body string, header ...string) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestKeyInAHeader(t *testing.T) {
	t.Parallel()
	keeper := files(t, credentials.Credentials{Kind: credentials.APIKey, Key: credentials.NewSecret(secret)})
	scheme := credentials.Scheme{Vendor: "cloudbeds", Kinds: []credentials.Kind{credentials.APIKey}, KeyHeader: "x-api-key"}
	tokens := credentials.NewTokens(keeper, http.DefaultClient, quick)
	account := tokens.Account("aurora", scheme)
	require.Same(t, account, tokens.Account("aurora", scheme))
	first := outgoing()
	require.NoError(t, account.Authorize(t.Context(), first))
	require.Equal(t, secret, first.Header.Get("X-Api-Key"))
	require.Empty(t, first.Header.Get("Authorization"))
	require.NoError(t, account.Check(t.Context()))

	// A rotated key is taken up while callers go on.
	require.NoError(t, keeper.Put(t.Context(), "aurora", credentials.Credentials{Kind: credentials.APIKey, Key: credentials.NewSecret("next")}))
	require.Eventually(t, func() bool {
		r := outgoing()
		return account.Authorize(t.Context(), r) == nil && r.Header.Get("X-Api-Key") == "next"
	}, time.Minute, time.Millisecond)
}

func TestRefusedKeyIsReadAgain(t *testing.T) {
	t.Parallel()
	keeper := files(t, credentials.Credentials{Kind: credentials.APIKey, Key: credentials.NewSecret(secret)})
	account := credentials.NewTokens(keeper, http.DefaultClient).Account("aurora", credentials.Scheme{
		Kinds: []credentials.Kind{credentials.APIKey}, KeyHeader: "x-api-key",
	})
	r := outgoing()
	require.NoError(t, account.Authorize(t.Context(), r))
	require.NoError(t, keeper.Put(t.Context(), "aurora", credentials.Credentials{Kind: credentials.APIKey, Key: credentials.NewSecret("next")}))
	account.Refused(r)
	require.NoError(t, account.Authorize(t.Context(), r))
	require.Equal(t, "next", r.Header.Get("X-Api-Key"))
}

func TestTokensInTheBody(t *testing.T) {
	t.Parallel()
	keeper := files(t, credentials.Credentials{Kind: credentials.BodyTokens, Tokens: map[string]credentials.Secret{
		"ClientToken": credentials.NewSecret(secret), "AccessToken": credentials.NewSecret("a\"b"), "Client": credentials.NewSecret("VoiceHive"),
	}})
	scheme := credentials.Scheme{Vendor: "mews", Kinds: []credentials.Kind{credentials.BodyTokens}, BodyTokens: []string{"ClientToken", "AccessToken", "Client"}}
	account := credentials.NewTokens(keeper, http.DefaultClient).Account("aurora", scheme)
	r := outgoing()
	r.Body = []byte(`{"Limitation":{"Count":10}}`)
	frozen := bytes.Clone(r.Body)
	require.NoError(t, account.Authorize(t.Context(), r))
	var sent map[string]any
	require.NoError(t, json.Unmarshal(r.Body, &sent))
	require.Equal(t, map[string]any{
		"ClientToken": secret, "AccessToken": "a\"b", "Client": "VoiceHive", "Limitation": map[string]any{"Count": 10.0},
	}, sent)
	require.NotEqual(t, frozen, r.Body)
	require.NoError(t, account.Check(t.Context()))

	r = outgoing()
	r.Body = []byte(`[1]`)
	err := account.Authorize(t.Context(), r)
	require.ErrorIs(t, err, pms.ErrValidation)
	require.NotContains(t, err.Error(), secret)
}

func TestPasswordGrantWithAppKey(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, password, _ := r.BasicAuth()
		got := []string{id, password, r.FormValue("grant_type"), r.FormValue("username"), r.FormValue("password"), r.Header.Get("x-app-key"), r.Header.Get("enterpriseId")}
		if fmt.Sprint(got) != fmt.Sprint([]string{"id", secret, "password", "hotel", "pass", "app", "12"}) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":3600,"oracle_tk_context":"x"}`)
	}))
	t.Cleanup(server.Close)
	keeper := files(t, credentials.Credentials{
		Kind: credentials.PasswordGrant, ClientID: "id", ClientSecret: credentials.NewSecret(secret),
		Username: "hotel", Password: credentials.NewSecret("pass"),
		Headers: map[string]credentials.Secret{"X-App-Key": credentials.NewSecret("app"), "enterpriseid": credentials.NewSecret("12")},
	})
	account := credentials.NewTokens(keeper, &http.Client{}).Account("aurora", credentials.Scheme{
		Vendor: "opera", TokenURL: server.URL,
		Headers: []credentials.Header{{Name: "x-app-key"}, {Name: "enterpriseId", Optional: true, TokenOnly: true}},
	})
	r := outgoing()
	require.NoError(t, account.Authorize(t.Context(), r))
	require.Equal(t, http.Header{"Authorization": {"Bearer t"}, "X-App-Key": {"app"}}, r.Header)
}

func TestSecretInForm(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, basic := r.BasicAuth(); basic || r.FormValue("client_secret") != secret || r.FormValue("scope") != "read write" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"t"}`)
	}))
	t.Cleanup(server.Close)
	scheme := credentials.Scheme{TokenURL: server.URL, SecretInForm: true}
	account := credentials.NewTokens(files(t, client(secret, "read", "write")), http.DefaultClient).Account("aurora", scheme)
	require.NoError(t, account.Authorize(t.Context(), outgoing()))
}

func TestEntryThatDoesNotSuitTheVendor(t *testing.T) {
	t.Parallel()
	hidden := credentials.NewSecret(secret)
	mews := credentials.Scheme{Vendor: "mews", Kinds: []credentials.Kind{credentials.BodyTokens}, BodyTokens: []string{"AccessToken"}}
	opera := credentials.Scheme{Vendor: "opera", Headers: []credentials.Header{{Name: "x-app-key"}}}
	for field, c := range map[string]struct {
		scheme credentials.Scheme
		entry  credentials.Credentials
	}{
		"kind":                    {mews, client(secret)},
		"body_tokens.AccessToken": {mews, credentials.Credentials{Kind: credentials.BodyTokens, Tokens: map[string]credentials.Secret{"Access": hidden}}},
		"body_tokens":             {mews, credentials.Credentials{Kind: credentials.BodyTokens, Tokens: map[string]credentials.Secret{"AccessToken": hidden, "More": hidden}}},
		"headers.x-app-key":       {opera, client(secret)},
		"headers.x-other":         {credentials.Scheme{Vendor: "apaleo"}, credentials.Credentials{ClientID: "id", ClientSecret: hidden, Headers: map[string]credentials.Secret{"x-other": hidden}}},
	} {
		err := credentials.NewTokens(files(t, c.entry), http.DefaultClient).Account("aurora", c.scheme).Authorize(t.Context(), outgoing())
		require.ErrorIs(t, err, pms.ErrAuthentication)
		require.ErrorIs(t, err, credentials.ErrInvalid)
		var failure *pms.Error
		require.ErrorAs(t, err, &failure)
		require.Equal(t, field, failure.Field)
		require.Equal(t, c.scheme.Vendor, failure.Vendor)
		require.ErrorContains(t, err, "aurora")
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), secret)
	}
	err := credentials.NewTokens(files(t, credentials.Credentials{Kind: credentials.APIKey, Key: hidden}), http.DefaultClient).
		Bearer("aurora", "").Authorize(t.Context(), outgoing())
	require.ErrorIs(t, err, credentials.ErrInvalid, "a bearer is a matter of OAuth")
	// A store that checks nothing does not get past.
	err = credentials.NewTokens(store(""), http.DefaultClient).Bearer("aurora", "").Authorize(t.Context(), outgoing())
	require.ErrorIs(t, err, credentials.ErrInvalid)
}

func TestIdentityAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
		says   string
	}{
		"wrong secret":      {401, `{"error":"invalid_client","error_description":"` + secret + `"}`, pms.ErrAuthentication, "client id or secret"},
		"unknown code":      {400, `{"error":"` + secret + `"}`, pms.ErrAuthentication, "client id or secret"},
		"wrong scope":       {400, `{"error":"invalid_scope"}`, pms.ErrPermission, "scopes"},
		"wrong grant":       {400, `{"error":"unauthorized_client"}`, pms.ErrAuthentication, "kind"},
		"grant unknown":     {400, `{"error":"unsupported_grant_type"}`, pms.ErrAuthentication, "kind"},
		"html refusal":      {403, `<html>` + secret, pms.ErrAuthentication, "refused"},
		"server error":      {500, `<html>` + secret, pms.ErrUnavailable, "failed"},
		"request time-out":  {408, ``, pms.ErrUnavailable, "failed"},
		"html":              {200, `<html>` + secret, pms.ErrUnavailable, "did not answer"},
		"truncated":         {200, `{"access_token":"` + secret, pms.ErrUnavailable, "did not answer"},
		"no token":          {200, `{"token_type":"Bearer"}`, pms.ErrUnavailable, "did not answer"},
		"token with lines":  {200, `{"access_token":"` + secret + `\r\nHost: evil"}`, pms.ErrUnavailable, "header"},
		"huge":              {200, `{"access_token":"` + strings.Repeat("x", 3<<20), pms.ErrUnavailable, "did not answer"},
		"a token too large": {200, `{"access_token":"` + strings.Repeat("x", 20<<10) + `"}`, pms.ErrUnavailable, "header"},
		"end as nonsense":   {200, `{"access_token":"` + secret + `","expires_in":"soon"}`, pms.ErrUnavailable, "did not answer"},
		"an error with 200": {200, `{"error":"invalid_client"}`, pms.ErrAuthentication, "refused"},
		"a redirect":        {302, ``, pms.ErrUnavailable, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := answering(t, c.status, c.body)
			err := credentials.NewTokens(files(t, client(secret)), http.DefaultClient).Bearer("aurora", url).Authorize(t.Context(), outgoing())
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "aurora")
			require.NotContains(t, everyWay(t, err), secret)
		})
	}
}

// everyWay prints a thing in all the ways that a log or an answer might.
func everyWay(t *testing.T, things ...any) string {
	t.Helper()
	var out strings.Builder
	for _, thing := range things {
		fmt.Fprintf(&out, "%v %+v %#v %s %q %x\n", thing, thing, thing, thing, thing, thing)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "it", thing)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "it", thing)
		if text, err := json.Marshal(thing); err == nil {
			out.Write(text)
		}
		if err, ok := thing.(error); ok {
			fmt.Fprintf(&out, "%v", errors.Unwrap(err))
		}
	}
	return out.String()
}

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	url, _ := answering(t, 200, `{"access_token":"token-`+secret+`","refresh_token":"refresh-`+secret+`","expires_in":60}`)
	for _, c := range credentialstest.Samples() {
		keeper := files(t, c)
		entry, err := keeper.Entry(t.Context(), "aurora")
		require.NoError(t, err)
		tokens := credentials.NewTokens(keeper, http.DefaultClient)
		account := tokens.Account("aurora", credentials.Scheme{
			Kinds: credentials.Kinds(), TokenURL: url, KeyHeader: "k", BodyTokens: []string{"AccessToken", "Client", "ClientToken"},
			Headers: []credentials.Header{{Name: "x-app-key", Optional: true}, {Name: "enterpriseId", Optional: true}},
		})
		r := outgoing()
		require.NoError(t, account.Authorize(t.Context(), r), c.Kind)
		text := everyWay(t, c, &c, entry, &entry, keeper, tokens, account, r.Used, struct{ inner credentials.Entry }{entry})
		if c.Kind != credentials.BodyTokens {
			require.NotEmpty(t, r.Header)
		}
		for _, leaked := range []string{secret, fmt.Sprintf("%x", secret)} {
			if at := strings.Index(text, leaked); at >= 0 {
				t.Errorf("%s: printed in ...%s", c.Kind, text[max(0, at-60):at+len(leaked)])
			}
		}
	}
}

func TestRefusedSecretIsNotShownAgainAtOnce(t *testing.T) {
	t.Parallel()
	url, asked := answering(t, 401, `{"error":"invalid_client"}`)
	keeper := files(t, client(secret))
	account := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", url)
	for range 10 {
		require.ErrorIs(t, account.Authorize(t.Context(), outgoing()), pms.ErrAuthentication)
	}
	require.Equal(t, int32(1), asked.Load(), "vendors lock accounts that keep on trying")
	require.NoError(t, keeper.Put(t.Context(), "aurora", client("another")))
	require.ErrorIs(t, account.Authorize(t.Context(), outgoing()), pms.ErrAuthentication)
	require.Equal(t, int32(2), asked.Load(), "a new secret is tried at once")
}

func TestIdentityServerIsLeftInPeaceWhenItAsks(t *testing.T) {
	t.Parallel()
	for header, want := range map[string][2]time.Duration{
		"7":     {7 * time.Second, 7 * time.Second},
		"0":     {time.Second, time.Second},
		"99999": {5 * time.Minute, 5 * time.Minute},
		"soon":  {5 * time.Second, 5 * time.Second},
		time.Now().Add(time.Minute).UTC().Format(http.TimeFormat): {30 * time.Second, time.Minute},
	} {
		url, asked := answering(t, 429, `slow down`, "Retry-After", header)
		keeper := files(t, client(secret))
		account := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", url)
		for i := range 3 {
			require.NoError(t, keeper.Put(t.Context(), "aurora", client(fmt.Sprint("rotated", i))), "which is no reason to ask earlier")
			var failure *pms.Error
			require.ErrorAs(t, account.Authorize(t.Context(), outgoing()), &failure)
			require.ErrorIs(t, failure, pms.ErrRateLimited)
			require.GreaterOrEqual(t, failure.RetryAfter, want[0])
			require.LessOrEqual(t, failure.RetryAfter, want[1])
		}
		require.Equal(t, int32(1), asked.Load())
	}
}

func TestServerErrorIsTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	url, asked := answering(t, 503, ``)
	account := credentials.NewTokens(files(t, client(secret)), http.DefaultClient).Bearer("aurora", url)
	for range 3 {
		require.ErrorIs(t, account.Authorize(t.Context(), outgoing()), pms.ErrUnavailable)
	}
	require.Equal(t, int32(3), asked.Load())
}

func TestFailedRenewalKeepsTheTokenThatHolds(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) > 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"t","expires_in":4}`)
	}))
	t.Cleanup(server.Close)
	account := credentials.NewTokens(files(t, client(secret)), http.DefaultClient).Bearer("aurora", server.URL)
	end := time.Now().Add(3700 * time.Millisecond)
	calls := 0
	require.Eventually(t, func() bool {
		calls++
		err := account.Authorize(t.Context(), outgoing())
		return err != nil && time.Now().After(end) // only at its very end callers notice
	}, time.Minute, time.Millisecond)
	require.Greater(t, calls, 100)
	require.Less(t, asked.Load(), int32(10), "a renewal that fails is not tried at every call")
}

func TestRotatedSecretIsTakenUp(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"by-%s","expires_in":3600}`, password)
	}))
	t.Cleanup(server.Close)
	keeper := files(t, client("one"))
	account := credentials.NewTokens(keeper, http.DefaultClient, quick).Bearer("aurora", server.URL)
	uses := func(token string) func() bool {
		return func() bool {
			r := outgoing()
			return account.Authorize(t.Context(), r) == nil && r.Header.Get("Authorization") == "Bearer "+token
		}
	}
	require.Eventually(t, uses("by-one"), time.Minute, time.Millisecond)
	require.NoError(t, keeper.Put(t.Context(), "aurora", client("two")))
	require.Eventually(t, uses("by-two"), time.Minute, time.Millisecond)
}

func TestCredentialsThatAreTakenAwayEndTheirUse(t *testing.T) {
	t.Parallel()
	url, _ := identity(t, 3600)
	keeper := &moody{Keeper: files(t, client(secret))}
	account := credentials.NewTokens(keeper, http.DefaultClient, quick).Bearer("aurora", url)
	require.NoError(t, account.Authorize(t.Context(), outgoing()))
	// A store that cannot be asked changes nothing.
	keeper.set(errors.New("down " + secret))
	for range 100 {
		require.NoError(t, account.Authorize(t.Context(), outgoing()))
	}
	keeper.set(credentials.ErrNotFound)
	require.Eventually(t, func() bool {
		return errors.Is(account.Authorize(t.Context(), outgoing()), credentials.ErrNotFound)
	}, time.Minute, time.Millisecond)
	keeper.set(errors.New("down"))
	err := account.Authorize(t.Context(), outgoing())
	require.ErrorIs(t, err, pms.ErrUnavailable)
	keeper.set(nil)
	require.NoError(t, account.Authorize(t.Context(), outgoing()))
}

// moody is a Keeper that fails when told.
type moody struct {
	credentials.Keeper
	failure atomic.Pointer[error]
	writes  atomic.Pointer[error]
}

func (m *moody) set(err error)       { m.failure.Store(&err) }
func (m *moody) setWrites(err error) { m.writes.Store(&err) }

func (m *moody) said(p *atomic.Pointer[error]) error {
	if err := p.Load(); err != nil {
		return *err
	}
	return nil
}

func (m *moody) Entry(ctx context.Context, ref string) (credentials.Entry, error) {
	if err := m.said(&m.failure); err != nil {
		return credentials.Entry{}, err
	}
	return m.Keeper.Entry(ctx, ref)
}

func (m *moody) Version(ctx context.Context, ref string) (credentials.Version, error) {
	if err := m.said(&m.failure); err != nil {
		return "", err
	}
	return m.Keeper.Version(ctx, ref)
}

func (m *moody) Replace(ctx context.Context, ref string, c credentials.Credentials, seen credentials.Version) (credentials.Version, error) {
	if err := m.said(&m.writes); err != nil {
		return "", err
	}
	return m.Keeper.Replace(ctx, ref, c, seen)
}

func TestPlainStoreIsReadAgainToo(t *testing.T) {
	t.Parallel()
	url, asked := identity(t, 3600)
	account := credentials.NewTokens(store(secret), http.DefaultClient, quick).Bearer("ref", url)
	for range 50 {
		require.NoError(t, account.Authorize(t.Context(), outgoing()))
	}
	require.Equal(t, int32(1), asked.Load(), "without versions a token is kept until its end")

	var turn atomic.Int32
	keys := credentials.NewTokens(changing{&turn}, http.DefaultClient, quick).Account("ref", credentials.Scheme{Kinds: []credentials.Kind{credentials.APIKey}, KeyHeader: "k"})
	require.NoError(t, keys.Authorize(t.Context(), outgoing()))
	turn.Store(7)
	require.Eventually(t, func() bool {
		r := outgoing()
		return keys.Authorize(t.Context(), r) == nil && r.Header.Get("K") == "key7"
	}, time.Minute, time.Millisecond)
}

type changing struct{ turn *atomic.Int32 }

func (c changing) Credentials(context.Context, string) (credentials.Credentials, error) {
	return credentials.Credentials{Kind: credentials.APIKey, Key: credentials.NewSecret(fmt.Sprint("key", c.turn.Load()))}, nil
}

func TestMissingScopesAreNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asked, needed []string
		answer        string
		missing       string
	}{
		"all there":           {[]string{"a.read"}, []string{"b.read"}, `,"scope":"b.read a.read c"`, ""},
		"one asked for":       {[]string{"a.read", "b.read"}, nil, `,"scope":"a.read"`, "scopes b.read;"},
		"one needed":          {nil, []string{"a.read", "b:x"}, `,"scope":"a.read"`, "scopes b:x;"},
		"each named once":     {[]string{"x"}, []string{"x"}, `,"scope":"a"`, "scopes x;"},
		"not told, all asked": {[]string{"a", "b"}, []string{"b"}, ``, ""},
		"not told, not asked": {[]string{"a"}, []string{"b"}, ``, "scopes b;"},
		"nothing known":       {nil, []string{"b"}, ``, ""},
		"not text":            {nil, []string{"b"}, `,"scope":["b"]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := answering(t, 200, `{"access_token":"`+secret+`","expires_in":60`+c.answer+`}`)
			account := credentials.NewTokens(files(t, client(secret, c.asked...)), http.DefaultClient).
				Account("aurora", credentials.Scheme{Vendor: "apaleo", TokenURL: url, Scopes: c.needed})
			err := account.Check(t.Context())
			if c.missing == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, pms.ErrPermission)
			require.ErrorContains(t, err, c.missing)
			require.ErrorContains(t, err, "apaleo")
			require.NotContains(t, everyWay(t, err), secret)
		})
	}
}

func TestCheckSeesScopesGrantedSince(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		scope := "a"
		if asked.Add(1) > 1 {
			scope = "a b"
		}
		fmt.Fprintf(w, `{"access_token":"t%d","expires_in":3600,"scope":"%s"}`, asked.Load(), scope)
	}))
	t.Cleanup(server.Close)
	account := credentials.NewTokens(files(t, client(secret)), http.DefaultClient).
		Account("aurora", credentials.Scheme{TokenURL: server.URL, Scopes: []string{"b"}})
	require.NoError(t, account.Authorize(t.Context(), outgoing()))
	require.NoError(t, account.Check(t.Context()))
	require.Equal(t, int32(2), asked.Load())
}

func TestCheckTellsWhatAuthorizeTells(t *testing.T) {
	t.Parallel()
	url, _ := answering(t, 401, ``)
	keeper := &moody{Keeper: files(t, client(secret))}
	account := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", url)
	require.ErrorIs(t, account.Check(t.Context()), pms.ErrAuthentication)
	good, _ := answering(t, 200, `{"access_token":"t"}`)
	account = credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", good)
	require.NoError(t, account.Check(t.Context()))
	keeper.set(errors.New("down"))
	require.ErrorIs(t, account.Check(t.Context()), pms.ErrUnavailable)
}
