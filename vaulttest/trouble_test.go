package vaulttest

import (
	"io"
	"net"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	core "github.com/hashicorp/vault/vault"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/postgres"
	"github.com/voicehive/voicehive/internal/postgres/leased"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

// A wire stands between a client and its Vault, and can be bad.
type wire struct {
	to      string
	address string

	mu      sync.Mutex
	state   vaulttest.Trouble // slow swallows what is sent, gone drops
	changed chan struct{}
	open    map[net.Conn]bool
}

func newWire(t testing.TB, address string) *wire {
	at, err := url.Parse(address)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{to: at.Host, address: "https://" + listener.Addr().String(), changed: make(chan struct{}), open: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = listener.Close(); w.become(vaulttest.Gone) })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(conn)
		}
	}()
	return w
}

// become changes the wire's state; what was connected is cut.
func (w *wire) become(state vaulttest.Trouble) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state == state {
		return
	}
	w.state = state
	close(w.changed)
	w.changed = make(chan struct{})
	for conn := range w.open {
		_ = conn.Close()
	}
}

func (w *wire) carry(conn net.Conn) {
	w.mu.Lock()
	state, changed := w.state, w.changed
	w.open[conn] = true
	w.mu.Unlock()
	defer func() {
		_ = conn.Close()
		w.mu.Lock()
		delete(w.open, conn)
		w.mu.Unlock()
	}()
	switch state {
	case vaulttest.Gone:
		return
	case vaulttest.Slow:
		<-changed
		return
	}
	vault, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	go func() { _, _ = io.Copy(conn, vault); _ = conn.Close() }()
	_, _ = io.Copy(vault, conn)
	_ = vault.Close()
}

// TestAVaultInTrouble: sealed, slow or gone, each has a name of its own, and
// nobody restarts anything when it is over. A pool on leased logins goes on.
func TestAVaultInTrouble(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.furnish(t)
	w := newWire(t, s.root.Address())
	roleID, secretID := s.appRole(t, []string{"worker", "sequencer"}, time.Hour, time.Hour)
	client, err := vault.New(vault.Options{
		Address: w.address, CACert: s.ca, Timeout: time.Second,
		Login: vault.AppRole{RoleID: roleID, SecretIDFile: vaulttest.SecretFile(t, secretID)},
	})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	pool, err := postgres.Open(t.Context(), s.lendingURL(t), postgres.WithCredentials(leased.From(client.Database(vaulttest.DatabaseMount), vaulttest.DatabaseRole)))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	keys := s.cluster.BarrierKeys
	isSealed := false
	become := func(t testing.TB, trouble vaulttest.Trouble) {
		switch trouble {
		case vaulttest.Sealed:
			require.NoError(t, s.root.Sys().SealWithContext(t.Context()))
			isSealed = true
			return
		case vaulttest.Well:
			if isSealed {
				s.unseal(t, keys, client)
				isSealed = false
			}
		}
		w.become(trouble)
	}
	vaulttest.Troubles(t, client, become, func() {
		require.NoError(t, pool.InTenant(t.Context(), "aurora", func(tx pgx.Tx) error { return tx.Conn().Ping(t.Context()) }))
	})
}

// unseal opens a Vault and waits until it serves: its engines take a moment.
func (s *real) unseal(t testing.TB, keys [][]byte, client *vault.Client) {
	t.Helper()
	for _, key := range keys {
		_, err := s.cluster.Cores[0].Unseal(core.TestKeyCopy(key))
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		_, err := client.Transit(vaulttest.TransitMount).EncryptBatch(t.Context(), vaulttest.TroubledWrapping, []vault.TransitItem{{Plaintext: []byte("key")}})
		return err == nil
	}, time.Minute, 50*time.Millisecond)
}

// TestASecretIDIsRotated: the old one is destroyed, the file gets the new one,
// and the next login takes it. Until then the error says what to look at.
func TestASecretIDIsRotated(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.furnish(t)
	const role = "auth/approle/role/rotated"
	s.write(t, role, map[string]any{"token_policies": "worker", "token_no_default_policy": true, "token_ttl": "1h"})
	found, err := s.root.Logical().ReadWithContext(t.Context(), role+"/role-id")
	require.NoError(t, err)
	old := s.write(t, role+"/secret-id", nil).Data["secret_id"].(string)
	file := vaulttest.SecretFile(t, old)
	o := s.Options()
	o.Login = vault.AppRole{RoleID: found.Data["role_id"].(string), SecretIDFile: file}
	client, err := vault.New(o)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	encrypt := func() error {
		_, err := client.Transit(vaulttest.TransitMount).EncryptBatch(t.Context(), "voicehive-dek-a", []vault.TransitItem{{Plaintext: []byte("key")}})
		return err
	}
	require.NoError(t, encrypt())
	s.write(t, role+"/secret-id/destroy", map[string]any{"secret_id": old})
	require.NoError(t, encrypt(), "its token lives on")
	s.RevokeAll(t)
	err = encrypt()
	require.ErrorIs(t, err, vault.ErrDenied)
	require.ErrorContains(t, err, "check the login's role and secret")
	require.NotContains(t, err.Error(), old)
	require.NoError(t, os.WriteFile(file, []byte(s.write(t, role+"/secret-id", nil).Data["secret_id"].(string)), 0o600))
	require.NoError(t, encrypt())
}
