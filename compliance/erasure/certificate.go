package erasure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/register"
)

// PredicateType is the type of a certificate of erasure.
const PredicateType = attest.Predicates + "erasure/v1"

// A Certificate says what was erased, where, and what is kept by which rule. It
// names no person, no booking and no call.
type Certificate struct {
	ID    string `json:"id"`
	Hotel string `json:"hotel"`
	Case  string `json:"case"`
	Plan  string `json:"plan"`
	State string `json:"state"`
	// Live is when nothing of it was there any more in any store in use, Final
	// when the last backup that may hold it has ended.
	Live    time.Time `json:"erased_live"`
	Final   time.Time `json:"final_after_backup_horizon"`
	Horizon string    `json:"backup_horizon"`
	// Erased counts rows and objects by what they were.
	Erased map[string]int64 `json:"erased"`
	Runs   int64            `json:"workflow_runs_deleted"`
	Keys   KeyCounts        `json:"keys"`
	// System counts bookings at the hotel's own system.
	System map[string]int64 `json:"hotel_system,omitempty"`
	// Recipients are those who were told, with the digests of their receipts.
	Recipients []Receipt `json:"recipients"`
	Kept       []Kept    `json:"kept"`
	ReadBack   ReadBack  `json:"read_back"`
	Policy     string    `json:"policy_sha256"`
}

// KeyCounts are the keys of the people's scopes as they were read back.
type KeyCounts struct {
	Destroyed int64 `json:"destroyed"`
	Living    int64 `json:"living"`
}

// A Receipt is a recipient's signed answer. With the outcome manual there is
// none: a person has to tell them; nor with open: they have not answered.
type Receipt struct {
	Name    string `json:"name"`
	Outcome string `json:"outcome"`
	Statute string `json:"statute,omitempty"`
	SHA256  string `json:"receipt_sha256,omitempty"`
	// References is of how many bookings it is, Covers their digest.
	References int       `json:"references"`
	Covers     string    `json:"covers,omitempty"`
	At         time.Time `json:"at,omitzero"`
}

// ReadBack is what was still found where it should be gone.
type ReadBack struct {
	Rows int   `json:"rows"`
	Runs int   `json:"workflow_runs"`
	Keys int64 `json:"keys"`
}

func (r ReadBack) clean() bool { return r == ReadBack{} }

// How a case can stand in a certificate.
const (
	StateErased   = "erased"
	StateDeferred = "deferred"
	StateHeld     = "held"
	StatePartly   = "partly"
)

// state sums up a plan that was read back.
func (p Plan) state() string {
	held, deferred, manual := p.Count(Hold), p.Count(Defer), p.Count(Manual)
	waiting := p.stays()
	free := slices.ContainsFunc(p.Scopes, func(scope string) bool {
		_, stays := waiting[scope]
		return !stays
	})
	switch {
	case held+deferred+manual == 0:
		return StateErased
	case free || manual > 0 || held > 0 && deferred > 0:
		return StatePartly
	case held > 0:
		return StateHeld
	}
	return StateDeferred
}

// Certify reads everything back and signs what was done. While nothing has
// changed it answers with the certificate that there is.
func (o *Office) Certify(ctx context.Context, hotel, request, hash string) (Certificate, error) {
	now, readBack, err := o.Check(ctx, hotel, request, hash)
	if errors.Is(err, ErrNoPlan) {
		return o.certified(ctx, hotel, request)
	}
	if err != nil {
		return Certificate{}, err
	}
	c, err := o.draw(ctx, now, readBack, hash)
	if err != nil {
		return Certificate{}, err
	}
	if err := o.eachRecipient(ctx, hotel, request, hash, func(_ Plan, r Recipient, n Notice) error {
		c.Recipients = append(c.Recipients, Receipt{Name: r.Name(), Outcome: OutcomeOpen, References: len(n.References), Covers: Digest(n.Salt, n.References)})
		return nil
	}); err != nil {
		return Certificate{}, err
	}
	same, err := sameAgain(c)
	if err != nil {
		return Certificate{}, err
	}
	c.ID, c.Live = ulid.Make().String(), o.Now().UTC().Truncate(time.Second)
	c.Final = c.Live.Add(o.Horizon)
	if err := o.issue(ctx, c, same); err != nil {
		return Certificate{}, err
	}
	// Another worker may have been quicker: the first one counts.
	return o.latest(ctx, hotel, request, same)
}

// certified is the newest certificate of a plan that was carried out to its end.
func (o *Office) certified(ctx context.Context, hotel, request string) (Certificate, error) {
	text, err := o.Envelope(ctx, hotel, request, "")
	if err != nil {
		return Certificate{}, err
	}
	return readCertificate(text)
}

