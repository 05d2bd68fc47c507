// Package oidc is a small OpenID provider for development and tests: everyone
// may log in as any of the users in a file, without a password.
//
// It stands in for a hotel group's real identity provider, so that the product
// runs the same code against both: discovery, JWKS, the authorization code flow
// with PKCE, client credentials for machines, and userinfo. It binds loopback
// only and has no use in production.
//
// It stands on go-jose for everything cryptographic. A provider framework would
// ask for some sixty storage and policy methods to serve these five small
// endpoints, and would be harder to read than they are.
package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	maxRequestBytes = 64 << 10
	headerTimeout   = 5 * time.Second
	requestTimeout  = 10 * time.Second
	stopTimeout     = time.Second
)

// Paths of the endpoints below the issuer.
const (
	discoveryPath = "/.well-known/openid-configuration"
	keysPath      = "/keys"
	authorizePath = "/authorize"
	tokenPath     = "/token"
	userinfoPath  = "/userinfo"
)

// Options of the provider.
type Options struct {
	// Addr is a loopback host:port; port 0 picks a free one.
	Addr string
	// KeyFile keeps the signing key. It is created, with mode 0600, when missing.
	KeyFile string
	// Directory of users and clients; Sample when nil.
	Directory *Directory
}

// Provider is a listening OpenID provider. Run it with Serve.
type Provider struct {
	issuer    string
	host      string
	directory *Directory
	key       *signingKey
	grants    *grants
	listener  net.Listener
	now       func() time.Time
}

// Listen binds the address and loads or creates the key. It refuses addresses
// that other machines can reach.
func Listen(options Options) (*Provider, error) {
	directory := options.Directory
	if directory == nil {
		var err error
		if directory, err = Sample(); err != nil {
			return nil, err
		}
	}
	if options.KeyFile == "" {
		return nil, errors.New("--key-file is missing: name a file to keep the signing key in")
	}
	address, err := loopbackAddr(options.Addr)
	if err != nil {
		return nil, err
	}
	key, err := loadKey(options.KeyFile)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on --addr %s (choose another port, or 0 for a free one): %w", options.Addr, err)
	}
	host := listener.Addr().String()
	return &Provider{
		issuer:    "http://" + host,
		host:      host,
		directory: directory,
		key:       key,
		grants:    &grants{byCode: map[string]grant{}},
		listener:  listener,
		now:       time.Now,
	}, nil
}

// loopbackAddr checks the host and makes it numeric.
func loopbackAddr(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("--addr %q is not HOST:PORT: use 127.0.0.1:0", addr)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if !loopback(host) {
		return "", fmt.Errorf("--addr %q is not a loopback address: this provider lets everyone in, so it listens on 127.0.0.1 only", addr)
	}
	return net.JoinHostPort(host, port), nil
}

// Issuer is the provider's address and the iss claim of its tokens.
func (p *Provider) Issuer() string { return p.issuer }

// Serve answers requests until ctx ends, and then stops cleanly.
func (p *Provider) Serve(ctx context.Context) error {
	server := &http.Server{
		Handler:           p.Handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(p.listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		// Connections that clients opened in reserve count as busy for seconds.
		return server.Close()
	}
	return nil
}

// Handler serves the endpoints.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.serveHome)
	mux.HandleFunc("GET "+discoveryPath, p.serveDiscovery)
	mux.HandleFunc("GET "+keysPath, p.serveKeys)
	mux.HandleFunc("GET "+authorizePath, p.serveLogin)
	// Another site must not be able to log a browser in by posting the form.
	mux.Handle("POST "+authorizePath, http.NewCrossOriginProtection().Handler(http.HandlerFunc(p.serveChoice)))
	mux.HandleFunc("POST "+tokenPath, p.serveToken)
	mux.HandleFunc("GET "+userinfoPath, p.serveUserinfo)
	mux.HandleFunc("POST "+userinfoPath, p.serveUserinfo)
	return p.guard(mux)
}

// guard bounds request bodies and refuses foreign Host headers, with which a
// page elsewhere could reach loopback through its own name.
func (p *Provider) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != p.host {
			http.Error(w, "unknown host: use "+p.issuer, http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxRequestBytes)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

func (p *Provider) serveHome(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(w, "OpenID provider for development only: anyone may log in as anyone.\nConfiguration: %s%s\n", p.issuer, discoveryPath)
}

func (p *Provider) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                         p.issuer,
		"authorization_endpoint":                         p.issuer + authorizePath,
		"token_endpoint":                                 p.issuer + tokenPath,
		"userinfo_endpoint":                              p.issuer + userinfoPath,
		"jwks_uri":                                       p.issuer + keysPath,
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{grantCode, grantMachine},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"ES256"},
		"scopes_supported":                               []string{"openid", "profile"},
		"claims_supported":                               []string{"iss", "sub", "aud", "exp", "iat", "name", "roles", "hotels"},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post", "none"},
		"authorization_response_iss_parameter_supported": true,
	})
}

func (p *Provider) serveKeys(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, p.key.public())
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The status is sent; a caller that is gone needs no answer.
	_ = json.NewEncoder(w).Encode(body)
}
