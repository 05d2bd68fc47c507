package keys_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
	"github.com/voicehive/voicehive/internal/postgres/postgrestest"
)

func newScopes(tenant string, n int) []keys.Scope {
	out := make([]keys.Scope, n)
	for i := range out {
		out[i] = newScope(tenant)
	}
	slices.SortFunc(out, func(a, b keys.Scope) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func subjects(t *testing.T) *keys.Subjects {
	t.Helper()
	return keys.NewSubjects(postgrestest.New(t, keys.Migrations).Pool(t))
}

func TestScopesHaveOneSubject(t *testing.T) {
	t.Parallel()
	table, ctx := subjects(t), t.Context()
	ada, bob, all := uuid.New(), uuid.New(), newScopes("seaview", 5)
	for range 2 {
		require.NoError(t, table.Assign(ctx, "seaview", ada, all[:3]...))
	}
	require.ErrorIs(t, table.Assign(ctx, "seaview", bob, all[2:]...), keys.ErrAssigned)
	found, err := table.Scopes(ctx, "seaview", bob)
	require.NoError(t, err)
	require.Empty(t, found, "all or none")
	found, err = table.Scopes(ctx, "seaview", ada)
	require.NoError(t, err)
	require.Equal(t, all[:3], found)

	whose, err := table.SubjectOf(ctx, "seaview", all...)
	require.NoError(t, err)
	require.Equal(t, map[keys.Scope]uuid.UUID{all[0]: ada, all[1]: ada, all[2]: ada}, whose)

	for range 2 {
		require.NoError(t, table.Reassign(ctx, "seaview", ada, bob, all[0]))
	}
	require.ErrorIs(t, table.Reassign(ctx, "seaview", ada, bob, all[1], all[4]), keys.ErrAssigned, "one belongs to nobody")
	whose, err = table.SubjectOf(ctx, "seaview", all[0], all[1])
	require.NoError(t, err)
	require.Equal(t, map[keys.Scope]uuid.UUID{all[0]: bob, all[1]: ada}, whose)
}

func TestMergeAndSplit(t *testing.T) {
	t.Parallel()
	table, ctx := subjects(t), t.Context()
	ada, bob, all := uuid.New(), uuid.New(), newScopes("seaview", 6)
	require.NoError(t, table.Assign(ctx, "seaview", ada, all[:2]...))
	require.NoError(t, table.Assign(ctx, "seaview", bob, all[2:]...))
	moved, err := table.Merge(ctx, "seaview", bob, ada)
	require.NoError(t, err)
	require.Equal(t, all[2:], moved)
	moved, err = table.Merge(ctx, "seaview", bob, ada)
	require.NoError(t, err)
	require.Empty(t, moved, "once is enough")
	_, err = table.Merge(ctx, "seaview", ada, ada)
	require.Error(t, err)

	fresh := uuid.New()
	for range 2 {
		require.NoError(t, table.Split(ctx, "seaview", ada, all[2:], fresh))
	}
	found, err := table.Scopes(ctx, "seaview", fresh)
	require.NoError(t, err)
	require.Equal(t, all[2:], found)
	require.ErrorIs(t, table.Split(ctx, "seaview", ada, all[:1], fresh), keys.ErrAssigned, "it is no new subject")
	require.ErrorIs(t, table.Split(ctx, "seaview", bob, all[:1], uuid.New()), keys.ErrAssigned, "it is not bob's")
	require.Error(t, table.Split(ctx, "seaview", ada, all[:1], ada))
}

func TestSubjectsOfTenantsNeverMeet(t *testing.T) {
	t.Parallel()
	table, ctx := subjects(t), t.Context()
	ada, own := uuid.New(), newScopes("seaview", 2)
	foreign := keys.Scope{Tenant: "harbour", ID: own[0].ID}
	require.NoError(t, table.Assign(ctx, "seaview", ada, own...))
	require.NoError(t, table.Assign(ctx, "harbour", ada, foreign))
	for _, scope := range []keys.Scope{foreign, {Tenant: "seaview", ID: "x"}, keys.TenantScope("seaview")} {
		require.Error(t, table.Assign(ctx, "seaview", ada, scope))
		require.Error(t, table.Reassign(ctx, "seaview", ada, uuid.New(), scope))
		require.Error(t, table.Split(ctx, "seaview", ada, []keys.Scope{scope}, uuid.New()))
		_, err := table.SubjectOf(ctx, "seaview", scope)
		require.Error(t, err)
	}
	moved, err := table.Merge(ctx, "harbour", ada, uuid.New())
	require.NoError(t, err)
	require.Equal(t, []keys.Scope{foreign}, moved)
	found, err := table.Scopes(ctx, "seaview", ada)
	require.NoError(t, err)
	require.Equal(t, own, found)
	found, err = table.Scopes(ctx, "nowhere", ada)
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestScopesComeInPages(t *testing.T) {
	t.Parallel()
	table, ctx := subjects(t), t.Context()
	ada, all := uuid.New(), newScopes("seaview", 25)
	require.NoError(t, table.Assign(ctx, "seaview", ada, all...))
	var read []keys.Scope
	after := ""
	for {
		page, err := table.ScopesOf(ctx, "seaview", ada, after, 10)
		require.NoError(t, err)
		read = append(read, page...)
		if len(page) < 10 {
			break
		}
		after = page[len(page)-1].ID
	}
	require.Equal(t, all, read)
	require.Error(t, table.Assign(ctx, "seaview", ada, make([]keys.Scope, 10_001)...))
}

// TestMergesBesideEachOther end with one subject or the other, never in both.
func TestMergesBesideEachOther(t *testing.T) {
	t.Parallel()
	table, ctx := subjects(t), t.Context()
	ada, bob, all := uuid.New(), uuid.New(), newScopes("seaview", 20)
	require.NoError(t, table.Assign(ctx, "seaview", ada, all[:10]...))
	require.NoError(t, table.Assign(ctx, "seaview", bob, all[10:]...))
	var wg sync.WaitGroup
	for i := range 8 {
		from, into := ada, bob
		if i%2 == 0 {
			from, into = bob, ada
		}
		wg.Go(func() {
			// One of two that cross may be told to try again.
			_, _ = table.Merge(ctx, "seaview", from, into)
		})
	}
	wg.Wait()
	_, err := table.Merge(ctx, "seaview", ada, bob)
	require.NoError(t, err)
	found, err := table.Scopes(ctx, "seaview", bob)
	require.NoError(t, err)
	require.Equal(t, all, found)
}
