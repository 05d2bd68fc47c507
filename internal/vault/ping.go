package vault

import (
	"context"

	"github.com/hashicorp/vault/api"
)

// Ping tells whether Vault answers this login: it looks at its own token, which
// every policy allows. ErrSealed, ErrDenied or ErrUnavailable when not.
func (c *Client) Ping(ctx context.Context) error {
	return c.do(ctx, "look up the token", "auth/token/lookup-self", func(ctx context.Context, client *api.Client) error {
		_, err := client.Auth().Token().LookupSelfWithContext(ctx)
		return err
	})
}
