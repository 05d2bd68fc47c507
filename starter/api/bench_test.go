package api

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voicehive/voicehive/connectors/pms"
)

// BenchmarkAvailability is what the API costs on top of the starter, beside a
// handler that does nothing.
func BenchmarkAvailability(b *testing.B) {
	handler, err := New(Options{
		Starter: &fakeStarter{offers: make([]pms.Offer, 6)}, Auth: fakeAuth{}, Registerer: prometheus.NewRegistry(),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	empty := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}\n")) })
	for name, h := range map[string]http.Handler{"api": handler, "empty": empty} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, hotel+"/availability?arrival=2027-05-14&departure=2027-05-16&adults=2", nil)
				r.Header.Set("Authorization", "Bearer agent")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
