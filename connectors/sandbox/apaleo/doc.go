// Package apaleo simulates the part of Apaleo's API that VoiceHive uses: an
// account with two small hotels and their state, kept in memory, that answers
// in Apaleo's shapes and misbehaves on request.
//
// It stands on the connectors floor and serves tests, the demo and hand work.
// A connector talks to it exactly as to the vendor: it fetches a token with
// its client credentials, and there is no way around that. Identity, the
// booking, inventory, rate plan and availability APIs and the webhook
// subscriptions share one listener, so one base URL fits all three hosts of
// the vendor.
//
// What the simulator promises:
//   - A unit group is never oversold, whatever requests run at once; Audit
//     proves it from the bookings themselves.
//   - An Idempotency-Key is remembered for 24 hours of the sandbox's clock.
//   - Reservations keep their price; offers and amendments follow the rates.
//   - A cancelled or no-show stay owes its fee and nothing else.
//   - Faults are scripted, counted and, with a seed, repeatable.
//
// The control API under /sandbox/v1 is ours and not the vendor's: it scripts
// faults, releases held answers, advances the clock, acts as the hotel's staff,
// sets rooms and rate limits, and reads counters. It has
// no password, so serve the sandbox on a loopback address.
//
// Where the vendor's public material is silent, the sandbox had to choose; the
// choice is marked "unconfirmed" at the place.
package apaleo
