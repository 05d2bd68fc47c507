package capability_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/voicehive/voicehive/connectors/capability"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo/apaleospec"
)

// vendorFiles is the folder of the vendors' own files. They are not part of the
// repository: a clone without them says so loudly, and CI fails.
func vendorFiles(t *testing.T) (string, bool) {
	t.Helper()
	dir, err := apaleospec.Find()
	if errors.Is(err, apaleospec.ErrNoSpecs) && os.Getenv("CI") != "true" {
		t.Logf("WARNING: THE MATRIX IS NOT CHECKED AGAINST THE VENDORS' FILES: %v", err)
		return "", false
	}
	require.NoError(t, err)
	return filepath.Dir(dir), true
}

// document is as much of an OpenAPI or Swagger file as tells its operations.
type document struct {
	BasePath string `json:"basePath" yaml:"basePath"`
	Servers  []struct {
		URL string `json:"url" yaml:"url"`
	} `json:"servers" yaml:"servers"`
	Paths map[string]map[string]any `json:"paths" yaml:"paths"`
}

// files are a vendor's: the text of each by its name, and the operations of
// all, such as "GET /booking/v1/offers".
type files struct {
	texts      map[string]string
	operations map[string]bool
}

func readVendor(t *testing.T, dir string) files {
	t.Helper()
	found := files{texts: map[string]string{}, operations: map[string]bool{}}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		name := entry.Name()
		decode := map[string]func([]byte, any) error{".json": json.Unmarshal, ".yaml": yaml.Unmarshal, ".yml": yaml.Unmarshal}[filepath.Ext(name)]
		if decode == nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		found.texts[name] = string(text)
		var spec document
		require.NoError(t, decode(text, &spec), name)
		require.NotEmpty(t, spec.Paths, name)
		base := spec.BasePath
		if len(spec.Servers) > 0 {
			server, err := url.Parse(spec.Servers[0].URL)
			require.NoError(t, err)
			base = strings.TrimSuffix(server.Path, "/")
		}
		for path, methods := range spec.Paths {
			for method := range methods {
				found.operations[strings.ToUpper(method)+" "+base+path] = true
			}
		}
	}
	return found
}

// TestCallsStandInTheVendorsFiles proves each call that the matrix says is in a
// vendor's file, and that those told in text are in none: else they belong
// among the proven ones.
func TestCallsStandInTheVendorsFiles(t *testing.T) {
	t.Parallel()
	root, ok := vendorFiles(t)
	if !ok {
		return
	}
	matrix := capability.Default()
	for _, name := range matrix.Vendors() {
		vendor, _ := matrix.Vendor(name)
		var proven, prose []string
		known := files{}
		if vendor.Specs != "" {
			known = readVendor(t, filepath.Join(root, vendor.Specs))
		}
		for _, o := range pms.Operations() {
			for _, call := range vendor.Operations[o].Calls {
				require.True(t, known.operations[call], "%s: %s: no file has %s", name, o, call)
				proven = append(proven, call)
			}
			for _, call := range vendor.Operations[o].Prose {
				require.False(t, known.operations[call], "%s: %s: a file has %s", name, o, call)
				prose = append(prose, call)
			}
		}
		t.Logf("%-10s %2d calls stand in its files, %2d are told in text only (%d and %d different ones)",
			name, len(proven), len(prose), distinct(proven), distinct(prose))
	}
}

func distinct(all []string) int { return len(slices.Compact(slices.Sorted(slices.Values(all)))) }

// sources collects the sources of an entry, by where they stand.
func sources(t *testing.T, v *capability.Vendor) map[string]string {
	t.Helper()
	text, err := yaml.Marshal(v)
	require.NoError(t, err)
	var root yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &root))
	found := map[string]string{}
	var walk func(path string, node *yaml.Node)
	walk = func(path string, node *yaml.Node) {
		for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
			key, value := node.Content[i].Value, node.Content[i+1]
			if key == "source" && value.Value != "" {
				found[path] = value.Value
			}
			walk(path+"."+key, value)
		}
		for i, item := range node.Content {
			if node.Kind != yaml.MappingNode {
				walk(fmt.Sprintf("%s[%d]", path, i), item)
			}
		}
	}
	walk("", root.Content[0])
	return found
}

