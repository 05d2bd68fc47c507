package capability_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/pms"
)

// written is the program's matrix as it is written.
func written(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("matrix.yaml")
	require.NoError(t, err)
	return string(text)
}

// entry is one vendor's entry as a file of its own, with its first line known:
// the vendor stands in line 3.
func entry(t testing.TB, vendor string) string {
	t.Helper()
	_, rest, found := strings.Cut(written(t), "\n  "+vendor+":\n")
	require.True(t, found)
	rest, _, _ = strings.Cut(rest, "\n\n")
	return "version: 1\nvendors:\n  " + vendor + ":\n" + strings.TrimSuffix(rest, "\n") + "\n"
}

// change replaces what must be there once at least; the first of them.
func change(t *testing.T, text, old, replacement string) string {
	t.Helper()
	require.Contains(t, text, old)
	return strings.Replace(text, old, replacement, 1)
}

func lineOf(t *testing.T, text, part string) int {
	t.Helper()
	before, _, found := strings.Cut(text, part)
	require.True(t, found, part)
	return strings.Count(before, "\n") + 1
}

func TestDefaultHasEveryVendor(t *testing.T) {
	t.Parallel()
	matrix := capability.Default()
	require.Subset(t, matrix.Vendors(), []string{"apaleo", "cloudbeds", "mews", "opera", "siteminder"})
	for _, name := range matrix.Vendors() {
		vendor, ok := matrix.Vendor(name)
		require.True(t, ok)
		require.Len(t, vendor.Operations, len(pms.Operations()), name)
		caps := matrix.Capabilities(name)
		require.Equal(t, name, caps.Vendor)
		require.Len(t, caps.Operations, len(pms.Operations()), name)
		require.Positive(t, matrix.Limits(name).PerSecond)
		require.Positive(t, matrix.Limits(name).Burst)
		require.Positive(t, matrix.QueueRate(name))
		require.Greater(t, matrix.Limits(name).ReadShare, 0.0)
		require.Less(t, matrix.Limits(name).ReadShare, 1.0)
	}
}

