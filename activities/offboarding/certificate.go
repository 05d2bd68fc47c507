package offboarding

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/activities/heartbeat"
	"github.com/voicehive/voicehive/compliance/attest"
)

// PredicateType is what a certificate is, to those who verify it.
const PredicateType = attest.Predicates + "offboarding/v1"

// A ReadBack is what was found of the hotel when everything was to be gone.
type ReadBack struct {
	Tables int            `json:"tables"` // that were looked at
	Rows   map[string]int `json:"rows"`
	Runs   int            `json:"runs"`
	Keys   int            `json:"keys"`
	// Objects are those that are still there, of so many that were looked for.
	Objects       int `json:"objects"`
	ObjectsLooked int `json:"objects_looked_for"`
	// Secrets is 1 when the entry with those of the hotel's system is still there.
	Secrets int `json:"secrets"`

	shared bool // the entry serves another hotel
}

func (b ReadBack) clean() bool {
	return len(b.Rows) == 0 && b.Runs == 0 && b.Keys == 0 && b.Objects == 0 && b.Secrets == 0
}

// A Certificate is what the house says of a hotel that has left.
type Certificate struct {
	Hotel       string    `json:"hotel"`
	Offboarding string    `json:"offboarding"`
	OpenedBy    string    `json:"opened_by"`
	ApprovedBy  string    `json:"approved_by"`
	GiveBack    string    `json:"give_back"`
	Pack        *Pack     `json:"pack,omitempty"`
	HandedBy    string    `json:"handed_by,omitempty"`
	HandedAt    time.Time `json:"handed_at,omitzero"`
	Removed     Removed   `json:"removed"`
	ReadBack    ReadBack  `json:"read_back"`
	Kept        []Kept    `json:"kept"`
	// ErasedLive is when nothing was found any more; Final when no backup of the
	// key database is left that could open any of it.
	ErasedLive time.Time `json:"erased_live"`
	Final      time.Time `json:"final_after_backup_horizon"`
}

// Kept is what stays, and why.
type Kept struct {
	What string `json:"what"`
	N    int    `json:"n,omitempty"`
	Why  string `json:"why"`
}

// What a step removed goes into the certificate.
type Ending struct {
	Ref
	Removed Removed `json:"removed"`
	// Entry is the hotel's in the store of credentials; "" where nobody noted it.
	Entry string `json:"entry,omitempty"`
}

// Certify looks for everything of the hotel again, and certifies that it is
// gone. TypeLeft when something is there: it is to be removed again.
func (a *Activities) Certify(ctx context.Context, e Ending) (Done, error) {
	defer heartbeat.Start(ctx)()
	r, err := a.Store.Read(ctx, e.Offboarding)
	if err != nil {
		return Done{}, answer(err)
	}
	if r.State == Gone {
		d, err := doneOf(r.Certificate)
		if err == nil {
			err = a.forget(ctx, e.Hotel)
		}
		return d, answer(err)
	}
	found, err := a.readBack(ctx, e)
	if err != nil {
		return Done{}, answer(err)
	}
	if !found.clean() {
		return Done{}, answer(fmt.Errorf("%w: rows in %d tables, %d runs, %d keys, %d objects, %d entries of secrets", errLeft, len(found.Rows), found.Runs, found.Keys, found.Objects, found.Secrets))
	}
	if err := a.dropPack(e.Offboarding); err != nil {
		return Done{}, answer(err)
	}
	envelope, err := a.certificate(ctx, r, e, found)
	if err != nil {
		return Done{}, answer(err)
	}
	d, err := doneOf(envelope)
	if err == nil {
		err = a.Store.certified(ctx, e.Ref, e.Removed, envelope, d.Certificate)
	}
	if err == nil {
		err = a.forget(ctx, e.Hotel)
	}
	return d, answer(err)
}

func (a *Activities) certificate(ctx context.Context, r Record, e Ending, found ReadBack) ([]byte, error) {
	events, journal, err := a.kept(ctx, e.Hotel)
	if err != nil {
		return nil, err
	}
	now := a.Now().UTC().Truncate(time.Second)
	c := Certificate{
		Hotel: r.Hotel, Offboarding: r.ID, OpenedBy: r.OpenedBy, ApprovedBy: r.ApprovedBy, GiveBack: r.GiveBack, Pack: r.Pack,
		HandedBy: r.HandedBy, HandedAt: r.HandedAt, Removed: e.Removed, ReadBack: found, ErasedLive: now, Final: now.Add(a.Horizon),
		Kept: []Kept{
			{"audit log entries", events, "a commitment cannot be taken out of a Merkle log; it holds a kind, a role and a random number, and the keys of its details are destroyed"},
			{"erasure journal entries", journal, "random numbers by which a restored backup is emptied"},
			{"this record", 1, "the proof of Article 28(3)(g): the hotel's id, who asked and approved under pseudonyms, and numbers"},
		},
	}
	switch {
	case found.shared:
		c.Kept = append(c.Kept, Kept{"the entry with the secrets of the hotel's system", 1, "another hotel of the same account uses it"})
	case e.Entry == "":
		c.Kept = append(c.Kept, Kept{"the entry with the secrets of the hotel's system", 0, "nobody noted which one it is: an operator deletes it in the credentials store"})
	}
	statement, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("offboarding: write the certificate: %w", err)
	}
	envelope, err := attest.Sign(ctx, a.Signer, PredicateType, []attest.Subject{attest.Digested("hotel/"+r.Hotel, statement)}, c)
	if err != nil {
		return nil, fmt.Errorf("offboarding: sign the certificate: %w", err)
	}
	text, err := json.Marshal(envelope)
	if err != nil {
		return nil, fmt.Errorf("offboarding: write the certificate: %w", err)
	}
	return text, nil
}

// doneOf is the end that a certificate tells.
func doneOf(text []byte) (Done, error) {
	e, err := attest.Parse(text)
	if err != nil {
		return Done{}, err
	}
	var s attest.Statement
	var c Certificate
	if err := json.Unmarshal(e.Payload, &s); err != nil {
		return Done{}, fmt.Errorf("offboarding: the certificate is no statement: %w", err)
	}
	if err := json.Unmarshal(s.Predicate, &c); err != nil {
		return Done{}, fmt.Errorf("offboarding: the certificate is none: %w", err)
	}
	sum := sha256.Sum256(text)
	return Done{Certificate: hex.EncodeToString(sum[:]), Erased: c.ErasedLive, Final: c.Final}, nil
}

// Verify checks a certificate offline, and returns what it says.
func Verify(text []byte, trusted attest.Keys) (c Certificate, err error) {
	e, err := attest.Parse(text)
	if err != nil {
		return c, err
	}
	s, err := attest.Verify(e, trusted)
	if err != nil {
		return c, err
	}
	if s.PredicateType != PredicateType {
		return c, fmt.Errorf("%w: it certifies something else", attest.ErrEnvelope)
	}
	if err := json.Unmarshal(s.Predicate, &c); err != nil {
		return c, fmt.Errorf("%w: it holds no certificate", attest.ErrEnvelope)
	}
	return c, nil
}
