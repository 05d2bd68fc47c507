package retention

import "time"

// At is the engine with another clock.
func (e *Engine) At(now time.Time) *Engine {
	other := *e
	other.now = func() time.Time { return now }
	return &other
}

// InBatches is the engine with that many rows in a batch.
func (e *Engine) InBatches(rows int) *Engine {
	other := *e
	other.batch = rows
	return &other
}

// Patient is the engine that waits that long for rows that somebody else is at.
func (e *Engine) Patient(wait time.Duration) *Engine {
	other := *e
	other.patience = wait
	return &other
}