// TestSchemaIsASchema holds the published schema against JSON Schema itself,
// and against the operations there are.
func TestSchemaIsASchema(t *testing.T) {
	t.Parallel()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(capability.Schema()))
	require.NoError(t, err)
	meta := jsonschema.NewCompiler().MustCompile("https://json-schema.org/draft/2020-12/schema")
	require.NoError(t, meta.Validate(document))

	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("matrix.schema.json", document))
	schema, err := compiler.Compile("matrix.schema.json")
	require.NoError(t, err)
	var value any
	require.NoError(t, yaml.Unmarshal([]byte(written(t)), &value))
	require.NoError(t, schema.Validate(value))

	var published struct {
		Defs struct {
			Operations struct{ Required []pms.Operation }
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(capability.Schema(), &published))
	require.ElementsMatch(t, pms.Operations(), published.Defs.Operations.Required)
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	mews := entry(t, "mews")
	minder := entry(t, "siteminder")
	_, err := capability.Parse("mine.yaml", []byte(mews))
	require.NoError(t, err)
	tests := map[string]struct {
		document string
		near     string // what stands in the line that the error names
		says     string
	}{
		"nothing":             {document: "", says: "it is empty"},
		"no YAML":             {document: "version: [1", says: "line 1"},
		"two documents":       {document: mews + "---\nversion: 1\n", says: "one document"},
		"too much":            {document: strings.Repeat("# long\n", 1<<18), says: "larger than 1024 KiB"},
		"a key twice":         {document: mews + "version: 1\n", says: "already defined"},
		"another version":     {document: change(t, mews, "version: 1", "version: 2"), near: "version: 2", says: "version: value must be 1"},
		"no vendors":          {document: "version: 1\n", near: "version", says: "vendors"},
		"a list":              {document: "[1]", says: "want object"},
		"a vendor's name":     {document: change(t, mews, "  mews:", "  Mews!:"), says: "Mews!"},
		"an unknown key":      {document: change(t, mews, "    timing:\n", "    timing:\n      sleep: {value: 1s, source: x}\n"), near: "sleep:", says: "mews: timing.sleep: it is not known here"},
		"a key at the top":    {document: mews + "extra: 1\n", near: "extra: 1", says: "extra: it is not known here"},
		"an unknown op":       {document: change(t, mews, "      health:\n", "      teleport: {support: 'yes', calls: ['GET /x'], source: x}\n      health:\n"), near: "teleport", says: "mews: operations.teleport: it is not known here"},
		"a missing op":        {document: change(t, mews, "      health:\n        support: \"yes\"\n        calls: [\"POST /api/connector/v1/configuration/get\"]\n        source: \"mews-connector-api-configuration-openapi.yml\"\n        note: there is no health call; the configuration is read with the hotel's tokens\n", ""), near: "operations:", says: "mews: operations: missing property 'health'"},
		"a key in a fact":     {document: change(t, mews, "        value: 367\n", "        value: 367\n        unit: days\n"), near: "unit: days", says: "mews: constraints.max_nights.unit: it is not known here"},
		"a support":           {document: change(t, mews, "support: \"no\"", "support: maybe"), near: "support: maybe", says: "mews: operations.no_show.support"},
		"no source":           {document: change(t, mews, "        source: \"mews-connector-api-reservations-openapi.yml: no such operation\"\n", ""), near: "no_show", says: "mews: operations.no_show: it needs either a source, or unconfirmed"},
		"unconfirmed, silent": {document: change(t, mews, "        note: the platform runs on Azure (mews.com/en/platform-documentation), the region is not told; the hotel attests it\n", ""), near: "regions", says: "mews: interface.regions: it needs either a source"},
		"both":                {document: change(t, mews, "        unconfirmed: true\n", "        unconfirmed: true\n        source: somewhere\n"), near: "regions", says: "it needs either a source"},
		"confirmed twice":     {document: change(t, mews, "unconfirmed: true", "unconfirmed: false"), near: "unconfirmed: false", says: "interface.regions.unconfirmed"},
		"an empty source":     {document: change(t, mews, "source: \"mews-connector-api-reservations-openapi.yml: no such operation\"", "source: ''"), near: "source: ''", says: "mews: operations.no_show.source"},
		"a number as text":    {document: change(t, mews, "value: 367", "value: '367'"), near: "'367'", says: "mews: constraints.max_nights.value: got string, want integer"},
		"a negative number":   {document: change(t, mews, "value: 367", "value: -1"), near: "-1", says: "mews: constraints.max_nights.value"},
		"no stays at all":     {document: change(t, mews, "      max_stays:\n        value: 10", "      max_stays:\n        value: 0"), near: "value: 0\n        unconfirmed: true\n        note: reservations/add", says: "mews: constraints.max_stays.value"},
		"a time without unit": {document: change(t, mews, "value: 60s", "value: 60"), near: "value: 60", says: "mews: timing.write_timeout.value"},
		"a broken time":       {document: change(t, mews, "value: 60s", "value: 60 seconds"), near: "60 seconds", says: "mews: timing.write_timeout.value"},
		"half a share":        {document: change(t, mews, "value: 0.6", "value: 1.6"), near: "1.6", says: "mews: limits.reads_share.value"},
		"a call without verb": {document: change(t, mews, "POST /api/connector/v1/configuration/get", "/api/connector/v1/configuration/get"), near: "\"/api", says: "mews: operations.health.calls.0"},
		"a huge number":       {document: change(t, mews, "value: 367", "value: 99999999999999999999"), near: "9999", says: "mews: constraints.max_nights.value"},

		"rebooking cancel":   {document: change(t, minder, "      cancel:\n        support: \"yes\"\n        prose: [\"POST /reservations/{bookingReferenceId}/cancellation\"]", "      cancel:\n        support: rebook"), near: "support: rebook\n        source: developer.siteminder.com/siteminder-apis/channels-plus/api-reference/reservations\n        note: of the whole", says: "siteminder: operations.cancel.support: only amend"},
		"yes without calls":  {document: change(t, mews, "        calls: [\"POST /api/connector/v1/configuration/get\"]\n", ""), near: "health:", says: "mews: operations.health: an operation that the vendor has names its calls"},
		"no with calls":      {document: change(t, mews, "        support: \"no\"\n", "        support: \"no\"\n        calls: [\"GET /x\"]\n"), near: "no_show", says: "mews: operations.no_show: an operation that the vendor lacks has no calls"},
		"a draft that calls": {document: change(t, mews, "      draft:\n        support: \"yes\"\n", "      draft:\n        support: \"yes\"\n        calls: [\"GET /x\"]\n"), near: "draft:", says: "mews: operations.draft: it makes no call"},
		"calls in no file":   {document: change(t, minder, "prose: [\"GET /properties\"]", "calls: [\"GET /properties\"]"), near: "calls: [\"GET /properties\"]", says: "siteminder: operations.health.calls: there are no files"},
		"a hold for good":    {document: change(t, mews, "      release:\n        support: \"yes\"\n        calls: [\"POST /api/connector/v1/reservations/cancel\"]", "      release:\n        support: \"no\""), near: "      hold:", says: "mews: operations.hold: it needs release"},
		"rebooking, without": {document: change(t, minder, "      cancel:\n        support: \"yes\"\n        prose: [\"POST /reservations/{bookingReferenceId}/cancellation\"]", "      cancel:\n        support: \"no\""), near: "      amend:", says: "siteminder: operations.amend: rebooking needs cancel"},
		"never cleared up": {
			document: strings.NewReplacer(
				"      hold:\n        support: \"yes\"\n        prose: [\"POST /properties/{uuid}/reservations\"]", "      hold:\n        support: \"no\"",
				"      confirm:\n        support: \"yes\"\n        prose: [\"POST /reservations/{bookingReferenceId}/confirmation\"]", "      confirm:\n        support: \"no\"",
				"      release:\n        support: \"yes\"\n        prose: [\"POST /reservations/{bookingReferenceId}/cancellation\"]", "      release:\n        support: \"no\"",
			).Replace(minder),
			near: "      create:", says: "siteminder: operations.create: a lost answer can never be cleared up",
		},
		"faster than allowed": {document: change(t, mews, "burst: 50", "burst: 51"), near: "pace:", says: "mews: limits.pace: it lets 201 requests through within 30s, of which the vendor allows 200"},
		"a window of nothing": {document: change(t, mews, "per: 30s", "per: 0s"), near: "per: 0s", says: "mews: limits.windows.0.value.per: a window has a length"},
		"a quick vendor":      {document: change(t, mews, "value: 60s", "value: 0s"), near: "write_timeout:", says: "mews: timing.write_timeout: it must be longer than nothing"},
		"a slow vendor":       {document: change(t, mews, "value: 60s", "value: 2h"), near: "write_timeout:", says: "mews: timing.write_timeout: it is too long"},
		"an old key":          {document: change(t, mews, "      key_window:\n        value: 0s", "      key_window:\n        value: 9000h"), near: "key_window:", says: "mews: timing.key_window: it is too long"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := capability.Parse("mine.yaml", []byte(test.document))
			require.ErrorIs(t, err, capability.ErrInvalid)
			require.ErrorContains(t, err, "mine.yaml: ")
			require.ErrorContains(t, err, test.says)
			if test.near == "" {
				return
			}
			invalid := new(capability.InvalidError)
			require.ErrorAs(t, err, &invalid)
			var lines []int
			for _, p := range invalid.Problems {
				lines = append(lines, p.Line)
			}
			require.Contains(t, lines, lineOf(t, test.document, test.near), "%v", err)
		})
	}
}

