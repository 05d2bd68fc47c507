package console_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/evidence"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/auth"
)

// hostile is a text that would be a script where it is not escaped.
const hostile = `"><script>alert(1)</script>&'`

// cases are a desk in memory, with the rules that pages depend on.
type cases struct {
	mu   sync.Mutex
	ring *keys.Ring
	all  []starter.Case // the newest first
	keys map[string]string
	said map[string]starter.CaseWords
	// acts are what came, as "verb id actor key".
	acts []string
	// slow is the key of an act that is under way for a while.
	slow string
	// planned is the hash of the plan of every erasure.
	planned string
}

func newCases() *cases {
	return &cases{keys: map[string]string{}, said: map[string]starter.CaseWords{}, planned: "cafe"}
}

// add keeps a case that came in so long ago.
func (d *cases) add(kind rights.Kind, state rights.State, ago time.Duration, change ...func(*starter.Case)) starter.Case {
	received := time.Now().Add(-ago)
	zone, _ := time.LoadLocation("Europe/Berlin")
	at := rights.Deadline(received, zone, 7*24*time.Hour)
	c := starter.Case{
		ID: ulid.MustNew(ulid.Timestamp(received), ulid.DefaultEntropy()).String(), Kind: kind, State: state, Tier: rights.TierOf(kind), Channel: rights.FoundInCall, Language: "de",
		Match: rights.KnownPerson, OpenedBy: "agent:0011223344556677", OpenedAt: received.Add(time.Minute), Needs: rights.TierOf(kind).Approvals(),
		Clock: starter.CaseClock{Received: received, Due: at.Due, Internal: at.Internal, Passed: int(min(100, max(0, ago*100/at.Internal.Sub(received))))},
	}
	for _, m := range at.Marks {
		c.Clock.Marks = append(c.Clock.Marks, starter.CaseMark{Percent: m.Percent, At: m.At})
	}
	for _, do := range change {
		do(&c)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, c)
	slices.SortFunc(d.all, func(a, b starter.Case) int { return -cmpText(a.ID, b.ID) })
	return c
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (d *cases) actor(ctx context.Context, hotel, subject string) string {
	name, _ := starter.Pseudonym(ctx, d.ring, hotel, "compliance", subject)
	return name
}

func (d *cases) find(id string) (*starter.Case, error) {
	i := slices.IndexFunc(d.all, func(c starter.Case) bool { return c.ID == id })
	if i < 0 {
		return nil, starter.NotFound.With("The hotel has no such request.")
	}
	return &d.all[i], nil
}

func (d *cases) note(verb, id, subject, key string) {
	d.acts = append(d.acts, fmt.Sprintf("%s %s %s %s", verb, id, subject, key))
}

// act does something once for each key.
func (d *cases) act(ctx context.Context, verb, hotel, subject, key, id string, do func(c *starter.Case, actor string) error) (starter.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, err := d.find(id)
	if err != nil {
		return starter.Case{}, err
	}
	if d.keys[key] == "" {
		if err := do(c, d.actor(ctx, hotel, subject)); err != nil {
			return starter.Case{}, err
		}
		d.note(verb, id, subject, key)
		d.keys[key] = id
	}
	answer := *c
	answer.Pending = key == d.slow
	return answer, nil
}

func (d *cases) Open(ctx context.Context, hotel, subject, key string, channel rights.Channel, r starter.OpenRequest) (starter.Case, bool, error) {
	if r.Kind == rights.Objection && len(r.Purposes) == 0 {
		return starter.Case{}, false, starter.InvalidRequest.In("/purposes", "Say what it is against.")
	}
	d.mu.Lock()
	known := d.keys[key]
	d.mu.Unlock()
	if known != "" {
		c, err := d.Show(ctx, hotel, known)
		return c, false, err
	}
	c := d.add(r.Kind, rights.Verifying, 0, func(c *starter.Case) { c.Channel = channel })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys[key] = c.ID
	d.said[c.ID] = starter.CaseWords{Words: r.Words, Person: r.Person}
	d.note("open", c.ID, subject, key)
	return c, true, nil
}

func (d *cases) List(_ context.Context, _ string, q starter.CaseQuery) ([]starter.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []starter.Case
	for _, c := range d.all {
		if q.Open && c.State.Final() || q.State != "" && c.State != q.State || q.Kind != "" && c.Kind != q.Kind ||
			!q.DueBefore.IsZero() && !c.Clock.Due.Before(q.DueBefore) || q.After != "" && c.ID >= q.After {
			continue
		}
		found = append(found, c)
	}
	return found[:min(len(found), q.Most)], nil
}

func (d *cases) Show(_ context.Context, _, id string) (starter.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, err := d.find(id)
	if err != nil {
		return starter.Case{}, err
	}
	shown := *c
	if c.Kind == rights.Erasure && !c.State.Final() {
		shown.Plan = planOfCase(d.planned)
	}
	return shown, nil
}

func (d *cases) Words(_ context.Context, _, subject, id string) (starter.CaseWords, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.note("words", id, subject, "")
	return d.said[id], nil
}

func (d *cases) Verify(ctx context.Context, hotel, subject, key, id string, r starter.VerifyRequest) (starter.Case, error) {
	return d.act(ctx, "verify", hotel, subject, key, id, func(c *starter.Case, _ string) error {
		if r.Code == "000000" {
			return starter.InvalidRequest.In("/code", "The code is wrong.")
		}
		c.State, c.Proof, c.ProvenAt = rights.Deciding, rights.ByCode, time.Now()
		return nil
	})
}

func (d *cases) Task(ctx context.Context, hotel, subject, key, id string, r starter.TaskRequest) (starter.Case, error) {
	return d.act(ctx, "task", hotel, subject, key, id, func(c *starter.Case, actor string) error {
		for i := range c.Tasks {
			if c.Tasks[i].ID == r.Task {
				c.Tasks[i].DoneAt, c.Tasks[i].DoneBy = time.Now(), actor
			}
		}
		return nil
	})
}

func (d *cases) Approve(ctx context.Context, hotel, subject, key, id string, r starter.ApproveRequest) (starter.Case, error) {
	return d.act(ctx, "approve", hotel, subject, key, id, func(c *starter.Case, actor string) error {
		if c.Kind == rights.Erasure && r.PlanHash != d.planned {
			return starter.PlanChanged.With("Look at it again.")
		}
		if slices.ContainsFunc(c.Acts, func(a starter.CaseAct) bool { return a.Actor == actor && a.Kind == rights.ActApproved }) {
			return starter.NotChangeable.With("Two different people are needed.")
		}
		c.Acts = append(c.Acts, starter.CaseAct{ID: ulid.Make().String(), Kind: rights.ActApproved, Actor: actor, At: time.Now(), Plan: r.PlanHash})
		if c.Approvals++; c.Approvals >= c.Needs {
			c.State, c.Outcome, c.ClosedAt, c.Certificate = rights.Completed, rights.Granted, time.Now(), "01JD3Z8Q4X0000000000000009"
		}
		return nil
	})
}

func (d *cases) Extend(ctx context.Context, hotel, subject, key, id string, r starter.ExtendRequest) (starter.Case, error) {
	return d.act(ctx, "extend", hotel, subject, key, id, func(c *starter.Case, _ string) error {
		if len(r.Reasons) == 0 {
			return starter.InvalidRequest.In("/reasons", "Give a reason.")
		}
		c.Clock.Extended = time.Now()
		return nil
	})
}

func (d *cases) Refuse(ctx context.Context, hotel, subject, key, id string, r starter.RefuseRequest) (starter.Case, error) {
	return d.act(ctx, "refuse", hotel, subject, key, id, func(c *starter.Case, _ string) error {
		if len(r.Reasons) == 0 {
			return starter.InvalidRequest.In("/reasons", "Give a reason.")
		}
		c.State, c.ClosedAt = rights.Refused, time.Now()
		return nil
	})
}

func (d *cases) Withdraw(ctx context.Context, hotel, subject, key, id string) (starter.Case, error) {
	return d.act(ctx, "withdraw", hotel, subject, key, id, func(c *starter.Case, _ string) error {
		c.State, c.ClosedAt = rights.Withdrawn, time.Now()
		return nil
	})
}

// plan gives every erasure another plan.
func (d *cases) plan(hash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.planned = hash
}

func (d *cases) done() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.acts)
}

