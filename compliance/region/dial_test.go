//go:build unix

package region_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

// A field is a guard in development with a log and metrics to look at.
type field struct {
	*region.Guard
	metrics *prometheus.Registry
	log     *strings.Builder
}

func openField(t *testing.T, world region.Resolver, change func(*region.Options), endpoints ...region.Endpoint) field {
	t.Helper()
	f := field{metrics: prometheus.NewPedanticRegistry(), log: &strings.Builder{}}
	f.Guard = guard(t, func(o *region.Options) {
		o.Production, o.Resolver, o.Registerer, o.Endpoints = false, world, f.metrics, endpoints
		o.Logger = slog.New(slog.NewTextHandler(f.log, nil))
		if change != nil {
			change(o)
		}
	})
	return f
}

func (f field) refusals(t *testing.T) int {
	t.Helper()
	n := 0
	families, err := f.metrics.Gather()
	require.NoError(t, err)
	for _, family := range families {
		require.Equal(t, "eu_region_violation_total", family.GetName())
		for _, m := range family.GetMetric() {
			n += int(m.GetCounter().GetValue())
		}
	}
	return n
}

func server(t *testing.T, handler http.HandlerFunc) (host, port string) {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	host, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	require.NoError(t, err)
	return host, port
}

func get(t *testing.T, d *region.Dialer, address string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	transport := d.Transport()
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

func TestHTTPThroughTheGuard(t *testing.T) {
	t.Parallel()
	elsewhere := make(chan string, 10)
	_, port := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, <-elsewhere, http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "hello "+r.Host)
	})
	// In development a name may lead to this machine.
	f := openField(t, names{"vault.example": {"127.0.0.1"}, "api.mews.com": {"127.0.0.1"}, "jane-doe.evil.example": {"127.0.0.1"}}, nil,
		region.Endpoint{Name: "VAULT_ADDR", Role: region.Vault, Address: "http://vault.example"},
		region.Endpoint{Name: "DATABASE_URL", Role: region.Database, Address: "postgres://u:p@127.0.0.1/x"})
	body, err := get(t, f.For(region.Vault), "http://VAULT.example.:"+port+"/")
	require.NoError(t, err)
	require.Contains(t, body, "hello")
	_, err = get(t, f.For(region.System), "http://api.mews.com:"+port+"/")
	require.NoError(t, err, "hotels are known while running")
	require.Zero(t, f.refusals(t))

	for _, address := range []string{"http://127.0.0.1:" + port, "http://api.mews.com:" + port, "http://nowhere.example:" + port, "http://2130706433:" + port} {
		_, err = get(t, f.For(region.Vault), address)
		require.ErrorIs(t, err, region.ErrRefused, address)
	}
	require.Equal(t, 4, f.refusals(t))
	_, err = get(t, f.For(region.System), "http://s3.amazonaws.com:"+port)
	require.ErrorIs(t, err, region.ErrRefused)

	elsewhere <- "http://jane-doe.evil.example:" + port + "/"
	_, err = get(t, f.For(region.Vault), "http://vault.example:"+port+"/redirect")
	require.ErrorIs(t, err, region.ErrRefused)
	require.Contains(t, f.log.String(), "*.evil.example")
	require.NotContains(t, f.log.String(), "jane-doe", "a host from outside may hold anything")
}

// TestARebindingNameIsNotFollowed: the address that was checked is the one that
// is dialled, so what a name says a moment later does not matter.
func TestARebindingNameIsNotFollowed(t *testing.T) {
	t.Parallel()
	_, port := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inner secret") })
	world := &rebinding{}
	f := openField(t, world, func(o *region.Options) { o.Production = true },
		region.Endpoint{Name: "VAULT_ADDR", Role: region.Vault, Address: "http://" + frankfurt})
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the first address is nobody's: what counts is where it tries to go
	_, err := f.For(region.Vault).DialContext(ctx, "tcp", frankfurt+":"+port)
	require.Error(t, err)
	require.NotErrorIs(t, err, region.ErrRefused)
	require.Equal(t, int32(1), world.asked.Load(), "the name is resolved once for a connection")
	_, err = f.For(region.Vault).DialContext(t.Context(), "tcp", frankfurt+":"+port)
	require.ErrorIs(t, err, region.ErrRefused)
	require.ErrorContains(t, err, "this machine")
}

// rebinding answers with a fine address first and then with this machine.
type rebinding struct{ asked atomic.Int32 }

func (r *rebinding) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	if r.asked.Add(1) == 1 {
		return []netip.Addr{netip.MustParseAddr("198.51.100.7")}, nil
	}
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}
func (r *rebinding) LookupCNAME(_ context.Context, host string) (string, error) {
	return host + ".", nil
}

