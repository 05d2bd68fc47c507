package starter

import "time"

// SetClock lets a test move the client's time.
func (c *Client) SetClock(now func() time.Time) { c.now = now }

// Fold is fold.
func Fold(name string) string { return fold(name) }
