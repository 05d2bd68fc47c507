package subjects

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/voicehive/voicehive/compliance/keys"
)

// Destroyed are the keys of some scopes that were destroyed this time.
type Destroyed struct {
	Keys int `json:"keys"`
	// Purposes counts them by what they were for.
	Purposes map[keys.Purpose]int `json:"purposes,omitempty"`
	// Digest is the SHA-256 over the digests of their wrapped forms, in the order
	// of their names: whoever holds a copy of those can prove that it was these.
	Digest []byte `json:"digest,omitempty"`
}

// DestroyKeys destroys the scopes' keys for some purposes, for all when none is
// named. It is the last step of an erasure, behind EraseRows and the end of all
// that writes about the scopes. The keys lie in another database than the audit
// log, so the log tells twice: that it is asked for, and then what was
// destroyed. It is repeated as often as one likes.
func (d *Desk) DestroyKeys(ctx context.Context, tenant string, scopes []string, purposes ...keys.Purpose) (Destroyed, error) {
	if err := checkScopes(scopes); err != nil {
		return Destroyed{}, err
	}
	if len(purposes) == 0 {
		purposes = keys.Purposes()
	}
	asked := map[string]any{"scopes": len(scopes), "purposes": purposes}
	if err := d.Auditor.Record(ctx, d.Pool, erased(tenant, EventKeysRequested, asked)); err != nil {
		return Destroyed{}, wrap(err, "tell the audit log")
	}
	var gone []keys.Destruction
	for _, scope := range scopesOf(tenant, scopes) {
		its, err := d.Keys.DestroyPurposes(ctx, scope, purposes...)
		gone = append(gone, its...)
		if err != nil {
			// What is gone is told now: whoever tries again finds it gone.
			if len(gone) > 0 {
				err = errors.Join(err, d.tellDestroyed(context.WithoutCancel(ctx), tenant, len(scopes), destroyed(gone)))
			}
			return Destroyed{}, wrap(err, "destroy keys")
		}
	}
	told := destroyed(gone)
	return told, d.tellDestroyed(ctx, tenant, len(scopes), told)
}

func (d *Desk) tellDestroyed(ctx context.Context, tenant string, scopes int, told Destroyed) error {
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	return wrap(d.Auditor.Record(ctx, d.Pool, erased(tenant, EventKeys, struct {
		Scopes int `json:"scopes"`
		Destroyed
	}{scopes, told})), "tell the audit log")
}

// tellTime bounds the last words about keys that are gone.
const tellTime = 10 * time.Second

func destroyed(gone []keys.Destruction) Destroyed {
	told := Destroyed{Keys: len(gone), Purposes: map[keys.Purpose]int{}}
	if len(gone) == 0 {
		return told
	}
	slices.SortFunc(gone, func(a, b keys.Destruction) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	all := sha256.New()
	for _, each := range gone {
		told.Purposes[each.Purpose]++
		all.Write(each.Digest)
	}
	told.Digest = all.Sum(nil)
	return told
}
