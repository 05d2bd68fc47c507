package credentials

import (
	"time"
)

// A Kind is a way in which vendors want to be shown who calls.
type Kind string

// The kinds of credentials.
const (
	// ClientCredentials: OAuth 2.0, a client of the vendor's gets tokens by its
	// own id and secret. It is meant where an entry names no kind.
	ClientCredentials Kind = "oauth2_client_credentials"
	// AuthorizationCode: OAuth 2.0, the hotel has let our client in once, and
	// a refresh token keeps the door open.
	AuthorizationCode Kind = "oauth2_authorization_code"
	// PasswordGrant: OAuth 2.0 as it once was, a user's name and password
	// beside the client's, which OPERA Cloud still has in some environments.
	PasswordGrant Kind = "oauth2_password"
	// APIKey: one key in a header.
	APIKey Kind = "api_key"
	// BodyTokens: tokens as fields of each request's body, as Mews wants them.
	BodyTokens Kind = "body_tokens"
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{ClientCredentials, AuthorizationCode, PasswordGrant, APIKey, BodyTokens}
}

// Credentials open an account at a vendor. Kind tells which fields are in use;
// Parse and Validate see to it that they are there and no others.
type Credentials struct {
	Kind Kind `yaml:"kind"`

	ClientID     string   `yaml:"client_id,omitempty"`
	ClientSecret Secret   `yaml:"client_secret,omitempty"`
	Scopes       []string `yaml:"scopes,omitempty"` // asked for and required; none asks for what the client has

	Username string `yaml:"username,omitempty"`
	Password Secret `yaml:"password,omitempty"`

	// RefreshToken and Access are the state of an AuthorizationCode, which the
	// broker itself writes back to the store.
	RefreshToken Secret `yaml:"refresh_token,omitempty"`
	Access       Access `yaml:"-"`

	Key    Secret            `yaml:"api_key,omitempty"`
	Tokens map[string]Secret `yaml:"body_tokens,omitempty"` // by field of the body

	// Headers are sent as they are, such as the x-app-key of OPERA Cloud. Which
	// of them go where is the Scheme's to say.
	Headers map[string]Secret `yaml:"headers,omitempty"`
}

// Access is a token of an AuthorizationCode that the whole fleet shares.
type Access struct {
	Token  Secret
	EndsAt time.Time // zero when the vendor told no end
	Scopes []string  // as granted, when that was told
	// ClaimedUntil: until then one process is renewing it, and the others wait.
	ClaimedUntil time.Time
}

// grants tells whether the kind gets its tokens from an identity server.
func (k Kind) grants() bool {
	return k == ClientCredentials || k == AuthorizationCode || k == PasswordGrant
}

// kind is the entry's, ClientCredentials where it names none.
func (c Credentials) kind() Kind {
	if c.Kind == "" {
		return ClientCredentials
	}
	return c.Kind
}
