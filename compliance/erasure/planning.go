package erasure

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
)

// Plan looks at all records of a case's people and says what becomes of each.
// It changes nothing. What an earlier plan of the case reached stays in it: once
// keys are destroyed nobody can find those bookings again, and the certificate
// has to tell of them.
func (o *Office) Plan(ctx context.Context, hotel, request string) (Plan, error) {
	_, before, err := o.stored(ctx, hotel, request)
	if err != nil && !errors.Is(err, ErrNoPlan) {
		return Plan{}, err
	}
	scopes, err := o.scopes(ctx, hotel, request, before.Scopes)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Hotel: hotel, Case: request, At: o.Now().UTC(), Scopes: scopes}
	if err := o.companions(ctx, &p, before); err != nil {
		return Plan{}, err
	}
	for _, batch := range p.Batches() {
		f, err := o.survey(ctx, hotel, batch)
		if err != nil {
			return Plan{}, err
		}
		p.place(f, batch)
		lines, err := o.judge(ctx, f, batch)
		if err != nil {
			return Plan{}, err
		}
		p.Lines = append(p.Lines, lines...)
	}
	files, err := o.caseFiles(ctx, hotel, request)
	if err != nil {
		return Plan{}, err
	}
	p.Lines = append(p.Lines, files...)
	slices.SortFunc(p.Lines, compareLines)
	return p, nil
}

// judge gives the records of a batch their verdicts.
func (o *Office) judge(ctx context.Context, f *found, batch []string) ([]Line, error) {
	runs, err := o.countRuns(ctx, f, batch)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for _, class := range register.Classes() {
		for _, scope := range batch {
			n, ok := f.records[class][scope]
			switch treatment[class] {
			case bySystem:
				ok, n = f.state[scope] == stateManual || f.system[scope] != "" && f.state[scope] != stateErased, 1
			case byRuns:
				n = runs[scope]
				ok = n > 0
			case atTheHotel:
				ok, n = f.stayed[scope], 1
			}
			if !ok {
				continue
			}
			lines = o.line(lines, f, Line{Class: class, Scope: scope, Records: n})
		}
	}
	return lines, nil
}

func (o *Office) countRuns(ctx context.Context, f *found, batch []string) (map[string]int, error) {
	var ids []string
	whose := map[string]string{}
	for _, scope := range batch {
		for _, id := range f.workflows(scope) {
			ids, whose[id] = append(ids, id), scope
		}
	}
	runs := map[string]int{}
	if len(ids) == 0 {
		return runs, nil
	}
	counted, err := o.Runs.Count(ctx, ids)
	if err != nil {
		return nil, wrap(err, "count workflow runs")
	}
	for id, n := range counted {
		runs[whose[id]] += n
	}
	return runs, nil
}

// line adds the verdict on a line, if there is anything to say.
func (o *Office) line(lines []Line, f *found, l Line) []Line {
	v := o.verdict(f, l.Class, l.Scope)
	how := treatment[l.Class]
	switch {
	case how == atTheHotel && v.Action != Restrict:
		return lines // no law has the hotel keep it any more
	case l.Class == register.Booking:
		if l.Records > 0 {
			lines = append(lines, with(l, v))
		}
		if v.Action == Erase {
			l.Records = 1
			lines = append(lines, with(l, Verdict{Action: Keep, Rule: ruleShell}))
		}
		return lines
	case how == bySystem && v.Action == Erase && f.state[l.Scope] == stateManual:
		v = Verdict{Action: Manual, Rule: ruleSystem}
	case how == shell && v.Action == Erase:
		v = Verdict{Action: Keep, Rule: ruleShell}
	case how == byKey && v.Action == Erase:
		v = Verdict{Action: Keep, Rule: ruleKey}
	}
	return append(lines, with(l, v))
}

func with(l Line, v Verdict) Line {
	l.Verdict = v
	return l
}

// verdict asks holds, stays and the law, in this order of strength.
func (o *Office) verdict(f *found, class register.Class, scope string) Verdict {
	asked := retention.Record{Class: class, Country: f.country, Scope: scope, Anchors: f.anchors[scope], Asked: true}
	v := o.Policy.Resolve(asked, retention.Settings{Zone: f.zone}, f.held, o.Now())
	out := Verdict{Until: v.Until, Rule: v.Rule, Statute: v.Statute, Source: v.Source}
	switch v.Action {
	case retention.HoldIt:
		out.Action = Hold
		return out
	case retention.RestrictNow:
		out.Action = Restrict
		return out
	}
	if until, ahead := f.awaited[scope]; ahead {
		return Verdict{Action: Defer, Until: until, Rule: ruleStay}
	}
	if treatment[class] == byLaw {
		return o.proof(f, class, scope)
	}
	return Verdict{Action: Erase}
}

// proof keeps what proves that the person agreed, until its own term ends.
func (o *Office) proof(f *found, class register.Class, scope string) Verdict {
	r := retention.Record{Class: class, Country: f.country, Scope: scope, Anchors: f.anchors[scope]}
	v := o.Policy.Resolve(r, retention.Settings{Zone: f.zone}, nil, o.Now())
	out := Verdict{Action: Restrict, Until: v.Until, Rule: v.Rule, Statute: v.Statute, Source: v.Source}
	if out.Rule == "" {
		out.Rule = ruleProof
	}
	if out.Statute == "" {
		out.Statute = "GDPR Art. 7(1), 17(3)(e)"
	}
	return out
}

