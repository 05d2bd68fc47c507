// Package starter is how the outside starts and steers VoiceHive's workflows:
// a typed client that call sessions, the HTTP API, the MCP tools and the
// console share.
//
// Reads (availability, quotes, a reservation) go to the hotel's system or the
// ledger and never through a workflow. Writes store an intent first and then
// send an update to the booking's workflow, so that nothing is lost when
// Temporal, a worker or the caller goes away: a retry finds the intent, and a
// sweeper carries out what nobody took up.
//
// What the hotel's staff or another channel changes arrives as an event of the
// hotel's system: it is stored in the inbox of package webhooks, answered, and
// then told to the booking's workflow, which reads what changed at the hotel.
// Availability is remembered for seconds, and forgotten in every process when
// an event or one of our own writes says that something changed.
//
// Everything that can be refused is refused here, before anything is written,
// as a *Problem. Package starter/api turns problems into RFC 9457 answers.
package starter
