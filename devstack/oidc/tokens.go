package oidc

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Types of token, in the JWT header. They keep an ID token from passing for an
// access token (RFC 9068).
const (
	accessTokenType = "at+jwt"
	idTokenType     = "JWT"
)

var errToken = errors.New("the token is not valid here: log in again")

// claims are those of ID tokens and access tokens alike.
type claims struct {
	jwt.Claims
	Name     string           `json:"name"`
	Roles    []string         `json:"roles"`
	Hotels   []string         `json:"hotels"`
	ClientID string           `json:"client_id,omitempty"`
	Scope    string           `json:"scope,omitempty"`
	Nonce    string           `json:"nonce,omitempty"`
	AuthTime *jwt.NumericDate `json:"auth_time,omitempty"`
}

func (p *Provider) newClaims(user User, audience string) claims {
	now := p.now()
	return claims{
		Claims: jwt.Claims{
			Issuer:   p.issuer,
			Subject:  user.ID,
			Audience: jwt.Audience{audience},
			IssuedAt: jwt.NewNumericDate(now),
			Expiry:   jwt.NewNumericDate(now.Add(p.directory.TokenLifetime)),
			ID:       rand.Text(),
		},
		Name: user.Name,
		// Never null: a reader may range over them without a check.
		Roles:  append([]string{}, user.Roles...),
		Hotels: append([]string{}, user.Hotels...),
	}
}

func (p *Provider) accessToken(user User, clientID, scope string) (string, error) {
	c := p.newClaims(user, p.directory.Audience)
	c.ClientID, c.Scope = clientID, scope
	return p.sign(accessTokenType, c)
}

func (p *Provider) idToken(user User, g grant) (string, error) {
	c := p.newClaims(user, g.clientID)
	c.Nonce, c.AuthTime = g.nonce, jwt.NewNumericDate(g.loggedIn)
	return p.sign(idTokenType, c)
}

func (p *Provider) sign(kind string, c claims) (string, error) {
	signer, err := p.key.signer(kind)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	token, err := jwt.Signed(signer).Claims(c).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return token, nil
}

// verifyAccess reads an access token of our own.
func (p *Provider) verifyAccess(raw string) (claims, error) {
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil || len(token.Headers) != 1 || token.Headers[0].ExtraHeaders[jose.HeaderType] != accessTokenType {
		return claims{}, errToken
	}
	var c claims
	if err := token.Claims(p.key.private.Public(), &c); err != nil {
		return claims{}, errToken
	}
	expected := jwt.Expected{Issuer: p.issuer, AnyAudience: jwt.Audience{p.directory.Audience}, Time: p.now()}
	if err := c.ValidateWithLeeway(expected, time.Second); err != nil {
		return claims{}, errToken
	}
	return c, nil
}
