// Package holds keeps what a dispute needs from being erased: legal holds, each
// with a matter, a reach, two people who agreed to it and a day on which
// somebody must ask whether it is still needed.
//
// A hold counts from the moment it is placed, so that nothing is lost while it
// waits for the second person, and ends by itself when nobody approves it in
// time. It is released by two people as well, and goes on for a period of grace.
//
// Whatever deletes calls In inside its own transaction, before it deletes. The
// database decides the race: a hold that is placed meanwhile waits for that
// transaction, and every later one sees it.
//
// In the house it is part of the compliance floor. Retention and erasure ask it;
// the edge and `voicehive hold` steer it.
package holds
