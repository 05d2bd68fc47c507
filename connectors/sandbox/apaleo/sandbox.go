package apaleo

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Credentials that a Sandbox accepts when Options names none. They open
// nothing but a simulator.
const (
	DefaultClientID     = "VHSB-SP-SANDBOX"
	DefaultClientSecret = "sandbox-client-secret"
)

const (
	maxBody   = 1 << 20              // bytes of any request body
	keyWindow = 24 * time.Hour       // documented life of an Idempotency-Key
	horizon   = 400                  // days ahead for which rates are set
	accountID = "VHSB"               // the account in webhook events
	faultSign = "X-Sandbox-Fault"    // response header that marks a faulted answer
	jsonType  = "application/json"   // what the vendor speaks
	hookTries = 3                    // deliveries of one webhook event, at most
	hookWait  = 5 * time.Second      // for one webhook delivery
	hookQueue = 10_000               // webhook events waiting, at most
	hookHeads = "Apaleo-Tracking-Id" // documented header of a delivery
)

// Options set a Sandbox up. The zero value is a hotel ready to sell.
type Options struct {
	// Clock tells the time; time.Now by default. Advance moves it further.
	Clock func() time.Time
	// Seed makes ids and probabilities repeatable; 0 draws afresh, so that a
	// restarted sandbox does not give out the ids of the one before.
	Seed uint64
	// ClientID and ClientSecret are the only credentials accepted.
	ClientID, ClientSecret string
	// TokenLifetime is how long an access token is good; an hour by default.
	TokenLifetime time.Duration
	// Scopes narrows what tokens may do; nil grants every scope used here.
	Scopes []string
	// Units overrides the number of rooms by unit group id, such as BER-DBL.
	Units map[string]int
	// Restrictions replaces the seeded restrictions; see DefaultRestrictions.
	Restrictions []Restriction
	// WithholdGuests leaves guest data out of every answer, as Apaleo does
	// for an app registered without access to personal data.
	WithholdGuests bool
	// WebhookClient delivers events; a client with a short time-out by default.
	WebhookClient *http.Client
	// WebhookBackoff is the pause before a failed delivery is repeated; one
	// second by default. The vendor's own schedule is unconfirmed.
	WebhookBackoff time.Duration
	// RateLimit makes the sandbox count requests and refuse those that are too
	// many; the zero value limits nothing.
	RateLimit RateLimit
}

// A Sandbox is one simulated Apaleo account with two properties. It is an
// http.Handler and safe for concurrent use. Close it when done.
type Sandbox struct {
	opts    Options
	zone    *time.Location
	mux     *http.ServeMux
	faults  *faultSet
	holds   *holdSet
	hooks   *webhooks
	traffic traffic
	limiter limiter

	mu           sync.Mutex // guards everything below
	offset       time.Duration
	actor        string // the client that events name
	random       *rand.Rand
	properties   []*property
	groups       []*unitGroup
	plans        []*ratePlan
	services     []*service
	withhold     bool // guest data is left out
	restrictions []Restriction
	limits       map[slot]int // rooms of a night where SetRooms says another number
	sold         map[slot]int
	bookings     map[string]*booking
	order        []*reservation // by creation
	reservations map[string]*reservation
	keys         map[string]keyed
	tokens       map[string]token
	late         []lateCommit
	outbox       []event
	counters     Counters
}

// New returns a sandbox with the properties BER, "Aurora Berlin", and MUC,
// "Aurora Munich".
func New(opts Options) *Sandbox {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.ClientID == "" {
		opts.ClientID = DefaultClientID
	}
	if opts.ClientSecret == "" {
		opts.ClientSecret = DefaultClientSecret
	}
	if opts.TokenLifetime == 0 {
		opts.TokenLifetime = time.Hour
	}
	s := &Sandbox{opts: opts, zone: berlin()}
	s.holds = newHoldSet()
	s.faults = newFaultSet(opts.Seed)
	s.hooks = newWebhooks(opts.WebhookClient, opts.WebhookBackoff, s.faults)
	s.mux = s.routes()
	s.clear()
	return s
}

// Reset forgets bookings, keys, tokens, faults, subscriptions and counters and
// turns the clock back to Options.Clock. Held answers are dropped.
func (s *Sandbox) Reset() {
	s.faults.clear()
	s.hooks.clear()
	s.holds.release("", true)
	s.traffic.clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

// clear sets the state to hotels without bookings. The caller holds mu or is
// the only one to know s.
func (s *Sandbox) clear() {
	s.offset, s.actor = 0, s.opts.ClientID
	s.limiter.set(s.opts.RateLimit)
	s.random = source(s.opts.Seed, 1)
	s.properties = houses()
	s.groups, s.plans = catalogue(s.properties, s.opts.Units)
	s.services = extras(s.properties)
	s.withhold = s.opts.WithholdGuests
	s.restrictions = s.opts.Restrictions
	if s.restrictions == nil {
		s.restrictions = DefaultRestrictions(s.today())
	}
	s.limits = map[slot]int{}
	s.sold = map[slot]int{}
	s.bookings = map[string]*booking{}
	s.reservations = map[string]*reservation{}
	s.order = nil
	s.keys = map[string]keyed{}
	s.tokens = map[string]token{}
	s.late = nil
	s.outbox = nil
	s.counters = newCounters()
}

// source is a source of chance: repeatable for a seed, else not.
func source(seed, stream uint64) *rand.Rand {
	if seed == 0 {
		seed = rand.Uint64()
	}
	return rand.New(rand.NewPCG(seed, stream))
}

// Close stops webhook deliveries and drops held answers.
func (s *Sandbox) Close() {
	s.holds.release("", true)
	s.hooks.close()
}

// ServeHTTP answers Apaleo's operations and the control API.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mux.ServeHTTP(w, r)
}

// Now is the sandbox's time.
func (s *Sandbox) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Advance moves the sandbox's clock ahead of Options.Clock by d more, and lets
// late commits that have become due happen.
func (s *Sandbox) Advance(d time.Duration) {
	s.mu.Lock()
	s.offset += d
	s.mu.Unlock()
	s.settle()
}

func (s *Sandbox) now() time.Time   { return s.opts.Clock().Add(s.offset) }
func (s *Sandbox) today() pms.Date  { return pms.DateOf(s.now().In(s.zone)) }
func (s *Sandbox) stamp() time.Time { return s.now().UTC() }
