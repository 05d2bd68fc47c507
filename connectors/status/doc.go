// Package status keeps where each hotel's connection stands: in the main
// database, for every process to see, and for a moment in memory, because it
// is asked on every call to a hotel system.
//
// Two hands write here. Health checks say what they found, and a state turns
// only when several in a row agree. An operator closes a connection for
// maintenance and opens it again. It stands on the connectors floor, behind
// the factory, which declares what a Status is.
package status
