package credentials_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/credentials/credentialstest"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/vault"
	"github.com/voicehive/voicehive/internal/vault/vaulttest"
)

func TestFieldsOfTheWrongForm(t *testing.T) {
	t.Parallel()
	many := make([]any, 101)
	for i := range many {
		many[i] = "a"
	}
	code := func(more ...any) map[string]any {
		data := map[string]any{"kind": "oauth2_authorization_code", "client_id": "id", "client_secret": secret}
		for i := 0; i+1 < len(more); i += 2 {
			data[more[i].(string)] = more[i+1]
		}
		return data
	}
	for name, c := range map[string]struct {
		field string
		data  map[string]any
	}{
		"a scope with spaces":   {"scopes", code("scopes", []any{"a b"})},
		"too many scopes":       {"scopes", code("scopes", many)},
		"scopes by name":        {"scopes", code("scopes", map[string]any{"a": "b"})},
		"an empty text":         {"client_id", code("client_id", "")},
		"spaces around":         {"client_secret", code("client_secret", " "+secret)},
		"control characters":    {"client_secret", code("client_secret", "a\x00b"+secret)},
		"a very long text":      {"client_secret", code("client_secret", strings.Repeat("x", 17<<10))},
		"a time that is none":   {"claimed_until", code("claimed_until", 17)},
		"a header by bad name":  {"headers", code("headers", map[string]any{"a: b": "c"})},
		"a header by long name": {"headers", code("headers", map[string]any{strings.Repeat("x", 65): "c"})},
		"no headers in headers": {"headers", code("headers", map[string]any{})},
		"kind as number":        {"kind", map[string]any{"kind": 7}},
		"no entry at all":       {"client_id", nil},
	} {
		_, err := credentials.Parse("aurora", c.data)
		var wrong *credentials.FieldError
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, c.field, wrong.Field, name)
		require.NotContains(t, err.Error(), secret)
	}
	// YAML reads times as times, where nobody put them in quotes.
	at := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	parsed, err := credentials.Parse("aurora", code("access_token", "t", "access_ends_at", at))
	require.NoError(t, err)
	require.Equal(t, at, parsed.Access.EndsAt)
	require.Equal(t, "credentials a: reason", (&credentials.FieldError{Ref: "a", Reason: "reason"}).Error())
	var read struct{ Key credentials.Secret }
	require.NoError(t, yaml.Unmarshal([]byte("key: "+secret), &read))
	require.Equal(t, secret, read.Key.Reveal())
}

func TestChangeOfSomeFields(t *testing.T) {
	t.Parallel()
	fields, err := credentials.ParseText("aurora", []byte("client_secret: next\nscopes: null\n"))
	require.NoError(t, err)
	changed, err := client(secret, "a").Changed("aurora", fields)
	require.NoError(t, err)
	want := client("next")
	want.Kind = credentials.ClientCredentials
	require.Equal(t, want, changed)
	_, err = client(secret).Changed("aurora", map[string]any{"api_key": secret})
	require.ErrorIs(t, err, credentials.ErrInvalid)
	for _, text := range []string{"", "[" + secret, secret, "a: 1\na: 2"} {
		_, err = credentials.ParseText("aurora", []byte(text))
		require.ErrorIs(t, err, credentials.ErrInvalid)
		require.NotContains(t, err.Error(), secret)
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	ctx, one := t.Context(), client(secret)
	all := func(path, want string) {
		t.Helper()
		keeper := credentials.NewFileStore(path)
		_, err := keeper.Entry(ctx, "aurora")
		require.ErrorContains(t, err, want)
		_, err = keeper.Version(ctx, "aurora")
		require.ErrorContains(t, err, want)
		_, err = keeper.List(ctx)
		require.ErrorContains(t, err, want)
		err = keeper.Put(ctx, "aurora", one)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), secret)
		_, err = keeper.Replace(ctx, "aurora", one, "")
		require.Error(t, err)
	}
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	all(write("broken.yaml", "a: b\naurora: [\n"+secret), "look at line")
	all(write("text.yaml", secret), "is not YAML of the form")
	all(write("large.yaml", "# "+strings.Repeat("x", 1<<20)), "larger than")
	require.NoError(t, os.Mkdir(filepath.Join(folder, "dir"), 0o700))
	all(filepath.Join(folder, "dir"), "directory")
	all(filepath.Join(write("file", ""), "below"), "not a directory")

	// Nowhere to write.
	_, err := credentials.NewFileStore(filepath.Join(write("taken", ""), "none", "c.yaml")).Replace(ctx, "aurora", one, "")
	require.Error(t, err)
	// An entry that cannot be one has some version all the same.
	odd := credentials.NewFileStore(write("odd.yaml", "aurora: {1: .nan}\n"))
	version, err := odd.Version(ctx, "aurora")
	require.NoError(t, err)
	require.NotEmpty(t, version)
	require.NoError(t, odd.Put(ctx, "aurora", one), "so it can be repaired")
}

