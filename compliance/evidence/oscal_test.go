//go:build unix

package evidence_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

//go:embed testdata/oscal.schema.json
var oscalSchema []byte

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(oscalSchema))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("oscal.json", document))
	s, err := c.Compile("oscal.json")
	require.NoError(t, err)
	return s
}

func valid(s *jsonschema.Schema, text []byte) error {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(document)
}

// TestOSCALHasItsForm, in a pack that has all and in one that has nothing; and
// what one file names another has.
func TestOSCALHasItsForm(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, h := range []*house{open(t), open(t).live()} {
		pack, summary := h.pack()
		files := contents(t, pack)
		for _, name := range []string{"catalog", "component-definition", "assessment-results"} {
			require.NoError(t, valid(s, files["oscal/"+name+".json"]), name)
		}
		text := string(files["oscal/assessment-results.json"])
		var results struct {
			Results struct {
				ImportAP struct{ Href string } `json:"import-ap"`
				Results  []struct {
					Observations []struct{ UUID string }
					Findings     []struct {
						Target struct {
							TargetID string `json:"target-id"`
						}
						Related []struct {
							UUID string `json:"observation-uuid"`
						} `json:"related-observations"`
					}
				}
				BackMatter struct{ Resources []struct{ UUID string } } `json:"back-matter"`
			} `json:"assessment-results"`
		}
		require.NoError(t, json.Unmarshal([]byte(text), &results))
		r := results.Results
		require.Equal(t, "#"+r.BackMatter.Resources[0].UUID, r.ImportAP.Href)
		seen := map[string]bool{}
		for _, o := range r.Results[0].Observations {
			require.False(t, seen[o.UUID], "two observations have one id")
			seen[o.UUID] = true
		}
		require.Len(t, r.Results[0].Findings, summary.Satisfied+summary.NotSatisfied)
		require.Equal(t, summary.NotTested, strings.Count(text, `"name": "not-tested"`))
		for _, f := range r.Results[0].Findings {
			require.True(t, seen[f.Related[0].UUID])
			require.Contains(t, string(files["oscal/catalog.json"]), `"`+f.Target.TargetID+`"`)
		}
	}
}

// TestTheFormIsStrict: what OSCAL does not take the schema refuses.
func TestTheFormIsStrict(t *testing.T) {
	t.Parallel()
	s := schema(t)
	h := open(t).live()
	pack, _ := h.pack()
	text := contents(t, pack)["oscal/assessment-results.json"]
	for _, change := range [][2]string{
		{`"import-ap"`, `"import-plan"`}, {`"state": "satisfied"`, `"state": "not-tested"`}, {`"name": "cases"`, `"name": "1 cases"`},
		{`"value": "satisfied"`, `"value": ""`}, {`"value": "satisfied"`, `"value": "two\nlines"`}, {`"oscal-version"`, `"version-of-oscal"`},
		{`"TEST"`, `"GUESS"`}, {`"objective-id"`, `"objective"`},
	} {
		require.Contains(t, string(text), change[0])
		require.Error(t, valid(s, bytes.Replace(text, []byte(change[0]), []byte(change[1]), 1)), change[1])
	}
}
