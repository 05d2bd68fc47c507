// Package reservation is the durable life of one booking: from a caller's wish
// to a settled entry in the ledger. One workflow is one booking with one or
// more stays; its id is booking/<hotel>/<ulid>.
//
// Callers steer it with updates (book, confirm, modify, cancel), each answered
// with a definite outcome of the hotel. The hotel's own news arrives as a
// signal. Payloads carry references into the ledger, never guest data.
//
// A settled booking closes after a quiet while; the next change opens it again
// from the ledger. It stands on the workflows floor and does no I/O: every
// side effect is an activity of package booking.
package reservation
