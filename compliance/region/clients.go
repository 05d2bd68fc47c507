package region

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/resolver"
)

// Equip makes an HTTP transport connect through the dialer. The request's own
// host is asked about too where a proxy of the environment stands between; then
// the proxy resolves the name, and which address it takes is the proxy's.
func (d *Dialer) Equip(t *http.Transport) {
	t.DialContext = d.DialContext
	t.DialTLSContext = nil
	t.Proxy = d.Proxy
}

// Proxy chooses the proxy as http.ProxyFromEnvironment does, for hosts that may
// be connected to.
func (d *Dialer) Proxy(r *http.Request) (*url.URL, error) {
	proxy, err := d.guard.proxyFor(r.URL)
	if err != nil {
		return nil, errors.New("region: HTTP_PROXY or HTTPS_PROXY cannot be read")
	}
	if proxy == nil {
		return nil, nil
	}
	host, err := ParseHost(r.URL.Hostname())
	if err != nil {
		return nil, d.refuse(Host{}, &refusal{"host", err.Error()})
	}
	if _, err := d.permit(host); err != nil {
		return nil, err
	}
	return proxy, nil
}

// Transport returns a transport of its own that connects through the dialer.
// A redirect to elsewhere meets the dialer as any request does.
func (d *Dialer) Transport() *http.Transport {
	t := &http.Transport{
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    16,
		MaxConnsPerHost:        64,
		MaxResponseHeaderBytes: 64 << 10,
		IdleConnTimeout:        30 * time.Second,
	}
	d.Equip(t)
	return t
}

// GRPC are the options with which a gRPC client connects through the dialer.
// The client's own resolver would hand over addresses without their name, so
// one takes its place that keeps the name. No proxy is used.
func (d *Dialer) GRPC() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			if path, ok := strings.CutPrefix(address, "unix:"); ok {
				return d.DialContext(ctx, "unix", strings.TrimPrefix(path, "//"))
			}
			return d.DialContext(ctx, "tcp", address)
		}),
		grpc.WithResolvers(nameKeeper{}),
	}
}

// nameKeeper resolves a target to itself.
type nameKeeper struct{}

// Scheme implements resolver.Builder: it replaces the resolver that is the
// default.
func (nameKeeper) Scheme() string { return "dns" }

// Build implements resolver.Builder.
func (nameKeeper) Build(target resolver.Target, conn resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	address := target.Endpoint()
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), "443") // as the resolver it replaces
	}
	return nameKeeper{}, conn.UpdateState(resolver.State{Addresses: []resolver.Address{{Addr: address}}})
}

// ResolveNow implements resolver.Resolver.
func (nameKeeper) ResolveNow(resolver.ResolveNowOptions) {}

// Close implements resolver.Resolver.
func (nameKeeper) Close() {}
