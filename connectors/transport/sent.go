package transport

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
)

// sent finds out whether a whole request may have reached the vendor. It errs
// towards "maybe": only a request that got no connection, or of which writing
// failed midway over HTTP/1, is known not to have been taken, since a server
// cannot act on a request that it has only a part of. For HTTP/1 net/http waits
// for its writer before it returns an error, so the hooks have been called by
// then; HTTP/2 promises no such thing.
type sent struct {
	mu        sync.Mutex
	connected bool
	http2     bool
	broken    bool
}

func (s *sent) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			s.mu.Lock()
			defer s.mu.Unlock()
			// A repeat on another connection starts anew.
			s.connected, s.broken, s.http2 = true, false, false
			if c, ok := info.Conn.(*tls.Conn); ok {
				s.http2 = c.ConnectionState().NegotiatedProtocol == "h2"
			}
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.broken = info.Err != nil
		},
	})
}

func (s *sent) maybe() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connected && !(s.broken && !s.http2)
}
