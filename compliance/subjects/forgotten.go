package subjects

import (
	"context"

	"github.com/voicehive/voicehive/compliance/keys"
)

// Forgotten returns those of some scopes that are nobody's any more, as after an
// erasure. It asks only: nothing is resolved anew.
func (d *Desk) Forgotten(ctx context.Context, tenant string, ids []string) (forgotten []string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	scopes := make([]keys.Scope, len(ids))
	for i, id := range ids {
		scopes[i] = keys.Scope{Tenant: tenant, ID: id}
	}
	known, err := d.Table.SubjectOf(ctx, tenant, scopes...)
	if err != nil {
		return nil, wrap(err, "ask whose scopes are")
	}
	for _, scope := range scopes {
		if Ref(known[scope]).IsZero() {
			forgotten = append(forgotten, scope.ID)
		}
	}
	return forgotten, nil
}
