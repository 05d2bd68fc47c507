// Package region keeps the house in the European Union: it tells of every
// endpoint whose it is and where it stands, and lets nothing be dialled that it
// has not told.
//
// An endpoint has a class. Ours: its region is proven, from a fixed list of
// regions in the EEA or by a document that an operator names. The controller's
// system: a hotel's own, whose residency the hotel attests. No personal data:
// paging, an identity provider's keys. Loopback: this machine, in development
// only. What has no class is refused.
//
// Rules tell a host's class, provider and region from its name alone. Guard
// applies them to endpoints (Check) and to connections (For): its dialers
// resolve a name, check name, aliases and addresses, and connect to an address
// that was checked, so that a name cannot turn elsewhere in between. Store
// remembers what was found, so that a change shows.
//
// It is part of the compliance floor and knows nothing of hotels: it says
// tenant. Packages below take a dial function, and cmd gives them a Guard's.
package region
