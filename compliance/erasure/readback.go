package erasure

import (
	"context"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/internal/postgres"
)

// Check reads every store back: ErrLeft when something is there that the plan
// erased and nothing keeps. It returns what is there now.
func (o *Office) Check(ctx context.Context, hotel, request, hash string) (Plan, ReadBack, error) {
	planned, err := o.load(ctx, hotel, request, hash)
	if err != nil {
		return Plan{}, ReadBack{}, err
	}
	now, err := o.Plan(ctx, hotel, request)
	if err != nil {
		return Plan{}, ReadBack{}, err
	}
	wanted := planned.verdicts()
	var left ReadBack
	for _, l := range now.Lines {
		was, known := wanted(l.Class, l.Scope)
		switch {
		case l.Action != Erase || known && was.Action != Erase && was.Action != Keep:
		case l.Class == register.HotelSystem: // it has its own state, and is left to staff in the end
		case l.Class == register.Run:
			left.Runs += l.Records
		default:
			left.Rows += l.Records
		}
	}
	for _, batch := range now.Batches() {
		f, err := o.survey(ctx, hotel, batch)
		if err != nil {
			return now, left, err
		}
		living, err := o.living(ctx, hotel, o.doomed(planned, f, batch))
		if err != nil {
			return now, left, err
		}
		left.Keys += living
	}
	if !left.clean() {
		return now, left, ErrLeft
	}
	return now, left, nil
}

// living counts keys that should be destroyed and are not.
func (o *Office) living(ctx context.Context, hotel string, doomed map[string][]keys.Purpose) (n int64, err error) {
	var scopes, purposes []string
	for scope, its := range doomed {
		for _, purpose := range its {
			scopes, purposes = append(scopes, scope), append(purposes, string(purpose))
		}
	}
	err = o.KeysPool.Role(postgres.RoleKeys).QueryRow(ctx, `
		select count(*) from unnest($2::text[], $3::text[]) d (scope, purpose)
		join scope_key k on k.tenant = $1 and k.scope = d.scope and k.purpose = d.purpose
		where k.wrapped is not null`, hotel, scopes, purposes).Scan(&n)
	return n, wrap(err, "read keys back")
}

// keyCounts counts the keys of scopes. A tombstone of a key that never was
// counts too: nobody can make that key any more.
func (o *Office) keyCounts(ctx context.Context, hotel string, scopes []string) (c KeyCounts, err error) {
	err = o.KeysPool.Role(postgres.RoleKeys).QueryRow(ctx, `
		select count(*) filter (where wrapped is null), count(*) filter (where wrapped is not null)
		from scope_key where tenant = $1 and scope = any($2)`, hotel, scopes).Scan(&c.Destroyed, &c.Living)
	return c, wrap(err, "read keys back")
}
