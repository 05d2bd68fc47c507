// Package auth tells who calls the API and what they may do: people and
// services with an OpenID Connect bearer token, and call platforms with an API
// key. Both become a Caller, with roles and hotels.
//
// It stands in front of package starter: starter/api asks an Authenticator who
// the caller is and Authorize whether the caller may, before anything else of
// a request is read. The console, the codec and the MCP tools ask the same two.
//
// A person is known by issuer and subject together (Actor), in roles, audit
// events and limits alike: what one provider calls its people says nothing of
// another's, nor of API keys.
//
// Of an API key only the SHA-256 is stored. A key is found by that hash in an
// index, so what a clock outside could measure is how far two hashes agree,
// and nobody can steer the hash of a guess. That is why no comparison of this
// package needs constant time.
package auth
