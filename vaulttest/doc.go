// Package vaulttest runs the tests of internal/vault and of the credentials
// store on a real Vault core. The same tests run on fakes in the product's own
// module; here they show that the fakes are right.
//
// It is a module of its own, so that the product's go.mod never sees the many
// modules of a Vault server. Nothing of it is shipped.
package vaulttest
