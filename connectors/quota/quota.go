package quota

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/connectors/transport"
	"github.com/voicehive/voicehive/internal/postgres"
)

const (
	// leaseTime is for how long requests are leased ahead. It is what a closed
	// credential takes to be known everywhere, and what a vendor may see a request
	// later than it was counted; the burst is smaller by that much.
	leaseTime = 150 * time.Millisecond
	// askTimeout bounds one question to the database.
	askTimeout = 500 * time.Millisecond
	// askAgain is how often a process without a database tries it, and how often
	// one that waits for a far turn asks whether the rate has changed.
	askAgain = time.Second
	// localShare is the part of a rate that a process without a database takes.
	localShare = 0.25
)

// Options are what Limits need beside the database.
type Options struct {
	// Rate tells a vendor's limit per credential. It is asked at each lease, so a
	// change holds at once; nil, and the zero Rate, is transport's default.
	Rate func(vendor string) transport.Rate
	// Registerer takes the metrics; nil registers nothing.
	Registerer prometheus.Registerer
	// Logger is told when the database is lost and found; nil logs nothing. No
	// line names a credential.
	Logger *slog.Logger
}

// Limits are the limits of all credentials, as this process shares in them.
// They are safe for concurrent use.
type Limits struct {
	base    ledger
	rate    func(vendor string) transport.Rate
	metrics *metrics
	log     *slog.Logger

	mu     sync.Mutex
	meters map[string]*meter
}

var _ transport.Limiters = (*Limits)(nil)

// New returns the limits kept in the main database. It makes no call.
func New(pool *postgres.Pool, o Options) (*Limits, error) {
	if pool == nil {
		return nil, errors.New("quota: a pool of the main database is required")
	}
	return newLimits(database{pool.Role(postgres.RoleMeter), nil}, o)
}

func newLimits(base ledger, o Options) (*Limits, error) {
	metrics, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("quota: register metrics: %w", err)
	}
	if o.Rate == nil {
		o.Rate = func(string) transport.Rate { return transport.Rate{} }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Limits{base: base, rate: o.Rate, metrics: metrics, log: o.Logger, meters: make(map[string]*meter)}, nil
}

// Limiter implements transport.Limiters. The credential begins with its vendor
// and a slash. Only a hash of it is stored; it is a name and no secret, yet
// names have no place in a table that all hotels share.
func (l *Limits) Limiter(credential string) transport.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.meters[credential]
	if !ok {
		vendor, _, _ := strings.Cut(credential, "/")
		found = &meter{limits: l, key: sha256.Sum256([]byte(credential)), vendor: vendor, counts: l.metrics.of(vendor)}
		l.meters[credential] = found
	}
	return found
}

// A ledger is where all processes count together.
type ledger interface {
	// lease asks for some requests.
	lease(ctx context.Context, a ask) (reply, error)
	// close lets nobody use a credential for a while, or for the ledger's own idea
	// of a while when none is told. It answers for how long.
	close(ctx context.Context, key [sha256.Size]byte, vendor string, spacing, lasting time.Duration) (time.Duration, error)
}

// An ask is a question for requests.
type ask struct {
	key       [sha256.Size]byte
	vendor    string
	spacing   time.Duration // between two requests at the rate
	burst     int
	readShare float64
	effect    transport.Effect
	wanted    int
	waiting   int           // of those wanted
	spent     int           // sent without the ledger, to be counted now
	patience  time.Duration // how far ahead a write takes a turn
}

// A reply is what there is.
type reply struct {
	granted int
	pause   time.Duration // until the first one, or until asking again makes sense
	closed  bool          // by the vendor's word
}

// asking fills in what the rate says.
func asking(m *meter, r transport.Rate, effect transport.Effect) ask {
	r = r.OrDefault()
	return ask{
		key:       m.key,
		vendor:    m.vendor,
		spacing:   max(1, time.Duration(float64(time.Second)/r.PerSecond)),
		burst:     max(1, r.Burst-int(math.Ceil(r.PerSecond*leaseTime.Seconds()))),
		readShare: r.ReadShare,
		effect:    effect,
	}
}

// step is the time between two requests of this effect.
func (a ask) step() time.Duration {
	if a.effect == transport.Read {
		return time.Duration(math.Round(float64(a.spacing) / a.readShare))
	}
	return a.spacing
}

// block is the most that is leased at once.
func (a ask) block() int {
	return max(1, int(leaseTime/a.step()))
}
