// Package vaulttest runs the tests of internal/vault and of what is built on it
// on a real Vault core with its real engines. The same tests run on fakes in the
// product's own module; here they show that the fakes are right. It also tries
// the policies and statements of deploy/vault, with a real PostgreSQL.
//
// It is a module of its own, so that the product's go.mod never sees the many
// modules of a Vault server. Nothing of it is shipped. Its go.mod follows the
// product's: after a change there, `go vet -C vaulttest -mod=mod ./...` brings
// it up to date.
package vaulttest
