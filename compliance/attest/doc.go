// Package attest makes and checks signed statements: an in-toto Statement v1 in
// a DSSE envelope, signed by the key that signs the heads of the audit log.
//
// Both formats are small and fixed, so they are written here: a claim about
// some things named by their digests, and a signature over exactly the bytes
// that were claimed. Whoever has the public key checks one offline. What is
// signed begins with words that no head of a log can begin with, so that a
// signature over one never counts for the other.
//
// In the house it is part of the compliance floor. Certificates of erasure and
// of retention, evidence and off-boarding are such statements; each room has a
// predicate of its own.
package attest