// people are two guests: one of a booking, and one who is found by name.
type people struct {
	mu    sync.Mutex
	asked []starter.PersonQuery
}

const (
	guestNumber = "6f1d2c3b-0a1e-4b5c-8d7e-9f0a1b2c3d4e"
	bookingID   = "01JD3Z8Q4X0000000000000000"
)

func (p *people) Find(_ context.Context, _, _ string, q starter.PersonQuery) (starter.People, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, q)
	if q == (starter.PersonQuery{}) {
		return starter.People{}, starter.InvalidRequest.With("Give a phone, an e-mail or a last name to look for.")
	}
	if q.LastName == "Nobody" {
		return starter.People{}, nil
	}
	return starter.People{People: []starter.Person{
		{Subject: guestNumber, Scopes: []string{bookingID, "01JD3Z8Q4X0000000000000001"}, Because: []subjects.Kind{"email", "name"}},
		{Scopes: []string{"01JD3Z8Q4X0000000000000002"}, Because: []subjects.Kind{"surname"}},
	}}, nil
}

func (p *people) Show(_ context.Context, _, _ string, who starter.WhoQuery) (starter.Profile, error) {
	if who.Subject != guestNumber && who.Scope != bookingID {
		return starter.Profile{}, starter.UnknownSubject.With("Nothing of this hotel belongs to that person.")
	}
	return starter.Profile{Subject: guestNumber, Scopes: []string{bookingID}}, nil
}

