// Package notification writes to guests: it queues a message sealed, in the
// transaction that it tells of, and delivers it as an activity.
//
// A message is sent once, as far as that can be known. Whoever sends claims
// the message first and settles it afterwards; a claim that nobody settled
// means that a worker died in between, and that the message may have gone. Then
// the provider's records are asked. Where they do not tell, a letter is sent
// again under the same Message-ID, and what has no such mark once more at most:
// see resends.
//
// Temporal sees a reference only. Address, data and text lie sealed with the
// key of the booking or case that the message is about, and die with it.
//
// The package stands on the activities floor, above compliance. Package letters
// beside it writes the texts, package code makes and checks one-time codes.
package notification
