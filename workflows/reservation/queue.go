package reservation

import "go.temporal.io/sdk/workflow"

// A queue lets one coroutine at a time talk to the hotel, in the order in
// which they came. The SDK's mutex would let the latest update go first.
type queue struct{ last, served int }

// enter waits for the caller's turn. It does not end with the workflow's
// cancellation: a place that is given up would block those behind it.
func (q *queue) enter(ctx workflow.Context) error {
	apart, _ := workflow.NewDisconnectedContext(ctx)
	turn := q.last
	q.last++
	return workflow.Await(apart, func() bool { return q.served == turn })
}

// leave lets the next one in.
func (q *queue) leave() { q.served++ }
