// Package credentialstest has the tests that every credentials.Keeper must
// pass, whatever it keeps its entries in. The file store runs them beside its
// code, and the module in the folder vaulttest at the root of the repository
// runs them on a real Vault. For tests only.
package credentialstest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/credentials"
)

const value = "hunter2-very-secret"

// A Subject is a store under test.
type Subject struct {
	// Open returns a Keeper of the same entries, as another process has it.
	Open func(t testing.TB) credentials.Keeper
	// Plant writes an entry past the Keeper, as an operator does by hand.
	Plant func(t testing.TB, ref string, data map[string]any)
}

// Contract runs what a Keeper must do on subjects that start makes, one for
// each test.
func Contract(t *testing.T, start func(t testing.TB) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"keeps every kind":                     keeps,
		"has nothing at first":                 empty,
		"replaces what was seen only":          replaces,
		"lets one of many writers through":     races,
		"puts over what is there":              puts,
		"sees what was written by hand":        planted,
		"tells the field that is wrong":        broken,
		"stores nothing that is wrong":         refuses,
		"lists its references":                 lists,
		"forgets what is deleted":              deletes,
		"ends with its context":                ends,
		"keeps one refresher of a whole fleet": fleet,
		"keeps what an operator changed":       operator,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t))
		})
	}
}

// Samples are valid credentials of every kind.
func Samples() []credentials.Credentials {
	client := credentials.Credentials{ClientID: "id", ClientSecret: credentials.NewSecret(value), Scopes: []string{"offers.read", "reservations.manage"}}
	machine, code, password := client, client, client
	machine.Kind = credentials.ClientCredentials
	code.Kind, code.RefreshToken = credentials.AuthorizationCode, credentials.NewSecret("refresh-"+value)
	code.Access = credentials.Access{
		Token: credentials.NewSecret("access-" + value), EndsAt: time.Date(2026, 11, 22, 14, 0, 0, 123456789, time.UTC),
		ClaimedUntil: time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC), Scopes: []string{"offers.read"},
	}
	password.Kind, password.Username, password.Password = credentials.PasswordGrant, "hötel", credentials.NewSecret(value+` "quoted": {}#`)
	password.Headers = map[string]credentials.Secret{"x-app-key": credentials.NewSecret(value), "enterpriseId": credentials.NewSecret("12")}
	return []credentials.Credentials{
		machine, code, password,
		{Kind: credentials.APIKey, Key: credentials.NewSecret(value)},
		{Kind: credentials.BodyTokens, Tokens: map[string]credentials.Secret{
			"ClientToken": credentials.NewSecret(value), "AccessToken": credentials.NewSecret("0123"), "Client": credentials.NewSecret("VoiceHive 1.0"),
		}},
	}
}

func keeps(t *testing.T, s Subject) {
	for i, want := range Samples() {
		ref := fmt.Sprintf("group/hotel-%d", i)
		require.NoError(t, s.Open(t).Put(t.Context(), ref, want), want.Kind)
		got, err := s.Open(t).Credentials(t.Context(), ref)
		require.NoError(t, err, want.Kind)
		require.Equal(t, want, got)
	}
}

func empty(t *testing.T, s Subject) {
	keeper := s.Open(t)
	_, err := keeper.Credentials(t.Context(), "aurora")
	require.ErrorIs(t, err, credentials.ErrNotFound)
	require.ErrorContains(t, err, "aurora")
	_, err = keeper.Entry(t.Context(), "aurora")
	require.ErrorIs(t, err, credentials.ErrNotFound)
	_, err = keeper.Version(t.Context(), "aurora")
	require.ErrorIs(t, err, credentials.ErrNotFound)
	refs, err := keeper.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, refs)
}

