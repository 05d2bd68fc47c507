package oidc

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	goidc "github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const callback = "http://127.0.0.1:18080/console/callback"

// started is a running provider as its users see it.
type started struct {
	*Provider
	discovered *goidc.Provider
}

func start(t *testing.T) started {
	t.Helper()
	p, err := Listen(Options{Addr: "localhost:0", KeyFile: filepath.Join(t.TempDir(), "key.pem")})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	discovered, err := goidc.NewProvider(t.Context(), p.Issuer())
	require.NoError(t, err)
	return started{Provider: p, discovered: discovered}
}

// access verifies a token as the product would.
func (s started) access(t *testing.T, raw string) claims {
	t.Helper()
	token, err := s.discovered.Verifier(&goidc.Config{ClientID: "voicehive"}).Verify(t.Context(), raw)
	require.NoError(t, err)
	var c claims
	require.NoError(t, token.Claims(&c))
	return c
}

func (s started) console() oauth2.Config {
	return oauth2.Config{
		ClientID:    "voicehive-console",
		Endpoint:    s.discovered.Endpoint(),
		RedirectURL: callback,
		Scopes:      []string{"openid", "profile"},
	}
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, style := range map[string]oauth2.AuthStyle{
		"header": oauth2.AuthStyleInHeader,
		"form":   oauth2.AuthStyleInParams,
	} {
		t.Run(name, func(t *testing.T) {
			config := clientcredentials.Config{
				ClientID: "agent", ClientSecret: "agent-development-only",
				TokenURL: s.discovered.Endpoint().TokenURL, AuthStyle: style,
			}
			token, err := config.Token(t.Context())
			require.NoError(t, err)
			require.WithinDuration(t, time.Now().Add(time.Hour), token.Expiry, time.Minute)
			c := s.access(t, token.AccessToken)
			require.Equal(t, "agent", c.Subject)
			require.Equal(t, []string{"agent"}, c.Roles)
			require.Equal(t, []string{"aurora-berlin"}, c.Hotels)
			require.NotEmpty(t, c.Name)
		})
	}
}

func TestClientCredentialsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, form := range map[string]url.Values{
		"wrong secret":   {"client_id": {"agent"}, "client_secret": {"no"}},
		"no secret":      {"client_id": {"agent"}},
		"unknown":        {"client_id": {"nobody"}, "client_secret": {"agent-development-only"}},
		"not a machine":  {"client_id": {"temporal-ui"}, "client_secret": {"temporal-ui-development-only"}},
		"public program": {"client_id": {"voicehive-console"}},
	} {
		t.Run(name, func(t *testing.T) {
			form.Set("grant_type", "client_credentials")
			response, err := http.PostForm(s.discovered.Endpoint().TokenURL, form)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, http.StatusUnauthorized, response.StatusCode)
			require.NotEmpty(t, response.Header.Get("WWW-Authenticate"))
		})
	}
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// login walks through the login page as a browser and returns the callback's
// query.
func login(t *testing.T, address, user string) url.Values {
	t.Helper()
	page, err := http.Get(address)
	require.NoError(t, err)
	defer page.Body.Close()
	text, err := io.ReadAll(page.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, page.StatusCode, string(text))
	form := url.Values{"user": {user}}
	for _, field := range hiddenField.FindAllSubmatch(text, -1) {
		form.Set(string(field[1]), html.UnescapeString(string(field[2])))
	}
	target, _, _ := strings.Cut(address, "?")
	return location(t, target, form)
}

func location(t *testing.T, target string, form url.Values) url.Values {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.PostForm(target, form)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	landed, err := response.Location()
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(landed.String(), callback+"?"), landed)
	return landed.Query()
}

func TestCodeFlowWithPKCE(t *testing.T) {
	t.Parallel()
	s := start(t)
	config, verifier := s.console(), oauth2.GenerateVerifier()
	state := `a state with "quotes" & <brackets>`
	answer := login(t, config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), goidc.Nonce("n-1")), "compliance")
	require.Equal(t, state, answer.Get("state"))
	require.Equal(t, s.Issuer(), answer.Get("iss"))

	token, err := config.Exchange(t.Context(), answer.Get("code"), oauth2.VerifierOption(verifier))
	require.NoError(t, err)
	require.Equal(t, []string{"compliance"}, s.access(t, token.AccessToken).Roles)

	raw, ok := token.Extra("id_token").(string)
	require.True(t, ok)
	id, err := s.discovered.Verifier(&goidc.Config{ClientID: "voicehive-console"}).Verify(t.Context(), raw)
	require.NoError(t, err)
	require.Equal(t, "compliance", id.Subject)
	require.Equal(t, "n-1", id.Nonce)

	info, err := s.discovered.UserInfo(t.Context(), config.TokenSource(t.Context(), token))
	require.NoError(t, err)
	require.Equal(t, "compliance", info.Subject)
	_, err = s.discovered.UserInfo(t.Context(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: raw}))
	require.Error(t, err, "an ID token must not pass for an access token")
	_, err = s.discovered.Verifier(&goidc.Config{ClientID: "voicehive"}).Verify(t.Context(), raw)
	require.Error(t, err, "an ID token is not made out to the product")

	_, err = config.Exchange(t.Context(), answer.Get("code"), oauth2.VerifierOption(verifier))
	require.ErrorContains(t, err, "invalid_grant", "a code works once")
}

func TestExchangeRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	verifier := oauth2.GenerateVerifier()
	for name, spoil := range map[string]func(*oauth2.Config, *[]oauth2.AuthCodeOption){
		"wrong verifier": func(_ *oauth2.Config, o *[]oauth2.AuthCodeOption) {
			*o = []oauth2.AuthCodeOption{oauth2.VerifierOption(oauth2.GenerateVerifier())}
		},
		"no verifier":    func(_ *oauth2.Config, o *[]oauth2.AuthCodeOption) { *o = nil },
		"other redirect": func(c *oauth2.Config, _ *[]oauth2.AuthCodeOption) { c.RedirectURL += "2" },
		"other client": func(c *oauth2.Config, _ *[]oauth2.AuthCodeOption) {
			c.ClientID, c.ClientSecret = "temporal-ui", "temporal-ui-development-only"
		},
		"secret not asked": func(c *oauth2.Config, _ *[]oauth2.AuthCodeOption) { c.ClientSecret = "guess" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := s.console()
			answer := login(t, config.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)), "ops")
			options := []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}
			spoil(&config, &options)
			_, err := config.Exchange(t.Context(), answer.Get("code"), options...)
			var refused *oauth2.RetrieveError
			require.ErrorAs(t, err, &refused)
			require.Contains(t, []string{"invalid_grant", "invalid_client"}, refused.ErrorCode)
		})
	}
}

// Faults before the client and its address are known are shown, and not sent
// to an address that might be an attacker's.
func TestAuthorizeShowsUntrustedFaults(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, query := range map[string]url.Values{
		"unknown client":    {"client_id": {"nobody"}, "redirect_uri": {callback}},
		"unknown address":   {"client_id": {"voicehive-console"}, "redirect_uri": {"http://example.org/console/callback"}},
		"other path":        {"client_id": {"voicehive-console"}, "redirect_uri": {"http://127.0.0.1:1/other"}},
		"credentials in it": {"client_id": {"voicehive-console"}, "redirect_uri": {"http://a@127.0.0.1/console/callback"}},
		"fragment":          {"client_id": {"voicehive-console"}, "redirect_uri": {callback + "#x"}},
		"nothing":           {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response, err := http.Get(s.Issuer() + authorizePath + "?" + query.Encode())
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, http.StatusBadRequest, response.StatusCode)
			require.Empty(t, response.Header.Get("Location"))
		})
	}
}

func TestAuthorizeSendsFaultsBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, tc := range map[string]struct {
		change url.Values
		code   string
	}{
		"no PKCE":        {url.Values{"code_challenge": nil}, "invalid_request"},
		"plain PKCE":     {url.Values{"code_challenge_method": {"plain"}}, "invalid_request"},
		"implicit":       {url.Values{"response_type": {"token"}}, "unsupported_response_type"},
		"no openid":      {url.Values{"scope": {"profile"}}, "invalid_scope"},
		"long nonce":     {url.Values{"nonce": {strings.Repeat("n", maxParameter+1)}}, "invalid_request"},
		"repeated":       {url.Values{"nonce": {"1", "2"}}, "invalid_request"},
		"unknown user":   {url.Values{"user": {"nobody"}}, "access_denied"},
		"no user at all": {url.Values{"user": nil}, "access_denied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := url.Values{
				"client_id": {"voicehive-console"}, "redirect_uri": {callback}, "response_type": {"code"},
				"scope": {"openid"}, "state": {"s"}, "user": {"ops"},
				"code_challenge": {oauth2.S256ChallengeFromVerifier("v")}, "code_challenge_method": {"S256"},
			}
			for key, values := range tc.change {
				form[key] = values
			}
			answer := location(t, s.Issuer()+authorizePath, form)
			require.Equal(t, tc.code, answer.Get("error"))
			require.Equal(t, "s", answer.Get("state"))
			require.Empty(t, answer.Get("code"))
		})
	}
}

func TestForeignPagesAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	handler := s.Handler()
	rebound := httptest.NewRequest(http.MethodGet, "http://attacker.example"+keysPath, nil)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, rebound)
	require.Equal(t, http.StatusMisdirectedRequest, recorder.Code)

	crossSite := httptest.NewRequest(http.MethodPost, s.Issuer()+authorizePath, strings.NewReader("user=admin"))
	crossSite.Header.Set("Sec-Fetch-Site", "cross-site")
	recorder = httptest.NewRecorder()
	handler.ServeHTTP(recorder, crossSite)
	require.Equal(t, http.StatusForbidden, recorder.Code)
}

func TestOldCodesAndTokensExpire(t *testing.T) {
	t.Parallel()
	s := start(t)
	now := time.Now()
	waiting := &grants{byCode: map[string]grant{}}
	code, ok := waiting.add(grant{loggedIn: now})
	require.True(t, ok)
	_, ok = waiting.take(code, now.Add(codeLifetime+time.Second))
	require.False(t, ok)

	old := *s.Provider
	old.now = func() time.Time { return now.Add(-2 * time.Hour) }
	user, _ := s.directory.user("agent")
	raw, err := old.accessToken(user, "agent", "")
	require.NoError(t, err)
	_, err = s.verifyAccess(raw)
	require.ErrorIs(t, err, errToken)
	_, err = s.discovered.Verifier(&goidc.Config{ClientID: "voicehive"}).Verify(t.Context(), raw)
	require.Error(t, err)
}

func TestGrantsAreBounded(t *testing.T) {
	t.Parallel()
	waiting := &grants{byCode: map[string]grant{}}
	now := time.Now()
	for range maxGrants {
		_, ok := waiting.add(grant{loggedIn: now})
		require.True(t, ok)
	}
	_, ok := waiting.add(grant{loggedIn: now})
	require.False(t, ok)
	_, ok = waiting.add(grant{loggedIn: now.Add(codeLifetime + time.Second)})
	require.True(t, ok, "old codes make room")
}
