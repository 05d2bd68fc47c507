package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// tokenFlag names the file with the token of the person who acts. Nobody is a
// person by the name of a login alone: whoever may use the machine can have
// several, and an account at the identity provider beside them.
func tokenFlag(c *cobra.Command) *string {
	return c.Flags().String("token-file", "", "a file with the access token that the identity provider gave you; needed where you count as one of two people (default $VOICEHIVE_TOKEN_FILE)")
}

// who is the person whose token a file has, with a role at the hotel; "" asks for
// the role alone. Without a file it is whoever types, who counts for nobody where
// two people have to agree.
func (p *parts) who(ctx context.Context, file, hotel string, roles ...auth.Role) (string, error) {
	if file = firstOf(file, p.config.TokenFile); file == "" {
		return operator(), nil
	}
	token, err := readSmall(file)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	if len(p.config.Issuers) == 0 {
		return "", usageError{errors.New("VOICEHIVE_OIDC is not set, so no token counts")}
	}
	gate, err := auth.New(auth.Options{Issuers: p.issuers(), Client: p.client(region.Identity)})
	if err != nil {
		return "", err
	}
	caller, err := gate.Authenticate(ctx, "Bearer "+strings.TrimSpace(string(token)))
	if err != nil {
		return "", err
	}
	if !caller.Person() {
		return "", starter.PersonNeeded.With("The token is a program's own. Take one that the identity provider gave you when you signed in.")
	}
	return caller.Subject, p.admit(ctx, caller, hotel, roles)
}

// admit is what the API asks of a caller, by the token or by the hotel's entry.
func (p *parts) admit(ctx context.Context, caller auth.Caller, hotel string, roles []auth.Role) error {
	if hotel == "" {
		if caller.Has(roles...) {
			return nil
		}
		return starter.Forbidden.With("This needs a role that the token does not have.")
	}
	refused := auth.Authorize(caller, hotel, roles...)
	if refused == nil {
		return nil
	}
	members, err := p.members(ctx, hotel)
	if err != nil {
		return err
	}
	if auth.Authorize(auth.BoundAt(caller.Subject, hotel, members), hotel, roles...) == nil {
		return nil
	}
	return refused
}

type whoKey struct{}

// as tells a verb who acts.
func as(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, whoKey{}, who)
}

// whoActs is who as has told of.
func whoActs(ctx context.Context) string {
	who, _ := ctx.Value(whoKey{}).(string)
	return firstOf(who, operator())
}