func deletes(t *testing.T, s Subject) {
	keeper, other := s.Open(t), s.Open(t)
	require.NoError(t, keeper.Delete(t.Context(), "aurora"), "it never was")
	for _, ref := range []string{"aurora", "group/borealis"} {
		require.NoError(t, keeper.Put(t.Context(), ref, key("1")))
		require.NoError(t, keeper.Put(t.Context(), ref, key("2")))
	}
	for range 2 {
		require.NoError(t, other.Delete(t.Context(), "aurora"))
		_, err := keeper.Entry(t.Context(), "aurora")
		require.ErrorIs(t, err, credentials.ErrNotFound)
		_, err = keeper.Version(t.Context(), "aurora")
		require.ErrorIs(t, err, credentials.ErrNotFound)
		refs, err := keeper.List(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"group/borealis"}, refs)
	}
	require.ErrorIs(t, keeper.Delete(t.Context(), "../aurora"), credentials.ErrInvalid)
	_, err := keeper.Replace(t.Context(), "aurora", key("3"), "")
	require.NoError(t, err, "there may be another one")
	found, err := other.Credentials(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, key("3"), found)
}

func replaces(t *testing.T, s Subject) {
	keeper, other := s.Open(t), s.Open(t)
	first, second := key("1"), key("2")
	_, err := keeper.Replace(t.Context(), "aurora", first, "7")
	require.ErrorIs(t, err, credentials.ErrConflict, "there is no entry that could be seen")
	_, err = keeper.Replace(t.Context(), "aurora", first, "")
	require.NoError(t, err)
	_, err = keeper.Replace(t.Context(), "aurora", second, "")
	require.ErrorIs(t, err, credentials.ErrConflict)

	mine, err := keeper.Entry(t.Context(), "aurora")
	require.NoError(t, err)
	theirs, err := other.Entry(t.Context(), "aurora")
	require.NoError(t, err)
	same, err := keeper.Version(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, mine.Version, same)
	written, err := keeper.Replace(t.Context(), "aurora", second, mine.Version)
	require.NoError(t, err)
	require.NotEqual(t, mine.Version, written)
	_, err = other.Replace(t.Context(), "aurora", key("3"), theirs.Version)
	require.ErrorIs(t, err, credentials.ErrConflict)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), value)

	now, err := keeper.Entry(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, second, now.Credentials)
	require.Equal(t, written, now.Version)
	// Another entry's life is its own.
	require.NoError(t, other.Put(t.Context(), "borealis", first))
	same, err = keeper.Version(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, written, same)
}

func races(t *testing.T, s Subject) {
	require.NoError(t, s.Open(t).Put(t.Context(), "aurora", key("0")))
	var won atomic.Int32
	var wait sync.WaitGroup
	var writers [6]struct {
		keeper credentials.Keeper
		seen   credentials.Version
	}
	for i := range writers {
		w := &writers[i]
		var err error
		w.keeper = s.Open(t)
		w.seen, err = w.keeper.Version(t.Context(), "aurora")
		require.NoError(t, err)
	}
	for i, w := range writers {
		wait.Go(func() {
			if _, err := w.keeper.Replace(t.Context(), "aurora", key(fmt.Sprint(i+1)), w.seen); err == nil {
				won.Add(1)
			}
		})
	}
	wait.Wait()
	require.Equal(t, int32(1), won.Load())
}

func puts(t *testing.T, s Subject) {
	keeper := s.Open(t)
	var wait sync.WaitGroup
	var failed atomic.Int32
	for i := range 3 { // fewer than a Put's tries
		wait.Go(func() {
			if keeper.Put(t.Context(), "aurora", key(fmt.Sprint(i))) != nil {
				failed.Add(1)
			}
		})
	}
	wait.Wait()
	require.Zero(t, failed.Load())
	require.NoError(t, keeper.Put(t.Context(), "aurora", key("last")))
	got, err := keeper.Credentials(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, key("last"), got)
}

func planted(t *testing.T, s Subject) {
	keeper := s.Open(t)
	s.Plant(t, "aurora", map[string]any{"client_id": "id", "client_secret": value, "scopes": "offers.read, reservations.read"})
	entry, err := keeper.Entry(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, credentials.Credentials{
		Kind: credentials.ClientCredentials, ClientID: "id", ClientSecret: credentials.NewSecret(value),
		Scopes: []string{"offers.read", "reservations.read"},
	}, entry.Credentials)
	s.Plant(t, "aurora", map[string]any{"client_id": "id", "client_secret": "new-" + value})
	version, err := keeper.Version(t.Context(), "aurora")
	require.NoError(t, err)
	require.NotEqual(t, entry.Version, version)
}

