package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
)

const (
	probeTimeout = 5 * time.Second
	callbackPath = "/auth/sso/callback"
)

// UI says how to run the Web UI.
type UI struct {
	// IP and Port it listens on. IP defaults to the frontend's, and Port to the
	// frontend's plus UIPortOffset, or to AnyPort when the frontend's is picked.
	IP   string
	Port int
	// CodecEndpoint is the base URL of the payload decoder browsers call.
	CodecEndpoint string
	// OIDC is nil to show everything without a login.
	OIDC *OIDC
}

// OIDC makes the Web UI ask for a login. It opens the UI to everyone the
// provider knows; it does not look at roles.
type OIDC struct {
	Issuer, ClientID, ClientSecret string
	// CallbackURL is the address the provider sends the browser back to. Empty
	// takes the UI's own address.
	CallbackURL string
}

func (u UI) complete(o Options) (UI, error) {
	if u.IP == "" {
		u.IP = o.IP
	}
	var err error
	if u.IP, err = numericIP("--ui-ip", u.IP); err != nil {
		return u, err
	}
	switch u.Port {
	case 0:
		u.Port = o.Port + UIPortOffset
	case AnyPort:
		u.Port = 0
	}
	if u.Port, err = portOrFree("--ui-port", u.Port); err != nil {
		return u, err
	}
	if u.CodecEndpoint != "" {
		if err := httpURL("--ui-codec-endpoint", u.CodecEndpoint); err != nil {
			return u, err
		}
	}
	if u.OIDC == nil {
		return u, nil
	}
	login := *u.OIDC
	if err := httpURL("--ui-oidc-issuer", login.Issuer); err != nil {
		return u, err
	}
	if login.ClientID == "" {
		return u, errors.New("--ui-oidc-issuer needs --ui-oidc-client-id")
	}
	if login.CallbackURL == "" {
		login.CallbackURL = u.url() + callbackPath
	}
	if err := httpURL("--ui-oidc-callback", login.CallbackURL); err != nil {
		return u, err
	}
	u.OIDC = &login
	return u, nil
}

func (u UI) url() string {
	return "http://" + net.JoinHostPort(dialable(u.IP), strconv.Itoa(u.Port))
}

// checkIssuer finds an unreachable provider before the UI library meets it and
// ends the process.
func (u UI) checkIssuer(ctx context.Context) error {
	if u.OIDC == nil {
		return nil
	}
	discovery := strings.TrimSuffix(u.OIDC.Issuer, "/") + "/.well-known/openid-configuration"
	if err := fetch(ctx, discovery); err != nil {
		return fmt.Errorf("--ui-oidc-issuer: the provider does not answer, start it first: %w", err)
	}
	return nil
}

func (u UI) config(frontend, defaultNamespace string) *uiconfig.Config {
	cfg := &uiconfig.Config{
		TemporalGRPCAddress: frontend,
		Host:                u.IP,
		Port:                u.Port,
		EnableUI:            true,
		DefaultNamespace:    defaultNamespace,
		DisableNewsFetch:    true,
		HideLogs:            true,
		// Loopback is plain HTTP, where browsers drop Secure cookies.
		CORS: uiconfig.CORS{CookieInsecure: true},
		Codec: uiconfig.Codec{
			Endpoint: u.CodecEndpoint,
		},
	}
	// The UI refuses to decode anything if told to pass the token to a plain
	// HTTP decoder, and without a login it has none. Then the cookie of a login
	// at the decoder is the proof.
	cfg.Codec.PassAccessToken = u.OIDC != nil && strings.HasPrefix(u.CodecEndpoint, "https://")
	cfg.Codec.IncludeCredentials = !cfg.Codec.PassAccessToken && u.CodecEndpoint != ""
	if cfg.Codec.IncludeCredentials {
		cfg.Codec.DefaultErrorMessage = "Payloads are sealed. To read what your role may read, log in at the decoder, then reload this page:"
		cfg.Codec.DefaultErrorLink = strings.TrimSuffix(u.CodecEndpoint, "/") + "/"
	}
	if u.OIDC == nil {
		return cfg
	}
	cfg.Auth = uiconfig.Auth{
		Enabled: true,
		Providers: []uiconfig.AuthProvider{{
			Label:        "Log in",
			Type:         "oidc",
			ProviderURL:  u.OIDC.Issuer,
			ClientID:     u.OIDC.ClientID,
			ClientSecret: u.OIDC.ClientSecret,
			Scopes:       []string{"openid", "profile"},
			CallbackURL:  u.OIDC.CallbackURL,
		}},
	}
	return cfg
}

type webUI struct {
	url   string
	inner *uiserver.Server
	ended chan error
}

// startUI returns when the UI answers.
func startUI(ctx context.Context, o Options) (*webUI, error) {
	inner, err := newUI(o.UI.config(o.frontend(), o.Namespaces[0]))
	if err != nil {
		return nil, err
	}
	w := &webUI{url: o.UI.url(), inner: inner, ended: make(chan error, 1)}
	go func() { w.ended <- inner.Start() }()

	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := retry(ctx, func() error { return fetch(ctx, w.url+"/healthz") }); err != nil {
		w.stop()
		return nil, fmt.Errorf("the Web UI did not become ready: %w", err)
	}
	return w, nil
}

// newUI turns the library's panics over its configuration into errors.
func newUI(cfg *uiconfig.Config) (s *uiserver.Server, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("configure the Web UI: %v", cause)
		}
	}()
	return uiserver.NewServer(uioptions.WithConfigProvider(cfg)), nil
}

func (w *webUI) stop() {
	w.inner.Stop()
	<-w.ended
}

func fetch(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, response.Status)
	}
	return nil
}

func httpURL(flag, value string) error {
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("%s must be a plain http or https address such as http://127.0.0.1:8080", flag)
	}
	return nil
}
