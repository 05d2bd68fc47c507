// Package capability says what each vendor can do, and makes it so.
//
// The capability matrix (matrix.yaml) names for every vendor its interface, its
// operations, its limits and its constraints. Each value carries the place in
// the vendor's documents where it is from, or is marked as unconfirmed with
// what was assumed. A file of the operator may replace a vendor's entry while
// the process runs (Open).
//
// The matrix rules: Guard puts it before a connector, so that what a vendor
// lacks is refused before any call; Capabilities tells workflows how to repeat
// and look up writes; Limits and QueueRate feed the limiter and the queues.
//
// It stands on the connectors floor, between the vendors and the factory, which
// wraps each connector that it makes. No vendor package imports it.
package capability
