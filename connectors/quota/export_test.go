package quota

import (
	"time"

	"github.com/voicehive/voicehive/internal/postgres"
)

// NewAt is New with a clock that the database is told the time of.
func NewAt(pool *postgres.Pool, clock func() time.Time, o Options) (*Limits, error) {
	return newLimits(database{pool.Role(postgres.RoleMeter), clock}, o)
}
