package webhooks

import (
	"time"

	"github.com/voicehive/voicehive/internal/postgres"
)

// Pool is the store's, for a second store beside it.
func (s *Store) Pool() *postgres.Pool { return s.pool }

// SetClock stops the store's time.
func (s *Store) SetClock(t time.Time) { s.now = func() time.Time { return t } }
