package region

import "net/url"

// WithProxy makes the guard see a proxy that also stands before this machine,
// which no environment's does.
func WithProxy(g *Guard, proxy func(*url.URL) (*url.URL, error)) { g.proxyFor = proxy }
