// Package sink receives messages on a developer's machine, in place of a mail
// relay and an SMS gateway, and shows them on a page: what a guest would read.
//
// It speaks SMTP, and the part of the SMS gateway's API that package seven
// uses. It keeps the last messages in memory only, listens on loopback only,
// and answers only to its own names, so that no page of the web can read a
// developer's messages through a name that leads here.
//
// It stands on the internal floor, beside the senders that it stands in for.
package sink
