// Package keys holds the data keys that make erasure real: one random 256-bit
// key per scope (a booking, a call, a request), wrapped by a key that never
// stands in the same place, and kept in a database of its own.
//
// Everything about a guest that VoiceHive writes anywhere is sealed under the
// key of its scope. Destroying that one row makes every copy unreadable: in
// tables, object stores, workflow histories and backups. For that reason a
// scope key is never derived from another key: whatever can be derived can be
// derived again.
//
// In the house it is part of the compliance floor: activities and the edge seal
// and open with it, and package temporalkeys lends its keys to the payload
// codec of internal/temporal.
//
// Keys live in memory for a short time only (Options.TTL). A key destroyed by
// one process is therefore dead in every process after at most that time; an
// erasure waits that long before it certifies.
package keys
