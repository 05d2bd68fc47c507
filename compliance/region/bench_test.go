package region_test

import (
	"net"
	"testing"

	"github.com/voicehive/voicehive/compliance/region"
)

// BenchmarkDial is what the guard adds to a connection on this machine, beside
// the connection alone.
func BenchmarkDial(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	rules, err := region.Default()
	if err != nil {
		b.Fatal(err)
	}
	guard, err := region.New(region.Options{Rules: rules, Resolver: names{"api.mews.com": {"127.0.0.1"}}})
	if err != nil {
		b.Fatal(err)
	}
	var plain net.Dialer
	for name, dial := range map[string]func() (net.Conn, error){
		"plain": func() (net.Conn, error) { return plain.DialContext(b.Context(), "tcp", "127.0.0.1:"+port) },
		"guarded": func() (net.Conn, error) {
			return guard.For(region.System).DialContext(b.Context(), "tcp", "api.mews.com:"+port)
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				conn, err := dial()
				if err != nil {
					b.Fatal(err)
				}
				_ = conn.Close()
			}
		})
	}
}

// BenchmarkName is what a hotel's call pays to know that it may be made.
func BenchmarkName(b *testing.B) {
	rules, err := region.Default()
	if err != nil {
		b.Fatal(err)
	}
	guard, err := region.New(region.Options{Rules: rules})
	if err != nil {
		b.Fatal(err)
	}
	e := region.Endpoint{Name: "X", Role: region.System, Address: "https://api.mews.com"}
	for b.Loop() {
		guard.Name(e)
	}
}
