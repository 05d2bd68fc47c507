// Package notify sends messages to people: e-mail and SMS through one port,
// Sender. It says what a message is, which addresses are addresses, how many
// parts a text message takes, and what can become of a sending.
//
// What can become of it is the heart of this package, for a message cannot be
// taken back. An error is one of three: ErrPermanent, nothing was sent and
// asking again does not help; ErrTemporary, nothing was sent and asking again
// may help; ErrUnknown, nobody can say whether it was sent. No error and no log
// line of this package names an address or quotes what a server said, because
// servers like to quote addresses.
//
// It stands on the internal floor. Package email speaks SMTP, package seven the
// HTTP API of an SMS gateway, package sink receives both on a developer's
// machine. What is written to whom, and that it is written once, is for the
// activities above.
package notify
