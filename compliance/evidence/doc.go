// Package evidence builds a pack for a hotel and a period that shows auditors
// what holds and what does not, and checks such a pack offline.
//
// Controls (controls.yaml) ask the data itself: each is a query or a check that
// tells how many cases there are and how many of them are wrong. Around the
// answers stand signed statements about single facts, the audit log's part with
// its proofs, OSCAL for machines, an index for people, and the papers. The same
// data makes the same pack, byte for byte; nothing in it tells when it was made.
//
// A pack holds no guest data: ids of bookings, calls and cases are replaced by
// digests, officers are left out, and free text is not taken.
//
// It stands on the compliance floor.
package evidence