func TestProxiesAreClassified(t *testing.T) {
	t.Parallel()
	host, port := server(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "through the proxy to "+r.URL.Host)
	})
	proxy, err := url.Parse("http://" + host + ":" + port)
	require.NoError(t, err)
	through := func(endpoints ...region.Endpoint) field {
		f := openField(t, names{}, nil, endpoints...)
		region.WithProxy(f.Guard, func(*url.URL) (*url.URL, error) { return proxy, nil })
		return f
	}
	vault := region.Endpoint{Name: "VAULT_ADDR", Role: region.Vault, Address: "http://vault.example"}
	f := through(vault, region.Endpoint{Name: "HTTP_PROXY", Role: region.Proxy, Address: proxy.String()})
	body, err := get(t, f.For(region.Vault), "http://vault.example/")
	require.NoError(t, err)
	require.Equal(t, "through the proxy to vault.example", body)
	_, err = get(t, f.For(region.Vault), "http://s3.amazonaws.com/")
	require.ErrorIs(t, err, region.ErrRefused, "a proxy opens no way to others")
	_, err = get(t, through(vault).For(region.Vault), "http://vault.example/")
	require.ErrorIs(t, err, region.ErrRefused, "a proxy that no setting names")
}

func TestGRPCThroughTheGuard(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(served, health.NewServer())
	go func() { _ = served.Serve(listener) }()
	t.Cleanup(served.Stop)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)

	f := openField(t, names{"riva.example": {"127.0.0.1"}, "other.example": {"127.0.0.1"}, "localhost": {"127.0.0.1"}}, nil,
		region.Endpoint{Name: "RIVA_ADDRESS", Role: region.Speech, Address: "riva.example:50051"})
	ask := func(target string) error {
		conn, err := grpc.NewClient(target, append(f.For(region.Speech).GRPC(), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
		require.NoError(t, err)
		defer conn.Close()
		_, err = grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		return err
	}
	require.NoError(t, ask("riva.example:"+port), "the name reaches the guard, not an address")
	require.NoError(t, ask("dns:///riva.example:"+port))
	require.NoError(t, ask("passthrough:///riva.example:"+port))
	require.Zero(t, f.refusals(t))
	require.ErrorContains(t, ask("other.example:"+port), "refused")
	require.ErrorContains(t, ask("127.0.0.1:"+port), "refused", "an address that no setting names")
	require.Positive(t, f.refusals(t))
}

func TestPostgresThroughTheGuard(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t, postgres.Migrations)
	hosts, err := region.Hosts(region.Database, database.URL)
	require.NoError(t, err)
	f := openField(t, names{"localhost": {"127.0.0.1"}}, nil, region.Endpoint{Name: "DATABASE_URL", Role: region.Database, Address: database.URL})
	pool := database.Pool(t, postgres.WithDial(f.For(region.Database).DialContext))
	require.NoError(t, pool.Ping(t.Context()), "%v", hosts)
	require.Zero(t, f.refusals(t))

	none := openField(t, names{}, func(o *region.Options) { o.Production = true })
	_, err = postgres.Open(t.Context(), database.URL, postgres.WithDial(none.For(region.Database).DialContext), postgres.WithPatience(1))
	require.Error(t, err)
	err = postgres.Migrate(t.Context(), database.OwnerURL, postgres.Migrations, postgres.MigrateThrough(none.For(region.Database).DialContext))
	require.ErrorIs(t, err, region.ErrRefused)
	require.Positive(t, none.refusals(t))
}

func TestWhatIsNotDialled(t *testing.T) {
	t.Parallel()
	f := openField(t, everywhere{}, func(o *region.Options) { o.Production = true })
	for address, network := range map[string]string{
		"s3.eu-central-1.amazonaws.com:443": "udp", "s3.eu-central-1.amazonaws.com": "tcp", "s3.eu-central-1.amazonaws.com:0": "tcp",
		"ünïcode.example:1": "tcp", "/run/x.sock": "unix", "169.254.169.254:80": "tcp", "[::1%lo]:1": "tcp", "0x7f.1:80": "tcp",
	} {
		_, err := f.For(region.System).DialContext(t.Context(), network, address)
		require.ErrorIs(t, err, region.ErrRefused, address)
	}
	require.Equal(t, 8, f.refusals(t))
}

func TestANameThatDoesNotResolveIsNoRefusal(t *testing.T) {
	t.Parallel()
	f := openField(t, names{}, func(o *region.Options) { o.Production = true })
	_, err := f.For(region.System).DialContext(t.Context(), "tcp", "api.mews.com:443")
	require.Error(t, err)
	require.False(t, errors.Is(err, region.ErrRefused))
	require.Zero(t, f.refusals(t))
}
