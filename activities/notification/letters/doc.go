// Package letters writes what guests receive: every kind of message in every
// language, from typed data and the texts in config/messages.
//
// It is strict when it loads: a text that is missing, a field that no data
// has, a plural form that a language needs, are errors before the first guest
// is written to. What the law demands stands outside the texts that a hotel
// or a translator can change: the way to complain is added by this package,
// and a hotel's own sentence only ever adds.
//
// It stands on the activities floor and has no side effects.
package letters
