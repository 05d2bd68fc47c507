package main

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUI(t *testing.T) {
	t.Parallel()
	_, ready := startServer(t, "--ui-codec-endpoint", "http://127.0.0.1:1/codec", "--namespace", "front-desk")
	require.Contains(t, fetchText(t, ready.UI), "<html")
	require.Contains(t, fetchText(t, ready.UI+"/api/v1/namespaces/front-desk"), "front-desk")

	settings := uiSettings(t, ready.UI)
	require.Equal(t, "http://127.0.0.1:1/codec", settings.Codec.Endpoint)
	require.False(t, settings.Codec.PassAccessToken)
	require.True(t, settings.Codec.IncludeCredentials, "without a token the decoder's cookie is the proof")
}

// The whole login: the UI sends the browser to the provider, the user picks a
// name, and the UI's API opens with the tokens that come back.
func TestUILogin(t *testing.T) {
	t.Parallel()
	_, provider := startOIDC(t)
	_, ready := startServer(t,
		"--ui-oidc-issuer", provider.Issuer,
		"--ui-oidc-client-id", "temporal-ui",
		"--ui-oidc-client-secret", "temporal-ui-development-only",
		"--ui-codec-endpoint", "https://127.0.0.1:1/codec")
	require.True(t, uiSettings(t, ready.UI).Codec.PassAccessToken)
	require.False(t, uiSettings(t, ready.UI).Codec.IncludeCredentials)

	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar, Timeout: patience}
	page, err := browser.Get(ready.UI + "/auth/sso")
	require.NoError(t, err)
	form := hiddenFields(t, page)
	form.Set("user", "ops")
	landed, err := browser.PostForm(provider.Issuer+"/authorize", form)
	require.NoError(t, err)
	require.NoError(t, landed.Body.Close())
	require.Equal(t, http.StatusOK, landed.StatusCode)

	user := uiUser(t, jar, ready.UI)
	require.Equal(t, "Development Operator", user.Name)
	require.Equal(t, http.StatusUnauthorized, uiStatus(t, ready.UI, "", ""))
	require.Equal(t, http.StatusUnauthorized, uiStatus(t, ready.UI, user.AccessToken, "forged"))
	require.Equal(t, http.StatusOK, uiStatus(t, ready.UI, user.AccessToken, user.IDToken))
}

type settings struct {
	Codec struct {
		Endpoint           string
		PassAccessToken    bool
		IncludeCredentials bool
	}
}

func uiSettings(t *testing.T, base string) settings {
	t.Helper()
	var s settings
	require.NoError(t, json.Unmarshal([]byte(fetchText(t, base+"/api/v1/settings")), &s))
	return s
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

func hiddenFields(t *testing.T, page *http.Response) url.Values {
	t.Helper()
	defer page.Body.Close()
	body, err := io.ReadAll(page.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, page.StatusCode, string(body))
	form := url.Values{}
	for _, field := range hidden.FindAllSubmatch(body, -1) {
		form.Set(string(field[1]), html.UnescapeString(string(field[2])))
	}
	require.NotEmpty(t, form)
	return form
}

type loggedIn struct{ AccessToken, IDToken, Name string }

// uiUser reads the cookie in which the UI hands its tokens to the page.
func uiUser(t *testing.T, jar http.CookieJar, base string) loggedIn {
	t.Helper()
	address, err := url.Parse(base)
	require.NoError(t, err)
	for _, cookie := range jar.Cookies(address) {
		if cookie.Name == "user0" {
			text, err := base64.StdEncoding.DecodeString(cookie.Value)
			require.NoError(t, err)
			var user loggedIn
			require.NoError(t, json.Unmarshal(text, &user))
			return user
		}
	}
	require.Fail(t, "the UI set no user cookie")
	return loggedIn{}
}

func uiStatus(t *testing.T, base, accessToken, idToken string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v1/namespaces/default", nil)
	require.NoError(t, err)
	if accessToken != "" {
		request.Header.Set("Authorization", "Bearer "+accessToken)
		request.Header.Set("Authorization-Extras", idToken)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode
}
