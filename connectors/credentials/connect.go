package credentials

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/transport"
)

// Connect exchanges the code that a hotel brought back from the vendor's
// consent page, and stores the refresh token and the first token in the
// entry, which must be of kind AuthorizationCode. redirectURI is the one the
// consent page was asked with; verifier is that of PKCE, empty without. A code
// can be used once: when Connect fails after the exchange, the hotel must ask
// for another.
func (a *Account) Connect(ctx context.Context, code, redirectURI, verifier string) error {
	keeper, ok := a.tokens.store.(Keeper)
	if !ok {
		return a.failure(pms.ErrAuthentication, "this store cannot keep refresh tokens", nil)
	}
	entry, err := keeper.Entry(ctx, a.ref)
	if err != nil {
		return a.storeFailure(err)
	}
	c := entry.Credentials
	if c.kind() != AuthorizationCode {
		return a.storeFailure(&FieldError{Ref: a.ref, Field: "kind", Reason: "must be " + string(AuthorizationCode) + " to connect with a code"})
	}
	if err := a.scheme.refuse(a.ref, c); err != nil {
		return a.storeFailure(err)
	}
	config := a.oauth(c)
	config.RedirectURL = redirectURI
	var options []oauth2.AuthCodeOption
	if verifier != "" {
		options = append(options, oauth2.VerifierOption(verifier))
	}
	asking, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	token, err := config.Exchange(a.withClient(asking, c), code, options...)
	if err != nil {
		return a.identityFailure(err)
	}
	access, refresh, err := a.read(token)
	if err != nil {
		return err
	}
	if refresh.IsZero() {
		return a.failure(pms.ErrPermission, "the identity server gave no refresh token; the client or the scopes do not allow it", nil)
	}
	c.RefreshToken, c.Access = refresh, access
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	late := unsaved{old: entry.Credentials.RefreshToken, next: c}
	if _, err := late.save(saving, keeper, a.ref, entry.Version); err != nil {
		return a.storeFailure(err)
	}
	return nil
}

// Check proves that the credentials can be used: the entry suits the vendor,
// the identity server grants a token, and the token has the scopes that the
// entry asks for and those that the connector needs. What is missing is
// ErrPermission and named. Kinds without tokens can be proved by a call to the
// vendor only.
func (a *Account) Check(ctx context.Context) error {
	h, missing, err := a.lacking(ctx)
	if err != nil || len(missing) == 0 {
		return err
	}
	// The token may be older than what somebody has just granted.
	a.Refused(&transport.Outgoing{Used: h})
	if _, missing, err = a.lacking(ctx); err != nil || len(missing) == 0 {
		return err
	}
	return a.failure(pms.ErrPermission, "the token lacks the scopes "+strings.Join(missing, ", ")+"; grant them to the client at the vendor", nil)
}

// lacking returns what the account holds, and the scopes that are missing.
func (a *Account) lacking(ctx context.Context) (*held, []string, error) {
	h, err := a.current(ctx)
	if err != nil || h.token.IsZero() {
		return h, nil, err
	}
	entry, err := a.entry(ctx)
	if err != nil {
		return nil, nil, a.storeFailure(err)
	}
	asked := entry.Credentials.Scopes
	// RFC 6749 5.1: an answer that names no scopes grants those asked for.
	granted := h.scopes
	if len(granted) == 0 {
		granted = asked
	}
	if len(granted) == 0 {
		return h, nil, nil // neither asked for nor told: the first call will show
	}
	var missing []string
	for _, scope := range slices.Concat(a.scheme.Scopes, asked) {
		if !slices.Contains(granted, scope) && !slices.Contains(missing, scope) {
			missing = append(missing, scope)
		}
	}
	return h, missing, nil
}