// consents are one guest's.
type consents struct{}

func (consents) List(_ context.Context, _ string, q consent.Query) ([]consent.Event, error) {
	at := time.Now().Add(-72 * time.Hour)
	return []consent.Event{
		{ID: "01JD3Z8Q4X00000000000000A1", Scope: q.Scope, Purpose: consent.Recording, Action: consent.Given, Wording: "2026-10", Language: "de", Channel: consent.Voice, Method: consent.Spoken, At: at},
		{ID: "01JD3Z8Q4X00000000000000A2", Scope: q.Scope, Purpose: consent.Marketing, Action: consent.Withdrawn, Language: hostile, Channel: consent.Email, Method: consent.Written, At: at.Add(time.Hour)},
	}, nil
}

func (c consents) AllowedAcross(ctx context.Context, _ string, scopes []string, purpose consent.Purpose, at time.Time) (consent.Standing, error) {
	all, _ := c.List(ctx, "", consent.Query{Scope: scopes[0]})
	for _, e := range all {
		if e.Purpose == purpose && !e.At.After(at) {
			return consent.Standing{Allowed: e.Action == consent.Given, Event: e, Known: true}, nil
		}
	}
	return consent.Standing{}, nil
}

// planOfCase has a verdict of each kind.
func planOfCase(hash string) *starter.CasePlan {
	line := func(class register.Class, n int, v erasure.Verdict) erasure.Kept {
		return erasure.Kept{Class: class, Records: n, Verdict: v}
	}
	return &starter.CasePlan{Hash: hash, Scopes: 3, Verdicts: []erasure.Kept{
		line(register.Booking, 3, erasure.Verdict{Action: erasure.Erase}), line(register.Recording, 2, erasure.Verdict{Action: erasure.Erase}),
		line(register.Invoice, 3, erasure.Verdict{Action: erasure.Restrict, Until: time.Now().AddDate(8, 0, 0), Rule: "de-invoice", Statute: "§ 147 AO"}),
		line(register.Message, 4, erasure.Verdict{Action: erasure.Hold}),
	}}
}

// plans have what erasures have to show.
type plans struct{}

func (plans) Envelope(_ context.Context, _, _, id string) ([]byte, error) {
	if id == "" {
		return nil, erasure.ErrNoCertificate
	}
	return []byte(`{"payloadType":"application/vnd.in-toto+json"}`), nil
}

