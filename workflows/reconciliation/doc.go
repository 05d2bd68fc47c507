// Package reconciliation compares, on a Schedule, what the ledger, the hotels'
// systems and the workflows say of the same bookings, hotel by hotel and batch
// by batch. One run is a part of one round over all hotels; where it ends the
// next continues, so neither many hotels nor a lost worker begin it again.
//
// It stands on the workflows floor and does no I/O: comparing and repairing are
// activities of the package of the same name.
package reconciliation