// planPlace is where sealed plans lie.
const planPlace = "erasure.sealed"

// Prepare plans, refuses a plan that is not the one that was approved, and keeps
// it sealed with the case. An approved hash of "" takes the plan as it is.
func (o *Office) Prepare(ctx context.Context, hotel, request, approved string) (Plan, error) {
	if err := o.widen(ctx, hotel, request); err != nil {
		return Plan{}, err
	}
	p, err := o.Plan(ctx, hotel, request)
	if err != nil {
		return Plan{}, err
	}
	if approved != "" && approved != p.Hash() {
		return p, ErrPlanChanged
	}
	if err := o.agreed(ctx, p); err != nil {
		return p, err
	}
	if p.Secret, err = o.secret(ctx, hotel, request); err != nil {
		return Plan{}, err
	}
	sealed, err := o.seal(ctx, p)
	if err != nil {
		return Plan{}, err
	}
	entry, err := o.Auditor.Prepare(ctx, audit.Event{Tenant: hotel, Kind: EventPlanned, Actor: actor, Scope: request, Detail: map[string]any{
		"plan": p.Hash(), "erase": p.Count(Erase), "restrict": p.Count(Restrict), "hold": p.Count(Hold), "defer": p.Count(Defer),
	}})
	if err != nil {
		return Plan{}, wrap(err, "prepare the audit entry")
	}
	err = o.Pool.InTenant(ctx, hotel, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			insert into erasure (hotel, request, plan, sealed) values ($1, $2, $3, $4)
			on conflict (hotel, request) do update set plan = excluded.plan, sealed = excluded.sealed, updated_at = now()`,
			hotel, request, p.Hash(), sealed); err != nil {
			return err
		}
		return entry.Insert(ctx, tx)
	})
	return p, wrap(err, "keep the plan")
}

// actor is who the audit log says did it: whoever asked for it stands in the
// events of the case.
const actor = "worker"

func (o *Office) seal(ctx context.Context, p Plan) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if err := errors.Join(json.NewEncoder(w).Encode(p), w.Close()); err != nil {
		return nil, wrap(err, "write the plan")
	}
	scope := caseScope(p.Hotel, p.Case)
	if err := o.Keys.Ensure(ctx, keys.Case, scope); err != nil {
		return nil, wrap(err, "the case's key")
	}
	sealed, err := o.Keys.Seal(ctx, scope, keys.Case, planPlace, packed.Bytes())
	return sealed, wrap(err, "seal the plan")
}

// mostPlan bounds a plan that is read back, in bytes of its JSON.
const mostPlan = 256 << 20

// load opens the plan that is carried out; ErrPlanChanged when it is another
// than the caller means.
func (o *Office) load(ctx context.Context, hotel, request, hash string) (Plan, error) {
	stored, p, err := o.stored(ctx, hotel, request)
	if err != nil {
		return p, err
	}
	if stored != hash || p.Hash() != hash {
		return p, ErrPlanChanged
	}
	return p, nil
}

// stored opens the plan that lies with a case, and the hash that was noted of it.
func (o *Office) stored(ctx context.Context, hotel, request string) (hash string, p Plan, err error) {
	var sealed []byte
	err = o.Pool.Tenant(hotel).QueryRow(ctx, `select plan, sealed from erasure where hotel = $1 and request = $2`, hotel, request).Scan(&hash, &sealed)
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err == nil && sealed == nil:
		return "", p, ErrNoPlan
	case err != nil:
		return "", p, wrap(err, "read the plan")
	}
	packed, err := o.Keys.Open(ctx, caseScope(hotel, request), keys.Case, planPlace, sealed)
	if err != nil {
		return "", p, wrap(err, "open the plan")
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		err = json.NewDecoder(io.LimitReader(r, mostPlan)).Decode(&p)
	}
	return hash, p, wrap(err, "read the plan")
}

// batch is a part of the plan that is carried out.
func (o *Office) batch(ctx context.Context, hotel, request, hash string, n int) (Plan, []string, error) {
	p, err := o.load(ctx, hotel, request, hash)
	if err != nil {
		return p, nil, err
	}
	all := p.Batches()
	if n < 0 || n >= len(all) {
		return p, nil, fmt.Errorf("erasure: the plan has %d batches, and no number %d", len(all), n)
	}
	return p, all[n], nil
}

// verdictOf asks a plan about a class and a scope.
type verdictOf func(class register.Class, scope string) (Verdict, bool)

// verdicts are those of a plan.
func (p Plan) verdicts() verdictOf {
	type key struct {
		class register.Class
		scope string
	}
	all := make(map[key]Verdict, len(p.Lines))
	for _, l := range p.Lines {
		k := key{l.Class, l.Scope}
		if known, ok := all[k]; !ok || known.Action == Keep {
			all[k] = l.Verdict
		}
	}
	return func(class register.Class, scope string) (Verdict, bool) {
		v, ok := all[key{class, scope}]
		return v, ok
	}
}

// stays tells of scopes of which something must stay readable for now.
func (p Plan) stays() map[string]time.Time {
	all := map[string]time.Time{}
	for _, l := range p.Lines {
		if l.Action == Hold || l.Action == Defer {
			all[l.Scope] = l.Until
		}
	}
	return all
}
