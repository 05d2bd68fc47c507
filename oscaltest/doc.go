// Package oscaltest checks packs of evidence by NIST's own JSON schema of OSCAL,
// as go-oscal has it. The product's own tests check them by a schema of the parts
// that packs use; here they show that this one leaves nothing out that NIST
// demands.
//
// It is a module of its own, so that the product's go.mod never sees go-oscal.
// Nothing of it is shipped. Its go.mod follows the product's: after a change
// there, `go vet -C oscaltest -mod=mod ./...` brings it up to date.
package oscaltest
