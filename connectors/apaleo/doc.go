// Package apaleo maps the contract of connectors/pms to Apaleo's API and back.
// It holds mapping and Apaleo's quirks only: requests go out through
// connectors/transport.
//
// Words: Apaleo's booking is our reservation, its reservation our stay, its
// unit group our room type. A rate plan belongs to exactly one unit group.
//
// # Holds
//
// Apaleo has no hold that a client could confirm later. What it has is the
// guarantee PM6Hold: the hotel keeps the room until six in the evening,
// property time, of the day of arrival. Hold books with that guarantee, for
// rate plans that ask for no stronger one; Confirm changes nothing at Apaleo
// and verifies that every stay still stands; Release cancels the stays. Read
// back, a hold is a confirmed reservation: only our own records tell a hold
// from one.
//
// # Guests
//
// Apaleo has no guests of their own: they live within bookings and stays, so an
// id tells where, and one person may have many. A person is replaced as a whole
// or not at all, and erased by being overwritten.
//
// # Reading
//
// An account may have several properties. Reads through a Connector show the
// stays of its own property only; a booking that has none is not found. An app
// that is registered without access to personal data gets no guests: then
// Booker and Guest are nil. The account is part of the credentials.
package apaleo