func TestVaultStoreSaysWhatVaultSays(t *testing.T) {
	t.Parallel()
	fake := vaulttest.NewFake(t)
	keeper := credentials.NewVaultStore(vaulttest.Open(t, fake).KV(vaulttest.Mount))
	ctx, one := t.Context(), client(secret)
	// An operator deleted it; for us it is not there.
	require.NoError(t, keeper.Put(ctx, "aurora", one))
	fake.Delete(t, vaulttest.Allowed+"/aurora")
	_, err := keeper.Entry(ctx, "aurora")
	require.ErrorIs(t, err, credentials.ErrNotFound)
	require.NoError(t, keeper.Put(ctx, "aurora", one))

	account := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", "http://127.0.0.1:1/token")
	fake.Seal(t)
	err = account.Authorize(ctx, outgoing())
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.ErrorIs(t, err, vault.ErrSealed)
	_, err = keeper.List(ctx)
	require.ErrorIs(t, err, vault.ErrSealed)
	require.ErrorIs(t, keeper.Put(ctx, "aurora", one), vault.ErrSealed)
}

// lost answers writes with a failure although they were done.
type lost struct {
	credentials.Keeper
	writes int
}

func (l *lost) Replace(ctx context.Context, ref string, c credentials.Credentials, seen credentials.Version) (credentials.Version, error) {
	version, err := l.Keeper.Replace(ctx, ref, c, seen)
	if l.writes++; l.writes == 2 && err == nil {
		return "", errors.New("the answer was lost")
	}
	return version, err
}

func TestAnswerOfTheStoreThatIsLost(t *testing.T) {
	t.Parallel()
	server := credentialstest.NewIdentity(t)
	keeper := &lost{Keeper: files(t, credentialstest.Hotel())}
	account := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", server.URL)
	require.NoError(t, account.Authorize(t.Context(), outgoing()))
	require.Equal(t, 2, keeper.writes, "the claim and the token; it looked and found them there")
}

func TestHotelThatConnectsAnewMeanwhileWins(t *testing.T) {
	t.Parallel()
	server := credentialstest.NewIdentity(t)
	keeper := files(t, credentialstest.Hotel())
	server.Answered(func() {
		anew := credentialstest.Hotel()
		anew.RefreshToken = credentials.NewSecret("from-the-hotel")
		if err := keeper.Put(context.Background(), "aurora", anew); err != nil {
			t.Errorf("connect: %v", err)
		}
	})
	account := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", server.URL)
	require.NoError(t, account.Authorize(t.Context(), outgoing()))
	kept, err := keeper.Credentials(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, "from-the-hotel", kept.RefreshToken.Reveal())
}

func TestEntryThatIsTakenAwayMeanwhileStaysAway(t *testing.T) {
	t.Parallel()
	server := credentialstest.NewIdentity(t)
	path := filepath.Join(t.TempDir(), "credentials.yaml")
	keeper := credentials.NewFileStore(path)
	require.NoError(t, keeper.Put(t.Context(), "aurora", credentialstest.Hotel()))
	server.Answered(func() { _ = os.Remove(path) })
	account := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", server.URL)
	require.NoError(t, account.Authorize(t.Context(), outgoing()))
	_, err := keeper.Credentials(t.Context(), "aurora")
	require.ErrorIs(t, err, credentials.ErrNotFound)
}