// draw fills in what there is to say, but for when.
func (o *Office) draw(ctx context.Context, now Plan, readBack ReadBack, hash string) (c Certificate, err error) {
	policy := o.Policy.Digest()
	c = Certificate{
		Hotel: now.Hotel, Case: now.Case, Plan: hash, State: now.state(), Horizon: o.Horizon.String(),
		Kept: now.Kept(), ReadBack: readBack, Policy: hex.EncodeToString(policy[:]),
		Recipients: []Receipt{}, System: map[string]int64{}, Erased: map[string]int64{},
	}
	if c.Keys, err = o.keyCounts(ctx, now.Hotel, now.Scopes); err != nil {
		return c, err
	}
	return c, wrap(o.Pool.InTenantReadOnly(ctx, now.Hotel, func(tx pgx.Tx) error {
		var erased, manual int64
		if err := tx.QueryRow(ctx, `select erased, runs, system_erased, system_manual from erasure where hotel = $1 and request = $2`,
			c.Hotel, c.Case).Scan(&c.Erased, &c.Runs, &erased, &manual); err != nil {
			return err
		}
		c.System[stateErased], c.System[stateManual] = erased, manual
		rows, err := tx.Query(ctx, `select recipient, outcome, statute, coalesce(encode(sha256(receipt), 'hex'), ''), told, covers, received_at
			from erasure_receipt where hotel = $1 and request = $2 order by recipient, received_at, notice`, c.Hotel, c.Case)
		if err != nil {
			return err
		}
		c.Recipients, err = pgx.AppendRows(c.Recipients, rows, pgx.RowToStructByPos[Receipt])
		for i := range c.Recipients {
			c.Recipients[i].At = c.Recipients[i].At.UTC()
		}
		return err
	}), "read what was done")
}

// sameAgain is a digest of what a certificate says, but for its id and its
// moment, and for the audit log's entries, which certifying itself adds to.
func sameAgain(c Certificate) (string, error) {
	c.ID, c.Live, c.Final, c.Plan, c.Keys.Living = "", time.Time{}, time.Time{}, "", 0
	c.Kept = slices.Clone(c.Kept)
	for i := range c.Kept {
		if c.Kept[i].Class == register.AuditDetail {
			c.Kept[i].Records = 0
		}
	}
	text, err := json.Marshal(c)
	return digest(text), wrap(err, "write the certificate")
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// statement is the detail of EventCertified: what ties the certificate to the
// log.
type statement struct {
	Certificate string `json:"certificate"`
	SHA256      string `json:"statement_sha256"`
}

// issue signs and keeps a certificate, and takes away what joined the people's
// bookings meanwhile.
func (o *Office) issue(ctx context.Context, c Certificate, same string) error {
	subject := attest.Subject{Name: "erasure/" + c.Hotel + "/" + c.Case, Digest: map[string]string{"sha256": c.Plan}}
	envelope, err := attest.Sign(ctx, o.Signer, PredicateType, []attest.Subject{subject}, c)
	if err != nil {
		return wrap(err, "sign the certificate")
	}
	text, err := json.Marshal(envelope)
	if err != nil {
		return wrap(err, "write the certificate")
	}
	entry, err := o.Auditor.Prepare(ctx, audit.Event{
		Tenant: c.Hotel, Kind: EventCertified, Actor: actor, Scope: c.Case, Detail: statement{c.ID, digest(envelope.Payload)},
	})
	if err != nil {
		return wrap(err, "prepare the audit entry")
	}
	return wrap(o.Pool.InTenant(ctx, c.Hotel, func(tx pgx.Tx) error {
		// One of two that certify in the same moment waits, and then finds it done.
		if _, err := tx.Exec(ctx, `select from erasure where hotel = $1 and request = $2 for update`, c.Hotel, c.Case); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			insert into erasure_certificate (hotel, id, request, left_hash, envelope, erased_at, final_at)
			select $1, $2, $3, $4, $5, $6, $7
			where not exists (select from erasure_certificate where hotel = $1 and request = $3 and left_hash = $4)`,
			c.Hotel, c.ID, c.Case, same, text, c.Live, c.Final)
		if err != nil {
			return err
		}
		// Together with the case the plan would tell which bookings were one
		// person's. While a stay is waited for, the next plan needs it.
		if _, err := tx.Exec(ctx, `update erasure set sealed = case when $3 then sealed end, updated_at = now() where hotel = $1 and request = $2`,
			c.Hotel, c.Case, c.waits()); err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return entry.Insert(ctx, tx)
	}), "keep the certificate")
}

// waits tells whether a stay is ahead, and so another erasure, or a recipient is
// still to be asked.
func (c Certificate) waits() bool {
	if slices.ContainsFunc(c.Recipients, func(r Receipt) bool { return r.Outcome == OutcomeOpen }) {
		return true
	}
	return slices.ContainsFunc(c.Kept, func(k Kept) bool { return k.Action == Defer })
}

// latest is the certificate of a case that says the same.
func (o *Office) latest(ctx context.Context, hotel, request, same string) (c Certificate, err error) {
	var text []byte
	err = o.Pool.Tenant(hotel).QueryRow(ctx, `
		select envelope from erasure_certificate where hotel = $1 and request = $2 and left_hash = $3`, hotel, request, same).Scan(&text)
	if err != nil {
		return c, noCertificate(err)
	}
	return readCertificate(text)
}

// Envelope is the newest certificate of a case as it was signed, or the one of
// that id.
func (o *Office) Envelope(ctx context.Context, hotel, request, id string) (text []byte, err error) {
	err = o.Pool.Tenant(hotel).QueryRow(ctx, `
		select envelope from erasure_certificate where hotel = $1 and ($2 = '' or request = $2) and ($3 = '' or id = $3)
		order by id desc limit 1`, hotel, request, id).Scan(&text)
	return text, noCertificate(err)
}

func noCertificate(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNoCertificate
	}
	return wrap(err, "read the certificate")
}

func readCertificate(text []byte) (c Certificate, err error) {
	e, err := attest.Parse(text)
	if err != nil {
		return c, err
	}
	var s attest.Statement
	if err := json.Unmarshal(e.Payload, &s); err != nil {
		return c, wrap(err, "read the certificate")
	}
	return c, wrap(json.Unmarshal(s.Predicate, &c), "read the certificate")
}
