// Package pms is the contract that every hotel system keeps: the operations a
// vendor's connector offers, the domain model they speak, and the errors they
// answer with.
//
// It stands at the bottom of the connectors floor and imports nothing of ours,
// so a vendor package, a sandbox and a workflow can all share its words. Names
// are the field's own: a reservation has one or more stays, a stay has an
// arrival, a departure, a room type and a rate plan.
package pms
