package region

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	builtin "github.com/voicehive/voicehive/config/region"
)

// ErrRules is wrapped by every complaint about rules or declarations.
var ErrRules = errors.New("region: the rules are not valid")

// Rules tell class, provider and region of a host by its name. They do not
// change and are safe for concurrent use.
type Rules struct {
	eea      map[string]bool
	adequate map[string]bool
	matchers []matcher // the more telling ones first
}

type ruleFile struct {
	Source    string         `yaml:"source"`
	EEA       []string       `yaml:"eea"`
	Adequate  []string       `yaml:"adequate"`
	Providers []providerRule `yaml:"providers"`
}

type providerRule struct {
	Name       string            `yaml:"name"`
	Class      Class             `yaml:"class"`
	Source     string            `yaml:"source"`
	RegionForm string            `yaml:"region_form"`
	Regions    map[string]string `yaml:"regions"`
	Codes      map[string]string `yaml:"codes"`
	Hosts      []string          `yaml:"hosts"`
	Declare    []string          `yaml:"declare"`
	Refused    []struct {
		Host    string `yaml:"host"`
		Because string `yaml:"because"`
	} `yaml:"refused"`
}

// Default are the rules that the program ships with.
func Default() (*Rules, error) { return ReadRules(builtin.Rules) }

// ReadRules reads the *.yaml files at the root of files. Any of them may hold
// any part.
func ReadRules(files fs.FS) (*Rules, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrRules)
	}
	var all ruleFile
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("region: reading rules: %w", err)
		}
		var one ruleFile
		if err := decode(content, &one); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrRules, name, err)
		}
		all.EEA = append(all.EEA, one.EEA...)
		all.Adequate = append(all.Adequate, one.Adequate...)
		all.Providers = append(all.Providers, one.Providers...)
	}
	return newRules(all)
}

// decode reads one YAML document and nothing that it does not know.
func decode(content []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func newRules(file ruleFile) (*Rules, error) {
	r := &Rules{eea: set(file.EEA), adequate: set(file.Adequate)}
	providers := map[string]providerRule{}
	for _, p := range file.Providers {
		if _, twice := providers[p.Name]; p.Name == "" || p.Source == "" || twice {
			return nil, fmt.Errorf("%w: each provider has one name and a source", ErrRules)
		}
		class, err := classNamed(p.Class)
		if err != nil {
			return nil, err
		}
		p.Class = class
		providers[p.Name] = p
	}
	for _, name := range slices.Sorted(maps.Keys(providers)) {
		if err := r.add(providers[name], providers); err != nil {
			return nil, fmt.Errorf("%w: provider %s: %w", ErrRules, name, err)
		}
	}
	slices.SortStableFunc(r.matchers, func(a, b matcher) int { return int(a.rank) - int(b.rank) })
	return r, nil
}

// classNamed is a class as rules and declarations write it.
func classNamed(name Class) (Class, error) {
	switch name {
	case "", Ours:
		return Ours, nil
	case "none":
		return NoPersonalData, nil
	case Controller:
		return Controller, nil
	}
	return "", fmt.Errorf("%w: a class is ours, controller or none", ErrRules)
}

func (r *Rules) add(p providerRule, all map[string]providerRule) error {
	put := func(pattern string, rank rank, because string) error {
		m, err := newMatcher(pattern, p, all)
		if err != nil {
			return err
		}
		m.because = because
		if m.rank = rank; rank == says && !strings.ContainsAny(pattern, "*{") {
			m.rank = exactly
		}
		r.matchers = append(r.matchers, m)
		return nil
	}
	for _, pattern := range p.Hosts {
		if err := put(pattern, says, ""); err != nil {
			return err
		}
	}
	for _, pattern := range p.Declare {
		if err := put(pattern, silent, ""); err != nil {
			return err
		}
	}
	for _, refused := range p.Refused {
		if err := put(refused.Host, never, refused.Because); err != nil {
			return err
		}
	}
	return nil
}

// A rank orders matchers: the more telling ones come first.
type rank int

const (
	exactly rank = iota // one host
	says                // its name says the region, or it needs none
	silent              // an operator may declare it
	never               // refused
)

// A matcher is a pattern of host names.
type matcher struct {
	pattern  *regexp.Regexp
	text     string
	rank     rank
	because  string
	provider providerRule
	// regions and codes are those of the placeholder.
	regions, codes map[string]string
	placeholder    string
}

var placeholders = regexp.MustCompile(`\{([a-z]+)\}`)

// newMatcher compiles a pattern. It must end in two literal labels, or nearly
// the whole world would match.
func newMatcher(text string, p providerRule, all map[string]providerRule) (matcher, error) {
	m := matcher{text: text, provider: p}
	form := ""
	if found := placeholders.FindStringSubmatch(text); found != nil {
		of := p
		if m.placeholder = found[1]; m.placeholder != "region" && m.placeholder != "code" {
			of = all[m.placeholder]
		}
		if len(of.Regions) == 0 || of.RegionForm == "" {
			return m, fmt.Errorf("pattern %s: no regions to choose from", text)
		}
		m.regions, m.codes, form = of.Regions, of.Codes, of.RegionForm
		if m.placeholder == "code" {
			form = "[a-z]{3,4}[0-9]"
		}
	}
	labels := strings.Split(text, ".")
	if n := len(labels); n < 2 || strings.ContainsAny(labels[n-1]+labels[n-2], "*{") {
		return m, fmt.Errorf("pattern %s: its last two labels must be literal", text)
	}
	var b strings.Builder
	b.WriteString("^")
	for i, label := range labels {
		switch {
		case label == "**" && i == 0:
			b.WriteString(`(?:[a-z0-9_-]+\.)*`)
			continue
		case strings.Contains(label, "**"):
			return m, fmt.Errorf("pattern %s: ** may stand in front only", text)
		}
		label = strings.ReplaceAll(regexp.QuoteMeta(label), `\*`, `[a-z0-9_-]+`)
		if m.placeholder != "" {
			label = strings.ReplaceAll(label, `\{`+m.placeholder+`\}`, "("+form+")")
		}
		b.WriteString(label)
		if i < len(labels)-1 {
			b.WriteString(`\.`)
		}
	}
	b.WriteString("$")
	var err error
	m.pattern, err = regexp.Compile(b.String())
	return m, err
}

// A verdict is what rules and declarations say of a host by its name.
type verdict struct {
	class                     Class
	provider, region, country string
	// refused is why the host is never right; empty when it may be.
	refused string
	// declarable tells that an operator may say what the name does not.
	declarable bool
	declared   *declaration
}

// match finds what the rules say of a name.
func (r *Rules) match(name string) verdict {
	for _, m := range r.matchers {
		found := m.pattern.FindStringSubmatch(name)
		if found == nil {
			continue
		}
		v := verdict{class: m.provider.Class, provider: m.provider.Name}
		switch {
		case m.rank == never:
			v.refused = m.because
		case m.rank == silent:
			v.class, v.declarable = Unclassified, true
		case m.placeholder == "code":
			if v.region = m.codes[found[1]]; v.region == "" {
				v.region = found[1]
			}
			v.country = m.regions[v.region]
		case m.placeholder != "":
			v.region = found[1]
			v.country = m.regions[v.region]
		}
		return v
	}
	return verdict{class: Unclassified, declarable: true}
}

// InEEA tells whether a country, by its ISO 3166-1 code, is in the EEA.
func (r *Rules) InEEA(country string) bool { return r.eea[country] }

func set(values []string) map[string]bool {
	all := make(map[string]bool, len(values))
	for _, value := range values {
		all[value] = true
	}
	return all
}
