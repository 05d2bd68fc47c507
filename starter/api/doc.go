// Package api is the HTTP face of package starter: JSON over HTTP for call
// sessions, described by OpenAPI 3.1 at /openapi.json and for people at /docs.
//
// It translates and decides nothing about bookings: who may call (package
// auth), what a request must look like (huma, from the types), how long a
// caller waits (Prefer: wait), and how an answer or a *starter.Problem looks
// on the wire. Every refusal is application/problem+json of RFC 9457, also one
// that the router or the decoder makes, with a short sentence to say to a
// caller in the language of Accept-Language.
//
// Logs, metrics and problems hold no guest data: of a request only its route,
// status, duration, caller and hotel are noted, never its query, headers or
// body.
package api
