// Package codec opens sealed payloads for the people who look at Temporal's Web
// UI, or use its command line. The browser posts what it got from Temporal to
// /decode and shows what comes back.
//
// Who may see what follows from the OpenID Connect token and from the hotel
// that a payload's key belongs to. A compliance officer of the hotel reads the
// content. Operations and administrators see that there is something, under
// which key, and whether it is erased. Everybody else is refused. Each decode
// is in the audit log before its answer is sent; when it cannot be, nothing is
// opened. There is no way to encode: people do not write into workflows.
//
// Summaries of the known forms (Clear) hold no guest data and are not sealed at
// all, so that a timeline can be read without this server.
//
// In the house it stands beside starter/api, which mounts it at /codec, on the
// same authenticator; `voicehive codec` runs it alone.
package codec
