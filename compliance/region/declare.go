package region

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const (
	maxDeclarationFile = 256 << 10
	maxDeclarations    = 512
	maxText            = 200
)

// Declarations are what an operator says of hosts that rules cannot tell, each
// with its evidence, and of countries that the Commission found adequate. The
// zero value declares nothing.
type Declarations struct {
	hosts    map[string]*declaration
	suffixes map[string]*declaration // of "*.suffix"
	adequacy map[string]exception
}

type declaration struct {
	Host     string   `yaml:"host"`
	Class    Class    `yaml:"class"`
	Provider string   `yaml:"provider"`
	Region   string   `yaml:"region"`
	Country  string   `yaml:"country"`
	Evidence evidence `yaml:"evidence"`
	By       string   `yaml:"by"`
	On       day      `yaml:"on"`
	Until    day      `yaml:"until"`
	// Addresses pin where the host may resolve to; Aliases are names that it
	// may be a CNAME of.
	Addresses []netip.Prefix `yaml:"addresses"`
	Aliases   []string       `yaml:"aliases"`
}

type evidence struct {
	Document string `yaml:"document"`
	SHA256   string `yaml:"sha256"`
}

type exception struct {
	Country  string `yaml:"country"`
	Decision string `yaml:"decision"`
	By       string `yaml:"by"`
	Until    day    `yaml:"until"`
}

// A day is a date without a time: 2027-03-31. What ends on it, ends with it.
type day struct{ time.Time }

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *day) UnmarshalYAML(node *yaml.Node) error {
	at, err := time.Parse(time.DateOnly, node.Value)
	if err != nil {
		return errors.New("a date looks like 2027-03-31")
	}
	d.Time = at
	return nil
}

func (d day) over(now time.Time) bool { return !now.Before(d.AddDate(0, 0, 1)) }

// OpenDeclarations reads an operator's file; without a path there are none.
func OpenDeclarations(path string, rules *Rules) (*Declarations, error) {
	if path == "" {
		return &Declarations{}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("region: declarations: %w", err)
	}
	if info.Size() > maxDeclarationFile {
		return nil, fmt.Errorf("%w: %s is larger than 256 KiB", ErrRules, path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("region: declarations: %w", err)
	}
	d, err := ReadDeclarations(content, rules)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// ReadDeclarations reads declarations and refuses those that lack evidence or
// contradict the rules. All complaints come at once.
func ReadDeclarations(content []byte, rules *Rules) (*Declarations, error) {
	var file struct {
		Endpoints []declaration `yaml:"endpoints"`
		Adequacy  []exception   `yaml:"adequacy"`
	}
	if err := decode(content, &file); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRules, err)
	}
	if len(file.Endpoints)+len(file.Adequacy) > maxDeclarations {
		return nil, fmt.Errorf("%w: more than %d entries", ErrRules, maxDeclarations)
	}
	d := &Declarations{hosts: map[string]*declaration{}, suffixes: map[string]*declaration{}, adequacy: map[string]exception{}}
	var wrong []error
	note := func(err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%w: %w", ErrRules, err))
		}
	}
	for _, e := range file.Adequacy {
		note(e.check(rules))
		d.adequacy[e.Country] = e
	}
	for i := range file.Endpoints {
		note(d.add(&file.Endpoints[i], rules))
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return d, nil
}

func (e exception) check(rules *Rules) error {
	switch {
	case !rules.adequate[e.Country]:
		return errors.New("adequacy: the country must be one that an exception may name: CH or GB")
	case !shown(e.Decision) || !shown(e.By) || e.Until.IsZero():
		return fmt.Errorf("adequacy of %s: name the Commission's decision, who made the exception (by), and until when", e.Country)
	}
	return nil
}

// add checks a declaration and keeps it by its host.
func (d *Declarations) add(e *declaration, rules *Rules) error {
	suffix, wild := strings.CutPrefix(e.Host, "*.")
	host, err := ParseHost(suffix)
	if err != nil {
		return fmt.Errorf("a declared host: %w", err)
	}
	name := host.String()
	say := func(format string, args ...any) error {
		return fmt.Errorf("host %s: %s", e.Host, fmt.Sprintf(format, args...))
	}
	if e.Class, err = classNamed(e.Class); err != nil {
		return say("%v", err)
	}
	switch {
	case host.local():
		return say("this machine is not declared; it is for development only")
	case wild && (host.IP.IsValid() || strings.Count(name, ".") < 1):
		return say("* stands for one label in front of a domain")
	case d.hosts[name] != nil && !wild || d.suffixes[name] != nil && wild:
		return say("declared twice")
	case !shown(e.Provider) || !shown(e.By) || !shown(e.Evidence.Document) || len(e.Region) > maxText:
		return say("name provider, evidence.document and by")
	case e.Class == Ours && len(e.Country) != 2:
		return say("country must be a code of ISO 3166-1, such as DE")
	case e.On.IsZero() || e.Until.IsZero() || e.Until.Before(e.On.Time):
		return say("on and until must be dates, in order")
	case len(e.Addresses) > maxDeclarations || len(e.Aliases) > maxDeclarations:
		return say("too many addresses or aliases")
	}
	if digest, err := hex.DecodeString(e.Evidence.SHA256); err != nil || len(digest) != 32 {
		return say("evidence.sha256 must be the SHA-256 of the document, 64 digits")
	}
	if !host.IP.IsValid() && !wild && !rules.match(name).declarable {
		return say("the rules know this host; what they say cannot be declared otherwise")
	}
	for i, alias := range e.Aliases {
		parsed, err := ParseHost(alias)
		if err != nil {
			return say("an alias: %v", err)
		}
		e.Aliases[i] = parsed.String()
	}
	if wild {
		d.suffixes[name] = e
	} else {
		d.hosts[name] = e
	}
	return nil
}

// of finds what was declared of a host. For a range that is what has it among
// the addresses of a host.
func (d *Declarations) of(h Host) *declaration {
	if h.Range.IsValid() {
		return d.around(h.Range)
	}
	if found := d.hosts[h.String()]; found != nil || h.Name == "" {
		return found
	}
	_, suffix, _ := strings.Cut(h.Name, ".")
	return d.suffixes[suffix]
}

// exempt tells whether a country is excepted now.
func (d *Declarations) exempt(country string, now time.Time) (exception, bool) {
	e, ok := d.adequacy[country]
	return e, ok && !e.Until.over(now)
}

// around finds the declaration of a host of ours that has all of a range among
// its addresses: the one that holds the longest.
func (d *Declarations) around(inner netip.Prefix) (found *declaration) {
	if inner.IsSingleIP() {
		found = d.hosts[inner.Addr().String()]
	}
	for _, group := range []map[string]*declaration{d.hosts, d.suffixes} {
		for _, e := range group {
			covers := func(p netip.Prefix) bool { return p.Contains(inner.Addr()) && p.Bits() <= inner.Bits() }
			if e.Class == Ours && slices.ContainsFunc(e.Addresses, covers) && (found == nil || found.Until.Before(e.Until.Time)) {
				found = e
			}
		}
	}
	return found
}

// shown tells whether a text can be shown to people and says something.
func shown(text string) bool {
	return text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxText &&
		strings.TrimSpace(text) == text && !strings.ContainsFunc(text, unicode.IsControl)
}
