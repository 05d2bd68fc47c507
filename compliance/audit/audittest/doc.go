// Package audittest holds what every audit.Signer must keep, as tests that run
// on each kind: the local key, and Vault's Transit engine. For tests of what
// writes events it reads the outbox.
package audittest
