// Package keys holds the data keys that make erasure real: random 256-bit keys
// for each scope (a booking, a call, a request) and purpose, wrapped by keys that
// never stand in the same place, and kept in a database of its own.
//
// Everything about a guest that VoiceHive writes anywhere is sealed under the
// keys of its scope. Destroying those rows makes every copy unreadable: in
// tables, object stores, workflow histories and backups. For that reason a
// scope key is never derived from another key: whatever can be derived can be
// derived again. One purpose can be destroyed and another kept: a recording
// goes, its invoice stays.
//
// There are three tiers. The root key of an epoch, usually a month, never leaves
// its keeper (Root: Vault's Transit, a file in development). It wraps some
// thousand bucket keys, and each of those wraps its part of the scope keys, here
// in the process. A Roller moves all living keys to the next epoch and destroys
// the old root key, once a restored backup has proved that nothing living hangs
// on it. Then older backups are dead too, and what was erased is gone from them.
//
// In the house it is part of the compliance floor: activities and the edge seal
// and open with a Ring, and package temporalkeys lends its keys to the payload
// codec of internal/temporal. Subjects remembers which data subject a scope
// belongs to, apart from the data.
//
// Keys live in memory for a short time only (Options.TTL), and are dropped at
// once when a process hears that they were destroyed (Ring.Listen). A key
// destroyed by one process is dead in every process after the TTL at most; an
// erasure waits that long before it certifies.
package keys
