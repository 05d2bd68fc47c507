// Package quota shares the vendors' request limits among all processes of the
// fleet. A vendor counts the requests of a credential, wherever they come from,
// so the count is kept in one place: a row of the main database.
//
// It plugs into connectors/transport as its Limiters. A process does not ask the
// database for each request: while many are sent it leases a few at once, never
// more than leaseTime's worth, and what it does not use by then is lost. Reads
// take a share of the rate at most, and never take turns ahead of time, so a
// write does not stand behind them.
//
// What a vendor says of its limit (a 429, a remainder of zero) closes the
// credential for the whole fleet until the moment the vendor named; the other
// processes know it when their lease is over.
//
// Without the database nothing stops and nothing is unlimited: each process
// goes on at a quarter of the rate, says so, and tells the database afterwards
// what it has sent. A fleet of more than four processes can then ask for more
// than the vendor allows, and is slowed down by the vendor's own refusals.
package quota
