package documents

import (
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/internal/config"
)

// Inputs are the facts that papers are filled with.
type Inputs struct {
	Register  register.Register
	Notices   []Notice          // what callers hear first, by language
	Wordings  []consent.Wording // questions for consent
	Systems   []System          // hotels' systems, of the capability matrix
	Retention []Rule            // of the retention policy
	Settings  []config.Setting
}

// A Notice is what callers hear first, in one language.
type Notice struct{ Language, Version, Text, Hash string }

// A System is what a hotel's system can do about a guest's data.
type System struct {
	Name, Title string
	// Connected tells whether this build has a connector for it.
	Connected                 bool
	Find, Rectify, EraseGuest string
}

// A Rule is one of the retention policy's.
type Rule struct {
	ID, Class, Country, Action, Bound, Anchor, Period, Statute, Source string
	// Review marks a rule that a lawyer has not seen yet.
	Review bool
}

// Collect fills what the compliance floor knows itself.
func Collect() (Inputs, error) {
	r, err := register.Load()
	if err != nil {
		return Inputs{}, err
	}
	in := Inputs{Register: r, Settings: config.Settings()}
	for _, language := range consent.Languages() {
		n, err := consent.NewNotice(language, "")
		if err != nil {
			return Inputs{}, err
		}
		in.Notices = append(in.Notices, Notice{language, n.Version(), n.Text(), fmt.Sprintf("%x", n.Hash())})
	}
	if in.Wordings, err = consent.Wordings(); err != nil {
		return Inputs{}, err
	}
	policy, err := retention.Shipped()
	if err != nil {
		return Inputs{}, err
	}
	for _, r := range policy.Rules("", "") {
		in.Retention = append(in.Retention, Rule{
			ID: r.ID, Class: string(r.Class), Country: r.Country, Action: string(r.Action), Bound: string(r.Bound), Anchor: string(r.Anchor),
			Period: r.Period.String(), Statute: r.Statute, Source: r.Source, Review: r.ReviewedBy == "" && r.Statute != "",
		})
	}
	return in, nil
}

// functions are what templates may call.
func functions(in Inputs) template.FuncMap {
	return template.FuncMap{
		"cell":      cell,
		"join":      func(words []string) string { return strings.Join(words, ", ") },
		"lines":     func(words []string) string { return strings.Join(words, "; ") },
		"recipient": func(id string) string { p, _ := in.Register.Recipient(id); return p.Name },
		"role": func(role string) []register.Activity {
			return slices.DeleteFunc(slices.Clone(in.Register.Activities), func(a register.Activity) bool { return string(a.Role) != role })
		},
		"kind": func(kind string) []register.Recipient {
			return slices.DeleteFunc(slices.Clone(in.Register.Recipients), func(p register.Recipient) bool { return p.Kind != kind })
		},
		"activity":  func(id string) (register.Activity, error) { return mustActivity(in.Register, id) },
		"columns":   personalColumns,
		"classes":   classes,
		"rulesFor":  func(country string) []Rule { return rulesFor(in.Retention, country) },
		"countries": func() []string { return countries(in.Retention) },
		"setting":   func(name string) (string, error) { return defaultOf(in.Settings, name) },
		"hex":       func(h [32]byte) string { return fmt.Sprintf("%x", h) },
		"newest":    newest,
	}
}

// defaultOf is what a setting is unless the operator says otherwise.
func defaultOf(settings []config.Setting, name string) (string, error) {
	i := slices.IndexFunc(settings, func(s config.Setting) bool { return s.Name == name })
	if i < 0 || settings[i].Default == "" {
		return "", fmt.Errorf("there is no setting %s with a default", name)
	}
	return settings[i].Default, nil
}

// cell keeps a text within one cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(strings.TrimSpace(text))
}

func mustActivity(r register.Register, id string) (register.Activity, error) {
	a, ok := r.Activity(id)
	if !ok {
		return a, fmt.Errorf("the register has no activity %q", id)
	}
	return a, nil
}

// personalColumns are a table's columns that hold personal data, by name.
func personalColumns(s register.Store) string {
	var all []string
	for name, c := range s.Columns {
		if c.Data != "" {
			all = append(all, "`"+name+"` ("+c.Data+"; "+sealed(c.Sealed)+")")
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func sealed(how string) string {
	switch how {
	case "no":
		return "open"
	case "hmac":
		return "keyed digest"
	case "sha256":
		return "digest"
	case "commitment":
		return "commitment"
	}
	return "sealed: " + how
}

func classes(s register.Store) string {
	var all []string
	for _, c := range append([]register.Class{s.Class}, s.Also...) {
		if c != "" {
			all = append(all, string(c))
		}
	}
	return strings.Join(all, ", ")
}

func rulesFor(rules []Rule, country string) []Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return r.Country != country })
}

func countries(rules []Rule) []string {
	var all []string
	for _, r := range rules {
		all = append(all, r.Country)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// newest are the wordings in use, in one language.
func newest(all []consent.Wording, language string) []consent.Wording {
	var found []consent.Wording
	for _, w := range all {
		if w.Language != language {
			continue
		}
		if n := len(found); n > 0 && found[n-1].Purpose == w.Purpose {
			found[n-1] = w
			continue
		}
		found = append(found, w)
	}
	return found
}
