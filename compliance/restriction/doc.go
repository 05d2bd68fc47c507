// Package restriction freezes what is kept of a guest: Article 18 GDPR lets it
// be stored, and read for legal claims or with the guest's leave, and no more.
//
// A restriction is a mark on a booking, call or companion. Keys gives the rest
// of the house keys that do not open what is marked, so that no reader has to
// remember to ask; Starts keeps workflows from beginning for it. An officer
// reads with Allow, which says why in the audit log first. Lifting needs the
// guest to be told.
//
// In the house it is part of the compliance floor, above package keys. cmd
// wraps the keys of everything that works with bookings and calls in it.
package restriction
