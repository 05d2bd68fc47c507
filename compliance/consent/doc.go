// Package consent keeps what guests agreed to: append-only events with the
// exact words, the way, the call and its audio, and both of their times; the
// question what was allowed at a moment; and the notice that every caller hears
// before the agent speaks (AI Act, Article 50).
//
// A consent is proved by its events (GDPR Article 7(1)), so none is ever
// changed: the database refuses it, as it refuses times that cannot be true. A
// withdrawal is an event like a yes and as easy to make, and it wins.
//
// Events hold no personal data in the clear. They name a key scope, a booking
// or a call, and what else was noted is sealed under that scope's consent key.
// The audit log has an entry for each, made in the same transaction.
//
// In the house it is part of the compliance floor. The edge writes events;
// the privacy activities ask before anything is recorded or written down.
package consent
