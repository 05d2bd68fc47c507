package erasure

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/holds"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
)

// sealedFor is which key purpose opens a class that can be kept by law.
func sealedFor(class register.Class) keys.Purpose {
	switch class {
	case register.Recording:
		return keys.Recording
	case register.Invoice, register.GuestRegister:
		return keys.Invoice
	case register.Consent:
		return keys.Consent
	case register.AuditDetail:
		return keys.Audit
	}
	return keys.Operations
}

// doomed are the purposes whose keys go, by scope: all but a case's, and those
// that open what the plan keeps.
func (o *Office) doomed(p Plan, f *found, scopes []string) map[string][]keys.Purpose {
	kept := map[string]map[keys.Purpose]bool{}
	for _, l := range p.Lines {
		if l.Action == Restrict {
			if kept[l.Scope] == nil {
				kept[l.Scope] = map[keys.Purpose]bool{}
			}
			kept[l.Scope][sealedFor(l.Class)] = true
		}
	}
	all, planned, stays := map[string][]keys.Purpose{}, p.verdicts(), p.stays()
	for _, scope := range scopes {
		_, waits := stays[scope]
		if waits || !free(planned, f, register.AuditDetail, scope) || heldAtAll(f, scope) {
			continue
		}
		for _, purpose := range keys.Purposes() {
			if purpose != keys.Case && !kept[scope][purpose] {
				all[scope] = append(all[scope], purpose)
			}
		}
	}
	return all
}

// heldAtAll tells whether a hold keeps anything of a scope.
func heldAtAll(f *found, scope string) bool {
	return len(f.held) > 0 && slices.ContainsFunc(register.Classes(), func(class register.Class) bool {
		return slices.ContainsFunc(f.held, func(h holds.Hold) bool { return h.Keeps(class, scope) })
	})
}

// DestroyKeys destroys the keys of a batch and forgets whose they were. The
// main database's lock on holds is kept meanwhile: a hold that is placed now
// waits, and then finds the keys gone.
func (o *Office) DestroyKeys(ctx context.Context, hotel, request, hash string, batch int) (int, error) {
	p, scopes, err := o.batch(ctx, hotel, request, hash, batch)
	if err != nil {
		return 0, err
	}
	f, err := o.survey(ctx, hotel, scopes)
	if err != nil {
		return 0, err
	}
	destroyed := 0
	err = o.whileHeldOff(ctx, hotel, scopes, func(_ pgx.Tx, held []holds.Hold, ahead map[string]time.Time) error {
		f.held, f.awaited = held, ahead
		doomed := o.doomed(p, f, scopes)
		byPurposes := map[string][]string{}
		var forget []keys.Scope
		for _, scope := range slices.Sorted(maps.Keys(doomed)) {
			byPurposes[join(doomed[scope])] = append(byPurposes[join(doomed[scope])], scope)
			forget = append(forget, keys.Scope{Tenant: hotel, ID: scope})
		}
		for purposes, group := range byPurposes {
			gone, err := o.Desk.DestroyKeys(ctx, hotel, group, split(purposes)...)
			destroyed += gone.Keys
			if err != nil {
				return err
			}
		}
		return o.Table.Forget(ctx, hotel, forget...)
	})
	return destroyed, wrap(err, "destroy keys")
}

func join(purposes []keys.Purpose) string {
	all := make([]string, len(purposes))
	for i, p := range purposes {
		all[i] = string(p)
	}
	return strings.Join(all, ",")
}

func split(text string) []keys.Purpose {
	var all []keys.Purpose
	for _, p := range strings.Split(text, ",") {
		all = append(all, keys.Purpose(p))
	}
	return all
}