// logOf is an audit log that is right.
type logOf struct{ wrong bool }

func (l *logOf) Status(context.Context) (audit.Status, error) {
	return audit.Status{Origin: "voicehive.local/2026", Size: 4711, Signed: 4709, At: time.Now().Add(-40 * time.Second), Waiting: 2}, nil
}

func (l *logOf) Keys(context.Context) ([]string, error) {
	return []string{"voicehive.local+1f2e3d4c+AYaZTgmDAbRvYOLlWAPTz2LdkdnOVu2LDBGq2DOEmR53"}, nil
}

func (l *logOf) Check(context.Context, string) (*audit.Report, error) {
	r := &audit.Report{Origin: "voicehive.local/2026", Size: 4709, Root: "Qd0L1YvVqZb8u7uB0i4dJr2n9x2n3zYw2k0qk8k1n0E=", Entries: 310, Compared: 12, Findings: []audit.Finding{}}
	if l.wrong {
		r.Findings = append(r.Findings, audit.Finding{Code: audit.FoundChanged, N: 4100, Text: "its hash is not the one in the tree"})
	}
	return r, nil
}

func (l *logOf) Find(context.Context, string, string) ([]audit.Place, error) {
	return []audit.Place{{Year: 2026, N: 17}, {Year: 2026, N: 4100}}, nil
}

func (l *logOf) Prove(_ context.Context, hotel string, _ int, n int64) ([]byte, error) {
	if n != 17 || hotel != aurora {
		return nil, audit.ErrNoEntry
	}
	return []byte("c2sp.org/tlog-proof@v1\n"), nil
}

func (l *logOf) Pack(_ context.Context, _ string, out io.Writer) error {
	_, err := io.WriteString(out, "PK")
	return err
}

// nobody lets nobody in and seals nothing.
type nobody struct{}

func (nobody) Authenticate(context.Context, string) (auth.Caller, error) {
	return auth.Caller{}, errDown
}

func (nobody) members(context.Context, string) (map[string][]string, error) { return nil, errDown }

func (nobody) Seal(context.Context, keys.Scope, keys.Purpose, string, []byte) ([]byte, error) {
	return nil, errDown
}

func (nobody) Open(context.Context, keys.Scope, keys.Purpose, string, []byte) ([]byte, error) {
	return nil, errDown
}

func (nobody) MAC(context.Context, string, string, ...[]byte) ([]byte, error) { return nil, errDown }

// brokenLog is an audit log that cannot be read.
type brokenLog struct{ logOf }

func (brokenLog) Status(context.Context) (audit.Status, error) { return audit.Status{}, errDown }

// packs make a pack of three controls.
type packs struct{}

func (packs) Collect(_ context.Context, r evidence.Request, out io.Writer) (evidence.Summary, error) {
	if !r.From.Before(r.Until) || r.Until.After(time.Now()) {
		return evidence.Summary{}, evidence.ErrPeriod
	}
	all, _, err := evidence.Controls()
	if err != nil {
		return evidence.Summary{}, err
	}
	s := evidence.Summary{Hotel: r.Hotel, From: r.From, Until: r.Until, Satisfied: 1, NotSatisfied: 1, NotTested: 1}
	for i, state := range []evidence.State{evidence.Satisfied, evidence.NotSatisfied, evidence.NotTested} {
		s.Results = append(s.Results, evidence.Result{Control: all[i].ID, State: state, Cases: int64(i * 40), Wrong: int64(i)})
	}
	_, err = io.WriteString(out, "PK")
	return s, err
}

func (packs) Check(context.Context, io.ReaderAt, int64) (*evidence.Report, error) {
	return &evidence.Report{Files: 31, Statements: 12, Entries: 310, Proofs: 310}, nil
}

// summaryOf is that of a pack of one day.
func summaryOf(day int) evidence.Summary {
	from := time.Date(2026, 1, 1+day, 0, 0, 0, 0, time.UTC)
	return evidence.Summary{Hotel: aurora, From: from, Until: from.AddDate(0, 0, 1), Satisfied: 1}
}
