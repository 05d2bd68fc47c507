package region

import (
	"net/http"
	"net/url"
)

// WithProxy makes the guard see a proxy in the environment; the library reads
// the real one once in a process.
func WithProxy(g *Guard, proxy func(*http.Request) (*url.URL, error)) { g.proxyFor = proxy }
