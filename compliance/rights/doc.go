// Package rights keeps the requests of data subjects: who asked for what, by
// when the law wants an answer, who decided what, and what came of it.
//
// A request is a case. Its row names nobody: the requester's words, how to
// reach them and whose bookings it is about lie sealed under the case's own
// scope, so a case file keeps its own term when the guest is long erased, and
// whose bookings they were is forgotten once the case is closed.
//
// The package decides what can be decided without a person: the clock of
// Article 12(3) GDPR, how much proof a right needs, and that two different
// people agree where one is not enough. The database holds the same rules.
//
// It stands on the compliance floor.
package rights
