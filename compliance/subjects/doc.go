// Package subjects is the one place that says who is who: it finds the bookings
// and calls of a person, joins, merges and splits what belongs to one, and
// erases a person's rows.
//
// A person is found by blind indexes: digests of phone, e-mail and name, made
// with the hotel's own key, so that the table tells nothing by itself. A
// subject is a random number per hotel. It stands in the keys' database beside
// the scopes that belong to it, and never in an id, a search attribute or a log.
//
// Machines join only what is beyond doubt: the same full name with the same
// phone or e-mail. A phone alone is a family, a secretary or a hotel's lobby;
// such matches are candidates, and a person with a name of their own decides.
//
// In the house it is part of the compliance floor. The edge writes its index
// rows in the transaction of the intent, and the privacy activities resolve and
// erase with it.
package subjects
