package retention

import (
	"encoding/json"
	"errors"

	"github.com/voicehive/voicehive/compliance/attest"
)

// ErrCertificate: the statement is signed, and is no certificate of a run.
var ErrCertificate = errors.New("retention: the signed statement is no certificate of a run")

// VerifyCertificate checks the certificate of a run offline, by keys that were
// had by another way.
func VerifyCertificate(text []byte, trusted attest.Keys) (c Claim, err error) {
	e, err := attest.Parse(text)
	if err != nil {
		return c, err
	}
	s, err := attest.Verify(e, trusted)
	if err != nil {
		return c, err
	}
	if s.PredicateType != PredicateType || json.Unmarshal(s.Predicate, &c) != nil {
		return c, ErrCertificate
	}
	if len(s.Subject) != 1 || s.Subject[0].Name != "retention-plan/"+c.Run || s.Subject[0].Digest["sha256"] != c.PlanHash {
		return c, ErrCertificate
	}
	return c, nil
}
