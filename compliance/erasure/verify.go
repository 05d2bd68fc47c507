package erasure

import (
	"encoding/json"
	"errors"

	"github.com/voicehive/voicehive/compliance/attest"
)

// ErrCertificate: the statement is signed, and is no certificate of erasure.
var ErrCertificate = errors.New("erasure: the signed statement is no certificate of erasure")

// VerifyCertificate checks a certificate offline, by keys that were had by
// another way.
func VerifyCertificate(text []byte, trusted attest.Keys) (c Certificate, err error) {
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
	name := "erasure/" + c.Hotel + "/" + c.Case
	if len(s.Subject) != 1 || s.Subject[0].Name != name || s.Subject[0].Digest["sha256"] != c.Plan {
		return c, ErrCertificate
	}
	return c, nil
}
