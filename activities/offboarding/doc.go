// Package offboarding carries out the end of a hotel's contract (Article 28(3)(g)
// GDPR): the hotel is closed to new bookings, gets back what is kept for it as
// a pack of files, plain or sealed for its own key, and everything else of it is
// deleted: workflow runs, objects, rows and keys. Then all of it is looked for
// again, and a signed certificate says what went and what stays and why.
//
// What stays is the audit log's commitments, which cannot be taken out of a
// Merkle log, and the journal that a restored backup is emptied by; both hold
// random numbers only, and nothing opens what was sealed beside them.
//
// It stands on the activities floor. Its own record is the house's, for the
// hotel's rows and keys go.
package offboarding
