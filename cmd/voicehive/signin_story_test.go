//go:build full && linux

package main

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// hidden is a field of the development provider's login page.
var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// signIn has a person sign in at the development provider, as a browser does,
// and returns their access token.
func signIn(ctx context.Context, t *testing.T, issuer, user string) string {
	t.Helper()
	config := oauth2.Config{
		ClientID: "voicehive-console", RedirectURL: "http://127.0.0.1:1/console/callback", Scopes: []string{"openid", "profile"},
		Endpoint: oauth2.Endpoint{AuthURL: issuer + "/authorize", TokenURL: issuer + "/token", AuthStyle: oauth2.AuthStyleInParams},
	}
	verifier := oauth2.GenerateVerifier()
	address := config.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier))
	form := url.Values{"user": {user}}
	for _, field := range hidden.FindAllStringSubmatch(fetch(ctx, t, address), -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	target, _, _ := strings.Cut(address, "?")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := browser.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	landed, err := answer.Location()
	require.NoError(t, err, string(said))
	token, err := config.Exchange(ctx, landed.Query().Get("code"), oauth2.VerifierOption(verifier))
	require.NoError(t, err)
	return token.AccessToken
}

// officers signs two people in: one at the terminal, by a file with their
// token, and one at the API.
func (d *counter) officers(ctx context.Context) {
	d.Helper()
	d.token = filepath.Join(d.TempDir(), "token")
	require.NoError(d, os.WriteFile(d.token, []byte(signIn(ctx, d.T, d.Issuer, "compliance")), 0o600))
	d.other = oauth2.NewClient(ctx, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: signIn(ctx, d.T, d.Issuer, "officer")}))
}
