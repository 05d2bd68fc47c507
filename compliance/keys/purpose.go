package keys

import (
	"fmt"
	"slices"
)

// Purpose is what a key of a scope is for. Each has a random key of its own, so
// that one can be destroyed while the law makes us keep another: a recording
// goes, its invoice stays.
type Purpose string

// The purposes. Their names stand in key ids and in sealed data: they never
// change.
const (
	Operations Purpose = "operations" // the booking or call itself, and Temporal's payloads
	Recording  Purpose = "recording"  // audio
	Invoice    Purpose = "invoice"    // what tax law keeps for years
	Consent    Purpose = "consent"    // who agreed to what, and in which words
	Case       Purpose = "case"       // a data-subject request, its letters and decisions
	Audit      Purpose = "audit"      // salts and details behind the audit log's commitments
)

// Purposes are all of them.
func Purposes() []Purpose {
	return []Purpose{Operations, Recording, Invoice, Consent, Case, Audit}
}

// Validate returns ErrMalformed unless p is one of Purposes.
func (p Purpose) Validate() error {
	if !slices.Contains(Purposes(), p) {
		return fmt.Errorf("%w (purpose)", ErrMalformed)
	}
	return nil
}
