package vaulttest

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// A Trouble is what can be wrong with a Vault.
type Trouble string

// The troubles, and none.
const (
	Well   Trouble = ""
	Sealed Trouble = "sealed" // it answers, and that it is sealed
	Slow   Trouble = "slow"   // it answers after slowness
	Gone   Trouble = "gone"   // nobody listens at its address
)

// slowness is longer than any client here waits.
const slowness = 30 * time.Second

// Become puts the fake into a trouble, or out of one. What it keeps, it keeps.
func (f *Fake) Become(t testing.TB, trouble Trouble) {
	t.Helper()
	f.mu.Lock()
	server := f.server
	f.trouble = trouble
	close(f.over) // who waits for a slow answer gets it now
	f.over = make(chan struct{})
	f.mu.Unlock()
	switch {
	case trouble == Gone && server != nil:
		server.CloseClientConnections()
		server.Close()
		f.mu.Lock()
		f.server = nil
		f.mu.Unlock()
	case trouble != Gone && server == nil:
		f.listen(t)
	}
}

// listen begins to serve: first on a free port, later on the same one. It lies
// below those that the system hands out by itself, so nobody takes it while
// the fake is gone.
func (f *Fake) listen(t testing.TB) {
	t.Helper()
	var listener net.Listener
	var err error
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(10_000))
		if f.URL != "" {
			address = f.URL[len("http://"):]
		}
		if listener, err = net.Listen("tcp", address); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatalf("vaulttest: the fake finds no port to listen on: %v", err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: f}}
	server.Start()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.server = server
	if f.URL == "" {
		f.URL = server.URL
	}
}

// dawdle waits as long as a slow Vault does.
func (f *Fake) dawdle(ctx context.Context) {
	f.mu.Lock()
	trouble, over := f.trouble, f.over
	f.mu.Unlock()
	if trouble != Slow {
		return
	}
	late := time.NewTimer(slowness)
	defer late.Stop()
	select {
	case <-late.C:
	case <-over:
	case <-ctx.Done():
	}
}

// Secrets are what clients showed and were given so far and nobody else may
// read: tokens, secret ids, and what Transit encrypted and decrypted.
func (f *Fake) Secrets() [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.passed)
}

// noting remembers what goes through an operation of Transit in plain.
func (f *Fake) noting(op func(map[string]any) (map[string]any, bool)) func(map[string]any) (map[string]any, bool) {
	return func(input map[string]any) (map[string]any, bool) {
		result, ok := op(input)
		for _, side := range []map[string]any{input, result} {
			if plain, err := base64.StdEncoding.DecodeString(text(side, "plaintext")); err == nil && len(plain) > 0 {
				f.passed = append(f.passed, plain)
			}
		}
		return result, ok
	}
}
