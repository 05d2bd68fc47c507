package vaulttest

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/vault"
)

const value = "stored-and-very-secret"

// Contract runs what a client must do on subjects that start makes, one for
// each test.
func Contract(t *testing.T, start func(t testing.TB) Subject) {
	tests := map[string]func(*testing.T, Subject){
		"reads what it wrote":                  reads,
		"writes only after the version it saw": checksAndSets,
		"one of many writers wins":             races,
		"knows what was deleted":               deletes,
		"lists a folder":                       lists,
		"is denied what the policy forbids":    denied,
		"refuses a wrong secret id":            wrongSecret,
		"logs in with a service account":       kubernetes,
		"takes a token from a file":            tokenFile,
		"logs in again after a revocation":     revoked,
		"outlives its token's ttl":             renewed,
		"outlives its token's longest life":    relogged,
		"gives its token back":                 closed,
		"tells that it is sealed":              sealed,
	}
	maps.Copy(tests, transitTests())
	maps.Copy(tests, databaseTests())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t))
		})
	}
}

func entryName(name string) string { return Allowed + "/" + name }

func reads(t *testing.T, s Subject) {
	kv := Open(t, s).KV(Mount)
	_, err := kv.Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrNotFound)
	_, err = kv.Version(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrNotFound)
	data := map[string]any{"kind": "x", "secret": value, "list": []any{"a", "b"}, "deep": map[string]any{"ü": "ß"}}
	before := time.Now().Add(-time.Minute)
	version, err := kv.Write(t.Context(), entryName("aurora"), data, 0)
	require.NoError(t, err)
	require.Equal(t, 1, version)
	found, err := kv.Read(t.Context(), entryName("aurora"))
	require.NoError(t, err)
	require.Equal(t, data, found.Data)
	require.Equal(t, 1, found.Version)
	require.True(t, found.Written.After(before), found.Written)
	version, err = kv.Version(t.Context(), entryName("aurora"))
	require.NoError(t, err)
	require.Equal(t, 1, version)
}

func checksAndSets(t *testing.T, s Subject) {
	kv := Open(t, s).KV(Mount)
	write := func(after int) (int, error) {
		return kv.Write(t.Context(), entryName("aurora"), map[string]any{"secret": value, "after": fmt.Sprint(after)}, after)
	}
	_, err := write(1)
	require.ErrorIs(t, err, vault.ErrConflict, "there is none yet")
	_, err = write(0)
	require.NoError(t, err)
	version, err := write(1)
	require.NoError(t, err)
	require.Equal(t, 2, version)
	for _, stale := range []int{0, 1, 3} {
		_, err = write(stale)
		require.ErrorIs(t, err, vault.ErrConflict, stale)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), value)
	}
	found, err := kv.Read(t.Context(), entryName("aurora"))
	require.NoError(t, err)
	require.Equal(t, "1", found.Data["after"])
}

func races(t *testing.T, s Subject) {
	kv := Open(t, s).KV(Mount)
	var won atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := kv.Write(t.Context(), entryName("aurora"), map[string]any{"secret": value}, 0); err == nil {
				won.Add(1)
			}
		})
	}
	wait.Wait()
	require.Equal(t, int32(1), won.Load())
}

func deletes(t *testing.T, s Subject) {
	kv := Open(t, s).KV(Mount)
	s.Plant(t, entryName("aurora"), map[string]any{"secret": value})
	s.Plant(t, entryName("aurora"), map[string]any{"secret": value})
	s.Delete(t, entryName("aurora"))
	found, err := kv.Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrNotFound)
	_, err = kv.Version(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrNotFound)
	require.Equal(t, 2, found.Version, "the next write comes after it")
	version, err := kv.Write(t.Context(), entryName("aurora"), map[string]any{"secret": value}, found.Version)
	require.NoError(t, err)
	require.Equal(t, 3, version)
}

