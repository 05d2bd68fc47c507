// Package email sends messages by SMTP: one connection for each, to a relay
// that an operator runs or rents. Signing (DKIM) and delivery are the relay's
// work.
//
// The connection is encrypted and the relay's certificate checked; only a
// relay on this machine may be spoken to in the clear. A message keeps its
// Message-ID when it is sent again, so that mail systems and people can see
// that two copies are one letter.
//
// It stands on the internal floor, below the port in package notify.
package email
