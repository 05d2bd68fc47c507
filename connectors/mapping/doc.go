// Package mapping holds what every vendor package needs to turn a vendor's
// answers into the words of connectors/pms and back: JSON types that refuse
// what they cannot read, money and charges, stays joined to a reservation,
// frozen drafts, pages, guests that match, JSON Patch.
//
// It stands beside connectors/transport on the connectors floor: transport
// carries bytes, mapping gives them a meaning, and a vendor package is left
// with the vendor's names and quirks. It makes no call and imports the contract
// alone.
//
// # Errors
//
// What is found wrong here is a *pms.Error with a kind and a field, and without
// a vendor; the vendor package sends it through Named. A field is the vendor's
// own name of it, as in its answer or its contract. No value is ever quoted,
// for it may be a guest's.
package mapping
