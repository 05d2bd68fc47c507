package audit

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
)

// A Policy says which witnesses there are, and how many of them must have
// cosigned a head.
type Policy struct {
	group witness.Group
}

// ParsePolicy reads a policy file, as other programs for such logs do:
//
//	witness alpha <vkey> https://witness.alpha.example
//	witness beta <vkey> https://witness.beta.example
//	group both 2 alpha beta
//	quorum both
func ParsePolicy(text []byte) (Policy, error) {
	if len(text) > 64<<10 {
		return Policy{}, errors.New("audit: the witness policy is too large")
	}
	group, err := witness.ParsePolicy(text)
	if err != nil {
		return Policy{}, fmt.Errorf("audit: the witness policy: %w", err)
	}
	return Policy{group}, nil
}

// Satisfied tells whether the policy's quorum has cosigned a signed head.
func (p Policy) Satisfied(signed []byte) bool { return p.group.Satisfied(signed) }

// Demanded is how many of the policy's first group must have cosigned.
func (p Policy) Demanded() int { return p.group.N }

// verifiers are the keys of all witnesses.
func (p Policy) verifiers() []note.Verifier {
	if p.group.Components == nil {
		return nil
	}
	return slices.Collect(maps.Values(p.group.Endpoints()))
}

// Witnesses are those of the policy, to be asked through client.
func (p Policy) Witnesses(client *http.Client) []Witness {
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	var all []Witness
	for _, url := range p.Addresses() {
		all = append(all, Witness{url: url, verifier: p.group.Endpoints()[url], client: client})
	}
	return all
}

// Addresses are the URLs at which the policy's witnesses are asked.
func (p Policy) Addresses() []string {
	if p.group.Components == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(p.group.Endpoints()))
}

// signers are the names of those of the verifiers that cosigned a head.
func signers(signed []byte, verifiers []note.Verifier) []string {
	names := []string{}
	for _, v := range verifiers {
		if n, err := note.Open(signed, note.VerifierList(v)); err == nil && len(n.Sigs) > 0 {
			names = append(names, v.Name())
		}
	}
	slices.Sort(names)
	return names
}
