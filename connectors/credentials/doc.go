// Package credentials finds the secrets that open a hotel's account at a
// vendor, and turns them into tokens.
//
// A registry entry holds a reference and never a secret; a Store resolves the
// reference. FileStore is for development; Vault takes its place behind the
// same interface. Tokens turns OAuth 2.0 client credentials into bearer tokens
// that are fetched once for many callers and renewed before they expire; its
// Bearer plugs into connectors/transport as an Authorizer.
package credentials