func broken(t *testing.T, s Subject) {
	keeper := s.Open(t)
	require.NoError(t, keeper.Put(t.Context(), "sound", key("1")))
	for field, data := range map[string]map[string]any{
		"client_secret":         {"client_id": value},
		"client_id":             {"client_id": 12345, "client_secret": value},
		"kind":                  {"kind": value, "client_id": "id", "client_secret": value},
		"(unreadable)":          {"client_id": "id", "client_secret": value, value + ": oops": "x"},
		"client_secert":         {"client_id": "id", "client_secert": value},
		"api_key":               {"client_id": "id", "client_secret": value, "api_key": value},
		"username":              {"kind": "oauth2_password", "client_id": "id", "client_secret": value, "password": value},
		"body_tokens":           {"kind": "body_tokens", "body_tokens": value},
		"headers.x-app-key":     {"kind": "api_key", "api_key": value, "headers": map[string]any{"x-app-key": []any{value}}},
		"access_ends_at":        {"kind": "oauth2_authorization_code", "client_id": "id", "client_secret": value, "access_ends_at": value},
		"scopes":                {"client_id": "id", "client_secret": value, "scopes": []any{map[string]any{value: value}}},
		"body_tokens.Access-2_": {"kind": "body_tokens", "body_tokens": map[string]any{"Access-2_": value + "\n"}},
	} {
		s.Plant(t, "aurora", data)
		_, err := keeper.Credentials(t.Context(), "aurora")
		require.ErrorIs(t, err, credentials.ErrInvalid, field)
		var wrong *credentials.FieldError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, "aurora", wrong.Ref)
		require.Equal(t, field, wrong.Field)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), value)
		require.Contains(t, err.Error(), "aurora")
	}
	_, err := keeper.Credentials(t.Context(), "sound")
	require.NoError(t, err, "a broken entry is its own hotel's trouble")
	// What is broken can be repaired.
	require.NoError(t, keeper.Put(t.Context(), "aurora", key("1")))
}

func refuses(t *testing.T, s Subject) {
	keeper := s.Open(t)
	for _, ref := range []string{"", "../aurora", "a//b", "a/", "A", "a b", "a%2fb", strings.Repeat("a", 129), "a/../../sys"} {
		require.ErrorIs(t, keeper.Put(t.Context(), ref, key("1")), credentials.ErrInvalid, ref)
		_, err := keeper.Credentials(t.Context(), ref)
		require.ErrorIs(t, err, credentials.ErrInvalid, ref)
		_, err = keeper.Version(t.Context(), ref)
		require.ErrorIs(t, err, credentials.ErrInvalid, ref)
	}
	for _, c := range []credentials.Credentials{
		{}, {Kind: "magic"}, {Kind: credentials.APIKey}, {ClientID: "id"},
		{Kind: credentials.APIKey, Key: credentials.NewSecret(value), Username: "u"},
		{Kind: credentials.APIKey, Key: credentials.NewSecret(value + "\r\nHost: evil")},
		{Kind: credentials.BodyTokens, Tokens: map[string]credentials.Secret{"a b": credentials.NewSecret(value)}},
	} {
		err := keeper.Put(t.Context(), "aurora", c)
		require.ErrorIs(t, err, credentials.ErrInvalid)
		require.NotContains(t, err.Error(), value)
	}
	refs, err := keeper.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, refs)
}

func lists(t *testing.T, s Subject) {
	keeper := s.Open(t)
	want := []string{"aurora", "group-a", "group/one", "group/sub/two", "zenith"}
	for i := range want {
		require.NoError(t, keeper.Put(t.Context(), want[len(want)-1-i], key("1")))
	}
	got, err := keeper.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func ends(t *testing.T, s Subject) {
	keeper := s.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, keeper.Put(ctx, "aurora", key("1")), context.Canceled)
	_, err := keeper.Credentials(t.Context(), "aurora")
	require.ErrorIs(t, err, credentials.ErrNotFound)
}

func key(end string) credentials.Credentials {
	return credentials.Credentials{Kind: credentials.APIKey, Key: credentials.NewSecret(value + end)}
}
