package apaleo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve serves a handler, usually a Sandbox or a Sandbox behind a spec check,
// on a listener until ctx ends. It closes the listener. Held answers do not
// delay the end: close the Sandbox after ctx ended, or let the process go.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		// No write time-out: an answer may be held for as long as a test likes.
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve the apaleo sandbox: %w", err)
	case <-ctx.Done():
	}
	// A grace period for answers under way, then the rest is cut.
	grace, stop := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer stop()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("stop the apaleo sandbox: %w", err)
	}
	return nil
}