func lists(t *testing.T, s Subject) {
	kv := Open(t, s).KV(Mount)
	names, err := kv.List(t.Context(), Allowed)
	require.NoError(t, err)
	require.Empty(t, names)
	for _, name := range []string{"b", "a", "group/c"} {
		s.Plant(t, entryName(name), map[string]any{"secret": value})
	}
	names, err = kv.List(t.Context(), Allowed)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "group/"}, names)
	names, err = kv.List(t.Context(), Allowed+"/group")
	require.NoError(t, err)
	require.Equal(t, []string{"c"}, names)
}

func denied(t *testing.T, s Subject) {
	kv := Open(t, s).KV(Mount)
	s.Plant(t, Forbidden+"/master", map[string]any{"secret": value})
	_, err := kv.Read(t.Context(), Forbidden+"/master")
	require.ErrorIs(t, err, vault.ErrDenied)
	require.ErrorContains(t, err, Forbidden)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), value)
	_, err = kv.Write(t.Context(), Forbidden+"/master", map[string]any{"secret": value}, 1)
	require.ErrorIs(t, err, vault.ErrDenied)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), value)
	_, err = kv.List(t.Context(), Forbidden)
	require.ErrorIs(t, err, vault.ErrDenied)
	if fake, ok := s.(*Fake); ok {
		require.Equal(t, 1, fake.Logins(), "the policy forbids it; another token would not help")
	}
}

func wrongSecret(t *testing.T, s Subject) {
	roleID, secretID := s.AppRole(t, time.Hour, time.Hour)
	file := SecretFile(t, "wrong-"+secretID)
	kv := openWith(t, s, vault.AppRole{RoleID: roleID, SecretIDFile: file}).KV(Mount)
	_, err := kv.Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrDenied)
	require.ErrorContains(t, err, "auth/approle/login")
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), secretID)

	// The file is read again at the next login: nobody restarts anything.
	overwrite(t, file, secretID)
	_, err = kv.Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrNotFound)
}

func kubernetes(t *testing.T, s Subject) {
	role, account := s.Kubernetes(t)
	kv := openWith(t, s, vault.Kubernetes{Role: role, TokenFile: SecretFile(t, account)}).KV(Mount)
	_, err := kv.Write(t.Context(), entryName("aurora"), map[string]any{"secret": value}, 0)
	require.NoError(t, err)
	kv = openWith(t, s, vault.Kubernetes{Role: role + "-other", TokenFile: SecretFile(t, account)}).KV(Mount)
	_, err = kv.Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrDenied)
	require.NotContains(t, err.Error(), account)
}

func tokenFile(t *testing.T, s Subject) {
	file := SecretFile(t, issue(t, s))
	client := openWith(t, s, vault.TokenFile{Path: file})
	_, err := client.KV(Mount).Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrNotFound)
	// Whoever fetched the token may still use it.
	client.Close()
	client = openWith(t, s, vault.TokenFile{Path: file})
	_, err = client.KV(Mount).Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrNotFound)
	// Another token in the file is taken when this one ends.
	s.RevokeAll(t)
	_, err = client.KV(Mount).Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrDenied)
	overwrite(t, file, issue(t, s))
	_, err = client.KV(Mount).Read(t.Context(), entryName("aurora"))
	require.ErrorIs(t, err, vault.ErrNotFound)
}

func sealed(t *testing.T, s Subject) {
	kv := Open(t, s).KV(Mount)
	s.Plant(t, entryName("aurora"), map[string]any{"secret": value})
	_, err := kv.Read(t.Context(), entryName("aurora"))
	require.NoError(t, err)
	late := Open(t, s).KV(Mount)
	s.Seal(t)
	for _, each := range []*vault.KV{kv, late} {
		_, err = each.Read(t.Context(), entryName("aurora"))
		require.ErrorIs(t, err, vault.ErrSealed)
		require.NotErrorIs(t, err, vault.ErrUnavailable)
	}
}
