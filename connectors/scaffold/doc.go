// Package scaffold writes the beginning of a new vendor's connector: the
// adapter, a simulator to try it against, the contract test, an entry in the
// capability matrix and the vendor's line in the factory. What it writes
// compiles, and its contract test fails for each operation that is still to be
// mapped: the red names are the list of what to do.
//
// It is part of the connectors floor and serves `voicehive connector new`. It
// reads the checkout and writes nothing by itself: Plan says what to write.
package scaffold
