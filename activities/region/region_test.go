//go:build unix

package region_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"github.com/voicehive/voicehive/activities/booking/bookingtest"
	activities "github.com/voicehive/voicehive/activities/region"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/connectors/registry"
	sandbox "github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// world resolves each name as a test says; a name it does not know stands on
// its own at one address.
type world struct {
	mu      sync.Mutex
	aliases map[string]string
}

func (w *world) turn(from, to string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.aliases == nil {
		w.aliases = map[string]string{}
	}
	w.aliases[from] = to
}

func (w *world) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("198.51.100.7")}, nil
}

func (w *world) LookupCNAME(_ context.Context, host string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if to := w.aliases[host]; to != "" {
		host = to
	}
	return host + ".", nil
}

// diary remembers what the journal was told, and fails when it is told to.
type diary struct {
	changes []region.Change
	fails   error
}

func (d *diary) Record(_ context.Context, changes []region.Change) error {
	if d.fails == nil {
		d.changes = append(d.changes, changes...)
	}
	return d.fails
}

const vault = "vault.eu-central-1.amazonaws.com"

// A watch checks a house with one hotel at Mews, in production.
type watch struct {
	*bookingtest.House
	t       *testing.T
	world   world
	diary   diary
	metrics *prometheus.Registry
	round   time.Time
	*activities.Activities
}

func open(t *testing.T) *watch {
	t.Helper()
	w := &watch{House: bookingtest.New(t, sandbox.Options{}), t: t, metrics: prometheus.NewRegistry(), round: time.Now()}
	w.Hotel.Endpoints = nil // the vendor's own hosts
	require.NoError(t, w.Registry.Add(t.Context(), w.Hotel))
	rules, err := region.Default()
	require.NoError(t, err)
	guard, err := region.New(region.Options{
		Rules: rules, Production: true, Resolver: &w.world,
		Endpoints: []region.Endpoint{{Name: "VAULT_ADDR", Role: region.Vault, Address: "https://" + vault}},
	})
	require.NoError(t, err)
	w.Activities, err = activities.New(activities.Parts{
		Guard: guard, Store: region.NewStore(w.Database.Pool(t)), Hotels: w.Registry, Tasks: w.Ledger,
		Journal: &w.diary, Registerer: w.metrics, Logger: slog.New(slog.NewTextHandler(w.Log, nil)),
	})
	require.NoError(t, err)
	return w
}

func (w *watch) run(name string, in any) (activities.Found, error) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(w.Log.Logger()))
	env := suite.NewTestActivityEnvironment()
	activities.Register(env, w.Activities)
	value, err := env.ExecuteActivity(name, in)
	if err != nil {
		return activities.Found{}, err
	}
	var found activities.Found
	require.NoError(w.t, value.Get(&found))
	return found, nil
}

// settings plays the settings of the next round.
func (w *watch) settings() activities.Found {
	w.t.Helper()
	w.round = w.round.Add(time.Hour)
	found, err := w.run(activities.SettingsActivity, activities.Round{At: w.round})
	require.NoError(w.t, err)
	return found
}

func (w *watch) hotels() activities.Found {
	w.t.Helper()
	w.round = w.round.Add(time.Hour)
	found, err := w.run(activities.HotelsActivity, activities.Page{At: w.round, Most: 10})
	require.NoError(w.t, err)
	return found
}

func TestANameThatTurnsElsewhere(t *testing.T) {
	t.Parallel()
	w := open(t)
	require.Equal(t, activities.Found{Checked: 1, Changed: 1}, w.settings())
	require.Equal(t, activities.Found{Checked: 1}, w.settings())
	w.world.turn(vault, "vault.us-east-1.amazonaws.com")
	require.Equal(t, activities.Found{Checked: 1, Refused: 1, Changed: 1}, w.settings())
	require.Equal(t, activities.Found{Checked: 1, Refused: 1}, w.settings(), "it is told once")
	require.Equal(t, 1, strings.Count(w.Log.String(), "not known to be in the EU any more"))
	tasks, err := w.Ledger.Tasks(t.Context(), registry.System)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	require.Equal(t, activities.TaskKind, tasks[0].Kind)
	require.Contains(t, tasks[0].Detail, "us-east-1")
	require.Len(t, w.diary.changes, 2)
	w.world.turn(vault, vault)
	require.Equal(t, activities.Found{Checked: 1, Changed: 1}, w.settings())
	families, err := w.metrics.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "eu_region_drift_total", families[0].GetName())
	counted := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		counted[m.GetLabel()[1].GetValue()] += m.GetCounter().GetValue()
	}
	require.Equal(t, map[string]float64{"FAIL": 1, "PASS": 1, "UNKNOWN": 0}, counted)
	require.Len(t, families[0].GetMetric(), 2*len(region.Roles())+1, "what an alert watches is there from the start")
}

func TestAnAttestationThatRunsOut(t *testing.T) {
	t.Parallel()
	w := open(t)
	none := w.hotels()
	require.Equal(t, 3, none.Checked)
	require.Equal(t, 3, none.Refused, "nobody attested")
	require.Equal(t, w.Hotel.ID, none.Last)
	tasks, err := w.Ledger.Tasks(t.Context(), w.Hotel.ID)
	require.NoError(t, err)
	require.Len(t, tasks, 3, "the hotel's own tasks")
	_, err = w.Registry.Attest(t.Context(), registry.Attestation{
		Hotel: w.Hotel.ID, By: "GM", Document: "c.pdf", SHA256: strings.Repeat("ab", 32), Until: time.Now().Add(time.Hour),
		Hosts: []string{"api.apaleo.com", "identity.apaleo.com", "webhook.apaleo.com"},
	})
	require.NoError(t, err)
	require.Zero(t, w.hotels().Refused)
	// The database's row is what a clock that went on would find.
	w.Database.Admin(t, "update hotel_attestation set until = now() - interval '1 hour'")
	again, err := registry.New(w.Database.Pool(t)) // with nothing in memory
	require.NoError(t, err)
	w.Hotels = again
	require.Equal(t, 3, w.hotels().Refused)
	require.Contains(t, w.Log.String(), "ran out")
}

// TestNewsThatNobodyHeard are told again by the next attempt.
func TestNewsThatNobodyHeard(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.diary.fails = errors.New("the audit log is away")
	_, err := w.run(activities.SettingsActivity, activities.Round{At: w.round})
	require.ErrorContains(t, err, "away")
	w.diary.fails = nil
	found, err := w.run(activities.SettingsActivity, activities.Round{At: w.round})
	require.NoError(t, err)
	require.Equal(t, 1, found.Changed)
	found, err = w.run(activities.SettingsActivity, activities.Round{At: w.round})
	require.NoError(t, err)
	require.Zero(t, found.Changed, "a repeated attempt")
	require.Len(t, w.diary.changes, 1)
}