var fileSource = regexp.MustCompile(`^(\S+\.(?:json|yaml|yml))(?:: (.*))?$`)

// TestSourcesExist follows every source that is a file, to the place in it.
func TestSourcesExist(t *testing.T) {
	t.Parallel()
	root, ok := vendorFiles(t)
	if !ok {
		return
	}
	matrix := capability.Default()
	for _, name := range matrix.Vendors() {
		vendor, _ := matrix.Vendor(name)
		if vendor.Specs == "" {
			continue
		}
		known, followed := readVendor(t, filepath.Join(root, vendor.Specs)), 0
		all := sources(t, vendor)
		for where, source := range all {
			parts := fileSource.FindStringSubmatch(source)
			if parts == nil {
				require.Regexp(t, `^[\w.-]+/`, source, "%s%s: neither a file nor a page", name, where)
				continue
			}
			text, found := known.texts[parts[1]]
			require.True(t, found, "%s%s: there is no file %s", name, where, parts[1])
			if place := placeIn(parts[2]); place != "" {
				require.Contains(t, text, place, "%s%s: the place is not in %s", name, where, parts[1])
				followed++
			}
		}
		t.Logf("%-10s %3d sources, %3d of them followed to a place in a file", name, len(all), followed)
	}
}

// placeIn is what must stand in a file literally: a path, or a first word. A
// source that something is missing names no place.
func placeIn(section string) string {
	first, rest, _ := strings.Cut(section, " ")
	switch {
	case first == "no":
		return ""
	case strings.ToUpper(first) == first && rest != "":
		first, _, _ = strings.Cut(rest, " ")
	default:
		first, _, _ = strings.Cut(first, ".")
	}
	return strings.Trim(first, ",:")
}

// TestNumbersStandInTheVendorsFiles holds the numbers that files tell against
// the matrix.
func TestNumbersStandInTheVendorsFiles(t *testing.T) {
	t.Parallel()
	root, ok := vendorFiles(t)
	if !ok {
		return
	}
	entry := func(name string) *capability.Vendor {
		v, ok := capability.Default().Vendor(name)
		require.True(t, ok)
		return v
	}
	five := 5 * 365
	for _, test := range []struct{ file, says, matrix string }{
		{"apaleo/booking-v1.swagger.json", "Keys expire after %s", entry("apaleo").Timing.KeyWindow.Value.String()[:2] + " h"},
		{"apaleo/booking-v1.swagger.json", "Cannot be more than %s after arrival", map[int]string{five + 1: "5 years"}[entry("apaleo").Constraints.MaxNights.Value]},
		{"apaleo/booking-v1.swagger.json", "only changes to %s are possible", map[bool]string{true: "future time slices"}[entry("apaleo").Constraints.PartialAmend.Value]},
		{"mews/mews-connector-api-services-openapi.yml", "367 hours if hours, %s days if days", fmt.Sprint(entry("mews").Constraints.MaxNights.Value)},
		{"ohip/par.json", "time span of <strong>%s</strong> days", fmt.Sprint(entry("opera").Constraints.MaxNights.Value)},
		{"ohip/crm.json", "maximum allowable limit for this API is <strong>%s</strong>", fmt.Sprint(entry("opera").Constraints.PageSize.Value)},
		{"cloudbeds/pms-v1.3-openapi.yaml", "Max = %s", fmt.Sprint(entry("cloudbeds").Constraints.PageSize.Value)},
	} {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(test.file)))
		require.NoError(t, err)
		require.NotEmpty(t, test.matrix, test.says)
		require.Contains(t, string(text), fmt.Sprintf(test.says, test.matrix), test.file)
	}
}
