package server

import (
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/searchattribute/sadefs"
	"pgregory.net/rapid"
)

// However a set of attributes is split over two starts, each keeps a column of
// its own and of its type, and what the first start assigned stays.
func TestAssignAliasesKeepsColumns(t *testing.T) {
	t.Parallel()
	columns := sadefs.GetDBIndexSearchAttributes(nil).CustomSearchAttributes
	kinds := []enumspb.IndexedValueType{
		enumspb.INDEXED_VALUE_TYPE_KEYWORD, enumspb.INDEXED_VALUE_TYPE_INT, enumspb.INDEXED_VALUE_TYPE_DATETIME,
	}
	rapid.Check(t, func(t *rapid.T) {
		wanted := rapid.MapOfN(rapid.StringMatching(`[A-Z][a-z]{1,3}`), rapid.SampledFrom(kinds), 0, 3).Draw(t, "first")
		first, err := assignAliases(nil, wanted)
		require.NoError(t, err)
		more := rapid.MapOfN(rapid.StringMatching(`x[a-z]{1,3}`), rapid.Just(enumspb.INDEXED_VALUE_TYPE_KEYWORD), 0, 3).Draw(t, "second")
		second, err := assignAliases(first, more)
		require.NoError(t, err)

		require.Len(t, second, len(wanted)+len(more))
		for column, name := range first {
			require.Equal(t, name, second[column])
		}
		for column, name := range second {
			kind, ok := wanted[name]
			if !ok {
				kind = more[name]
			}
			require.Equal(t, kind, columns[column])
		}
	})
}

func TestAssignAliasesRefuses(t *testing.T) {
	t.Parallel()
	current, err := assignAliases(nil, map[string]enumspb.IndexedValueType{"Room": enumspb.INDEXED_VALUE_TYPE_KEYWORD})
	require.NoError(t, err)
	_, err = assignAliases(current, map[string]enumspb.IndexedValueType{"Room": enumspb.INDEXED_VALUE_TYPE_INT})
	require.ErrorContains(t, err, "exists with type Keyword")

	tooMany := map[string]enumspb.IndexedValueType{}
	for _, name := range []string{"A", "B", "C", "D"} {
		tooMany[name] = enumspb.INDEXED_VALUE_TYPE_BOOL
	}
	_, err = assignAliases(nil, tooMany)
	require.ErrorContains(t, err, "taken")
}
