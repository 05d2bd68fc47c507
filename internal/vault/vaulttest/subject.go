package vaulttest

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
)

// What a subject has: a KV engine of version 2, and roles that may use what
// lies below Allowed and nothing below Forbidden.
const (
	Mount     = "secret"
	Allowed   = "voicehive/hotels"
	Forbidden = "voicehive/keys"
)

// A Subject is a Vault under test.
type Subject interface {
	// Options say where it is; the login is missing.
	Options() vault.Options
	// AppRole makes a role whose tokens live as long as told, in whole seconds.
	AppRole(t testing.TB, ttl, max time.Duration) (roleID, secretID string)
	// Kubernetes makes a role and returns its name and the token of a service
	// account that may log in with it.
	Kubernetes(t testing.TB) (role, account string)
	// Plant writes an entry past the client under test.
	Plant(t testing.TB, path string, data map[string]any)
	// Delete deletes the newest version of an entry, as an operator does.
	Delete(t testing.TB, path string)
	// RevokeAll ends all tokens that logins gave out.
	RevokeAll(t testing.TB)
	// Tokens counts the tokens of logins that are alive.
	Tokens(t testing.TB) int
	// Seal seals it for good.
	Seal(t testing.TB)
}

var _ Subject = (*Fake)(nil)

// Options implements Subject.
func (f *Fake) Options() vault.Options { return vault.Options{Address: f.URL} }

// AppRole implements Subject.
func (f *Fake) AppRole(_ testing.TB, ttl, max time.Duration) (roleID, secretID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	roleID = "role" + strconv.Itoa(len(f.roles))
	f.roles[roleID] = role{secret: "secret-of-" + roleID, ttl: ttl, max: max}
	return roleID, "secret-of-" + roleID
}

// Kubernetes implements Subject.
func (f *Fake) Kubernetes(t testing.TB) (role, account string) {
	return f.AppRole(t, time.Minute, time.Hour)
}

// Plant implements Subject.
func (f *Fake) Plant(_ testing.TB, path string, data map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.entries[path] == nil {
		f.entries[path] = &entry{}
	}
	f.entries[path].versions = append(f.entries[path].versions, version{data: data, created: time.Now()})
}

// Delete implements Subject.
func (f *Fake) Delete(_ testing.TB, path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	versions := f.entries[path].versions
	versions[len(versions)-1].data, versions[len(versions)-1].deleted = nil, time.Now()
}

// RevokeAll implements Subject.
func (f *Fake) RevokeAll(testing.TB) {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.tokens)
	f.endLeases(f.orphaned)
}

// Tokens implements Subject.
func (f *Fake) Tokens(testing.TB) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.tokens)
}

// Seal implements Subject.
func (f *Fake) Seal(t testing.TB) { f.Become(t, Sealed) }

// Down makes it drop every connection, or serve again.
func (f *Fake) Down(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

// Logins counts the logins that succeeded.
func (f *Fake) Logins() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.logins
}

// SecretFile writes a secret to a file of its own.
func SecretFile(t testing.TB, secret string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(secret+"\n"), 0o600))
	return path
}

// Open returns a client that logs in as a new role with long tokens.
func Open(t testing.TB, s Subject) *vault.Client {
	t.Helper()
	return openFor(t, s, time.Hour, 24*time.Hour)
}

func openFor(t testing.TB, s Subject, ttl, max time.Duration) *vault.Client {
	t.Helper()
	roleID, secretID := s.AppRole(t, ttl, max)
	return openWith(t, s, vault.AppRole{RoleID: roleID, SecretIDFile: SecretFile(t, secretID)})
}

func openWith(t testing.TB, s Subject, login vault.Login) *vault.Client {
	t.Helper()
	o := s.Options()
	o.Login = login
	client, err := vault.New(o)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}
