package apaleo

import "slices"

// A Kind names what goes wrong.
type Kind string

// The kinds of fault. "Before" and "after" are before and after the operation
// took effect; with the latter a write has happened and its answer is lost or
// damaged.
const (
	// What a request meets before it takes effect.

	Delay       Kind = "delay"               // wait Delay, then carry on
	ResetBefore Kind = "reset_before_commit" // cut the connection, do nothing
	ErrorBefore Kind = "error_before_commit" // Status (503), do nothing
	BadGateway  Kind = "bad_gateway"         // do nothing, 502 (Status) with a proxy's page
	RateLimited Kind = "rate_limited"        // 429 with the vendor's headers, do nothing
	Forbidden   Kind = "forbidden"           // 403 with an empty body, do nothing
	LateCommit  Kind = "late_commit"         // cut the connection, act Delay later

	// What becomes of the answer after the request took effect.

	ResetAfter     Kind = "reset_after_commit" // cut the connection
	HoldAfter      Kind = "hold_after_commit"  // keep the answer until released; events go out at once
	WebhookFirst   Kind = "webhook_first"      // answer once the events of the change are delivered
	ErrorAfter     Kind = "error_after_commit" // Status (500)
	GatewayTimeout Kind = "gateway_timeout"    // 504 (Status) with a proxy's page
	MalformedJSON  Kind = "malformed_json"     // what is no JSON, in place of a body
	TruncatedJSON  Kind = "truncated_json"     // half of it, then hang up
	HTMLAnswer     Kind = "html"               // a page as a proxy would send, Status (200)
	EmptyAnswer    Kind = "empty_answer"       // 200 without a body
	NoContent      Kind = "no_content"         // 204 where a body belongs
	OversizedBody  Kind = "oversized_body"     // the true answer with 10 MB of stuffing in it
	SlowBody       Kind = "slow_body"          // the true answer in pieces, over Delay

	// The true answer, but not as documented.

	NumberAsText  Kind = "number_as_text"   // numbers as strings
	OtherDates    Kind = "other_dates"      // dates as 24.12.2026 and 12/24/2026 03:00 PM
	WrongMedia    Kind = "wrong_media_type" // as text/plain
	UnknownValues Kind = "unknown_values"   // enum values and fields that no file knows yet

	// Not about one answer.

	RevokeTokens      Kind = "revoke_tokens"      // forget every token, so: 401
	ListLag           Kind = "list_lag"           // hide reservations younger than Delay from lists
	DuplicateWebhooks Kind = "duplicate_webhooks" // deliver the event twice
	ReorderWebhooks   Kind = "reorder_webhooks"   // deliver the event after the next one
)

// drawn kinds happen to a request that matches.
var drawn = []Kind{
	Delay, ResetBefore, ErrorBefore, BadGateway, RateLimited, Forbidden, LateCommit,
	ResetAfter, HoldAfter, WebhookFirst, ErrorAfter, GatewayTimeout, MalformedJSON, TruncatedJSON, HTMLAnswer,
	EmptyAnswer, NoContent, OversizedBody, SlowBody, NumberAsText, OtherDates, WrongMedia, UnknownValues, RevokeTokens,
}

// ambient kinds are not drawn by a request.
var ambient = []Kind{ListLag, DuplicateWebhooks, ReorderWebhooks}

// spoiling kinds let a request take effect and lose its answer.
var spoiling = []Kind{
	ResetAfter, ErrorAfter, GatewayTimeout, MalformedJSON, TruncatedJSON, HTMLAnswer, EmptyAnswer, NoContent,
	OversizedBody, NumberAsText, OtherDates, WrongMedia,
}

// honest kinds leave the answer, when it comes, as the vendor would send it.
var honest = []Kind{RevokeTokens, HoldAfter, WebhookFirst}

// Kinds lists every kind of fault.
func Kinds() []Kind { return slices.Concat(drawn, ambient) }
