//go:build unix

package region_test

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/telemetry"
	"github.com/voicehive/voicehive/internal/vault"
)

var errSpans = errors.New("the spans were not delivered")

// connects is a proxy that takes note of each CONNECT and refuses it: whose
// certificate stands behind it is not what is tested here.
func connects(t *testing.T) (port string, asked <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	targets := make(chan string, 64)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				targets <- r.Method + " " + r.Host
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
			_ = conn.Close()
		}
	}()
	_, port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port, targets
}

// clientsOf are the clients that could use a proxy, each made as the product
// makes it.
func clientsOf(t *testing.T, g *region.Guard) map[string]func() error {
	t.Helper()
	client, err := vault.New(vault.Options{Address: "https://vault.example", Login: vault.TokenFile{Path: tokenFile(t)}, Equip: g.For(region.Vault).Equip})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return map[string]func() error{
		"vault": func() error { _, err := client.KV("secret").List(t.Context(), "x"); return err },
		"otel": func() error {
			traces, err := telemetry.NewTraces(t.Context(), telemetry.TraceOptions{Endpoint: "https://otel.example", Process: "test", Equip: g.For(region.Telemetry).Equip})
			if err != nil {
				return err
			}
			_, span := traces.Tracer("test").Start(t.Context(), "a span")
			span.End()
			_ = traces.Close(t.Context()) // spans that could not be delivered are no error of the process
			return errSpans
		},
		"identity": func() error { _, err := get(t, g.For(region.Identity), "https://id.example/"); return err },
	}
}

// TestOneWayForAllProxies is not parallel: proxies are in the environment.
func TestOneWayForAllProxies(t *testing.T) {
	port, asked := connects(t)
	endpoints := func(proxy string) []region.Endpoint {
		return []region.Endpoint{
			{Name: "VAULT_ADDR", Role: region.Vault, Address: "https://vault.example"},
			{Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Role: region.Telemetry, Address: "https://otel.example"},
			{Name: "VOICEHIVE_OIDC", Role: region.Identity, Address: "https://id.example"},
			{Name: "HTTPS_PROXY", Role: region.Proxy, Address: proxy},
		}
	}
	world := names{"proxy.eu-west-2.elb.amazonaws.com": {"127.0.0.1"}, "proxy.eu-central-1.elb.amazonaws.com": {"127.0.0.1"}}

	// In London: the start refuses, and so does every client that goes on.
	london := "http://u:hush@proxy.eu-west-2.elb.amazonaws.com:" + port
	t.Setenv("HTTPS_PROXY", london)
	f := openField(t, world, nil, endpoints(london)...)
	_, err := f.Start(t.Context())
	require.ErrorIs(t, err, region.ErrRefused)
	require.ErrorContains(t, err, "HTTPS_PROXY")
	require.NotContains(t, err.Error(), "hush")
	for name, call := range clientsOf(t, f.Guard) {
		before := f.refusals(t)
		require.Error(t, call(), name)
		require.Greater(t, f.refusals(t), before, name)
	}
	require.Empty(t, asked)

	// In Frankfurt: it is used by all, and a start's findings have it.
	frankfurt := "http://u:hush@proxy.eu-central-1.elb.amazonaws.com:" + port
	t.Setenv("HTTPS_PROXY", frankfurt)
	f = openField(t, world, nil, endpoints(frankfurt)...)
	findings, err := f.Start(t.Context())
	require.NoError(t, err)
	require.Equal(t, "HTTPS_PROXY", findings[3].Endpoint)
	require.Equal(t, "eu-central-1", findings[3].Region)
	for name, call := range clientsOf(t, f.Guard) {
		require.Error(t, call(), name) // the proxy refuses
		require.Equal(t, map[string]string{"vault": "CONNECT vault.example:443", "otel": "CONNECT otel.example:443", "identity": "CONNECT id.example:443"}[name], first(asked), name)
	}
	require.Zero(t, f.refusals(t))

	// Nobody's setting: the guard was made before somebody changed it.
	f = openField(t, world, nil, endpoints("")...)
	_, err = get(t, f.For(region.Vault), "https://vault.example/")
	require.ErrorIs(t, err, region.ErrRefused)
	require.Empty(t, asked)
}

func tokenFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(path, []byte("s.a-token-of-nobody"), 0o600))
	return path
}

// first is what was asked first since the last time, or "". A proxy takes note
// before it answers.
func first(asked <-chan string) (target string) {
	for {
		select {
		case next := <-asked:
			target = cmp.Or(target, next)
		default:
			return target
		}
	}
}
