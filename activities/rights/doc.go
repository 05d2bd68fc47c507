// Package rights holds the activities of a data-subject request: they read and
// change its case, write its letters, send and check its one-time codes, and
// find whom it is about.
//
// Each is repeated as often as one likes. Inputs and results hold references,
// dates and counts, and nothing of a guest. What is known of one is read from
// the case, where it lies sealed, in the moment when it is needed.
//
// The package stands on the activities floor, above compliance/rights, which
// keeps the cases.
package rights
