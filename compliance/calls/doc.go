// Package calls keeps what is left of calls: when they were, the proof that the
// caller was told of the machine, what was said (turns) and where recordings
// lie.
//
// The text of a turn is sealed under the call's operations key, and audio under
// its recording key (package audio), each bound to its place. Nothing of it is
// written unless the database finds a yes that stands at that very moment; so a
// program that forgets to ask is refused too.
//
// In the house it is part of the compliance floor. Call sessions write through
// it, and package subjects erases its rows.
package calls
