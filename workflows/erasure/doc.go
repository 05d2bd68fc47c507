// Package erasure is the workflow that erases the people of a case everywhere:
// plan, rows and objects, the hotel's system, other recipients, workflow runs,
// keys, read-back, certificate.
//
// A hotel system that is away holds nothing else up: it is tried again beside
// the rest, for days, and then becomes a person's task. Each step is idempotent
// and works in batches, so that a run that is killed goes on where it was and
// one that is repeated changes nothing more.
//
// The package stands on the workflows floor; the run holds the case's id and
// counts, and nothing of a guest.
package erasure
