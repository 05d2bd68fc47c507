package credentials

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/voicehive/voicehive/connectors/pms"
)

// token gets a token for an entry of one of the kinds of OAuth 2.0, with the
// version that the entry has then.
func (a *Account) token(ctx context.Context, entry Entry, unwanted Secret) (Access, Version, error) {
	if entry.Credentials.kind() == AuthorizationCode {
		shared, err := a.shared(ctx, unwanted)
		return shared.Credentials.Access, shared.Version, err
	}
	granted, _, err := a.grant(ctx, entry.Credentials)
	return granted, entry.Version, err
}

// grant asks the identity server once. The refresh token that it gave is empty
// for kinds that have none.
func (a *Account) grant(ctx context.Context, c Credentials) (granted Access, refresh Secret, err error) {
	config := a.oauth(c)
	ctx = a.withClient(ctx, c)
	var token *oauth2.Token
	switch c.kind() {
	case PasswordGrant:
		token, err = config.PasswordCredentialsToken(ctx, c.Username, c.Password.Reveal())
	case AuthorizationCode:
		token, err = config.TokenSource(ctx, &oauth2.Token{RefreshToken: c.RefreshToken.Reveal()}).Token()
	default:
		machine := clientcredentials.Config{
			ClientID: config.ClientID, ClientSecret: config.ClientSecret, TokenURL: config.Endpoint.TokenURL,
			Scopes: config.Scopes, AuthStyle: config.Endpoint.AuthStyle,
		}
		token, err = machine.Token(ctx)
	}
	if err != nil {
		return Access{}, Secret{}, a.identityFailure(err)
	}
	return a.read(token)
}

// read takes what can be sent of a token, and refuses what cannot.
func (a *Account) read(token *oauth2.Token) (Access, Secret, error) {
	if _, reason := textOf(token.AccessToken); reason != "" {
		return Access{}, Secret{}, a.failure(pms.ErrUnavailable, "the identity server's token cannot be sent in a header", nil)
	}
	granted := Access{Token: NewSecret(token.AccessToken), EndsAt: token.Expiry}
	scope, _ := token.Extra("scope").(string)
	for _, each := range strings.Fields(scope) {
		if namePattern.MatchString(strings.NewReplacer(".", "", ":", "", "/", "").Replace(each)) && len(granted.Scopes) < maxEntries {
			granted.Scopes = append(granted.Scopes, each)
		}
	}
	return granted, NewSecret(token.RefreshToken), nil
}

func (a *Account) oauth(c Credentials) oauth2.Config {
	style := oauth2.AuthStyleInHeader
	if a.scheme.SecretInForm {
		style = oauth2.AuthStyleInParams
	}
	return oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), Scopes: c.Scopes,
		Endpoint: oauth2.Endpoint{TokenURL: a.scheme.TokenURL, AuthStyle: style},
	}
}

// withClient gives oauth2 our HTTP client, with the entry's headers.
func (a *Account) withClient(ctx context.Context, c Credentials) context.Context {
	client := *a.tokens.client
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	client.Transport = withHeaders{next, func(h http.Header) {
		a.scheme.apply(c, true, func(name string, value Secret) { h.Set(name, value.Reveal()) })
	}}
	return context.WithValue(ctx, oauth2.HTTPClient, &client)
}

type withHeaders struct {
	next http.RoundTripper
	add  func(http.Header)
}

// RoundTrip implements http.RoundTripper.
func (w withHeaders) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context()) // a RoundTripper leaves its request as it is
	w.add(r.Header)
	return w.next.RoundTrip(r)
}

// failure is a *pms.Error of this account. It names the reference, which is no
// secret.
func (a *Account) failure(kind error, detail string, cause error) *pms.Error {
	return &pms.Error{Kind: kind, Vendor: a.scheme.Vendor, Operation: "authorize", Detail: "credentials " + a.ref + ": " + detail, Cause: cause}
}

// storeFailure classifies what a Store answered. What is missing or wrong there
// stays so until somebody corrects it; other failures pass.
func (a *Account) storeFailure(err error) error {
	var wrong *FieldError
	if errors.As(err, &wrong) {
		f := a.failure(pms.ErrAuthentication, "field "+wrong.Field+": "+wrong.Reason, wrong)
		f.Field = wrong.Field
		return f
	}
	var known *pms.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrInvalid):
		return a.failure(pms.ErrAuthentication, "they could not be read from the store", err)
	}
	return a.failure(pms.ErrUnavailable, "the store could not be asked for them", err)
}

// identityFailure classifies without quoting: oauth2's own errors hold the
// whole answer of the identity server.
func (a *Account) identityFailure(err error) error {
	var answered *oauth2.RetrieveError
	if !errors.As(err, &answered) || answered.Response == nil {
		return a.failure(pms.ErrUnavailable, "the identity server did not answer with a token", nil)
	}
	f := a.failure(pms.ErrUnavailable, "the identity server failed", nil)
	f.Status = answered.Response.StatusCode
	switch {
	case f.Status == http.StatusTooManyRequests:
		f.Kind, f.RetryAfter = pms.ErrRateLimited, retryAfter(answered.Response.Header)
		f.Detail = "credentials " + a.ref + ": the identity server asks to slow down"
	case f.Status >= 400 && f.Status < 500 && f.Status != http.StatusRequestTimeout, f.Status == http.StatusOK:
		// Some refuse with 200 and an error in the answer.
		f.Detail, f.Kind = refusalOf(answered.ErrorCode)
		f.Detail = "credentials " + a.ref + ": " + f.Detail
	}
	return f
}

// refusalOf reads the error codes of RFC 6749. A server's own words are not
// passed on.
func refusalOf(code string) (detail string, kind error) {
	switch code {
	case "invalid_scope":
		return "the identity server does not grant the scopes in the field scopes; grant them to the client at the vendor (invalid_scope)", pms.ErrPermission
	case "invalid_grant":
		return "the identity server refused the user, or the refresh token, which may be used up: connect the hotel again (invalid_grant)", pms.ErrAuthentication
	case "unauthorized_client", "unsupported_grant_type":
		return "the identity server does not let this client get tokens in this way; check the kind (" + code + ")", pms.ErrAuthentication
	}
	return "the identity server refused the client id or secret; renew them in the credentials store", pms.ErrAuthentication
}

// retryAfter reads when an identity server wants to be asked again, in seconds
// or as a date, within reason.
func retryAfter(h http.Header) time.Duration {
	const atLeast, otherwise, atMost = time.Second, 5 * time.Second, 5 * time.Minute
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(max(time.Duration(seconds)*time.Second, atLeast), atMost)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at), atLeast), atMost)
	}
	return otherwise
}
