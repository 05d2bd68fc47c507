package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// maxAnswer bounds what a provider answers, in bytes.
const maxAnswer = 1 << 20

// algorithms are those by which a signature may be made: with a private key
// that the provider alone has.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// A discovery is what a provider tells about itself.
type discovery struct {
	Issuer     string   `json:"issuer"`
	Keys       string   `json:"jwks_uri"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
}

// discover asks a provider, as OpenID Connect Discovery 1.0 has it.
func discover(ctx context.Context, client *http.Client, issuer string) (discovery, error) {
	text, err := ask(ctx, client, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return discovery{}, err
	}
	var d discovery
	if json.Unmarshal(text, &d) != nil || d.Issuer != issuer {
		return discovery{}, errors.New("auth: the provider's configuration is not that of this issuer; write the issuer exactly as the provider does")
	}
	if at, err := url.Parse(d.Keys); err != nil || !private(at) {
		return discovery{}, errors.New("auth: the provider's keys must be on https")
	}
	d.Algorithms = slices.DeleteFunc(d.Algorithms, func(alg string) bool { return !slices.Contains(algorithms, alg) })
	if len(d.Algorithms) == 0 {
		d.Algorithms = []string{oidc.RS256} // which every provider has
	}
	return d, nil
}

// ask gets a bounded answer in bounded time.
func ask(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, discoveryTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("auth: asking the provider: %w", err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("auth: asking the provider: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("auth: asking the provider: status %d", answer.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("auth: asking the provider: %w", err)
	}
	return text, nil
}
