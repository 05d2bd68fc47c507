// Package audit is the log that nobody can rewrite unseen: who did what with a
// guest's data, when, in which hotel.
//
// An event is written into an outbox in the transaction of the business that it
// is about (Writer). One sequencer for the installation takes the outbox into a
// Merkle log of the year (Sequencer), signs its head as a C2SP checkpoint and
// copies that to a write-once store and to witnesses. A Log proves entries and
// exports packs; Verify checks a pack offline and names what is wrong.
//
// A leaf of the log holds no data of a guest: only who (a role), what (a kind),
// when, and commitments. What was committed to is sealed under the audit key of
// the guest's scope. With that key the commitments lose their meaning, and
// every proof still holds.
//
// In the house it is part of the compliance floor. Activities and the edge
// write events; a worker runs the sequencer; `voicehive audit` is for people.
package audit
