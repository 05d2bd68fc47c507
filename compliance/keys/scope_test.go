package keys_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/keys"
)

const someULID = "01JD8Z3V5QK7M2N4P6R8S0T1WX"

func TestParseIDAcceptsOnlyTheCanonicalForm(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"seaview/" + someULID + "/1":                     true,
		"h-2/" + strings.Repeat("0", 26) + "/2147483647": true,
		"seaview/" + someULID + "/recording/1":           true,
		"seaview/" + someULID + "/audit/12":              true,
		"seaview/" + someULID + "/operations/1":          false, // one key has one name
		"seaview/" + someULID + "/guest/1":               false,
		"seaview/" + someULID + "/recording":             false,
		"seaview/" + someULID + "/recording/1/1":         false,
		"seaview/" + someULID + "/recording/01":          false,
		"seaview/" + someULID + "//1":                    false,
		"":                                               false,
		"seaview":                                        false,
		"seaview/" + someULID:                            false,
		"seaview/" + someULID + "/":                      false,
		"seaview/" + someULID + "/0":                     false,
		"seaview/" + someULID + "/01":                    false,
		"seaview/" + someULID + "/+1":                    false,
		"seaview/" + someULID + "/-1":                    false,
		"seaview/" + someULID + "/2147483648":            false,
		"seaview/" + someULID + "/1/1":                   false,
		"seaview/" + strings.ToLower(someULID) + "/1":    false,
		"seaview/8" + someULID[1:] + "/1":                false, // more than 128 bits
		"seaview/" + someULID[1:] + "/1":                 false,
		"Seaview/" + someULID + "/1":                     false,
		"s/" + someULID + "/1":                           false,
		"/" + someULID + "/1":                            false,
		"sea view/" + someULID + "/1":                    false,
		"sea/view/" + someULID + "/1":                    false,
	} {
		id, err := keys.ParseID(text)
		if ok {
			require.NoError(t, err, text)
			require.Equal(t, text, id.String())
		} else {
			require.ErrorIs(t, err, keys.ErrMalformed, text)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("seaview/" + someULID + "/1")
	f.Add("a//1")
	f.Add("seaview/" + someULID + "/recording/1")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := keys.ParseID(text); err == nil {
			require.Equal(t, text, id.String())
			require.NoError(t, id.Validate())
		}
	})
}
