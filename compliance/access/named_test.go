//go:build unix

package access_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/rights"
)

// A pack names this installation's recipients, those of its own hotel, and
// leaves out a kind of recipient that the hotel has none of.
func TestRecipientsAreTheInstallationsByName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		told       []access.Named
		want, none []string
	}{
		"some":    {[]access.Named{{Name: "breakfast.example", Country: "AT"}, {Name: "spa.example"}}, []string{"breakfast.example AT", "spa.example as the region report says"}, nil},
		"nobody":  {[]access.Named{}, nil, []string{"told_of_erasures"}},
		"no word": {nil, []string{"Those besides the hotel's own system whom the hotel discloses bookings to, by name in the certificate as the region report says"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			parts := h.parts
			parts.Named = func(_ context.Context, hotel string) (map[string][]access.Named, error) {
				require.Equal(t, aurora, hotel)
				all := map[string][]access.Named{"database_host": {{Name: "Hosting Example GmbH", Country: "DE"}}}
				if test.told != nil {
					all["told_of_erasures"] = test.told
				}
				return all, nil
			}
			var err error
			h.desk, err = access.New(parts)
			require.NoError(t, err)
			c := h.open(rights.Access, h.book(ada))
			p := h.build(c, false)
			all := h.unpack(p)
			valid(t, all["data.json"])
			processing := decode(t, all["data.json"])["processing"].(map[string]any)
			var ids, names []string
			for _, each := range processing["recipients"].([]any) {
				r := each.(map[string]any)
				ids, names = append(ids, r["id"].(string)), append(names, r["name"].(string)+" "+r["country"].(string))
			}
			require.Contains(t, names, "Hosting Example GmbH DE")
			require.Contains(t, names, "Hotel Aurora DE")
			for _, want := range test.want {
				require.Contains(t, names, want)
			}
			for _, none := range test.none {
				require.NotContains(t, ids, none)
				require.NotContains(t, string(all["data.json"]), none)
			}
			require.Contains(t, string(all["index.html"]), "Hosting Example GmbH")
		})
	}
}
