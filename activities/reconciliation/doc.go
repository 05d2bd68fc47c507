// Package reconciliation compares what three places say of a hotel's bookings:
// our ledger, the hotel's system, and the workflows. It holds the side effects
// of the workflow of the same name, which a Schedule starts.
//
// It repairs what is safe to repair: an intent whose workflow is gone is sent
// again, and a booking that changed at the hotel reads the change. It never
// books or cancels by itself: everything else becomes a task for a person, one
// for each finding, however often it is found again. What it finds is counted
// and named by ids and kinds; it never holds a guest.
//
// It stands on the activities floor, beside the ledger. What belongs to
// workflows is declared here as Runs and lies on the starter's floor.
package reconciliation
