package erasure

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres"
)

// A Bundle is a certificate with the proof that the audit log knows it: all
// that somebody needs who has the log's public key and nothing else.
type Bundle struct {
	Certificate json.RawMessage `json:"certificate"`
	// Proof is a C2SP .tlog-proof of the log's entry, Nonce and Detail what the
	// entry committed to. They are empty until a head of the log covers it.
	Proof  string `json:"tlog_proof,omitempty"`
	Nonce  []byte `json:"nonce,omitempty"`
	Detail []byte `json:"detail,omitempty"`
}

// ErrProof: the bundle's proof is not of this certificate.
var ErrProof = errors.New("erasure: the audit log's proof is not of this certificate")

// Bundle puts the newest certificate of a case together with its proof. Without
// one, the log has not been signed since: ask again in a moment.
func (o *Office) Bundle(ctx context.Context, log *audit.Log, ring *keys.Ring, hotel, request, id string) (Bundle, error) {
	text, err := o.Envelope(ctx, hotel, request, id)
	if err != nil {
		return Bundle{}, err
	}
	c, err := readCertificate(text)
	if err != nil {
		return Bundle{}, err
	}
	b := Bundle{Certificate: text}
	places, err := log.Find(ctx, hotel, c.Case)
	if err != nil {
		return Bundle{}, err
	}
	slices.Reverse(places)
	for _, at := range places {
		detail, err := o.detail(ctx, ring, caseScope(hotel, c.Case), at)
		if err != nil {
			return Bundle{}, err
		}
		if fits(detail.Text, text) {
			proof, err := log.Prove(ctx, at.Year, at.N)
			if errors.Is(err, audit.ErrNoEntry) || errors.Is(err, audit.ErrNoHead) {
				return b, nil
			}
			b.Proof, b.Nonce, b.Detail = string(proof), detail.Nonce, detail.Text
			return b, err
		}
	}
	return b, nil
}

// detail opens what an entry committed to.
func (o *Office) detail(ctx context.Context, ring *keys.Ring, scope keys.Scope, at audit.Place) (audit.Detail, error) {
	var sealed []byte
	err := o.Pool.AsRole(ctx, postgres.RoleAuditor, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			select d.sealed from audit_leaf l join audit_detail d using (tenant, writer, seq) where l.year = $1 and l.n = $2`, at.Year, at.N).Scan(&sealed)
	})
	if err != nil {
		return audit.Detail{}, wrap(err, "read an entry of the log")
	}
	return audit.OpenDetail(ctx, ring, scope, sealed)
}

// fits tells whether a detail is the one that tells of a certificate.
func fits(detail, envelope []byte) bool {
	var said statement
	e, err := attest.Parse(envelope)
	return err == nil && json.Unmarshal(detail, &said) == nil && said.SHA256 == digest(e.Payload)
}

// Verified is what a check of a bundle found.
type Verified struct {
	Certificate Certificate `json:"certificate"`
	// InLog tells that a signed head of the audit log covers it, as entry N of
	// the log Origin.
	InLog  bool   `json:"in_audit_log"`
	Origin string `json:"log,omitempty"`
	N      int64  `json:"entry,omitempty"`
}

// VerifyBundle checks a bundle, or a bare certificate, offline, by the keys of
// the log as `voicehive audit status` prints them.
func VerifyBundle(text []byte, vkeys string) (v Verified, err error) {
	trusted, err := attest.ParseKeys(vkeys)
	if err != nil {
		return v, err
	}
	var b Bundle
	if json.Unmarshal(text, &b) != nil || b.Certificate == nil {
		v.Certificate, err = VerifyCertificate(text, trusted)
		return v, err
	}
	if v.Certificate, err = VerifyCertificate(b.Certificate, trusted); err != nil || b.Proof == "" {
		return v, err
	}
	logs, err := audit.ParseLogKeys(vkeys)
	if err != nil {
		return v, err
	}
	entry, err := audit.VerifyProof([]byte(b.Proof), logs)
	if err != nil {
		return v, errors.Join(ErrProof, err)
	}
	if entry.Leaf.Kind != EventCertified || (audit.Detail{Nonce: b.Nonce, Text: b.Detail}).Matches(entry.Leaf, keys.Scope{}) != nil || !fits(b.Detail, b.Certificate) {
		return v, ErrProof
	}
	v.InLog, v.Origin, v.N = true, entry.Head.Origin, entry.N
	return v, nil
}
