// Package credentials is the broker of the secrets that open a hotel's account
// at a vendor: it finds them, turns them into tokens where the vendor wants
// tokens, and puts them on requests.
//
// A registry entry holds a reference and never a secret. A Store resolves the
// reference: FileStore in a file, for development, and VaultStore in Vault.
// What a reference names is one of five kinds, read strictly (see Parse): a
// misspelt or missing field is told by its name before anything is sent.
//
// Tokens makes an Account for a reference and a vendor's Scheme, which says how
// that vendor wants to be shown its secrets. An Account plugs into
// connectors/transport as an Authorizer. It fetches a token once for many
// callers, renews it before it ends, and notices within half a minute that a
// secret was rotated. Refresh tokens that change at every use are renewed by
// one process of the whole fleet at a time (see refresh.go).
//
// Secrets do not print, and no error, log line or metric holds one.
package credentials
