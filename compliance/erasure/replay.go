package erasure

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/subjects"
)

// Replayed counts what a replay did.
type Replayed struct {
	Scopes int             `json:"scopes"`
	Erased subjects.Counts `json:"erased"`
	Runs   int             `json:"workflow_runs"`
	Keys   int             `json:"keys"`
}

// ErrRuns: the replay cannot reach the workflow runs. Had it gone on, the two
// journals would agree, and nothing would tell that runs are there again.
var ErrRuns = errors.New("erasure: nothing was erased again: Temporal is away, and what was restored may have workflow runs: run this again when it is there")

// WithoutRuns stands for runs that a replay leaves for later: ReplayAll erases
// them then.
var WithoutRuns Runs = withoutRuns{}

type withoutRuns struct{}

func (withoutRuns) Count(context.Context, []string) (map[string]int, error) { return nil, ErrRuns }
func (withoutRuns) Delete(context.Context, []string) (int, error)           { return 0, nil }

// Replay erases again what a restored backup brought back: rows, objects, runs
// and keys of every scope that one of the journals has and the other lacks.
// Holds were asked when it was erased first. Killed, it goes on; done again it
// finds nothing.
func (o *Office) Replay(ctx context.Context, progress func(done, all int)) (Replayed, error) {
	m, err := NewJournal(o.Pool, o.KeysPool).Compare(ctx)
	if err != nil {
		return Replayed{}, err
	}
	return o.replayEach(ctx, append(slices.Clone(m.Main), m.Keys...), progress)
}

// ReplayAll is Replay of every entry that one of the journals has: for what was
// restored and has no journal to tell of it, as Temporal's database.
func (o *Office) ReplayAll(ctx context.Context, progress func(done, all int)) (Replayed, error) {
	all, err := NewJournal(o.Pool, o.KeysPool).either(ctx)
	if err != nil {
		return Replayed{}, err
	}
	return o.replayEach(ctx, all, progress)
}

func (o *Office) replayEach(ctx context.Context, entries []Entry, progress func(done, all int)) (r Replayed, err error) {
	if len(entries) > 0 && o.Runs == nil {
		return r, ErrRuns
	}
	byHotel := map[string][]Entry{}
	for _, e := range entries {
		byHotel[e.Hotel] = append(byHotel[e.Hotel], e)
	}
	all := len(entries)
	for _, hotel := range slices.Sorted(maps.Keys(byHotel)) {
		for part := range slices.Chunk(byHotel[hotel], BatchSize) {
			if err := o.replay(ctx, hotel, part, &r); err != nil {
				return r, err
			}
			r.Scopes += len(part)
			progress(r.Scopes, all)
		}
	}
	return r, nil
}

func (o *Office) replay(ctx context.Context, hotel string, entries []Entry, r *Replayed) error {
	kept := map[string][]string{}
	var scopes []string
	for _, e := range entries {
		// The entry that keeps fewest came last.
		if known, ok := kept[e.Scope]; !ok || len(e.Kept) < len(known) {
			kept[e.Scope] = e.Kept
		}
	}
	scopes = slices.Sorted(maps.Keys(kept))
	f, err := o.survey(ctx, hotel, scopes)
	if err != nil {
		return err
	}
	gone, err := o.Desk.Erase(ctx, hotel, subjects.Order{
		Scopes: scopes, Again: true,
		Keep: func(class register.Class, scope string) bool { return slices.Contains(kept[scope], string(class)) },
	})
	if err != nil {
		return wrap(err, "erase rows again")
	}
	r.Erased.Add(gone)
	var ids []string
	for _, scope := range scopes {
		ids = append(ids, f.workflows(scope)...)
	}
	if len(ids) > 0 {
		n, err := o.Runs.Delete(ctx, ids)
		if err != nil {
			return wrap(err, "delete workflow runs again")
		}
		r.Runs += n
	}
	destroyed, err := o.destroyAgain(ctx, hotel, scopes, kept, f)
	if err != nil {
		return err
	}
	r.Keys += destroyed
	return o.settle(ctx, hotel, entries, gone)
}

// destroyAgain destroys the keys of scopes, but for those that open what was
// kept.
func (o *Office) destroyAgain(ctx context.Context, hotel string, scopes []string, kept map[string][]string, f *found) (n int, err error) {
	for _, scope := range scopes {
		var purposes []keys.Purpose
		for _, purpose := range keys.Purposes() {
			stays := purpose == keys.Case || purpose == keys.Consent && f.records[register.Consent][scope] > 0 ||
				slices.ContainsFunc(kept[scope], func(class string) bool { return sealedFor(register.Class(class)) == purpose })
			if !stays {
				purposes = append(purposes, purpose)
			}
		}
		gone, err := o.Desk.DestroyKeys(ctx, hotel, []string{scope}, purposes...)
		if err != nil {
			return n, wrap(err, "destroy keys again")
		}
		n += gone.Keys
	}
	all := make([]keys.Scope, len(scopes))
	for i, scope := range scopes {
		all[i] = keys.Scope{Tenant: hotel, ID: scope}
	}
	return n, wrap(o.Table.Forget(ctx, hotel, all...), "forget whose they were")
}

// settle writes the entries into both journals: from then on they agree.
func (o *Office) settle(ctx context.Context, hotel string, entries []Entry, gone subjects.Counts) error {
	if err := NewJournal(o.Pool, o.KeysPool).add(ctx, entries); err != nil {
		return err
	}
	entry, err := o.Auditor.Prepare(ctx, audit.Event{Tenant: hotel, Kind: EventReplayed, Actor: actor,
		Detail: map[string]any{"scopes": len(entries), "erased": gone}})
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	var scopes, kept []string
	for _, e := range entries {
		scopes, kept = append(scopes, e.Scope), append(kept, strings.Join(e.Kept, ","))
	}
	return wrap(o.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			insert into erasure_journal (hotel, scope, kept)
			select $1, e.scope, string_to_array(e.kept, ',') from unnest($2::text[], $3::text[]) e (scope, kept)
			order by 2 on conflict do nothing`, hotel, scopes, kept); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	}), "write the journal")
}
