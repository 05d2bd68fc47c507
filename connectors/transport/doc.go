// Package transport is the one HTTP stack through which connectors speak with
// vendors. A vendor package maps requests and answers; connection pooling,
// time-outs, bounded bodies, metering, bulkheads, the circuit breaker, repeats
// and hedges of reads, metrics, traces, logs and the classification of failures
// are here, once.
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
// Reads are not repeated at all when the caller does so itself: see Once.
//
// # The order of one call
//
// Repeat (reads), hedge (reads, where the tuning allows it), the hotel's
// bulkhead, its circuit breaker, the credential's Limiter, credentials,
// exchange. So a hotel that waits for its turn takes places of its own only, and
// each request that leaves was counted, hedges and second tries included.
//
// Limits that the whole fleet shares are in connectors/quota, behind Limiters;
// Buckets are those of one process. What a vendor's answer says about its limit
// is told to a Limiter that is an Observer. What capabilities say about time is
// asked for at each request: see Tuning.
//
// # What an error may say
//
// Vendor, hotel, operation, kind, status and, for an answer that cannot be read,
// the path of the field by our own names for it. Nothing of a URL, a header, a
// body or a value in it reaches an error, a log line, a metric or a span.
package transport
