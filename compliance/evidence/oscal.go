package evidence

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// oscalVersion is the form of the OSCAL files.
const oscalVersion = "1.1.2"

// namespace is where the ids of our OSCAL objects come from: version 5 of what
// they are about, so that the same pack has the same ids.
var namespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/voicehive/voicehive/evidence"))

// propNamespace marks properties that are ours.
const propNamespace = "https://github.com/voicehive/voicehive/ns/oscal"

func id(parts ...string) string {
	return uuid.NewSHA1(namespace, []byte(strings.Join(parts, "\x00"))).String()
}

// The parts of OSCAL that packs use, as its JSON form names them.
type (
	oMetadata struct {
		Title        string  `json:"title"`
		LastModified string  `json:"last-modified"`
		Version      string  `json:"version"`
		OSCALVersion string  `json:"oscal-version"`
		Props        []oProp `json:"props,omitempty"`
	}
	oProp struct {
		Name  string `json:"name"`
		NS    string `json:"ns,omitempty"`
		Value string `json:"value"`
		Class string `json:"class,omitempty"`
	}
	oPart struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Prose string `json:"prose"`
	}
	oControl struct {
		ID    string  `json:"id"`
		Class string  `json:"class"`
		Title string  `json:"title"`
		Props []oProp `json:"props,omitempty"`
		Parts []oPart `json:"parts"`
	}
	oGroup struct {
		ID       string     `json:"id"`
		Class    string     `json:"class"`
		Title    string     `json:"title"`
		Controls []oControl `json:"controls"`
	}
	oCatalog struct {
		UUID     string    `json:"uuid"`
		Metadata oMetadata `json:"metadata"`
		Groups   []oGroup  `json:"groups"`
	}
	oRequirement struct {
		UUID        string `json:"uuid"`
		ControlID   string `json:"control-id"`
		Description string `json:"description"`
	}
	oImplementation struct {
		UUID         string         `json:"uuid"`
		Source       string         `json:"source"`
		Description  string         `json:"description"`
		Requirements []oRequirement `json:"implemented-requirements"`
	}
	oComponent struct {
		UUID            string            `json:"uuid"`
		Type            string            `json:"type"`
		Title           string            `json:"title"`
		Description     string            `json:"description"`
		Implementations []oImplementation `json:"control-implementations"`
	}
	oComponents struct {
		UUID       string       `json:"uuid"`
		Metadata   oMetadata    `json:"metadata"`
		Components []oComponent `json:"components"`
	}
	oHref struct {
		Href        string `json:"href"`
		Description string `json:"description,omitempty"`
	}
	oObservation struct {
		UUID        string   `json:"uuid"`
		Title       string   `json:"title"`
		Description string   `json:"description"`
		Props       []oProp  `json:"props"`
		Methods     []string `json:"methods"`
		Types       []string `json:"types"`
		Evidence    []oHref  `json:"relevant-evidence,omitempty"`
		Collected   string   `json:"collected"`
	}
	oStatus struct {
		State string `json:"state"`
	}
	oTarget struct {
		Type     string  `json:"type"`
		TargetID string  `json:"target-id"`
		Status   oStatus `json:"status"`
	}
	oRelated struct {
		Observation string `json:"observation-uuid"`
	}
	oFinding struct {
		UUID        string     `json:"uuid"`
		Title       string     `json:"title"`
		Description string     `json:"description"`
		Target      oTarget    `json:"target"`
		Related     []oRelated `json:"related-observations"`
	}
	oInclude struct {
		ControlID string `json:"control-id"`
	}
	oSelection struct {
		Include []oInclude `json:"include-controls"`
	}
	oReviewed struct {
		Selections []oSelection `json:"control-selections"`
	}
	oResult struct {
		UUID         string         `json:"uuid"`
		Title        string         `json:"title"`
		Description  string         `json:"description"`
		Start        string         `json:"start"`
		End          string         `json:"end"`
		Props        []oProp        `json:"props,omitempty"`
		Reviewed     oReviewed      `json:"reviewed-controls"`
		Observations []oObservation `json:"observations"`
		Findings     []oFinding     `json:"findings,omitempty"`
	}
	oResource struct {
		UUID        string `json:"uuid"`
		Title       string `json:"title"`
		Description string `json:"description"`
	}
	oBackMatter struct {
		Resources []oResource `json:"resources"`
	}
	oResults struct {
		UUID       string      `json:"uuid"`
		Metadata   oMetadata   `json:"metadata"`
		ImportAP   oHref       `json:"import-ap"`
		Results    []oResult   `json:"results"`
		BackMatter oBackMatter `json:"back-matter"`
	}
)