func TestParseTellsAllThatIsWrongButNotForEver(t *testing.T) {
	t.Parallel()
	broken := strings.NewReplacer("source:", "sauce:", "value: 367", "value: long").Replace(entry(t, "mews"))
	_, err := capability.Parse("mine.yaml", []byte(broken))
	invalid := new(capability.InvalidError)
	require.ErrorAs(t, err, &invalid)
	require.Greater(t, len(invalid.Problems), 20)
	require.ErrorContains(t, err, "more")
	require.Less(t, len(err.Error()), 4096)
}

// FuzzParse: no document, however strange, does more than be refused.
func FuzzParse(f *testing.F) {
	f.Add([]byte("version: 1\nvendors: {}\n"))
	f.Add([]byte("# nothing but this\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("version: 1\nvendors: &v {mews: {<<: *v}}"))
	f.Fuzz(func(t *testing.T, document []byte) { parse(t, document) })
}

// FuzzParseChanged changes a sound document in one place, which reaches deeper
// than a document of noise.
func FuzzParseChanged(f *testing.F) {
	text := entry(f, "siteminder")
	f.Add("value: 60s", "value: 0s")
	f.Add("\"yes\"", "rebook")
	f.Add("calls:", "prose:")
	f.Add("      pace:\n", "      pace: &p\n        <<: *p\n")
	f.Fuzz(func(t *testing.T, old, replacement string) {
		if old == "" || len(old)+len(replacement) > 1000 {
			return
		}
		parse(t, []byte(strings.Replace(text, old, replacement, 1)))
	})
}

func parse(t *testing.T, document []byte) {
	t.Helper()
	matrix, err := capability.Parse("fuzz.yaml", document)
	if err != nil {
		require.ErrorIs(t, err, capability.ErrInvalid)
		return
	}
	capability.Markdown(matrix)
	for _, name := range matrix.Vendors() {
		require.Positive(t, matrix.Limits(name).Burst)
		require.Positive(t, matrix.Capabilities(name).WriteTimeout)
	}
}
