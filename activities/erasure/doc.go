// Package erasure holds the activities of an erasure: each is one step of
// compliance/erasure, idempotent and with heartbeats, and reaches what that
// package cannot: hotel systems through their connectors, and workflow runs
// through Temporal.
//
// The package stands on the activities floor. Inputs and results hold a case's
// id, hashes and counts, and nothing of a guest; the plan lies sealed with the
// case.
package erasure
