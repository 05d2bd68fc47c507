// Package webhooks keeps what the vendors' events need in Postgres: the secrets
// in the addresses that vendors post to, and an inbox of what they posted.
//
// A secret is the only proof of the sender where a vendor signs nothing. It has
// 256 random bits and is stored as a hash; two are valid while one replaces the
// other. An event is stored before it is answered, so a vendor need not repeat
// it, and its id makes a repeat of the vendor's harmless. Neither table holds
// guest data: an event names a reservation, which is then read at the hotel.
//
// It stands on the connectors floor and knows no workflow: package starter
// decides what an event means.
package webhooks