func (j *job) metadata(title string) oMetadata {
	return oMetadata{Title: title, LastModified: stamp(j.Until), Version: "1", OSCALVersion: oscalVersion}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// prop is a property of ours; its value is one line and not empty.
func prop(name, value string) oProp {
	value = strings.Join(strings.Fields(value), " ")
	if value == "" {
		value = "none"
	}
	return oProp{Name: name, NS: propNamespace, Value: value}
}

// objective is the part of a control that findings are about.
func objective(control string) string { return control + "_obj" }

// catalog lists the controls by the framework that they belong to first.
func (j *job) catalog() ([]byte, error) {
	c := oCatalog{UUID: id("catalog", string(controlsFile)), Metadata: j.metadata("VoiceHive: controls for GDPR, AI Act and a subset of PCI DSS")}
	for _, f := range j.frameworks {
		g := oGroup{ID: f.ID, Class: "framework", Title: f.Title}
		for _, control := range j.controls {
			if control.Framework() != f.ID {
				continue
			}
			o := oControl{ID: control.ID, Class: f.ID, Title: control.Title, Parts: []oPart{
				{control.ID + "_smt", "statement", control.Title + "."}, {objective(control.ID), "assessment-objective", control.How}}}
			for _, m := range control.Maps {
				o.Props = append(o.Props, prop("mapped-to", m))
			}
			g.Controls = append(g.Controls, o)
		}
		if len(g.Controls) > 0 { // a framework may only be mapped to
			c.Groups = append(c.Groups, g)
		}
	}
	return marshal(map[string]oCatalog{"catalog": c})
}

// components says by what the product meets the controls.
func (j *job) components() ([]byte, error) {
	implementation := oImplementation{UUID: id("implementation", string(controlsFile), j.Version), Source: "catalog.json", Description: "How each control is met and looked at."}
	for _, control := range j.controls {
		implementation.Requirements = append(implementation.Requirements, oRequirement{id("requirement", control.ID), control.ID, control.How})
	}
	c := oComponents{UUID: id("components", string(controlsFile), j.Version), Metadata: j.metadata("VoiceHive: component"), Components: []oComponent{{
		UUID: id("component"), Type: "software", Title: "VoiceHive", Description: "Durable core of a hotel's AI receptionist, build " + j.Version + ".",
		Implementations: []oImplementation{implementation},
	}}}
	return marshal(map[string]oComponents{"component-definition": c})
}

// assessment is what came of the controls.
func (j *job) assessment() ([]byte, error) {
	plan := id("plan")
	about := []string{j.Hotel, stamp(j.From), stamp(j.Until)}
	r := oResult{
		UUID: id(append([]string{"result"}, about...)...), Title: "Hotel " + j.Hotel,
		Description: fmt.Sprintf("What the data of the hotel says for %s until %s.", stamp(j.From), stamp(j.Until)),
		Start:       stamp(j.From), End: stamp(j.Until),
	}
	var selection oSelection
	for i, result := range j.results {
		control := j.controls[i]
		selection.Include = append(selection.Include, oInclude{control.ID})
		observation := j.observation(control, result)
		r.Observations = append(r.Observations, observation)
		if result.State == NotTested { // OSCAL has no state for that
			continue
		}
		r.Findings = append(r.Findings, oFinding{
			UUID: id(append([]string{"finding", control.ID}, about...)...), Title: control.Title,
			Description: fmt.Sprintf("%d of %d cases are wrong.", result.Wrong, result.Cases),
			Target:      oTarget{"objective-id", objective(control.ID), oStatus{string(result.State)}},
			Related:     []oRelated{{observation.UUID}},
		})
	}
	r.Reviewed.Selections = []oSelection{selection}
	return marshal(map[string]oResults{"assessment-results": {
		UUID: id(append([]string{"results"}, about...)...), Metadata: j.metadata("VoiceHive: evidence for hotel " + j.Hotel),
		ImportAP: oHref{Href: "#" + plan}, Results: []oResult{r},
		BackMatter: oBackMatter{[]oResource{{plan, "Continuous collection", "There is no separate plan: the controls of catalog.json are put to the running installation's data for each period."}}},
	}})
}

func (j *job) observation(control Control, result Result) oObservation {
	o := oObservation{
		UUID: id("observation", control.ID, j.Hotel, stamp(j.From), stamp(j.Until)), Title: control.Title, Description: control.How,
		Props: []oProp{prop("state", string(result.State)), prop("cases", fmt.Sprint(result.Cases)), prop("wrong", fmt.Sprint(result.Wrong))},
		// A query on all cases is a test; nobody was interviewed.
		Methods: []string{"TEST"}, Types: []string{"finding"}, Collected: stamp(j.Until),
		Evidence: []oHref{{Href: "../controls/results.json", Description: "The answer."}, {Href: "../controls/controls.yaml", Description: "The question."}},
	}
	if result.State == NotTested {
		o.Props = append(o.Props, prop("not-tested", result.Why))
	}
	return o
}

// marshal writes JSON for people, with a line break at its end.
func marshal(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}
