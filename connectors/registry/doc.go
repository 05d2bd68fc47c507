// Package registry knows the hotels: which vendor and property each one is,
// where its system answers, its zone, currency and languages, and under which
// name its credentials lie. It holds no secret and nothing of a guest.
//
// A hotel is written as a small YAML file (Parse), kept in the main database
// (Registry) and compared with what the vendor says of itself (Check). It
// stands beside the connectors, which the factory builds from its entries.
package registry
