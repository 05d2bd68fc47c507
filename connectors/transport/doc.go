// Package transport is the one HTTP stack through which connectors speak with
// vendors. A vendor package maps requests and answers; connection pooling,
// time-outs, bounded bodies, metering, the circuit breaker, repeats of reads,
// metrics, logs and the classification of failures are here, once.
//
// # What a failure means
//
// The callers of a write must know whether it may have happened:
//
//   - It failed before a whole request left (name lookup, connect, TLS, a
//     token that could not be had, an open circuit): pms.ErrUnavailable.
//   - A whole request may have left and no trustworthy answer came (time-out,
//     reset, 5xx, redirect, truncated or unreadable answer): for a write
//     pms.ErrOutcomeUnknown, for a read pms.ErrUnavailable.
//   - The vendor answered: the table in status.go, which a vendor may override.
//
// # Who repeats
//
// A read is repeated at most once. A write is never repeated here, for the
// durable workflow above is the one that repeats writes, under its rules; the
// one exception is a 401, which says that the write was not taken, and which a
// fresh token cures. net/http too repeats by itself, on a stale connection: a
// request with an Idempotency-Key header it regards as safe to send again even
// after it was written. Client keeps it from doing so by giving it a body that
// cannot be rewound. What is left is its repeat of a request of which not one
// byte was written, which is harmless.
//
// # Seams
//
// The order of one call is: repeat (reads), circuit breaker, Limiter, token,
// exchange. A limiter shared by the fleet replaces Buckets behind Limiters;
// bulkheads belong around the Limiter, hedging around the attempt of a read.
package transport
