// Package vault is a small client of HashiCorp Vault: it logs in, keeps its
// token alive in the background, and reads and writes the KV version 2 engine.
// Every failure is an *Error of a known kind, and none quotes what Vault
// answered, for an answer can hold a secret.
//
// It stands on the internal floor and knows nothing of hotels. What else
// Vault offers, such as encryption in transit, goes beside KV and through the
// same Client, which carries the token and its renewal.
package vault
