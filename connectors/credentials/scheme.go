package credentials

import (
	"fmt"
	"slices"
	"strings"
)

// A Scheme says how a vendor wants to be shown credentials. A vendor package
// declares its own.
type Scheme struct {
	// Vendor names it in errors.
	Vendor string
	// Kinds that the vendor takes; none means the three of OAuth 2.0.
	Kinds []Kind
	// TokenURL is where tokens are got, for the kinds of OAuth 2.0.
	TokenURL string
	// SecretInForm sends the client's id and secret in the form of the token
	// request, and not as HTTP Basic.
	SecretInForm bool
	// KeyHeader carries the key of an APIKey, such as X-API-Key.
	KeyHeader string
	// BodyTokens are the fields of the body that BodyTokens must have.
	BodyTokens []string
	// Headers are what an entry's headers must and may have.
	Headers []Header
	// Scopes are the rights without which the connector cannot work.
	Scopes []string
}

// A Header is one that a vendor wants with requests, kept with the secrets.
type Header struct {
	Name      string
	Optional  bool
	TokenOnly bool // for the token request alone; others go with every request
}

// refuse tells what in an entry does not suit the vendor.
func (s Scheme) refuse(ref string, c Credentials) error {
	wrong := func(field, reason string) error { return &FieldError{Ref: ref, Field: field, Reason: reason} }
	switch kind := c.kind(); {
	case len(s.Kinds) == 0 && !kind.grants(), len(s.Kinds) > 0 && !slices.Contains(s.Kinds, kind):
		return wrong("kind", "is "+string(kind)+", which this vendor does not take")
	case kind == BodyTokens:
		for _, name := range s.BodyTokens {
			if c.Tokens[name].IsZero() {
				return wrong("body_tokens."+name, "is missing")
			}
		}
		if len(c.Tokens) > len(s.BodyTokens) {
			return wrong("body_tokens", "has more than the vendor's "+strings.Join(s.BodyTokens, ", "))
		}
	}
	for _, h := range s.Headers {
		if !h.Optional && headerOf(c, h.Name).IsZero() {
			return wrong("headers."+h.Name, "is missing")
		}
	}
	for name := range c.Headers {
		if !slices.ContainsFunc(s.Headers, func(h Header) bool { return strings.EqualFold(h.Name, name) }) {
			return wrong("headers."+name, "is none that this vendor takes")
		}
	}
	return nil
}

// apply sets the entry's headers that go with such a request.
func (s Scheme) apply(c Credentials, tokenRequest bool, set func(name string, value Secret)) {
	for _, wanted := range s.Headers {
		if value := headerOf(c, wanted.Name); !value.IsZero() && (tokenRequest || !wanted.TokenOnly) {
			set(wanted.Name, value)
		}
	}
}

func headerOf(c Credentials, name string) Secret {
	for each, value := range c.Headers {
		if strings.EqualFold(each, name) {
			return value
		}
	}
	return Secret{}
}

// key tells one scheme from another.
func (s Scheme) key() string { return fmt.Sprintf("%+v", s) }
