// Package keystest is the contract of a keys.Root, run on every one that there
// is: the local keyring, Transit of the fast fake, and Transit of a real Vault.
package keystest
