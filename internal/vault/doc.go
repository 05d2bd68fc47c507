// Package vault is a small client of HashiCorp Vault: it logs in, keeps its
// token alive in the background, and uses three engines. KV stores secrets,
// Transit encrypts and signs with keys that never leave Vault, Database lends
// logins that end. Every failure is an *Error of a known kind, and none quotes
// what Vault answered, for an answer can hold a secret.
//
// It stands on the internal floor and knows nothing of hotels. Each engine has
// calls of its own on the same Client, which carries the token and its renewal.
package vault
